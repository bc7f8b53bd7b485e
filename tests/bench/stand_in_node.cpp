#include "tests/bench/stand_in_node.hpp"

#include "bench/ws_scanner.hpp"

#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace argosy::bench {

namespace {

std::string unmasked(std::string_view text, ws_opcode opcode = ws_opcode::text) {
  auto frame = client_frame(opcode, text);
  frame.erase(frame.size() - text.size() - 4, 4); // the mask, which is zero
  frame[1] = static_cast<char>(frame[1] & 0x7F);
  return frame;
}

std::string between(const std::string& text, std::string_view before, std::string_view after) {
  const auto from = text.find(before);
  if (from == std::string::npos)
    return {};
  const auto at = from + before.size();
  return text.substr(at, text.rfind(after) - at);
}

void say(int fd, const std::string& bytes) {
  [[maybe_unused]] const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::string channel_in(const std::string& text) {
  const auto name = between(text, R"("channel":")", "");
  return name.substr(0, name.find('"'));
}

} // namespace

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
  for (const auto& [fd, p] : peers_)
    ::close(fd);
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
      if (const int fd = polled[i].fd; polled[i].revents != 0 && !take(fd, peers_[fd])) {
        ::close(fd);
        peers_.erase(fd);
      }
  }
}

void stand_in_node::accept_one() {
  if (const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); fd >= 0)
    peers_[fd];
}

bool stand_in_node::take(int fd, peer& p) {
  std::array<char, 4096> buffer;
  const auto got = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (got <= 0)
    return false;
  p.input.append(buffer.data(), static_cast<std::size_t>(got));
  if (p.upgraded) { // one small frame per read is all that the load generator sends
    const auto length = static_cast<unsigned char>(p.input[1]) & 0x7F;
    answer(fd, p, p.input.substr(length == 126 ? 8 : 6));
  } else if (p.input.starts_with("GET")) {
    p.upgraded = true;
    say(fd, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
  } else {
    say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"result\":{}}");
    deliver(channel_in(p.input), between(p.input, R"("data":)", "}"));
  }
  p.input.clear();
  return true;
}

void stand_in_node::answer(int fd, peer& p, const std::string& text) {
  if (text.find(R"("connect")") != std::string::npos)
    say(fd,
        unmasked(how_.refuse_connect ? R"({"id":1,"error":{"code":101,"message":"unauthorized"}})"
                                     : R"({"id":1,"connect":{"client":"c"}})"));
  if (text.find(R"("subscribe")") != std::string::npos) {
    p.room = channel_in(text);
    say(fd, unmasked(R"({"id":2,"subscribe":{}})"));
  }
  if (text.find(R"("publish")") != std::string::npos) {
    say(fd, unmasked(R"({"id":3,"publish":{}})"));
    deliver(channel_in(text), between(text, R"("data":)", "}}"));
  }
}

void stand_in_node::deliver(const std::string& room, const std::string& data) {
  const auto push =
      unmasked(R"({"push":{"channel":")" + room + R"(","pub":{"data":)" + data + "}}}");
  const auto close = unmasked("\x0B\xBC"
                              "internal",
                              ws_opcode::close);
  for (const auto& [fd, p] : peers_)
    if (p.room == room)
      say(fd, how_.close_on_publish ? close : push);
}

} // namespace argosy::bench
