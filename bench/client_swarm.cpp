#include "bench/client_swarm.hpp"

#include "bench/stamp.hpp"
#include "bench/token.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace argosy::bench {

namespace {

constexpr std::size_t scratch_bytes = 64 * 1024;
constexpr std::uint32_t wake_slot = UINT32_MAX;
constexpr std::int64_t idle_wait_ns = 50'000'000;
constexpr std::uint32_t source_addresses = 16;

std::uint64_t process_cpu_ns() noexcept {
  timespec spent{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<std::uint64_t>(spent.tv_sec) * 1'000'000'000U
         + static_cast<std::uint64_t>(spent.tv_nsec);
}

void set_option(int fd, int level, int name, int value) noexcept {
  ::setsockopt(fd, level, name, &value, sizeof value);
}

} // namespace

client_swarm::client_swarm(client_board& board, const target& server, int wake_fd)
    : board_(board), plan_(board.plan), server_(server), speech_(make_speech(server, plan_.how)),
      wake_fd_(wake_fd), epoll_(::epoll_create1(EPOLL_CLOEXEC)), clients_(plan_.connections),
      scratch_(scratch_bytes) {
  if (epoll_ < 0)
    throw std::system_error(errno, std::generic_category(), "epoll_create1");
  if (plan_.tls) {
    tls_.emplace(plan_.tls_resume);
    sessions_.resize(plan_.connections);
  }
  heartbeat_reply_ = client_frame(speech_->opcode(), speech_->heartbeat_reply());
  epoll_event event{.events = EPOLLIN, .data = {.u32 = wake_slot}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_fd_, &event);
}

client_swarm::~client_swarm() {
  const linger at_once{.l_onoff = 1, .l_linger = 0}; // RST: leaves no TIME_WAIT behind
  for (auto& c : clients_)
    if (c.fd >= 0) {
      ::setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      ::close(c.fd);
    }
  ::close(epoll_);
}

void client_swarm::run() {
  std::array<epoll_event, 256> events{};
  while (phase_ != phase::stop) {
    launch();
    const auto wait = wait_ns(monotonic_ns());
    const timespec timeout{.tv_sec = 0, .tv_nsec = wait};
    const int n = ::epoll_pwait2(epoll_, events.data(), events.size(), &timeout, nullptr);
    for (int i = 0; i < n; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      if (event.data.u32 == wake_slot)
        follow_order();
      else
        on_event(event.data.u32, event.events);
    }
    if (phase_ == phase::publish && rate_ != 0)
      publish_due(monotonic_ns());
    board_.count.cpu_ns.store(process_cpu_ns(), std::memory_order_relaxed);
  }
}

std::int64_t client_swarm::wait_ns(std::uint64_t now_ns) const noexcept {
  if (phase_ != phase::publish || rate_ == 0)
    return idle_wait_ns;
  if (next_publish_ns_ <= now_ns)
    return 0;
  const auto wait = static_cast<std::int64_t>(next_publish_ns_ - now_ns);
  return wait < idle_wait_ns ? wait : idle_wait_ns;
}

// -- the way to ready -----------------------------------------------------------------------------

void client_swarm::launch() {
  // The first one fetches the ticket for all.
  const bool ticketless = tls_ && plan_.tls_resume && !tls_->has_ticket();
  const auto in_flight = ticketless ? 1 : plan_.in_flight;
  while (next_slot_ < clients_.size() && under_way_ < in_flight) {
    const auto slot = next_slot_++;
    bump(board_.count.attempted);
    ++under_way_;
    if (!start_connect(slot))
      end(slot, std::string("connect: ") + std::strerror(errno));
  }
}

bool client_swarm::start_connect(std::uint32_t slot) {
  auto& c = clients_[slot];
  c.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c.fd < 0)
    return false;
  set_option(c.fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (plan_.source_address != 0) {
    set_option(c.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(plan_.source_address + slot % source_addresses);
    if (::bind(c.fd, reinterpret_cast<sockaddr*>(&source), sizeof source) != 0)
      return false;
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(plan_.port);
  if (::inet_pton(AF_INET, plan_.host.view().data(), &to.sin_addr) != 1)
    return errno = EINVAL, false;
  if (::connect(c.fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
    return false;
  c.at = stage::connecting;
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.u32 = slot}};
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, c.fd, &event) == 0;
}

void client_swarm::connected(std::uint32_t slot) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(clients_[slot].fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0)
    return end(slot, std::string("connect: ") + std::strerror(error));
  if (!tls_)
    return ask_upgrade(slot);
  clients_[slot].at = stage::securing;
  sessions_[slot] = tls_->open(clients_[slot].fd);
  if (!sessions_[slot])
    return end(slot, "OpenSSL is out of memory");
  secure(slot);
}

void client_swarm::secure(std::uint32_t slot) {
  switch (tls_client::handshake(*sessions_[slot])) {
  case tls_state::done:
    bump(board_.count.resumed, ::SSL_session_reused(sessions_[slot].get()) == 1 ? 1 : 0);
    return ask_upgrade(slot);
  case tls_state::failed:
    return end(slot, "the TLS handshake failed");
  case tls_state::wants_more:
    return;
  }
}

void client_swarm::ask_upgrade(std::uint32_t slot) {
  clients_[slot].at = stage::upgrading;
  auto request = "GET " + expand(server_.path, {{"room", room_of(slot)}})
                 + " HTTP/1.1\r\nHost: " + std::string(plan_.host.view())
                 + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Key: YXJnb3N5LWJlbmNoLWtleQ==\r\n"
                   "Sec-WebSocket-Version: 13\r\n";
  if (const auto offer = speech_->subprotocol(); !offer.empty())
    request.append("Sec-WebSocket-Protocol: ").append(offer).append("\r\n");
  request.append("\r\n");
  if (!send(slot, request))
    end(slot, "the socket took no upgrade request");
}

void client_swarm::take_upgrade_answer(std::uint32_t slot, std::string_view bytes) {
  auto& text = early_text_[slot];
  text.append(bytes);
  const auto border = text.find("\r\n\r\n");
  if (border == std::string::npos)
    return;
  if (!text.starts_with("HTTP/1.1 101"))
    return end(slot, "the upgrade was refused: " + text.substr(0, text.find("\r\n")));
  if (text.find(speech_->subprotocol()) > border)
    return end(slot, "the server does not speak " + std::string(speech_->subprotocol()));
  const auto rest = text.substr(border + 4);
  early_text_.erase(slot);
  bump(board_.count.upgraded);
  introduce(slot);
  if (!rest.empty() && clients_[slot].at != stage::gone)
    take_frames(slot, rest);
}

void client_swarm::introduce(std::uint32_t slot) {
  clients_[slot].at = stage::joining;
  if (plan_.upgrade_only)
    return become_ready(slot);
  const auto hello = speech_->hello(token_of(slot), plan_.subscribe ? room_of(slot) : "");
  if (hello.empty())
    return become_ready(slot);
  if (!say(slot, hello))
    end(slot, "the socket took no connect command");
}

void client_swarm::take_welcome(std::uint32_t slot, const ws_piece& piece) {
  auto& text = early_text_[slot];
  text.append(piece.bytes);
  if (!piece.last)
    return;
  const auto answer = speech_->listen(text);
  text.clear();
  if (!answer.understood)
    return end(slot, "the server answered with what is not its protocol");
  if (!answer.refusal.empty())
    return end(slot, "the server refused: " + answer.refusal);
  if (answer.ping)
    send(slot, heartbeat_reply_);
  if (plan_.subscribe ? answer.subscribed : answer.connected)
    become_ready(slot);
}

void client_swarm::become_ready(std::uint32_t slot) {
  early_text_.erase(slot);
  clients_[slot].at = stage::ready;
  --under_way_;
  bump(board_.count.ready);
}

// -- helpers --------------------------------------------------------------------------------------

void client_swarm::end(std::uint32_t slot, std::string_view why) {
  auto& c = clients_[slot];
  if (c.at == stage::gone)
    return;
  complain(why);
  const bool was_ready = c.at == stage::ready;
  bump(was_ready ? board_.count.lost : board_.count.failed);
  if (!was_ready)
    --under_way_;
  c.at = stage::gone;
  early_text_.erase(slot);
  if (tls_)
    sessions_[slot].reset();
  if (c.fd >= 0)
    ::close(c.fd);
  c.fd = -1;
}

void client_swarm::complain(std::string_view why) {
  if (board_.has_complaint.load(std::memory_order_relaxed))
    return;
  board_.complaint.assign(why);
  board_.has_complaint.store(true, std::memory_order_release);
}

std::string client_swarm::room_of(std::uint32_t slot) const {
  const auto index = plan_.first_index + slot;
  const auto room = plan_.room_size == 0 ? 0 : index / plan_.room_size;
  return std::string(plan_.room_prefix.view()) + std::to_string(room);
}

std::string client_swarm::token_of(std::uint32_t slot) const {
  const auto secret = plan_.secret.view();
  const auto user = "bench-" + std::to_string(plan_.first_index + slot);
  return secret.empty() ? std::string() : hs256_token(user, secret);
}

bool client_swarm::publishes(std::uint32_t slot) const noexcept {
  return plan_.room_size != 0 && (plan_.first_index + slot) % plan_.room_size == 0;
}

} // namespace argosy::bench
