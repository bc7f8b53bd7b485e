// ws_scanner: cuts the bytes of a server's WebSocket stream into payload pieces, without copying.
//
// A load generator holds a hundred thousand of these on the machine whose server it measures, so
// one is 16 bytes and a frame costs a few instructions. It understands what a server may send (RFC
// 6455 section 5.2, unmasked, no extension) and calls anything else an error. Called by
// client_swarm and by the publishers, with whatever recv() returned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace argosy::bench {

enum class ws_opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10
};

/// One piece of one frame: the whole payload when the frame arrived whole.
struct ws_piece {
  ws_opcode opcode = ws_opcode::text;
  std::string_view bytes;
  bool first = true; ///< the piece opens its frame
  bool last = true;  ///< the piece ends its frame

  bool whole() const noexcept { return first && last; }
  bool is_data() const noexcept { return opcode <= ws_opcode::binary; }
};

class ws_scanner {
public:
  /// Hands each payload piece in `bytes` to `sink(ws_piece)`. False when the stream breaks the
  /// protocol; the connection is then of no more use. Pieces point into `bytes`.
  template <class Sink>
  [[nodiscard]] bool feed(std::string_view bytes, Sink&& sink) {
    while (!bytes.empty()) {
      bool first = false;
      if (!in_payload_) {
        switch (take_header(bytes)) {
        case header_state::broken:
          return false;
        case header_state::partial:
          return true;
        case header_state::complete:
          first = true;
          break;
        }
      }
      const auto n = bytes.size() < left_ ? bytes.size() : left_;
      left_ -= static_cast<std::uint32_t>(n);
      in_payload_ = left_ != 0;
      sink(ws_piece{static_cast<ws_opcode>(header_[0] & 0x0F), bytes.substr(0, n), first,
                    left_ == 0});
      bytes.remove_prefix(n);
    }
    return true;
  }

private:
  enum class header_state { partial, complete, broken };

  /// Consumes header bytes. A header split between two reads is kept in header_.
  header_state take_header(std::string_view& bytes) noexcept;

  std::uint32_t left_ = 0; ///< payload bytes of the open frame still to come
  std::uint8_t header_[10] = {};
  std::uint8_t have_ = 0;
  bool in_payload_ = false;
};

static_assert(sizeof(ws_scanner) == 16);

/// A complete client frame. The mask is zero: masked as RFC 6455 section 5.3 demands, and the
/// payload stays readable in a trace. (An unpredictable mask protects proxies, of which there are
/// none here.)
std::string client_frame(ws_opcode opcode, std::string_view payload);

} // namespace argosy::bench
