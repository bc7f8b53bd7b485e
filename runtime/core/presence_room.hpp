// presence_room: who is in one room, and how many people they are, each in O(1).
//
// Picture a guest book with one line a guest. The first line of a person also holds the number of
// lines that he has, over all his devices; that line is found by his name, all others by the id of
// their connection. When the guest of a first line leaves before the person's others, his line
// stays as a note without a guest. So nobody is ever counted by walking the book. One flat table,
// 24 bytes a line, probed linearly; about 36 bytes an entry. Pure.
#pragma once

#include "runtime/core/client_info.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace argosy {

/// One client in one room. A client never changes its user.
struct presence_entry {
  client_info_ptr info;
  std::uint32_t devices = 0; ///< of a person's first line: entries of the person. Else 0
  std::uint16_t gateway = 0; ///< whoever wrote it; the table does not look at it
  bool present : 1 = false;  ///< false: a note that only counts for others
  bool listed : 1 = true;    ///< counts, and stands in lists
  bool announced : 1 = false;
  bool lingers : 1 = false;
};

class presence_room {
public:
  presence_room() = default;
  presence_room(presence_room&& other) noexcept;
  presence_room& operator=(presence_room&&) = delete;

  /// Null if the client is not there. Pointers hold until the next change.
  presence_entry* find(const client_info& who) noexcept;

  /// Of a client that is there, the info is replaced; its marks stay as they are.
  struct added {
    presence_entry& entry;
    bool fresh;
  };
  added add(client_info_ptr who, bool listed);

  /// True if it was there.
  bool remove(const client_info& who);

  /// Listed entries of that person.
  std::uint32_t devices(const client_info& who) const noexcept {
    const auto first = first_line_of(who);
    return first == none ? 0 : lines_[first].devices;
  }

  /// Listed ones, and how many people they are; an anonymous client counts as one each.
  std::uint32_t clients() const noexcept { return clients_; }
  std::uint32_t users() const noexcept { return users_; }
  /// All that are present, listed or not.
  std::uint32_t entries() const noexcept { return entries_; }

  /// Calls `visit(entry)` for each that is present, in no order, until it returns false.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::uint32_t i = 0; i < capacity_; ++i)
      if (lines_[i].present && !visit(std::as_const(lines_[i])))
        return;
  }

private:
  static constexpr std::uint32_t none = ~0U;

  std::uint32_t ideal(const presence_entry& line) const noexcept;
  std::uint32_t after(std::uint32_t i) const noexcept { return i + 1 == capacity_ ? 0 : i + 1; }
  template <class Wanted>
  std::uint32_t probe(std::uint64_t hash, Wanted&& wanted) const noexcept;
  std::uint32_t line_of(const client_info& who) const noexcept;
  std::uint32_t first_line_of(const client_info& who) const noexcept;
  std::uint32_t place(presence_entry line) noexcept;
  void make_room();
  void rehash(std::uint32_t capacity);
  void free(std::uint32_t i) noexcept;

  std::unique_ptr<presence_entry[]> lines_; ///< free: no info
  std::uint32_t capacity_ = 0;
  std::uint32_t used_ = 0; ///< notes included
  std::uint32_t entries_ = 0;
  std::uint32_t clients_ = 0;
  std::uint32_t users_ = 0;
};

} // namespace argosy
