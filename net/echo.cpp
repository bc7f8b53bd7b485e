#include "net/echo.hpp"

#include "runtime/deflate.hpp"

#include <utility>

namespace argosy::net {

namespace {

constexpr std::uint16_t slow_consumer = 3008;

// One per socket: what it costs is what an idle connection costs, so the switch is a type.
template <bool Compresses>
class echo_handler final : public socket_handler {
public:
  echo_handler(socket_loop& loop, socket_id socket) : loop_(loop), socket_(socket) {}

  void on_message(std::string_view payload, bool binary) override {
    const auto op = binary ? opcode::binary : opcode::text;
    auto f = frame::encode(op, payload);
    if constexpr (Compresses)
      f = std::move(f).with_deflated(frame::encode_deflated(op, deflate_message(payload)));
    if (loop_.send(socket_, lane::direct, f) == send_result::refused_slow)
      loop_.close(socket_, slow_consumer, "slow");
  }
  void on_ping_due() override {}
  void on_pong_due() override {}
  void on_timer(std::uint32_t) override {}
  void on_closed(const socket_closed&) noexcept override { delete this; }

private:
  socket_loop& loop_;
  const socket_id socket_;
};

} // namespace

socket_handler* echo_gateway::open(socket_loop& loop, socket_id socket, const upgrade_request&,
                                   std::string_view) {
  if (compresses_)
    return new echo_handler<true>{loop, socket};
  return new echo_handler<false>{loop, socket};
}

} // namespace argosy::net
