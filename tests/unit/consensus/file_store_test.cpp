// What a file_store promises, through every power cut and every flipped bit.
#include "runtime/consensus/file_store.hpp"
#include "runtime/consensus/memory_store.hpp"
#include "runtime/consensus/posix_disk.hpp"
#include "runtime/consensus/raft_node.hpp"
#include "tests/unit/consensus/simulated_disk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

using namespace argosy::consensus;
using argosy::consensus::test::simulated_disk;

namespace {

stored_entry command(std::uint64_t term, std::string data) {
  return {term, entry_kind::command, std::move(data)};
}

const stored_entry voters{1, entry_kind::configuration, "voters"};

/// One write, on any store. The model of the store is a memory_store.
using step = std::function<std::string(raft_store&)>;

std::vector<step> a_long_life() {
  return {
      [](raft_store& s) { return s.bootstrap(voters); },
      [](raft_store& s) { return s.set_term(2); },
      [](raft_store& s) { return s.set_vote(3); },
      [](raft_store& s) {
        return s.append({command(2, "a"), command(2, "b")});
      },
      [](raft_store& s) {
        return s.append({{2, entry_kind::barrier, ""}, command(2, "c")});
      },
      [](raft_store& s) { return s.truncate(4); },
      [](raft_store& s) { return s.append({command(3, std::string(300, 'd'))}); },
      [](raft_store& s) {
        return s.put_snapshot({4, 3, "voters", 1, "abd"}, 3);
      },
      [](raft_store& s) { return s.set_term(4); },
      [](raft_store& s) { return s.append({command(4, "e")}); },
      // One that contradicts the last entry, as from a leader of another term.
      [](raft_store& s) {
        return s.put_snapshot({5, 6, "voters", 1, "other"}, 6);
      },
      [](raft_store& s) { return s.append({command(6, "g")}); },
      [](raft_store& s) {
        return s.put_snapshot({9, 6, "voters", 1, "whole"}, 10);
      },
      [](raft_store& s) { return s.append({command(6, "f")}); },
      [](raft_store& s) { return s.set_vote(1); },
  };
}

stored_state state_after(std::size_t steps) {
  memory_store model;
  const auto life = a_long_life();
  for (std::size_t i = 0; i < steps; ++i)
    CHECK(life[i](model).empty());
  return model.state();
}

simulated_disk disk_after_a_long_life() {
  simulated_disk disk;
  const auto opened = file_store::open(disk);
  REQUIRE(opened.store);
  for (const auto& write : a_long_life())
    REQUIRE(write(*opened.store).empty());
  CHECK(opened.store->state() == state_after(a_long_life().size()));
  return disk;
}

std::string refusal(simulated_disk& disk) {
  const auto opened = file_store::open(disk);
  CHECK_FALSE(opened.store);
  return opened.problem;
}

/// What the disk may say when the power went off in step `i`: that it was not done, that it was,
/// or, of a snapshot, that the log was not shortened yet.
bool is_between(const stored_state& found, std::size_t i) {
  if (found == state_after(i) || found == state_after(i + 1))
    return true;
  const auto after = state_after(i + 1);
  if (!after.snapshot || after.snapshot == state_after(i).snapshot)
    return false;
  auto halfway = state_after(i);
  halfway.put_snapshot(*after.snapshot, 0);
  return found == halfway;
}

struct scratch_directory {
  scratch_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "argosy-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~scratch_directory() { std::filesystem::remove_all(path); }
  std::string path;
};

} // namespace

TEST_CASE("file_store: reads back what it wrote, after each write") {
  simulated_disk disk;
  const auto life = a_long_life();
  for (std::size_t i = 0; i < life.size(); ++i) {
    CAPTURE(i);
    const auto opened = file_store::open(disk);
    REQUIRE_MESSAGE(opened.store, opened.problem);
    CHECK(opened.notice.empty());
    CHECK(opened.store->state() == state_after(i));
    CHECK(life[i](*opened.store).empty());
    CHECK(opened.store->state() == state_after(i + 1));
  }
}

