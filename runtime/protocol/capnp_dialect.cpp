// capnp_dialect: the binary client protocol of schemas/client.capnp.

#include "runtime/protocol/dialect.hpp"
#include "runtime/protocol/frame_text.hpp"
#include "runtime/wire/client_reader.hpp"
#include "runtime/wire/client_writer.hpp"

namespace argosy {

namespace {

class capnp_dialect_impl final : public dialect {
public:
  std::string_view name() const noexcept override { return "capnp"; }
  std::string_view subprotocol() const noexcept override { return "argosy.capnp.1"; }

  errc decode(std::string_view message, bool binary, command_sink& sink) const override {
    return binary ? wire::read_client_message(message, sink) : errc::closed_bad_request;
  }

  frame encode_reply(std::uint32_t id, const reply_body& body) const override {
    return frame_of(opcode::binary, [&](std::string& out) { wire::write_reply(id, body, out); });
  }

  frame encode_push(std::string_view channel, const push_body& body,
                    bool with_offset) const override {
    return frame_of(opcode::binary,
                    [&](std::string& out) { wire::write_push(channel, body, with_offset, out); });
  }

  const frame& ping() const noexcept override { return ping_; }

private:
  frame ping_ = frame_of(opcode::binary, wire::write_ping);
};

} // namespace

const dialect& capnp_dialect() noexcept {
  static const capnp_dialect_impl instance;
  return instance;
}

} // namespace argosy
