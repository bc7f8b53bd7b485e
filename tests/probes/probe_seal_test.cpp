// probe_seal and replay_window: what is let in, and nothing else.
#include "net/cluster/probe_seal.hpp"
#include "net/cluster/replay_window.hpp"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <set>
#include <string>

using namespace argosy::net;

namespace {

constexpr std::string_view secret{"thirty-two bytes of a secret ...."};

std::string sealed(const probe_seal& by, const probe_words& what) {
  std::array<char, probe_bytes_max> out{};
  return {out.data(), by.write(what, out)};
}

const probe_words question{"a", 7, "node-2.example", 1'700'000'000'000'000, false, 42, 3};

} // namespace

TEST_CASE("probe_seal: what was sent is what is heard, of any names") {
  const probe_seal seal{secret, "demo"};
  std::mt19937_64 random{1};
  for (int i = 0; i < 2000; ++i) {
    const std::string from(1 + random() % 64, static_cast<char>('a' + random() % 26));
    const std::string to(1 + random() % 64, static_cast<char>('0' + random() % 10));
    const probe_words said{from, random(), to, random(), random() % 2 == 0, random(), random()};
    const auto datagram = sealed(seal, said);
    CHECK(datagram.size() <= probe_bytes_max);
    probe_words heard;
    REQUIRE(seal.read(datagram, heard) == probe_flaw::none);
    CHECK(heard == said);
  }
}

TEST_CASE("probe_seal: an answer is no longer than its question") {
  const probe_seal seal{secret, "demo"};
  const probe_words answer{question.to,
                           question.to_incarnation,
                           question.from,
                           question.from_incarnation,
                           true,
                           question.sequence,
                           9};
  CHECK(sealed(seal, answer).size() == sealed(seal, question).size());
}

TEST_CASE("probe_seal: another secret or another cluster's datagram is forged") {
  const auto datagram = sealed(probe_seal{secret, "demo"}, question);
  probe_words heard;
  CHECK(probe_seal{"thirty-two bytes of a secret ...,", "demo"}.read(datagram, heard)
        == probe_flaw::forged);
  CHECK(probe_seal{secret, "other"}.read(datagram, heard) == probe_flaw::forged);
  CHECK(probe_seal{"", "demo"}.read(datagram, heard) == probe_flaw::forged);
}

TEST_CASE("probe_seal: each flipped bit and each cut is refused") {
  const probe_seal seal{secret, "demo"};
  const auto good = sealed(seal, question);
  probe_words heard;
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    auto bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    CHECK(seal.read(bad, heard) != probe_flaw::none);
  }
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK(seal.read(std::string_view{good}.substr(0, size), heard) == probe_flaw::malformed);
  CHECK(seal.read(good + '\0', heard) == probe_flaw::malformed);
}

TEST_CASE("probe_seal: garbage of any length is refused") {
  const probe_seal seal{secret, "demo"};
  std::mt19937_64 random{2};
  probe_words heard;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random() % 300, '\0');
    for (auto& c : bytes)
      c = static_cast<char>(random());
    if (i % 2 == 0)
      bytes.replace(0, std::min<std::size_t>(5, bytes.size()), "argp\1");
    CHECK(seal.read(bytes, heard) != probe_flaw::none);
  }
}

TEST_CASE("probe_seal: a name that is none is refused though its seal is right") {
  const probe_seal seal{secret, "demo"};
  probe_words heard;
  for (const std::string_view name : {"", "a b", "a/b"})
    CHECK(seal.read(sealed(seal, {name, 1, "b", 1, false, 1, 1}), heard) == probe_flaw::malformed);
}

TEST_CASE("replay_window: each number once, in whatever order, and none that is far behind") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    replay_window window;
    std::set<std::uint64_t> heard;
    std::uint64_t newest = 0;
    for (int i = 0; i < 3000; ++i) {
      const auto n = newest > 80 ? newest + 5 - random() % 80 : random() % 90;
      const bool expected = n > 0 && !heard.contains(n) && n + 64 > newest;
      CHECK(window.fresh(n) == expected);
      heard.insert(n);
      newest = std::max(newest, n);
    }
  }
  replay_window window;
  CHECK(window.fresh(1));
  CHECK(window.fresh(1'000'000));
  CHECK_FALSE(window.fresh(1'000'000));
  CHECK(window.fresh(999'999));
  CHECK_FALSE(window.fresh(2));
}
