// json_dialect: the Centrifuge client protocol v2 in JSON, spoken by the published SDKs.

#include "runtime/protocol/dialect.hpp"
#include "runtime/protocol/frame_text.hpp"
#include "runtime/protocol/json_decoder.hpp"
#include "runtime/protocol/json_encoder.hpp"

namespace argosy {

namespace {

class json_dialect_impl final : public dialect {
public:
  std::string_view name() const noexcept override { return "json"; }
  std::string_view subprotocol() const noexcept override { return ""; }

  errc decode(std::string_view message, bool, command_sink& sink) const override {
    return decode_json(message, sink);
  }

  frame encode_reply(std::uint32_t id, const reply_body& body) const override {
    return frame_of(opcode::text, [&](std::string& out) { encode_json_reply(id, body, out); });
  }

  frame encode_push(std::string_view channel, const push_body& body,
                    bool with_offset) const override {
    return frame_of(opcode::text,
                    [&](std::string& out) { encode_json_push(channel, body, with_offset, out); });
  }

  const frame& ping() const noexcept override { return ping_; }

private:
  frame ping_ = frame::encode(opcode::text, "{}");
};

} // namespace

const dialect& json_dialect() noexcept {
  static const json_dialect_impl instance;
  return instance;
}

} // namespace argosy
