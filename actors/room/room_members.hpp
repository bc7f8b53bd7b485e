// room_members: the members of one room on one loop, and the fan-outs that are under way among
// them.
//
// Picture a newspaper boy with a street list: he may pause after any house, people may move in and
// out meanwhile, and still each house gets each paper once. `done_` splits the list: houses before
// it have today's paper. A removal keeps the split by closing the hole from its own side. Arrivals
// wait behind the papers that are older than they are.
#pragma once

#include "actors/room/fan_member.hpp"
#include "runtime/socket.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <variant>
#include <vector>

namespace argosy {

class room_members {
public:
  explicit room_members(address room) : room_(std::move(room)) {}

  /// 24 bytes: all a delivery touches besides the socket's own record.
  struct member {
    fan_member* who = nullptr;
    socket_id socket;
    std::uint32_t subscription = 0;
    std::uint8_t dialect = 0;
    bool wants_membership = false; ///< joins and leaves, too
    bool held = false;             ///< frames go through deliver_held until released
  };

  const address& room() const noexcept { return room_; }
  std::size_t size() const noexcept { return members_.size(); }

  /// Adds a member; returns its position. Only from inside fan_member::admitted.
  std::uint32_t enter(const member& m);

  /// Removes the member at `position`; O(1), safe during a fan-out.
  void leave(std::uint32_t position);

  void renumber(std::uint32_t position, std::uint32_t subscription) noexcept {
    members_[position].subscription = subscription;
  }
  void release(std::uint32_t position) noexcept { members_[position].held = false; }

  /// Takes everybody out and tells them.
  void evict_all(std::uint32_t code);

  using job = std::variant<std::shared_ptr<const encoded_message>, member_admitted>;

  /// Queues a fan-out or an arrival.
  void push(job j) { jobs_.push_back(std::move(j)); }
  bool idle() const noexcept { return jobs_.empty(); }

  /// Works off jobs until the queue is empty or `budget` deliveries were made; returns what is left
  /// of it. `done` is told of each message that has reached everybody.
  template <class Deliver, class Admit, class Done>
  std::size_t work(std::size_t budget, Deliver&& deliver, Admit&& admit, Done&& done);

  // kept by the fan worker
  caf::strong_actor_ptr replica;
  std::uint64_t joins_seen = 0;
  bool scheduled = false; ///< waits for its turn
  bool in_use = false;    ///< a call into its members is under way: not to be destroyed

private:
  void move(std::uint32_t from, std::uint32_t to) noexcept;

  address room_;
  std::vector<member> members_;
  std::uint32_t done_ = 0; ///< members that have the message of the front job
  std::deque<job> jobs_;
};

template <class Deliver, class Admit, class Done>
std::size_t room_members::work(std::size_t budget, Deliver&& deliver, Admit&& admit, Done&& done) {
  while (!jobs_.empty() && budget > 0) {
    if (auto* arrival = std::get_if<member_admitted>(&jobs_.front())) {
      const auto copy = std::move(*arrival);
      jobs_.pop_front();
      admit(copy);
      --budget;
      continue;
    }
    const auto message = std::get<std::shared_ptr<const encoded_message>>(jobs_.front());
    while (done_ < members_.size() && budget > 0) {
      // The member may leave in the call, which moves `done_`: count it first.
      const auto& m = members_[done_++];
      deliver(m, *message);
      --budget;
    }
    if (done_ < members_.size())
      return 0;
    done_ = 0;
    jobs_.pop_front();
    done(*message);
  }
  return budget;
}

} // namespace argosy
