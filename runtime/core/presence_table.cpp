#include "runtime/core/presence_table.hpp"

#include <utility>

namespace argosy {

presence_entry* presence_table::find(const address& room, const client_info& who) noexcept {
  const auto found = rooms_.find(room);
  return found == rooms_.end() ? nullptr : found->second.find(who);
}

presence_room::added presence_table::add(const address& room, client_info_ptr info, bool listed) {
  const auto added = rooms_[room].add(std::move(info), listed);
  entries_ += added.fresh ? 1 : 0;
  return added;
}

bool presence_table::remove(const address& room, const client_info& info) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end() || !found->second.remove(info))
    return false;
  --entries_;
  if (found->second.entries() == 0)
    rooms_.erase(found);
  return true;
}

std::vector<client_info_ptr> presence_table::list(const address& room, std::size_t limit) const {
  std::vector<client_info_ptr> out;
  if (const auto found = rooms_.find(room); found != rooms_.end() && limit > 0)
    found->second.for_each([&](const presence_entry& e) {
      if (e.listed)
        out.push_back(e.info);
      return out.size() < limit;
    });
  return out;
}

std::size_t presence_table::entries_in(const address& room) const noexcept {
  const auto found = rooms_.find(room);
  return found == rooms_.end() ? 0 : found->second.entries();
}

std::size_t presence_table::devices(const address& room, const client_info& who) const noexcept {
  const auto found = rooms_.find(room);
  return found == rooms_.end() ? 0 : found->second.devices(who);
}

presence_table::numbers presence_table::count(const address& room) const {
  const auto found = rooms_.find(room);
  return found == rooms_.end() ? numbers{}
                               : numbers{found->second.clients(), found->second.users()};
}

} // namespace argosy
