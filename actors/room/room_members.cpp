#include "actors/room/room_members.hpp"

#include <utility>

namespace argosy {

std::uint32_t room_members::enter(const member& m) {
  members_.push_back(m);
  return static_cast<std::uint32_t>(members_.size() - 1);
}

void room_members::move(std::uint32_t from, std::uint32_t to) noexcept {
  if (from == to)
    return;
  members_[to] = members_[from];
  members_[to].who->moved(members_[to].subscription, to);
}

void room_members::leave(std::uint32_t position) {
  auto hole = position;
  if (hole < done_) { // close it from the served side, so that nobody is passed over
    --done_;
    move(done_, hole);
    hole = done_;
  }
  move(static_cast<std::uint32_t>(members_.size() - 1), hole);
  members_.pop_back();
}

void room_members::evict_all(std::uint32_t code) {
  done_ = 0;
  std::erase_if(jobs_, [](const job& j) { return !std::holds_alternative<member_admitted>(j); });
  for (const auto& m : std::exchange(members_, {}))
    m.who->evicted(m.subscription, code);
}

} // namespace argosy
