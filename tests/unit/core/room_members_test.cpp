// room_members: fan-outs in slices among members that come and go, and go while they are served.
//
// The real list, with members that only take notes. What holds for every seed: who was there from
// the start of a message's fan-out to its end gets it once, everybody gets messages in order, and
// nobody gets one that is older than his arrival.
#include "actors/room/room_members.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <vector>

using argosy::encoded_message;
using argosy::fan_member;
using argosy::lane;
using argosy::member_admitted;
using argosy::room_members;

namespace {

/// A member that notes what it gets and where it stands.
class note_taker final : public fan_member {
public:
  note_taker(caf::actor_config& config, argosy::strand& home) : fan_member(config, home) {}

  void receive(caf::mailbox_element&) override {}
  void admitted(room_members& room, const member_admitted& answer) override {
    arrived_after = answer.position.offset;
    if (declines)
      return;
    room_members::member m;
    m.who = this;
    m.subscription = answer.subscriber.ticket;
    position = room.enter(m);
    present = true;
  }
  void moved(std::uint32_t, std::uint32_t to) noexcept override { position = to; }
  void deliver_held(const argosy::frame&, lane) override {}
  void overrun() override {}
  void evicted(std::uint32_t subscription, std::uint32_t code) override {
    present = false;
    evictions.emplace_back(subscription, code);
  }

  bool present = false;
  bool declines = false;
  std::uint32_t position = 0;
  std::uint64_t arrived_after = 0;
  std::vector<std::uint64_t> got;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> evictions;
};

/// What the members need to be actors at all; nothing here ever runs.
struct stage {
  struct one_thread : caf::actor_system_config {
    one_thread() { set("scheduler.policy", caf::atom("testing")); }
  };
  one_thread config;
  caf::actor_system system{config};
  caf::intrusive_ptr<argosy::scheduler_strand> home =
      caf::make_counted<argosy::scheduler_strand>(system);
};

/// A room, its audience, and a plain account of who is owed what.
class theatre {
public:
  theatre(stage& on, unsigned seed) : stage_(on), random_(seed) {}

  void play(int steps) {
    for (int i = 0; i < steps; ++i)
      switch (random_() % 6) {
      case 0:
        say();
        break;
      case 1:
        let_in();
        break;
      case 2:
        send_out(anybody());
        break;
      default:
        work(random_() % 7);
      }
    while (!room_.idle())
      work(1000);
  }

  /// Every note of every member against the account.
  void check() {
    for (const auto& handle : all_) {
      const auto& m = object(handle);
      REQUIRE(std::is_sorted(m.got.begin(), m.got.end()));
      REQUIRE(std::adjacent_find(m.got.begin(), m.got.end()) == m.got.end());
      if (!m.got.empty())
        REQUIRE(m.got.front() > m.arrived_after);
      if (m.present)
        REQUIRE(room_.size() > m.position);
    }
    const auto here = std::count_if(all_.begin(), all_.end(),
                                    [](const auto& handle) { return object(handle).present; });
    REQUIRE(room_.size() == static_cast<std::size_t>(here));
    REQUIRE(finished_ == said_);
  }

private:
  static note_taker& object(const caf::strong_actor_ptr& handle) {
    return argosy::actor_object<note_taker>(handle);
  }

  void say() {
    auto m = std::make_shared<encoded_message>();
    m->offset = ++said_;
    room_.push(std::move(m));
  }

  /// As the fan worker does it: through the queue, behind the messages that are older.
  void let_in() {
    all_.push_back(argosy::spawn_on<note_taker>(stage_.system, *stage_.home));
    object(all_.back()).declines = random_() % 10 == 0;
    member_admitted m;
    m.subscriber = {all_.back(), static_cast<std::uint32_t>(all_.size())};
    m.position.offset = said_;
    room_.push(std::move(m));
  }

  note_taker* anybody() {
    std::vector<note_taker*> here;
    for (const auto& handle : all_)
      if (object(handle).present)
        here.push_back(&object(handle));
    return here.empty() ? nullptr : here[random_() % here.size()];
  }

  void send_out(note_taker* who) {
    if (who == nullptr)
      return;
    who->present = false;
    owed_.erase(who);
    room_.leave(who->position);
  }

