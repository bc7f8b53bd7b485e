// engine_layer: the "next layer" that a pooled Beast stream sits on.
//
// It never touches a socket. A read is parked in the engine until its connection has bytes; a write
// is handed to the engine at once and reported as done through the executor, because Beast expects
// no completion from inside an initiating call. Parking costs no allocation: the operation lives in
// the engine's slot.
#pragma once

#include "net/beast.hpp"

#include <cstddef>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

namespace argosy::net {

/// A Beast operation that waits for bytes.
struct parked_read {
  /// Ends the operation; calls its handler only if `call` is set.
  void (*finish)(parked_read*, bool call, error_code, std::size_t) = nullptr;
};

/// What the layer needs of the engine around it.
class engine_port {
public:
  static constexpr std::size_t slot_bytes = 640;

  virtual asio::io_context& executor_context() noexcept = 0;

  /// Memory for the parked operation; it is free whenever Beast reads.
  virtual void* slot() noexcept = 0;

  /// `first` is the first non-empty buffer, `total` the size of all.
  virtual void park(parked_read* op, asio::mutable_buffer first, std::size_t total) = 0;

  /// One whole control frame, or a piece of a handshake response.
  virtual void write(std::string_view bytes) = 0;

  /// A write has been reported through the executor, which must be polled.
  virtual void posted() noexcept = 0;

protected:
  ~engine_port() = default;
};

class engine_layer {
public:
  using executor_type = asio::io_context::executor_type;

  explicit engine_layer(engine_port& port) noexcept : port_(&port) {}

  executor_type get_executor() const noexcept { return port_->executor_context().get_executor(); }

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [this](auto&& h, const Buffers& b) { park(b, std::forward<decltype(h)>(h)); }, handler,
        buffers);
  }

  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [this](auto&& h, const Buffers& b) {
          error_code ok;
          const auto written = write_some(b, ok);
          asio::post(get_executor(),
                     beast::bind_front_handler(std::forward<decltype(h)>(h), ok, written));
          port_->posted();
        },
        handler, buffers);
  }

  template <class Buffers>
  std::size_t write_some(const Buffers& buffers, error_code& ec) {
    ec = {};
    std::size_t written = 0;
    for (auto it = asio::buffer_sequence_begin(buffers); it != asio::buffer_sequence_end(buffers);
         ++it) {
      const asio::const_buffer piece{*it};
      if (piece.size() > 0)
        port_->write({static_cast<const char*>(piece.data()), piece.size()});
      written += piece.size();
    }
    return written;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers) {
    error_code ignored;
    return write_some(buffers, ignored);
  }

  // Beast's stream concept wants synchronous reads; nobody calls them.
  template <class Buffers>
  std::size_t read_some(const Buffers&, error_code& ec) {
    ec = asio::error::would_block;
    return 0;
  }
  template <class Buffers>
  std::size_t read_some(const Buffers&) {
    return 0;
  }

private:
  template <class Handler>
  struct operation : parked_read {
    explicit operation(Handler&& h) : handler(std::move(h)) {
      finish = [](parked_read* base, bool call, error_code ec, std::size_t bytes) {
        auto* self = static_cast<operation*>(base);
        Handler moved{std::move(self->handler)}; // frees the slot for the next read
        self->~operation();
        if (call)
          moved(ec, bytes);
      };
    }
    Handler handler;
  };

  template <class Buffers, class Handler>
  void park(const Buffers& buffers, Handler&& handler) {
    using op = operation<std::decay_t<Handler>>;
    static_assert(sizeof(op) <= engine_port::slot_bytes);
    asio::mutable_buffer first;
    for (auto it = asio::buffer_sequence_begin(buffers); it != asio::buffer_sequence_end(buffers);
         ++it)
      if (asio::mutable_buffer piece{*it}; piece.size() > 0) {
        first = piece;
        break;
      }
    port_->park(new (port_->slot()) op{std::forward<Handler>(handler)}, first,
                asio::buffer_size(buffers));
  }

  engine_port* port_;
};

// The connection owns the descriptor; the stream has nothing to shut down.
inline void beast_close_socket(engine_layer&) {
}

inline void teardown(beast::role_type, engine_layer&, error_code& ec) {
  ec = {};
}

template <class Handler>
void async_teardown(beast::role_type, engine_layer& layer, Handler&& handler) {
  asio::post(layer.get_executor(),
             beast::bind_front_handler(std::forward<Handler>(handler), error_code{}));
}

} // namespace argosy::net
