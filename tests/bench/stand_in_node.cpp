#include "tests/bench/stand_in_node.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

namespace argosy::bench {

namespace {

std::string between(std::string_view text, std::string_view before, std::string_view after) {
  const auto from = text.find(before);
  if (from == std::string_view::npos)
    return {};
  text.remove_prefix(from + before.size());
  return std::string{text.substr(0, text.find(after))};
}

/// RFC 6455 section 4.2.2.
std::string accept_key(std::string_view key) {
  const auto text = std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  ::SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 4 * (SHA_DIGEST_LENGTH + 2) / 3 + 1> base64;
  const int length = ::EVP_EncodeBlock(base64.data(), digest.data(), digest.size());
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(length)};
}

struct client_message {
  std::string text;
  bool binary = false;
};

/// Cuts the first frame off `input`, if it is there whole. Clients send no fragments and less than
/// 64 KiB here.
bool cut_frame(std::string& input, client_message& out) {
  if (input.size() < 2)
    return false;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(input[at]); };
  const bool extended = (byte(1) & 0x7F) == 126;
  const std::size_t header = extended ? 8 : 6;
  if (input.size() < header)
    return false;
  const std::size_t length = extended ? byte(2) << 8 | byte(3) : byte(1) & 0x7F;
  if (input.size() < header + length)
    return false;
  out.binary = (byte(0) & 0x0F) == 2;
  out.text.clear();
  for (std::size_t i = 0; i < length; ++i)
    out.text.push_back(static_cast<char>(byte(header + i) ^ byte(header - 4 + i % 4)));
  input.erase(0, header + length);
  return true;
}

} // namespace

class stand_in_node::peer final : public command_sink {
public:
  peer(stand_in_node& node, int fd) : node_(node), fd_(fd) {}
  ~peer() { ::close(fd_); }
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;

  /// False at the end of the connection.
  bool read() {
    std::array<char, 4096> buffer;
    const auto got = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (got <= 0)
      return false;
    input_.append(buffer.data(), static_cast<std::size_t>(got));
    if (speaks_ == nullptr)
      take_request();
    client_message message;
    while (speaks_ != nullptr && cut_frame(input_, message))
      if (speaks_->decode(message.text, message.binary, *this) != errc::none)
        return false;
    return true;
  }

  bool on_command(const command& c) override {
    std::visit([&](const auto& body) { answer(c.id, body); }, c.body);
    return true;
  }

  void deliver(const std::string& room, const publication_ptr& p) {
    if (speaks_ == nullptr || room != room_)
      return;
    if (node_.how_.close_on_publish)
      say(frame::encode_close(3004, "internal").wire());
    else if (!node_.how_.ping_on_subscribe || answered_ping_)
      say(speaks_->encode_push(room, p, false).wire());
  }

private:
  /// Requests are small and come whole.
  void take_request() {
    const auto request = std::exchange(input_, {});
    if (!request.starts_with("GET")) {
      say("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"result\":{}}");
      const auto data = between(request, R"("data":)", "\r\n");
      return node_.take_publication(between(request, R"("channel":")", "\""),
                                    std::string_view{data}.substr(0, data.size() - 1));
    }
    const auto offer = between(request, "Sec-WebSocket-Protocol: ", "\r\n");
    speaks_ = &dialect_for(offer);
    say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + (offer.empty() ? "" : "Sec-WebSocket-Protocol: " + offer + "\r\n")
        + "Sec-WebSocket-Accept: " + accept_key(between(request, "Sec-WebSocket-Key: ", "\r\n"))
        + "\r\n\r\n");
  }

  void answer(std::uint32_t id, const connect_command&) {
    if (node_.how_.refuse_connect)
      reply(id, errc::unauthorized);
    else
      reply(id, connect_result{});
  }
  void answer(std::uint32_t id, const subscribe_command& c) {
    room_ = c.channel;
    reply(id, subscribe_result{});
    if (node_.how_.ping_on_subscribe)
      say(speaks_->ping().wire());
  }
  void answer(std::uint32_t id, const publish_command& c) {
    if (node_.how_.refuse_publish)
      return reply(id, errc::permission_denied);
    reply(id, publish_result{});
    node_.take_publication(std::string{c.channel}, c.data);
  }
  void answer(std::uint32_t, const pong_command&) { answered_ping_ = true; }
  void answer(std::uint32_t id, const auto&) { reply(id, errc::method_not_found); }

  void reply(std::uint32_t id, const reply_body& body) {
    say(speaks_->encode_reply(id, body).wire());
  }
  void say(std::string_view bytes) const {
    [[maybe_unused]] const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  stand_in_node& node_;
  int fd_;
  const argosy::dialect* speaks_ = nullptr; ///< null until the upgrade
  bool answered_ping_ = false;
  std::string input_, room_;
};

stand_in_node::stand_in_node(manners how) : how_(how) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
  ::listen(listener_, 512);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

stand_in_node::~stand_in_node() {
  stop_ = true;
  thread_.join();
  ::close(listener_);
}

void stand_in_node::serve() {
  while (!stop_) {
    std::vector<pollfd> polled{{listener_, POLLIN, 0}};
    for (const auto& [fd, p] : peers_)
      polled.push_back({fd, POLLIN, 0});
    ::poll(polled.data(), polled.size(), 10);
    if (polled[0].revents != 0)
      accept_one();
    for (std::size_t i = 1; i < polled.size(); ++i)
      if (const int fd = polled[i].fd; polled[i].revents != 0 && !peers_.at(fd)->read())
        peers_.erase(fd);
  }
}

void stand_in_node::accept_one() {
  if (const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); fd >= 0)
    peers_.emplace(fd, std::make_unique<peer>(*this, fd));
}

void stand_in_node::take_publication(const std::string& room, std::string_view data) {
  const auto p = std::make_shared<publication>();
  p->data = data;
  for (auto& [fd, member] : peers_)
    member->deliver(room, p);
}

} // namespace argosy::bench
