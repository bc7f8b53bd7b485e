// presence_table: who is in which room, as one tracker or one gateway knows it.
//
// Picture a cloakroom with one attendant per door: only the attendant who took a coat may hand it
// back. Every entry has one writer, the gateway whose connection it is; the table only adds up.
// Entries point to the connection's own client_info. Pure; all but the visits are O(1).
#pragma once

#include "runtime/core/address.hpp"
#include "runtime/core/presence_room.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace argosy {

class presence_table {
public:
  /// Null if the client is not there. Pointers hold until the next change.
  presence_entry* find(const address& room, const client_info& who) noexcept;

  presence_room::added add(const address& room, client_info_ptr info, bool listed = true);

  /// True if it was there.
  bool remove(const address& room, const client_info& info);

  /// At most `limit` of the room's clients.
  std::vector<client_info_ptr> list(const address& room, std::size_t limit) const;

  struct numbers {
    std::uint32_t clients = 0;
    std::uint32_t users = 0; ///< distinct; anonymous clients count as one user each
  };
  numbers count(const address& room) const;

  std::size_t rooms() const noexcept { return rooms_.size(); }
  std::size_t entries() const noexcept { return entries_; }
  /// Of one room, listed or not.
  std::size_t entries_in(const address& room) const noexcept;
  /// Listed ones of one person in one room.
  std::size_t devices(const address& room, const client_info& who) const noexcept;

  /// Calls `visit(room, entry)` for each entry, in no order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [room, there] : rooms_)
      there.for_each([&](const presence_entry& e) {
        visit(room, e);
        return true;
      });
  }

private:
  std::unordered_map<address, presence_room> rooms_;
  std::size_t entries_ = 0;
};

} // namespace argosy
