#include "net/event_loop.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace argosy::net {

namespace {

constexpr std::size_t scratch_bytes = 64 << 10;
constexpr int events_max = 64;
constexpr int executor_handlers_max = 512; // a turn
constexpr std::chrono::milliseconds tick_length{100};

thread_local const event_loop* loop_of_this_thread = nullptr;

// What an epoll event may name besides a connection, whose address is always greater.
constexpr std::uint64_t inbox_event = 0;
constexpr std::uint64_t first_listener_event = 1;
constexpr std::uint64_t named_events_max = 4096;

// A private table begins as a copy. A copy of somebody else's TCP socket would keep it open after
// its owner has closed it: the peer would never see the end.
void drop_inherited_sockets() {
  std::vector<int> sockets;
  if (auto* entries = opendir("/proc/self/fd"); entries != nullptr) {
    while (const auto* entry = readdir(entries)) {
      const int fd = std::atoi(entry->d_name);
      int domain = 0;
      socklen_t size = sizeof domain;
      if (fd > STDERR_FILENO && getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0
          && (domain == AF_INET || domain == AF_INET6))
        sockets.push_back(fd);
    }
    closedir(entries);
  }
  for (const int fd : sockets)
    ::close(fd);
}

} // namespace

event_loop::event_loop(loop_group& group, std::uint32_t index)
    : group_(group), settings_(group.config), index_(index), inbox_(std::make_shared<inbox>()),
      output_(settings_, stats_), scratch_(scratch_bytes), started_(clock::now()), now_(started_) {
}

event_loop::~event_loop() = default;

std::string event_loop::open(const std::vector<endpoint>& endpoints) {
  if (group_.private_descriptors) {
    if (unshare(CLONE_FILES) != 0)
      return std::string{"a private descriptor table is refused ("} + std::strerror(errno)
             + "); raise the limit on open files above connections_max instead";
    drop_inherited_sockets();
  }
  epoll_ = descriptor{epoll_create1(EPOLL_CLOEXEC)};
  if (!epoll_)
    return std::string{"cannot create an epoll set: "} + std::strerror(errno);
  for (const auto& e : endpoints) {
    auto opened = listen_on(e, settings_);
    if (!opened.socket)
      return opened.error;
    listeners_.push_back({std::move(opened.socket), e.tls, false});
  }
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET; // each ring is an edge: nothing has to be read back
  event.data.u64 = inbox_event;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, inbox_->descriptor(), &event) != 0)
    return std::string{"cannot watch the loop's inbox: "} + std::strerror(errno);
  executor_ = std::make_unique<asio::io_context>(1);
  terms_ =
      std::make_unique<engine_terms>(engine_terms{*this, *executor_, settings_.message_bytes_max});
  engines_ = std::make_unique<engine_pool>(*terms_, stats_);
  wire_ = std::make_unique<tls_wire>();
  output_.open();
  accepting_ = true;
  arm_listeners();
  return {};
}

void event_loop::run(const std::vector<endpoint>& endpoints,
                     std::function<void(std::string)> on_ready) {
  pthread_setname_np(pthread_self(), ("loop/" + std::to_string(index_)).c_str());
  loop_of_this_thread = this;
  auto error = open(endpoints);
  const bool opened = error.empty();
  on_ready(std::move(error));
  if (opened) {
    while (!finished_)
      turn();
  }
  inbox_->close();
  engines_.reset();
  executor_.reset();
  terms_.reset();
  wire_.reset();
  output_.close();
  listeners_.clear();
  epoll_ = {};
}

void event_loop::stop_accepting() {
  post([this] {
    accepting_ = false;
    listeners_.clear();
  });
}

void event_loop::stop() {
  post([this] { end_all(); });
}

// -- the turn -------------------------------------------------------------------------------------

