// The Centrifuge protocol in both dialects, by the codecs of the C++ client.
#include "bench/speech.hpp"
#include "clients/cpp/codec.hpp"

#include <array>
#include <span>
#include <utility>

namespace argosy::bench {

namespace {

constexpr std::uint32_t connect_id = 1, subscribe_id = 2; // publications count on from above
constexpr std::size_t binary_ping_bytes_max = 32;

class listener final : public client::server_sink {
public:
  void on_ping() override { out_.ping = true; }
  void on_reply(std::uint32_t, client::reply body) override {
    if (const auto* why = std::get_if<client::error>(&body))
      out_.refusal = std::to_string(why->code) + " " + why->message;
    out_.connected |= std::holds_alternative<connect_result>(body);
    out_.subscribed |= std::holds_alternative<subscribe_result>(body);
  }
  void on_push(std::string_view channel, push_body body) override {
    if (const auto* end = std::get_if<unsubscribe_push>(&body))
      out_.refusal = "out of " + std::string{channel} + " with " + std::to_string(end->code) + " "
                     + std::string{end->reason};
  }

  heard take() { return std::move(out_); }

private:
  heard out_;
};

class codec_speech final : public speech {
public:
  explicit codec_speech(const client::codec& codec) : codec_(codec) {}

  std::string_view subprotocol() const noexcept override { return codec_.subprotocol(); }
  ws_opcode opcode() const noexcept override {
    return codec_.binary() ? ws_opcode::binary : ws_opcode::text;
  }

  std::string hello(std::string_view token, std::string_view room) const override {
    connect_command connect;
    connect.token = token;
    connect.name = "bench";
    subscribe_command subscribe;
    subscribe.channel = room;
    const std::array<command, 2> commands{command{connect_id, std::move(connect)},
                                          command{subscribe_id, subscribe}};
    return codec_.encode(std::span{commands}.first(room.empty() ? 1 : 2));
  }

  std::string publication(std::uint32_t id, std::string_view room,
                          std::string_view payload) const override {
    return encode({id, publish_command{room, payload, {}, {}, {}}});
  }

  bool may_hold_ping(std::string_view message) const noexcept override {
    return codec_.binary() ? message.size() <= binary_ping_bytes_max : message.starts_with("{}");
  }
  std::string heartbeat_reply() const override { return encode({0, pong_command{}}); }

  heard listen(std::string_view message) const override {
    listener ear;
    const bool understood = codec_.decode(message, ear);
    auto out = ear.take();
    out.understood = understood;
    return out;
  }

private:
  std::string encode(const command& c) const { return codec_.encode({&c, 1}); }

  const client::codec& codec_;
};

} // namespace

std::unique_ptr<speech> make_codec_speech(dialect how) {
  return std::make_unique<codec_speech>(how == dialect::capnp ? client::capnp_codec()
                                                              : client::json_codec());
}

} // namespace argosy::bench
