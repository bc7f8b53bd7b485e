// early_publications: what has come before those that go before it.
//
// Picture a reader whose newspaper comes by two postmen: when Wednesday's is here and Tuesday's is
// not, Wednesday's waits on the shelf. The shelf is small; of what finds no room only the newest
// date is remembered, so that the reader knows what to ask the publisher for. Pure; O(size) to put,
// and empty it costs three words and a name.
#pragma once

#include "runtime/core/publication.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace argosy {

class early_publications {
public:
  static constexpr std::size_t count_max = 256;
  static constexpr std::size_t bytes_max = 256 << 10; ///< of data

  /// Keeps `what`, of the room's `epoch`, unless there is no room for it. What was kept of another
  /// epoch is forgotten: the room has gone on, or it will be asked.
  void put(std::string_view epoch, publication_ptr what) {
    expect({std::string{epoch}, what->offset});
    const auto at = std::lower_bound(waiting_.begin(), waiting_.end(), what->offset, before);
    if (at != waiting_.end() && (*at)->offset == what->offset)
      return;
    if (waiting_.size() >= count_max || bytes_ + what->data.size() > bytes_max)
      return;
    bytes_ += what->data.size();
    waiting_.insert(at, std::move(what));
  }

  /// The room has come to `there`, as somebody has said.
  void expect(const stream_position& there) {
    if (epoch_ != there.epoch) {
      waiting_.clear();
      bytes_ = 0;
      newest_ = 0;
      epoch_ = there.epoch;
    }
    newest_ = std::max(newest_, there.offset);
  }

  /// The one that comes next after `here`, or null. What `here` has passed is forgotten.
  publication_ptr take_after(const stream_position& here) {
    if (waiting_.empty() || epoch_ != here.epoch)
      return nullptr;
    const auto next = std::lower_bound(waiting_.begin(), waiting_.end(), here.offset + 1, before);
    const bool found = next != waiting_.end() && (*next)->offset == here.offset + 1;
    auto taken = found ? *next : nullptr;
    const auto passed = next + (found ? 1 : 0);
    for (auto p = waiting_.begin(); p != passed; ++p)
      bytes_ -= (*p)->data.size();
    waiting_.erase(waiting_.begin(), passed);
    return taken;
  }

  /// Whether anything that comes after `here` was ever put or expected.
  bool know_more_than(const stream_position& here) const noexcept {
    return epoch_ == here.epoch && newest_ > here.offset;
  }

  std::size_t size() const noexcept { return waiting_.size(); }

private:
  static bool before(const publication_ptr& p, std::uint64_t offset) noexcept {
    return p->offset < offset;
  }

  std::string epoch_;
  std::uint64_t newest_ = 0;
  std::size_t bytes_ = 0;
  publications waiting_; ///< by offset, each once
};

} // namespace argosy
