// router: where a shard is, and what that means for what is sent there. The actors behind the
// addresses are note takers, and nothing runs before the test says so.
#include "runtime/message_table.hpp"
#include "runtime/router.hpp"
#include "runtime/strand.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

using argosy::address;
using argosy::address_kind;
using argosy::elsewhere;
using argosy::place;
using argosy::publish_room;
using argosy::routed_message;
using argosy::router;
using argosy::wake;

namespace {

using list = std::vector<std::string>;

publish_room saying(std::string what) {
  publish_room m;
  m.data = std::move(what);
  return m;
}

/// An actor that notes what it is told.
class note_taker final : public argosy::strand_actor {
public:
  note_taker(caf::actor_config& config, argosy::strand& home, list& notes)
      : strand_actor(config, home), notes_(notes) {}

  void receive(caf::mailbox_element& what) override {
    argosy::dispatch(table_, *this, what.content());
  }

private:
  void take(publish_room& m) { notes_.push_back(std::move(m.data)); }
  static const std::array<argosy::message_row<note_taker>, 1> table_;

  list& notes_;
};

const std::array<argosy::message_row<note_taker>, 1> note_taker::table_{
    argosy::on<&note_taker::take>};

/// The rest of the fleet, which keeps what it gets.
class far_away final : public elsewhere {
public:
  void forward(place where, const address&, routed_message what) override {
    places.push_back(where);
    notes.push_back(std::get<publish_room>(what).data);
  }
  std::vector<place> places;
  list notes;
};

struct switchboard {
  struct one_thread : caf::actor_system_config {
    one_thread() { set("scheduler.policy", caf::atom("testing")); }
  };

  switchboard() {
    routes.join(rest);
    for (const auto kind :
         {address_kind::room, address_kind::user, address_kind::presence, address_kind::replica})
      routes.serve(kind, [this](const address&) {
        ++woken;
        return argosy::spawn_on<note_taker>(system, *home, notes);
      });
  }
  ~switchboard() {
    routes.close();
    run();
  }

  void run() { dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler()).run(); }

  one_thread config;
  caf::actor_system system{config};
  caf::intrusive_ptr<argosy::scheduler_strand> home =
      caf::make_counted<argosy::scheduler_strand>(system);
  router routes;
  far_away rest;
  list notes;
  std::atomic<int> woken{0};
};

address lobby(address_kind kind = address_kind::room) {
  return {"acme", kind, "lobby"};
}

/// The first room of that shard among those with a number for a name, beginning at `from`.
address room_in(std::uint32_t shard, int from = 0) {
  for (int n = from;; ++n)
    if (address a{"acme", address_kind::room, std::to_string(n)}; a.shard() == shard)
      return a;
}

bool listed(const std::vector<address>& all, const address& a) {
  return std::find(all.begin(), all.end(), a) != all.end();
}

} // namespace

TEST_CASE("router: what is routed goes where the shard was put, and to no other place") {
  switchboard s;
  const auto room = lobby();
  CHECK(s.routes.place_of(room.shard()) == argosy::this_node); // a node alone owns everything
  CHECK(s.routes.route(room, saying("here")));
  s.routes.put(room.shard(), argosy::first_peer);
  CHECK(s.routes.place_of(room.shard()) == argosy::first_peer);
  CHECK(s.routes.route(room, saying("there")));
  s.routes.put(room.shard(), argosy::nowhere);
  CHECK(s.routes.route_if_active(room, saying("nowhere")));
  s.routes.put(room.shard(), argosy::this_node);
  CHECK(s.routes.route(room, saying("back")));
  s.run();
  CHECK(s.notes == list{"here", "back"});
  CHECK(s.rest.notes == list{"there", "nowhere"});
  CHECK(s.rest.places == std::vector<place>{argosy::first_peer, argosy::nowhere});
  CHECK(s.woken == 1);
}

TEST_CASE("router: putting one shard moves no other, not even its neighbour in the slice") {
  switchboard s;
  constexpr std::uint32_t slices = 256;
  const auto room = lobby();
  const auto beside = room_in((room.shard() + slices) % argosy::shard_count);
  s.routes.put(room.shard(), argosy::first_peer);
  CHECK(s.routes.route(beside, saying("a")));
  s.run();
  CHECK(s.notes == list{"a"});
  CHECK(s.rest.notes.empty());
}

