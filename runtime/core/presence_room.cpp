#include "runtime/core/presence_room.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace argosy {

namespace {

constexpr std::uint64_t mixed(std::uint64_t h) noexcept {
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9U;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EBU;
  return h ^ (h >> 31);
}

std::uint64_t hash_of_client(const client_info& who) noexcept {
  return mixed(std::hash<client_id>{}(who.client));
}

std::uint64_t hash_of_user(const client_info& who) noexcept {
  return mixed(std::hash<std::string_view>{}(who.user));
}

/// Anonymous and unlisted clients are nobody's device.
bool has_devices(const client_info& who, bool listed) noexcept {
  return listed && !who.user.empty();
}

} // namespace

presence_room::presence_room(presence_room&& other) noexcept
    : lines_(std::move(other.lines_)), capacity_(std::exchange(other.capacity_, 0)),
      used_(std::exchange(other.used_, 0)), entries_(std::exchange(other.entries_, 0)),
      clients_(std::exchange(other.clients_, 0)), users_(std::exchange(other.users_, 0)) {
}

// The upper half of the product: any capacity will do, not only powers of two.
std::uint32_t presence_room::ideal(const presence_entry& line) const noexcept {
  const auto hash = line.devices > 0 ? hash_of_user(*line.info) : hash_of_client(*line.info);
  return static_cast<std::uint32_t>(((hash >> 32) * capacity_) >> 32);
}

template <class Wanted>
std::uint32_t presence_room::probe(std::uint64_t hash, Wanted&& wanted) const noexcept {
  if (capacity_ == 0)
    return none;
  auto i = static_cast<std::uint32_t>(((hash >> 32) * capacity_) >> 32);
  for (; lines_[i].info; i = after(i))
    if (wanted(lines_[i]))
      return i;
  return none;
}

std::uint32_t presence_room::first_line_of(const client_info& who) const noexcept {
  if (who.user.empty())
    return none;
  return probe(hash_of_user(who), [&](const presence_entry& line) {
    return line.devices > 0 && line.info->user == who.user;
  });
}

std::uint32_t presence_room::line_of(const client_info& who) const noexcept {
  if (const auto first = first_line_of(who);
      first != none && lines_[first].present && lines_[first].info->client == who.client)
    return first;
  return probe(hash_of_client(who), [&](const presence_entry& line) {
    return line.devices == 0 && line.info->client == who.client;
  });
}

presence_entry* presence_room::find(const client_info& who) noexcept {
  const auto at = line_of(who);
  return at == none || !lines_[at].present ? nullptr : &lines_[at];
}

std::uint32_t presence_room::place(presence_entry line) noexcept {
  auto i = ideal(line);
  while (lines_[i].info)
    i = after(i);
  lines_[i] = std::move(line);
  ++used_;
  return i;
}

void presence_room::rehash(std::uint32_t capacity) {
  const auto old = std::exchange(lines_, std::make_unique<presence_entry[]>(capacity));
  const auto before = std::exchange(capacity_, capacity);
  used_ = 0;
  for (std::uint32_t i = 0; i < before; ++i)
    if (old[i].info)
      place(std::move(old[i]));
}

// One line stays free at least, so that every probe ends.
void presence_room::make_room() {
  if (used_ + 1 > capacity_ / 8 * 7 + capacity_ % 8 * 7 / 8)
    rehash(std::max(2U, capacity_ + capacity_ / 2 + 1));
}

presence_room::added presence_room::add(client_info_ptr who, bool listed) {
  if (auto* known = find(*who); known != nullptr && known->listed == listed) {
    known->info = std::move(who);
    return {*known, false};
  }
  const bool fresh = !remove(*who);
  make_room();
  ++entries_;
  clients_ += listed ? 1 : 0;
  presence_entry line;
  line.present = true;
  line.listed = listed;
  if (has_devices(*who, listed)) {
    if (const auto first = first_line_of(*who); first == none) {
      line.devices = 1;
      ++users_;
    } else {
      ++lines_[first].devices;
      if (lines_[first].info->client == who->client) { // its own note
        lines_[first].info = std::move(who);
        lines_[first].present = true;
        return {lines_[first], fresh};
      }
    }
  } else {
    users_ += listed ? 1 : 0;
  }
  line.info = std::move(who);
  return {lines_[place(std::move(line))], fresh};
}

bool presence_room::remove(const client_info& who) {
  const auto at = line_of(who);
  if (at == none || !lines_[at].present)
    return false;
  auto& line = lines_[at];
  const auto info = line.info; // `who` may be the line's own
  const bool listed = line.listed;
  --entries_;
  clients_ -= listed ? 1 : 0;
  if (!has_devices(*info, listed)) {
    users_ -= listed ? 1 : 0;
    free(at);
    return true;
  }
  const auto first = first_line_of(*info);
  const bool last = --lines_[first].devices == 0;
  users_ -= last ? 1 : 0;
  if (last)
    ++lines_[first].devices; // it is found by its user until it is freed
  if (first == at && !last) {
    line = presence_entry{info, line.devices};
    return true;
  }
  free(at);
  if (last && first != at)
    free(first_line_of(*info));
  return true;
}

// What was pushed past this line by others moves up, so that no probe stops short.
void presence_room::free(std::uint32_t i) noexcept {
  lines_[i] = {};
  --used_;
  for (auto j = after(i); lines_[j].info; j = after(j)) {
    const auto wants = ideal(lines_[j]);
    const bool stays = i <= j ? (i < wants && wants <= j) : (i < wants || wants <= j);
    if (stays)
      continue;
    lines_[i] = std::exchange(lines_[j], {});
    i = j;
  }
  if (capacity_ > 16 && used_ < capacity_ / 4)
    rehash(capacity_ / 2);
}

} // namespace argosy
