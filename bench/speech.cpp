#include "bench/speech.hpp"

namespace argosy::bench {

namespace {

constexpr std::size_t quoted_max = 120; ///< of what a server says against us

bool holds(std::string_view text, std::string_view mark) noexcept {
  return !mark.empty() && text.find(mark) != std::string_view::npos;
}

class text_speech final : public speech {
public:
  explicit text_speech(const text_protocol& words) : words_(words) {}

  std::string_view subprotocol() const noexcept override { return ""; }
  ws_opcode opcode() const noexcept override { return words_.opcode; }

  std::string hello(std::string_view, std::string_view room) const override {
    std::string out{words_.connect};
    if (!room.empty())
      out += expand(words_.subscribe, {{"room", room}});
    return out.append(words_.confirm);
  }

  std::string publication(std::uint32_t, std::string_view room,
                          std::string_view payload) const override {
    const auto size = std::to_string(payload.size());
    return expand(words_.publish, {{"room", room}, {"size", size}, {"payload", payload}});
  }

  bool may_hold_ping(std::string_view message) const noexcept override {
    return !words_.heartbeat.empty() && message.starts_with(words_.heartbeat);
  }
  std::string heartbeat_reply() const override { return std::string{words_.heartbeat_reply}; }

  heard listen(std::string_view message) const override {
    heard out;
    out.ping = may_hold_ping(message);
    out.connected = out.subscribed = holds(message, words_.welcome_mark);
    if (holds(message, words_.refused_mark))
      out.refusal = message.substr(0, quoted_max);
    return out;
  }

private:
  const text_protocol& words_;
};

} // namespace

std::unique_ptr<speech> make_speech(const target& server, dialect how) {
  if (server.text != nullptr)
    return std::make_unique<text_speech>(*server.text);
  return make_codec_speech(how);
}

} // namespace argosy::bench