  void work(std::size_t budget) {
    const auto left = room_.work(
        budget,
        [this](const room_members::member& m, const encoded_message& message) {
          auto& who = static_cast<note_taker&>(*m.who);
          begin(message.offset);
          REQUIRE(who.present);
          who.got.push_back(message.offset);
          owed_.erase(&who);
          if (random_() % 12 == 0)
            send_out(random_() % 2 == 0 ? &who : anybody());
        },
        [this](const member_admitted& m) { object(m.subscriber.actor).admitted(room_, m); },
        [this](const encoded_message& message) {
          begin(message.offset);
          REQUIRE(owed_.empty());
          finished_ = message.offset;
        });
    REQUIRE(left <= budget);
    REQUIRE((left == 0 || room_.idle()));
  }

  /// The first delivery of a message (or its end, if nobody is there): all who are here are owed
  /// it.
  void begin(std::uint64_t offset) {
    if (started_ == offset)
      return;
    REQUIRE(offset == started_ + 1);
    REQUIRE(finished_ == started_);
    started_ = offset;
    for (const auto& handle : all_)
      if (object(handle).present)
        owed_.insert(&object(handle));
  }

  stage& stage_;
  std::mt19937 random_;
  room_members room_{argosy::address{"acme", argosy::address_kind::room, "stage"}};
  std::vector<caf::strong_actor_ptr> all_;
  std::set<note_taker*> owed_; ///< here since the fan-out began, and not yet served
  std::uint64_t said_ = 0;
  std::uint64_t started_ = 0;
  std::uint64_t finished_ = 0;
};

} // namespace

TEST_CASE("room_members: who stays for a message gets it once, in order, however others move") {
  stage s;
  for (unsigned seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    theatre t{s, seed};
    t.play(400);
    t.check();
  }
}

TEST_CASE("room_members: those who stay never lose or repeat a message while others leave") {
  // Eight stay, eight leave one by one between slices of three, for every order of leaving.
  stage s;
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    room_members room{argosy::address{"acme", argosy::address_kind::room, "a"}};
    std::vector<caf::strong_actor_ptr> handles;
    std::vector<note_taker*> leaving;
    std::vector<note_taker*> staying;
    for (std::uint32_t i = 0; i < 16; ++i) {
      handles.push_back(argosy::spawn_on<note_taker>(s.system, *s.home));
      auto* who = &argosy::actor_object<note_taker>(handles.back());
      member_admitted m;
      m.subscriber = {handles.back(), i};
      who->admitted(room, m);
      (i % 2 == 0 ? staying : leaving).push_back(who);
    }
    std::shuffle(leaving.begin(), leaving.end(), random);
    for (std::uint64_t offset = 1; offset <= 3; ++offset) {
      auto m = std::make_shared<encoded_message>();
      m->offset = offset;
      room.push(std::move(m));
    }
    const auto deliver = [](const room_members::member& m, const encoded_message& message) {
      static_cast<note_taker&>(*m.who).got.push_back(message.offset);
    };
    const auto ignore = [](const auto&) {};
    while (!room.idle()) {
      room.work(1 + random() % 3, deliver, ignore, ignore);
      if (!leaving.empty()) {
        room.leave(leaving.back()->position);
        leaving.pop_back();
      }
    }
    for (const auto* who : staying)
      REQUIRE(who->got == std::vector<std::uint64_t>{1, 2, 3});
  }
}

TEST_CASE("room_members: an eviction tells everybody once and drops the messages, not arrivals") {
  stage s;
  room_members room{argosy::address{"acme", argosy::address_kind::room, "a"}};
  std::vector<caf::strong_actor_ptr> handles;
  for (std::uint32_t i = 0; i < 3; ++i) {
    handles.push_back(argosy::spawn_on<note_taker>(s.system, *s.home));
    member_admitted m;
    m.subscriber = {handles.back(), i};
    argosy::actor_object<note_taker>(handles.back()).admitted(room, m);
  }
  room.renumber(argosy::actor_object<note_taker>(handles[1]).position, 11);
  room.push(std::make_shared<encoded_message>());
  room.push(member_admitted{});
  room.evict_all(2500);
  CHECK(room.size() == 0);
  CHECK_FALSE(room.idle());
  const std::vector<std::uint32_t> subscriptions{0, 11, 2};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& who = argosy::actor_object<note_taker>(handles[i]);
    REQUIRE(who.evictions.size() == 1);
    CHECK(who.evictions[0] == std::pair{subscriptions[i], 2500U});
  }
  int arrivals = 0;
  room.work(
      10, [](const auto&, const auto&) { FAIL("a message of before the eviction"); },
      [&](const member_admitted&) { ++arrivals; }, [](const auto&) {});
  CHECK(arrivals == 1);
  CHECK(room.idle());
}
