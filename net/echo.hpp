// echo: sends every message back, compressed to those who negotiated it. A debug switch, so that
// conformance suites can be pointed at the real socket layer without the actors.
#pragma once

#include "runtime/socket.hpp"

namespace argosy::net {

class echo_gateway final : public socket_gateway {
public:
  explicit echo_gateway(bool compresses) : compresses_(compresses) {}

  bool may_enter(std::string_view) override { return true; }
  void left(std::string_view) override {}
  verdict judge(const upgrade_request&) override { return {}; }
  socket_handler* open(socket_loop& loop, socket_id socket, const upgrade_request& request,
                       std::string_view subprotocol) override;

private:
  bool compresses_;
};

} // namespace argosy::net
