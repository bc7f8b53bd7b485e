// capnp_dialect: the Cap'n Proto dialect. Interim: refuses every message until the schema lands.

#include "runtime/protocol/dialect.hpp"

namespace argosy {

namespace {

class capnp_dialect_impl final : public dialect {
public:
  std::string_view name() const noexcept override { return "capnp"; }
  std::string_view subprotocol() const noexcept override { return "argosy.capnp.1"; }
  errc decode(std::string_view, bool, command_sink&) const override {
    return errc::closed_bad_request;
  }
  frame encode_reply(std::uint32_t, const reply_body&) const override { return {}; }
  frame encode_push(std::string_view, const push_body&, bool) const override { return {}; }
  const frame& ping() const noexcept override { return ping_; }

private:
  frame ping_ = frame::encode(opcode::binary, "");
};

} // namespace

const dialect& capnp_dialect() noexcept {
  static const capnp_dialect_impl instance;
  return instance;
}

} // namespace argosy
