// presence_gateway: a gateway with its ledger, and a wire to a tracker that loses what it is told
// to.
#pragma once

#include "runtime/cluster/presence_ledger.hpp"
#include "runtime/cluster/presence_roll.hpp"
#include "tests/unit/cluster/someone.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace argosy::testing {

using cluster::node_identity;
using cluster::presence_ledger;
using cluster::presence_roll;
using std::chrono_literals::operator""h;

inline const address tracker{"acme", address_kind::presence, "1"};
inline constexpr presence_roll::time_point began{1h};
inline constexpr auto any_shard = [](std::uint32_t) { return true; };

struct gateway {
  explicit gateway(std::string name, std::uint64_t life = 1) : id{std::move(name), life} {}

  template <class Message>
  bool send(presence_roll& to, Message m) {
    m.gateway = id;
    return to.take(m, now, said);
  }
  /// False if the tracker has asked for a snapshot.
  bool flush(presence_roll& to, bool deliver = true) {
    bool content = true;
    for (auto& [at, delta] : book.flush())
      if (deliver)
        content &= send(to, std::move(delta));
    return content;
  }
  bool say(presence_roll& to, presence_change c) {
    book.note(tracker, std::move(c));
    return flush(to);
  }
  bool beat(presence_roll& to) {
    bool content = true;
    for (auto& [at, beat] : book.beats(any_shard))
      content &= send(to, beat);
    return content;
  }
  void show_all(presence_roll& to) {
    for (auto& page : book.snapshot(tracker))
      CHECK(send(to, std::move(page)));
  }
  /// What rooms were to hear since the last time: +client or -client.
  std::string heard() {
    std::string out;
    for (const auto& f : std::exchange(said, {}))
      out += (f.joined ? "+" : "-") + std::to_string(f.info->client.low) + " ";
    return out;
  }

  node_identity id;
  presence_ledger book{true};
  presence_roll::facts said;
  presence_roll::time_point now = began;
};

} // namespace argosy::testing
