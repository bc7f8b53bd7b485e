#include "runtime/core/presence_table.hpp"

#include <string_view>
#include <utility>

namespace argosy {

void presence_table::add(const address& room, client_info_ptr info) {
  auto& there = rooms_[room];
  const auto [at, inserted] = there.insert(info);
  if (inserted) {
    ++entries_;
  } else {
    there.erase(at);
    there.insert(std::move(info));
  }
}

void presence_table::remove(const address& room, const client_info& info) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end())
    return;
  const client_info_ptr key{client_info_ptr{}, &info}; // borrowed for the look-up
  entries_ -= found->second.erase(key);
  if (found->second.empty())
    rooms_.erase(found);
}

std::vector<client_info_ptr> presence_table::list(const address& room, std::size_t limit) const {
  std::vector<client_info_ptr> out;
  if (const auto found = rooms_.find(room); found != rooms_.end())
    for (const auto& info : found->second) {
      if (out.size() == limit)
        break;
      out.push_back(info);
    }
  return out;
}

presence_table::numbers presence_table::count(const address& room) const {
  numbers n;
  const auto found = rooms_.find(room);
  if (found == rooms_.end())
    return n;
  std::unordered_set<std::string_view> users;
  for (const auto& info : found->second)
    if (info->user.empty())
      ++n.users;
    else
      users.insert(info->user);
  n.clients = static_cast<std::uint32_t>(found->second.size());
  n.users += static_cast<std::uint32_t>(users.size());
  return n;
}

} // namespace argosy
