// linked_slots: items in one growing array, each standing in several queues at once.
//
// Picture numbered chairs with strings tied between them: a chair may be on the string of its lane
// and on that of its key, and is taken off both in constant time. Numbers are reused, nothing
// moves. Adding may grow the array (amortised O(1)); everything else is O(1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace argosy::cluster {

/// `Strings` is how many queues an item can stand in at once.
template <class T, std::size_t Strings>
class linked_slots {
public:
  using slot_number = std::uint32_t;
  static constexpr slot_number none = ~slot_number{0};

  struct queue {
    slot_number first = none;
    slot_number last = none;
    bool empty() const noexcept { return first == none; }
  };

  T& operator[](slot_number n) noexcept { return slots_[n].item; }
  const T& operator[](slot_number n) const noexcept { return slots_[n].item; }

  slot_number add(T item) {
    if (free_ == none) {
      slots_.push_back({std::move(item), {}});
      return static_cast<slot_number>(slots_.size() - 1);
    }
    const auto n = free_;
    free_ = slots_[n].links[0].next;
    slots_[n].item = std::move(item);
    return n;
  }

  /// Frees a slot that stands in no queue any more.
  T remove(slot_number n) noexcept {
    auto item = std::exchange(slots_[n].item, T{});
    slots_[n].links[0].next = free_;
    free_ = n;
    return item;
  }

  template <std::size_t String>
  void append(queue& q, slot_number n) noexcept {
    slots_[n].links[String] = {q.last, none};
    (q.empty() ? q.first : slots_[q.last].links[String].next) = n;
    q.last = n;
  }

  template <std::size_t String>
  void unlink(queue& q, slot_number n) noexcept {
    const auto [before, after] = slots_[n].links[String];
    (before == none ? q.first : slots_[before].links[String].next) = after;
    (after == none ? q.last : slots_[after].links[String].previous) = before;
  }

  template <std::size_t String>
  slot_number next(slot_number n) const noexcept {
    return slots_[n].links[String].next;
  }

  std::size_t capacity() const noexcept { return slots_.size(); }

  /// Gives the memory back; nothing may be in use.
  void shrink() noexcept {
    std::vector<slot>{}.swap(slots_);
    free_ = none;
  }

private:
  struct link {
    slot_number previous = none;
    slot_number next = none;
  };
  struct slot {
    T item;
    std::array<link, Strings> links;
  };

  std::vector<slot> slots_;
  slot_number free_ = none;
};

} // namespace argosy::cluster
