#include "bench/publisher.hpp"

#include "bench/blocking_stream.hpp"
#include "bench/speech.hpp"
#include "bench/ws_scanner.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace argosy::bench {

namespace {

constexpr int timeout_ms = 10'000;

/// The length of the first complete HTTP/1.1 answer in `text`, or nothing yet.
std::optional<std::size_t> answer_length(std::string_view text) {
  const auto border = text.find("\r\n\r\n");
  if (border == std::string_view::npos)
    return std::nullopt;
  std::string head(text.substr(0, border));
  std::transform(head.begin(), head.end(), head.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::string_view field = "content-length:";
  std::size_t body = 0;
  if (const auto at = head.find(field); at != std::string::npos) {
    const auto digits = head.find_first_of("0123456789", at + field.size());
    if (digits != std::string::npos)
      std::from_chars(head.data() + digits, head.data() + head.size(), body);
  } else if (head.find("transfer-encoding: chunked") != std::string::npos) {
    const auto end = text.find("0\r\n\r\n", border);
    return end == std::string_view::npos ? std::nullopt : std::optional(end + 5);
  }
  const auto whole = border + 4 + body;
  return text.size() < whole ? std::nullopt : std::optional(whole);
}

class api_publisher final : public publisher {
public:
  explicit api_publisher(const publisher_options& options)
      : stream_(options.host, options.port, timeout_ms), options_(options) {}

  void publish(const std::string& payload) override {
    const auto& server = *options_.server;
    const substitutions values{
        {"room", options_.room}, {"key", options_.api_key}, {"payload", payload}};
    const auto body = expand(server.api_body, values);
    const auto header = options_.api_key.empty() ? "" : expand(server.api_header, values);
    stream_.send("POST " + expand(server.api_path, values) + " HTTP/1.1\r\nHost: " + options_.host
                 + "\r\nContent-Type: application/json\r\n" + header
                 + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    for (;;) {
      stream_.receive(answer_);
      if (const auto length = answer_length(answer_)) {
        check(std::string_view(answer_).substr(0, *length));
        answer_.erase(0, *length);
        return;
      }
    }
  }

private:
  void check(std::string_view answer) const {
    const auto mark = options_.server->api_refused_mark;
    const bool refused = !mark.empty() && answer.find(mark) != std::string_view::npos;
    if (!answer.starts_with("HTTP/1.1 2") || refused)
      throw std::runtime_error("the server API refused a publication: "
                               + std::string(answer.substr(0, 400)));
  }

  blocking_stream stream_;
  publisher_options options_;
  std::string answer_;
};

class text_publisher final : public publisher {
public:
  explicit text_publisher(const publisher_options& options)
      : stream_(options.host, options.port, timeout_ms), options_(options),
        speech_(make_speech(*options.server, options.how)) {
    stream_.send(
        "GET " + expand(options.server->path, {{"room", options.room}})
        + " HTTP/1.1\r\nHost: " + options.host
        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Key: YXJnb3N5LWJlbmNoLWtleQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    await("\r\n\r\n");
    const auto hello = speech_->hello("", "");
    if (hello.empty())
      return;
    say(hello);
    await(words().welcome_mark);
  }

  void publish(const std::string& payload) override {
    say(speech_->publication(0, options_.room, payload));
    stream_.receive_available(text_);
    look_for_trouble();
    text_.clear();
  }

private:
  const text_protocol& words() const noexcept { return *options_.server->text; }
  void say(std::string_view message) { stream_.send(client_frame(words().opcode, message)); }

  /// Reads on until `mark` has been seen. Frame headers in between are looked over: marks are text.
  void await(std::string_view mark) {
    while (text_.find(mark) == std::string::npos) {
      look_for_trouble();
      stream_.receive(text_);
    }
    look_for_trouble();
    text_.clear();
  }

  void look_for_trouble() {
    const auto refused = words().refused_mark, heartbeat = words().heartbeat;
    if (!refused.empty() && text_.find(refused) != std::string::npos)
      throw std::runtime_error("the server refused the publisher: " + text_.substr(0, 200));
    if (!heartbeat.empty() && text_.ends_with(heartbeat))
      say(speech_->heartbeat_reply());
  }

  blocking_stream stream_;
  publisher_options options_;
  std::unique_ptr<speech> speech_;
  std::string text_;
};

} // namespace

std::unique_ptr<publisher> make_publisher(const publisher_options& options, bool by_api) {
  if (by_api && !options.server->api_path.empty())
    return std::make_unique<api_publisher>(options);
  if (options.server->text != nullptr)
    return std::make_unique<text_publisher>(options);
  return make_client_publisher(options);
}

} // namespace argosy::bench