TEST_CASE("router: a replica is on this node, wherever its room is") {
  switchboard s;
  s.routes.put(lobby().shard(), argosy::first_peer);
  CHECK(s.routes.route(lobby(address_kind::replica), saying("a")));
  CHECK(s.routes.route_here(lobby(), saying("b"))); // said to be meant for here
  CHECK(s.routes.route_here_if_active(lobby(), saying("c")));
  s.run();
  CHECK(s.notes == list{"a", "b", "c"});
  CHECK(s.rest.notes.empty());
}

TEST_CASE("router: takes in what is for this node, and wakes somebody only if told to") {
  switchboard s;
  auto m = saying("a");
  CHECK(s.routes.take_in(lobby(), m, wake::no)); // in vain: nobody is awake
  CHECK(s.woken == 0);
  CHECK(s.routes.take_in(lobby(), m, wake::yes));
  CHECK(s.woken == 1);
  auto next = saying("b");
  CHECK(s.routes.take_in(lobby(), next, wake::no));
  s.run();
  CHECK(s.notes == list{"a", "b"});
  s.routes.close();
  CHECK(s.routes.take_in(lobby(), next, wake::yes)); // in vain again
  s.run();
  CHECK(s.notes.size() == 2);
}

TEST_CASE("router: what is for elsewhere is not taken in, and is left as it was") {
  switchboard s;
  CHECK(s.routes.route(lobby(), saying("a")));
  for (const auto where : {argosy::nowhere, argosy::first_peer}) {
    s.routes.put(lobby().shard(), where);
    for (const auto how : {wake::no, wake::yes}) {
      auto m = saying("b");
      m.idempotency_key = "k";
      CHECK_FALSE(s.routes.take_in(lobby(), m, how));
      CHECK(m.data == "b");
      CHECK(m.idempotency_key == "k");
    }
  }
  s.run();
  CHECK(s.notes == list{"a"});
  CHECK(s.rest.notes.empty()); // whoever brought it knows best where it goes now
}

TEST_CASE("router: lists who is awake, of one shard too") {
  switchboard s;
  const auto room = lobby();
  const auto sibling = room_in(room.shard());
  const auto beside = room_in((room.shard() + 256) % argosy::shard_count); // of the same slice
  for (const auto& a : {room, sibling, beside, lobby(address_kind::replica)})
    CHECK(s.routes.route_here(a, saying("x")));

  const auto of_shard = s.routes.active(address_kind::room, room.shard());
  CHECK(of_shard.size() == 2);
  CHECK(listed(of_shard, room));
  CHECK(listed(of_shard, sibling));
  CHECK(s.routes.active(address_kind::room).size() == 3);
  CHECK(s.routes.active(address_kind::replica, room.shard())
        == std::vector{lobby(address_kind::replica)});
  CHECK(s.routes.active(address_kind::user, room.shard()).empty());

  s.routes.put(room.shard(), argosy::first_peer); // being awake has nothing to do with the place
  CHECK(s.routes.active(address_kind::room, room.shard()).size() == 2);
  CHECK(s.routes.retire(sibling, s.routes.find(sibling)->id()));
  CHECK(s.routes.active(address_kind::room, room.shard()) == std::vector{room});
}

TEST_CASE("router: what is told to a room after its shard was sent away comes after all else") {
  switchboard s;
  const auto room = lobby();
  CHECK(s.routes.route_here(room, saying("first")));
  std::atomic<bool> gone{false};
  std::atomic<int> taken{0};
  std::array<std::thread, 3> senders;
  for (auto& sender : senders)
    sender = std::thread{[&] {
      for (bool here = true; here;) {
        auto m = saying("x");
        here = s.routes.take_in(room, m, wake::yes);
        if (here)
          ++taken;
        else
          CHECK(gone.load()); // never before it was said
      }
    }};
  while (taken.load() < 100)
    std::this_thread::yield();
  gone.store(true);
  s.routes.put(room.shard(), argosy::nowhere);
  CHECK(s.routes.route_here(room, saying("last")));
  for (auto& sender : senders)
    sender.join();
  s.run();
  REQUIRE(s.notes.size() == static_cast<std::size_t>(taken.load()) + 2);
  CHECK(s.notes.front() == "first");
  CHECK(s.notes.back() == "last");
}