void event_loop::turn() {
  epoll_event events[events_max];
  const int count = epoll_wait(epoll_.get(), events, events_max, sleep_ms());
  now_ = clock::now();
  called_ = inbox_->woken();
  for (int i = 0; i < count; ++i)
    dispatch(events[i]);
  run_tasks();
  run_executor();
  reread();
  more_work_ = work_ != nullptr && work_->run();
  tick();
  output_.flush();
  after_flush();
  say_farewells();
  bury();
  arm_listeners();
  note_turn(now_);
}

bool event_loop::has_work() const noexcept {
  return more_work_ || executor_busy_ || finished_ || !reread_.empty() || output_.has_work()
         || !goodbyes_.empty();
}

int event_loop::sleep_ms() {
  if (has_work() || !inbox_->may_sleep())
    return 0;
  const auto next = started_ + tick_length * (static_cast<std::int64_t>(tick_) + 1);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, tick_length.count()));
}

void event_loop::dispatch(const epoll_event& event) {
  if (event.data.u64 == inbox_event)
    return;
  if (event.data.u64 < named_events_max)
    return accept_some(event.data.u64 - first_listener_event);
  auto& c = *static_cast<connection*>(event.data.ptr);
  if (c.state == phase::dead || c.state == phase::free)
    return;
  constexpr std::uint32_t gone = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  if ((event.events & gone) != 0)
    c.half_closed = true;
  if (c.state == phase::answering && (event.events & (EPOLLHUP | EPOLLERR)) != 0)
    return destroy(c); // nobody is left to read the answer
  if ((event.events & EPOLLOUT) != 0 && c.blocked) {
    c.blocked = false;
    output_.mark(c);
  }
  if ((event.events & (EPOLLIN | gone)) != 0)
    on_readable(c);
}

void event_loop::run_tasks() {
  if (!called_)
    return;
  inbox_->take(tasks_);
  for (auto& task : tasks_)
    task();
  tasks_.clear();
}

// Beast's continuations: the second of two pipelined messages, what follows a pong or a close
// frame.
void event_loop::run_executor() {
  if (!executor_busy_)
    return;
  for (int i = 0; i < executor_handlers_max; ++i) {
    executor_->restart();
    if (executor_->poll_one() == 0) {
      executor_busy_ = false;
      return;
    }
  }
}

void event_loop::note_turn(clock::time_point began) {
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - began);
  const auto us = static_cast<std::uint64_t>(took.count());
  const auto smoothed = stats_.turn_us_smoothed.value();
  stats_.turns.add();
  stats_.turn_us_max.raise_to(us);
  stats_.turn_us_smoothed.set(smoothed + us / 16 - smoothed / 16);
}

// -- socket_loop ----------------------------------------------------------------------------------

// The loop's own thread needs no doorbell: it only must not sleep before it has looked again.
void event_loop::wake() noexcept {
  if (loop_of_this_thread == this)
    more_work_ = true;
  else
    inbox_->wake();
}

send_result event_loop::send(socket_id socket, lane in, const frame& f,
                             std::uint64_t conflation_key) {
  auto* c = slab_.find(socket);
  if (c == nullptr || c->state != phase::open)
    return send_result::gone;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now_ - started_).count();
  return output_.push(*c, in, f, conflation_key, static_cast<std::uint32_t>(ms));
}

void event_loop::call_later(socket_id socket, std::chrono::milliseconds delay, std::uint32_t tag) {
  timers_.set({socket.slot, socket.generation, tag, tick_ + ticks(delay)});
}

std::size_t event_loop::queued_bytes(socket_id socket) const {
  const auto* c = slab_.find(socket);
  return c == nullptr ? 0 : output_.waiting_bytes(*c);
}

void event_loop::for_each_handler(const std::function<void(socket_handler&)>& visit) {
  for (std::uint32_t slot = 0; slot < slab_.slots(); ++slot)
    if (auto& c = slab_.at(slot); c.state == phase::open)
      visit(*c.handler);
}

std::string event_loop::peer_address(socket_id socket) const {
  const auto* c = slab_.find(socket);
  return c == nullptr ? std::string{} : text_of(slab_.peer(*c));
}

} // namespace argosy::net