TEST_CASE("file_store: a power cut in any call loses nothing that was done") {
  auto whole = disk_after_a_long_life();
  const auto calls = whole.calls();
  REQUIRE(calls > 50);
  std::size_t mended = 0;
  for (std::uint64_t cut = 0; cut < calls; ++cut)
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      CAPTURE(cut);
      CAPTURE(seed);
      simulated_disk disk;
      disk.cut_power_after(cut);
      const auto life = a_long_life();
      std::size_t done = 0;
      if (const auto first = file_store::open(disk); first.store)
        while (done < life.size() && life[done](*first.store).empty())
          ++done;
      REQUIRE(done < life.size());
      disk.restart(seed);
      const auto again = file_store::open(disk);
      REQUIRE_MESSAGE(again.store, again.problem);
      CHECK(is_between(again.store->state(), done));
      mended += again.notice.empty() ? 0 : 1;
      // And it goes on from there.
      if (again.store->state().pristine())
        CHECK(again.store->bootstrap(voters).empty());
      CHECK(again.store->append({command(9, "later")}).empty());
      const auto expected = again.store->state();
      const auto third = file_store::open(disk);
      REQUIRE_MESSAGE(third.store, third.problem);
      CHECK(third.store->state() == expected);
    }
  CHECK(mended > 50);
}

TEST_CASE("file_store: after a failed write all fail, though the disk works again") {
  simulated_disk disk;
  const auto opened = file_store::open(disk);
  REQUIRE(opened.store->bootstrap(voters).empty());
  disk.cut_power_after(1);
  CHECK_FALSE(opened.store->append({command(1, "a")}).empty());
  disk.cut_power_after(1000);
  CHECK_FALSE(opened.store->set_term(5).empty());
  CHECK_FALSE(opened.store->append({command(1, "b")}).empty());
  CHECK(opened.store->state() == state_after(1));
}

TEST_CASE("file_store: an unfinished write at the end is dropped, at whatever byte it stops") {
  const auto whole = disk_after_a_long_life();
  auto longer = whole.copy();
  {
    const auto opened = file_store::open(longer);
    REQUIRE(opened.store->append({command(4, "the last one")}).empty());
  }
  const auto begin = whole.copy().bytes("log").size();
  const auto log = longer.bytes("log");
  for (auto size = begin + 1; size < log.size(); ++size) {
    CAPTURE(size);
    auto disk = whole.copy();
    disk.bytes("log") = log.substr(0, size);
    const auto opened = file_store::open(disk);
    REQUIRE_MESSAGE(opened.store, opened.problem);
    CHECK(opened.notice
          == "disk/log: dropped " + std::to_string(size - begin)
                 + " bytes at its end, of a write that was never finished");
    CHECK(opened.store->state() == state_after(a_long_life().size()));
    CHECK(disk.bytes("log").size() == begin);
  }
}

TEST_CASE("file_store: a log that ends before what was done is refused, at whatever byte") {
  const auto whole = disk_after_a_long_life();
  const auto log = whole.copy().bytes("log");
  for (std::size_t size = 0; size < log.size(); ++size) {
    CAPTURE(size);
    auto disk = whole.copy();
    disk.bytes("log") = log.substr(0, size);
    CHECK(refusal(disk).starts_with("disk/log is damaged at byte "));
  }
}

TEST_CASE("file_store: any flipped bit in any file is refused") {
  const auto whole = disk_after_a_long_life();
  CHECK(whole.files() == std::vector<std::string>{"log", "promises", "snapshot"});
  for (const auto& name : whole.files())
    for (std::size_t bit = 0; bit < whole.copy().bytes(name).size() * 8; ++bit) {
      CAPTURE(name);
      CAPTURE(bit);
      auto disk = whole.copy();
      disk.bytes(name)[bit / 8] ^= static_cast<char>(1U << (bit % 8));
      const auto problem = refusal(disk);
      CHECK(problem.starts_with("disk/" + name + " is damaged"));
      CHECK(problem.find("backup") != std::string::npos);
    }
}

