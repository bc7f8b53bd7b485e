// engine: a Beast WebSocket stream lent to a connection while bytes are in flight.
//
// Beast keeps 3.3 KiB (13 KiB more with deflate) for each stream, and between two messages almost
// none of it means anything. So a loop owns a few streams in the open state and lends one to
// whichever connection has something to read, like a translator who is called to a table, works
// through what lies there and leaves when the last sentence is complete. Beast does the framing,
// the masking, UTF-8, fragments, close codes, pongs and inflate; nothing of it is done again here.
//
// Invariant: an engine goes back only from `at_boundary`, where no byte and no state of its
// connection is left in it. After an error it is spent.
#pragma once

#include "net/connection.hpp"
#include "net/engine_layer.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace argosy::net {

/// Whom an engine works for. Called on the loop's thread.
class engine_host {
public:
  enum class input : std::uint8_t { bytes, last_bytes, would_block, end, failed };
  struct received {
    input what = input::would_block;
    std::size_t size = 0;
  };

  /// Reads from the peer. `last_bytes` = the socket is known to be empty now.
  virtual received receive(connection& c, char* into, std::size_t room) = 0;

  /// A whole message.
  virtual void on_engine_message(connection& c, std::string_view payload, bool binary) = 0;

  /// A control frame that Beast answers with: a pong or a close frame.
  virtual void on_engine_write(connection& c, std::string_view frame_bytes) = 0;

  /// The peer's close frame came; ours is out.
  virtual void on_engine_closed(connection& c, std::uint16_t code, std::string_view reason) = 0;

  /// The peer broke the protocol; the close frame with `code` is out.
  virtual void on_engine_violation(connection& c, std::uint16_t code, std::string_view what) = 0;

  /// The stream ended without a closing handshake.
  virtual void on_engine_end(connection& c) = 0;

  /// The engine waits for bytes again, outside of `pump`: nobody else holds the edge.
  virtual void on_engine_parked(connection& c) = 0;

  /// The engine has left work in the executor.
  virtual void on_engine_posted() noexcept = 0;

protected:
  ~engine_host() = default;
};

/// What all engines of a loop have in common.
struct engine_terms {
  engine_host& host;
  asio::io_context& executor;
  std::size_t message_bytes_max = 0;
};

class engine final : engine_port {
public:
  using stream = websocket::stream<engine_layer, true>;

  /// An engine in the open state: it has accepted a canned request.
  engine(const engine_terms& terms, bool deflate);

  struct handshake_result {
    std::string response; ///< of a refusal too
    bool accepted = false;
    bool deflate = false;
  };
  /// Lets Beast answer an upgrade request. The stream is used once and thrown away: what it
  /// negotiated (window sizes) belongs to one peer and must not get into the pool.
  static handshake_result shake_hands(const engine_terms& terms,
                                      const http::request<http::empty_body>& request, bool deflate,
                                      std::string_view subprotocol);

  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  /// `first_bytes` have been read from the peer already.
  void bind(connection& c, std::string_view first_bytes = {});
  void unbind() noexcept;

  /// Feeds what the connection has, at most about 64 KiB. Returns false when there may be more.
  bool pump();

  /// True if no trace of the connection is left.
  bool at_boundary() const noexcept;

  connection* bound_to() const noexcept { return connection_; }
  bool deflate() const noexcept { return deflate_; }

  /// False while Beast has posted the rest of its work to the executor.
  bool waits_for_bytes() const noexcept { return parked_ != nullptr; }

  /// The tick of the last message or the binding; for the progress deadline.
  std::uint32_t busy_since_tick = 0;
  engine* earlier = nullptr; ///< in the list of bound engines, oldest progress first
  engine* later = nullptr;

private:
  struct unopened {};
  engine(const engine_terms& terms, bool deflate, unopened);

  // -- engine_port --------------------------------------------------------------------------------
  asio::io_context& executor_context() noexcept override { return terms_.executor; }
  void* slot() noexcept override { return slot_; }
  void park(parked_read* op, asio::mutable_buffer first, std::size_t total) override;
  void write(std::string_view bytes) override;
  void posted() noexcept override { terms_.host.on_engine_posted(); }

  void configure(bool server_deflate);
  void read();
  void on_read(error_code ec);
  void on_read_failed(connection& c, error_code ec);
  engine_host::received next_bytes(char* into, std::size_t room);

  const engine_terms& terms_;
  connection* connection_ = nullptr;
  parked_read* parked_ = nullptr;
  asio::mutable_buffer wanted_;
  std::size_t wanted_total_ = 0;
  std::size_t idle_request_ = 0; ///< what a stream with an empty buffer asks for
  std::string first_bytes_;
  std::size_t first_bytes_used_ = 0;
  std::string* capture_ = nullptr; ///< where writes go while there is no connection
  std::uint16_t close_code_written_ = 0;
  bool pumping_ = false;
  const bool deflate_;
  alignas(std::max_align_t) char slot_[slot_bytes];
  beast::flat_buffer message_;
  stream stream_;
};

} // namespace argosy::net
