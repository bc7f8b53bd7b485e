// presence_stage: a fleet of three voters, the clients in its rooms, and what they see of each
// other.
#pragma once

#include "tests/sim/sim_world.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace argosy::sim {

using testing::test_client;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

inline const std::vector<std::string> three{"a", "b", "c"};

inline testing::test_setup with_join_leave() {
  testing::test_setup s;
  s.plain = testing::open_channel();
  s.plain.join_leave = s.plain.force_push_join_leave = true;
  return s;
}

struct numbers {
  std::uint32_t clients = 0;
  std::uint32_t users = 0;
  friend bool operator==(const numbers&, const numbers&) = default;
};

/// A client in one room that keeps what was pushed, and subscribes again when it is told to.
class visitor {
public:
  visitor(test_client client, std::string node, std::string channel)
      : client_(client), node_(std::move(node)), channel_(std::move(channel)) {}

  const std::string& node() const { return node_; }
  const test_client& client() const { return client_; }
  bool gone = false;

  void subscribe() {
    client_.send_only(R"({"id":2,"subscribe":{"channel":")" + channel_ + R"("}})");
  }
  void ask() {
    answer_.reset();
    client_.send_only(R"({"id":9,"presence_stats":{"channel":")" + channel_ + R"("}})");
  }
  const std::optional<numbers>& answer() const { return answer_; }

  void listen() {
    for (const auto& line : client_.take()) {
      heard_ += line + "\n";
      if (line.find(R"("unsubscribe":{"code":25)") != std::string::npos)
        subscribe();
      if (line.find(R"("id":9,"presence_stats")") != std::string::npos)
        answer_ = {number(line, R"("num_clients":)"), number(line, R"("num_users":)")};
    }
  }
  void forget() {
    listen();
    heard_.clear();
  }
  /// Joins or leaves of that user, or of all, since `forget`.
  std::size_t pushes(std::string_view kind, const std::string& user = "") {
    listen();
    const auto mark = "\"" + std::string{kind} + R"(":{"info":{)";
    std::size_t n = 0;
    for (std::size_t at = 0; (at = heard_.find(mark, at)) != std::string::npos; ++at) {
      const auto line = std::string_view{heard_}.substr(at, heard_.find('\n', at) - at);
      n += user.empty() || line.find(R"("user":")" + user + "\"") != std::string::npos ? 1 : 0;
    }
    return n;
  }
  /// Where in what was pushed the first of that kind stands.
  std::size_t place(std::string_view kind) const {
    return heard_.find("\"" + std::string{kind} + R"(":{"info":{)");
  }
  bool heard(std::string_view part) const { return heard_.find(part) != std::string::npos; }

private:
  static std::uint32_t number(const std::string& line, std::string_view key) {
    const auto at = line.find(key);
    return at == std::string::npos
               ? 0
               : static_cast<std::uint32_t>(std::stoul(line.substr(at + key.size())));
  }

  test_client client_;
  std::string node_;
  std::string channel_;
  std::string heard_;
  std::optional<numbers> answer_;
};

/// A settled fleet of three voters, and those who visit its rooms.
class stage {
public:
  explicit stage(std::uint64_t seed, std::size_t nodes = 3)
      : world{seed, nodes, 3, with_join_leave()} {
    for (const auto& name : three)
      world.start(name);
    settle();
  }

  void settle() {
    const auto deadline = world.now() + 20s;
    while (!world.settled()) {
      REQUIRE(world.now() < deadline);
      run(10ms);
    }
  }
  void run(std::chrono::milliseconds how_long) {
    for (const auto end = world.now() + how_long; world.now() < end;) {
      world.run(10ms);
      for (auto& v : visitors_)
        if (!v.gone)
          v.listen();
    }
  }
  visitor& enter(const std::string& node, const std::string& user, const std::string& channel) {
    const auto client = world.node(node).actors().open();
    client.connect(user);
    run(100ms);
    auto& v = visitors_.emplace_back(client, node, channel);
    v.subscribe();
    run(100ms);
    REQUIRE(v.heard(R"("id":2,"subscribe")"));
    return v;
  }
  void kill(const std::string& node) {
    for (auto& v : visitors_)
      v.gone |= v.node() == node;
    world.kill(node);
  }

  numbers count(visitor& by) {
    by.ask();
    for (int i = 0; i < 50 && !by.answer(); ++i)
      run(10ms);
    return by.answer().value_or(numbers{});
  }
  bool reaches(visitor& by, numbers wanted, std::chrono::milliseconds at_most) {
    const auto deadline = world.now() + at_most;
    while (count(by) != wanted)
      if (world.now() > deadline)
        return false;
    return true;
  }
  /// True if there are never more or fewer people for so long.
  bool stays(visitor& by, std::uint32_t users, std::chrono::milliseconds how_long) {
    const auto deadline = world.now() + how_long;
    while (world.now() < deadline)
      if (const auto n = count(by); n.users != users)
        return false;
    return true;
  }

  sim_world world;

private:
  std::deque<visitor> visitors_;
};

} // namespace argosy::sim
