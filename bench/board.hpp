// board: the notice board between the controller and one client process, in memory they share.
//
// The controller writes the plan once and the order of the hour; the client process writes
// counters. Nothing is ever reset: the figures of a phase are the difference of two looks. A
// one-byte pipe beside it (fleet.hpp) says "look at your order" and, by closing, "your controller
// is gone".
#pragma once

#include "bench/latency_histogram.hpp"
#include "bench/target.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace argosy::bench {

/// Text of bounded length that may live in shared memory. Longer text is cut.
template <std::size_t Size>
struct fixed_text {
  std::array<char, Size> chars{};

  void assign(std::string_view text) noexcept {
    const auto n = text.size() < Size - 1 ? text.size() : Size - 1;
    std::memcpy(chars.data(), text.data(), n);
    chars[n] = '\0';
  }
  std::string_view view() const noexcept { return chars.data(); }
};

/// What a client process is: written before it starts, read-only afterwards.
struct client_plan {
  fixed_text<32> target;
  dialect how = dialect::json;
  fixed_text<64> host; ///< IPv4 literal of the server
  std::uint16_t port = 0;
  bool tls = false;
  bool tls_resume = false;    ///< all but the first handshake of a process are resumed ones
  bool subscribe = true;      ///< join a room after connecting
  bool upgrade_only = false;  ///< stop after the 101; for the `connect` scenario
  fixed_text<64> room_prefix; ///< rooms are called prefix + number
  fixed_text<128> secret;     ///< HS256 secret of the connection tokens; empty: no token
  std::uint32_t first_index = 0;
  std::uint32_t connections = 0;
  std::uint32_t room_size = 0;      ///< connections in a row that share a room; 0: one room for all
  std::uint32_t in_flight = 128;    ///< connects under way at once
  std::uint32_t source_address = 0; ///< first of 16 source addresses (host order) to bind; 0: none
  std::uint32_t payload_bytes = 128;
  std::uint32_t sample_every = 8; ///< one recv in so many has its latency taken
};

enum class phase : std::uint32_t { connect, hold, publish, stop };

/// What all processes do now. In phase `publish` the first member of each room publishes.
struct client_order {
  std::atomic<phase> now{phase::connect};
  std::atomic<std::uint32_t> publishes_per_s{0}; ///< of this process; 0: one in flight per room
};

struct client_counters {
  using counter = std::atomic<std::uint64_t>;
  counter attempted, upgraded, ready;
  counter resumed; ///< TLS handshakes
  counter failed;  ///< never got ready
  counter lost;    ///< were ready and ended although nobody asked
  counter reads, bytes, deliveries, published, refused, cpu_ns;
};

struct client_board {
  client_plan plan;
  client_order order;
  client_counters count;
  live_histogram latency_ns;
  std::atomic<bool> has_complaint{false};
  fixed_text<192> complaint; ///< the first thing that went wrong, for people
};

/// Adds to a counter that has one writer. A plain add, unlike fetch_add.
inline void bump(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

/// A board in an anonymous shared memory file that a child process inherits by descriptor number.
class shared_board {
public:
  shared_board();                ///< creates it; throws std::system_error
  explicit shared_board(int fd); ///< opens an inherited one and takes over `fd`
  ~shared_board();
  shared_board(shared_board&& other) noexcept;
  shared_board& operator=(shared_board&&) = delete;

  client_board* operator->() const noexcept { return board_; }
  client_board& operator*() const noexcept { return *board_; }
  int fd() const noexcept { return fd_; }

private:
  void map();

  int fd_ = -1;
  client_board* board_ = nullptr;
};

} // namespace argosy::bench
