// history: the last publications of a room, bounded in number and age, and the rule of recovery.
//
// Picture a conveyor belt: new publications are put on at one end and fall off at the other, by
// count or by age. The belt knows its position even when it is empty. Owner and replicas use the
// same belt. Pure: `now` is an argument.
#pragma once

#include "runtime/core/publication.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace argosy {

/// All that a history is, on its way from one node to another.
struct history_content {
  stream_position position;
  /// The epochs that it has gone on from, oldest first, each with its last offset: whoever stands
  /// at or before that has missed nothing but what came since.
  std::vector<stream_position> ancestors;
  publications tail; ///< oldest first, contiguous, ending at the position
};

/// So many are remembered; who stands in an older one has been away for long.
inline constexpr std::size_t ancestors_max = 8;

/// `past` goes on in a new epoch: its position is the last of the old one.
void descend(history_content& past, std::string epoch);

class history {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `size_max` publications of at most `ttl` (0 = no history is kept, only the position).
  history(std::string epoch, std::size_t size_max, std::chrono::milliseconds ttl);

  /// Continues where another one stood. The age of its publications counts.
  void adopt(history_content past, time_point now);

  /// All of it; with `since` only what came after that, if the belt still has it all.
  history_content content(const stream_position& since, time_point now);
  history_content content(time_point now) { return content({}, now); }

  /// True if nothing but what came after it separates `since` from here: it is of this epoch or of
  /// one that this one goes on from. An empty epoch matches any.
  bool goes_on_from(const stream_position& since) const noexcept;

  /// Appends; `p->offset` must be top() + 1, else it is a gap and the belt is cleared first.
  void append(publication_ptr p, time_point now);

  const stream_position& position() const noexcept { return position_; }
  bool keeps() const noexcept { return size_max_ > 0 && ttl_.count() > 0; }
  std::size_t size(time_point now);

  /// What a client that stood at `since` has missed.
  struct resume {
    bool recovered = false;
    publications missed; ///< oldest first
  };

  /// All or nothing (Centrifuge protocol, recovery rule): it must go on from `since`;
  /// recovered only if the belt holds every publication after `since.offset`, or there is none.
  /// More than `limit` missed publications count as unrecoverable.
  resume recover(const stream_position& since, std::size_t limit, time_point now);

  /// A page: after `since` if given (or before it when `reverse`), at most `limit` (0 = none).
  publications page(const stream_position* since, std::size_t limit, bool reverse, time_point now);

  /// Drops the publications, keeps the position.
  void clear() noexcept { items_.clear(); }

  /// When the last held publication expires; `time_point::min()` if none is held.
  time_point expires() const noexcept;

private:
  void expire(time_point now);

  struct item {
    publication_ptr what;
    time_point until;
  };
  stream_position position_;
  std::size_t size_max_;
  std::chrono::milliseconds ttl_;
  std::deque<item> items_;
  std::vector<stream_position> ancestors_;
};

} // namespace argosy