TEST_CASE("file_store: a missing file is refused, and an old copy of the log or snapshot") {
  const auto whole = disk_after_a_long_life();
  for (const auto& name : whole.files()) {
    auto disk = whole.copy();
    disk.remove(name);
    CHECK(refusal(disk).starts_with("disk/" + name + " is missing"));
  }
  simulated_disk younger;
  const auto opened = file_store::open(younger);
  const auto life = a_long_life();
  for (std::size_t i = 0; i < 8; ++i)
    REQUIRE(life[i](*opened.store).empty());
  for (const auto* name : {"log", "snapshot"}) {
    auto disk = whole.copy();
    disk.bytes(name) = younger.bytes(name);
    CHECK(refusal(disk).starts_with(std::string{"disk/"} + name + " is "));
  }
}

TEST_CASE("file_store: on a real directory, held by one process") {
  scratch_directory scratch;
  const auto directory = scratch.path + "/views";
  {
    const auto disk = posix_disk::open(directory);
    REQUIRE_MESSAGE(disk.disk, disk.problem);
    CHECK(posix_disk::open(directory).problem.find("in use by another process")
          != std::string::npos);
    const auto opened = file_store::open(*disk.disk);
    REQUIRE_MESSAGE(opened.store, opened.problem);
    for (const auto& write : a_long_life())
      CHECK(write(*opened.store).empty());
  }
  std::ofstream{directory + "/log", std::ios::app} << "torn";
  const auto disk = posix_disk::open(directory);
  REQUIRE_MESSAGE(disk.disk, disk.problem);
  const auto opened = file_store::open(*disk.disk);
  REQUIRE_MESSAGE(opened.store, opened.problem);
  CHECK(opened.notice.starts_with(directory + "/log: dropped 4 bytes"));
  CHECK(opened.store->state() == state_after(a_long_life().size()));
}

TEST_CASE("posix_disk: what is in the way is named, with the remedy") {
  scratch_directory scratch;
  const auto missing = posix_disk::open(scratch.path + "/no/such");
  CHECK_FALSE(missing.disk);
  CHECK(missing.problem.find(scratch.path + "/no/such (No such file or directory)")
        != std::string::npos);
  std::ofstream{scratch.path + "/file"} << "x";
  CHECK(posix_disk::open(scratch.path + "/file").problem.find("Not a directory")
        != std::string::npos);
  const auto disk = posix_disk::open(scratch.path);
  REQUIRE(disk.disk);
  CHECK(disk.disk->sync("nothing").find("cannot sync") == 0);
  CHECK_FALSE(disk.disk->read("nothing").bytes);
  std::filesystem::create_directory(scratch.path + "/log");
  CHECK(disk.disk->read("log").problem.find(scratch.path + "/log") != std::string::npos);
}

TEST_CASE("raft_node: a lone voter goes on over files, life after life") {
  scratch_directory scratch;
  std::string expected;
  for (int life = 0; life < 6; ++life) {
    const auto disk = posix_disk::open(scratch.path);
    REQUIRE_MESSAGE(disk.disk, disk.problem);
    const auto opened = file_store::open(*disk.disk);
    REQUIRE_MESSAGE(opened.store, opened.problem);
    raft_settings settings;
    settings.snapshot_every = 8;
    settings.snapshot_trailing = 3;
    const raft_node::time_point now{std::chrono::seconds{100 + life}};
    raft_node node{
        settings,      1, {{1, "a"}},
        *opened.store, 7, [](std::string& state, std::string_view text) { state.append(text); }};
    REQUIRE(node.start(now).empty());
    CHECK(node.state() == expected);
    for (int i = 0; i < 11; ++i) {
      expected.push_back(static_cast<char>('a' + i));
      REQUIRE(node.propose(now, expected.substr(expected.size() - 1)));
    }
    CHECK(node.state() == expected);
  }
}
