// outbound_queue: what one connection still has to be told, in lanes.
//
// Picture a ferry with one gangway and several queues in front of it: whoever stands in a higher
// queue boards first, nobody overtakes inside a queue, and a passenger with one foot on board is
// always let in completely before anybody else. The foot on board is the partly written frame: a
// WebSocket frame that has begun on the wire must end before another may start.
//
// Invariant: bytes() is exactly what gather() would hand out if it had room for all of it.
// Pure: no socket, no clock; time comes in as `now_ms`. The socket layer keeps such a queue only
// while there is something in it.
#pragma once

#include "runtime/core/frame.hpp"
#include "runtime/core/lane.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

namespace argosy {

/// A run of bytes to write; the frames behind it stay alive until `consume` or `clear`.
struct chunk {
  const char* data = nullptr;
  std::size_t size = 0;
};

class outbound_queue {
public:
  enum class verdict : std::uint8_t {
    queued,
    conflated, ///< replaced the queued frame of the same key
    dropped,   ///< a frame of this lane was lost: the newcomer, or older ones to make room
    refused,   ///< over budget and the policy is to disconnect; nothing changed
    sealed,    ///< the last frame is already in; nothing changed
  };
  struct outcome {
    verdict what = verdict::queued;
    std::uint32_t frames_lost = 0;
  };

  /// Empties the queue for another connection and keeps its memory. `deflated` picks the encoding
  /// of every frame from now on.
  void reset(bool deflated) noexcept;

  /// Queues `f` within `limits`, or applies the lane's policy. `conflation_key` counts only under
  /// overflow_policy::conflate; 0 = no key. O(1) amortised.
  outcome push(const outbound_limits& limits, lane in, const frame& f,
               std::uint64_t conflation_key = 0, std::uint32_t now_ms = 0);

  /// Queues `f` without asking for the budget: frames of the socket layer itself. The first
  /// `written` bytes are taken as already on the wire; then nothing may be partly written yet.
  void append(lane in, frame f, std::size_t written = 0);

  /// Queues the last frame, behind everything else; later frames get verdict::sealed.
  void seal(frame last);

  /// Fills `out` with what is to be written next, in order. Returns the number of chunks used.
  std::size_t gather(std::span<chunk> out) const noexcept;

  /// Says that the first `bytes` of what `gather` returned are on the wire. Returns the number of
  /// frames that have thereby left completely.
  std::size_t consume(std::size_t bytes) noexcept;

  bool empty() const noexcept { return bytes_ == 0; }
  bool is_sealed() const noexcept { return sealed_; }
  std::size_t bytes() const noexcept { return bytes_; }
  std::size_t lane_bytes(lane which) const noexcept { return at(which).bytes; }

private:
  struct entry {
    frame f;
    std::uint64_t key = 0;
    std::uint32_t since_ms = 0;
  };

  // A vector with a moving head: a ring without the wrap, so that it can be indexed by number.
  struct lane_queue {
    std::vector<entry> entries;
    std::size_t head = 0;
    std::size_t bytes = 0;
    std::uint64_t first_number = 0; ///< number of entries[0]; numbers never repeat

    bool empty() const noexcept { return head == entries.size(); }
    std::size_t size() const noexcept { return entries.size() - head; }
  };
  using key_index = std::unordered_map<std::uint64_t, std::uint64_t>; ///< key -> entry number

  lane_queue& at(lane which) noexcept { return lanes_[static_cast<std::size_t>(which)]; }
  const lane_queue& at(lane which) const noexcept {
    return lanes_[static_cast<std::size_t>(which)];
  }
  std::size_t size_of(const frame& f) const noexcept { return f.wire(deflated_).size(); }
  void add(lane_queue& q, frame f, std::uint64_t key, std::uint32_t now_ms);
  frame pop_front(lane_queue& q) noexcept;
  std::uint32_t make_room(const outbound_limits& limits, lane_queue& q, const lane_budget& budget,
                          std::size_t size, std::uint32_t now_ms) noexcept;
  entry* find_key(lane_queue& q, std::uint64_t key) noexcept;
  bool consume_front(lane_queue& q, std::size_t& bytes) noexcept;

  std::array<lane_queue, lane_count> lanes_;
  frame current_;                   ///< partly written, or null
  frame last_;                      ///< the sealing frame, or null once it is current or gone
  std::unique_ptr<key_index> keys_; ///< of lane::latest, made when that lane grows long
  std::size_t written_ = 0;         ///< of `current_`
  std::size_t bytes_ = 0;
  bool deflated_ = false;
  bool sealed_ = false;
};

} // namespace argosy
