// event_loop: one thread, its sockets, and the turn that serves them.
//
// A turn: at most 64 socket events, posted tasks, the mailbox of the loop's actors, timers, then
// one flush of all that was queued meanwhile, then goodbyes. Whatever fails inside a turn is put on
// a list and dealt with at its end, so no handler is ever called from inside its own call into the
// loop, and no record is reused while an event of this turn may still name it.
//
// Everything but `wake` and `post` belongs to the loop's thread. With private descriptor tables
// even the numbers of descriptors mean something here only; the inbox is the one exception.
#pragma once

#include "net/connection_slab.hpp"
#include "net/engine_pool.hpp"
#include "net/http_exchange.hpp"
#include "net/inbox.hpp"
#include "net/listener.hpp"
#include "net/loop_stats.hpp"
#include "net/output.hpp"
#include "net/tls_context.hpp"
#include "net/tls_session.hpp"
#include "runtime/core/timer_wheel.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct epoll_event;

namespace argosy::net {

/// What all loops of a server share.
struct loop_group {
  settings config;
  socket_gateway& gateway;
  http_service* http = nullptr; ///< null = every plain request is answered 404
  socket_gateway* echo = nullptr;
  std::optional<tls_context> tls;
  bool private_descriptors = false;
  std::atomic<std::uint32_t> sockets{0};             ///< accepted, of all loops
  std::atomic<std::uint32_t> deflate_connections{0}; ///< open WebSockets that negotiated it
};

class event_loop final : public socket_loop, engine_host {
public:
  using clock = std::chrono::steady_clock;

  event_loop(loop_group& group, std::uint32_t index);
  ~event_loop();

  void attach(loop_work* work) noexcept { work_ = work; }

  /// The body of the thread. `on_ready` gets "" once all listeners are open, or a sentence; after a
  /// sentence `run` returns.
  void run(const std::vector<endpoint>& endpoints, std::function<void(std::string)> on_ready);

  /// Any thread.
  void stop_accepting();
  void stop();
  const loop_stats& stats() const noexcept { return stats_; }

  // -- socket_loop --------------------------------------------------------------------------------
  send_result send(socket_id socket, lane in, const frame& f,
                   std::uint64_t conflation_key) override;
  void close(socket_id socket, std::uint16_t code, std::string_view reason) override;
  void call_later(socket_id socket, std::chrono::milliseconds delay, std::uint32_t tag) override;
  std::size_t queued_bytes(socket_id socket) const override;
  std::string peer_address(socket_id socket) const override;
  void for_each_handler(const std::function<void(socket_handler&)>& visit) override;
  std::uint32_t index() const noexcept override { return index_; }
  clock::time_point now() const noexcept override { return now_; }
  void wake() noexcept override;
  void post(std::function<void()> task) override { inbox_->post(std::move(task)); }

private:
  // -- the turn (event_loop.cpp) ------------------------------------------------------------------
  std::string open(const std::vector<endpoint>& endpoints);
  void turn();
  int sleep_ms();
  bool has_work() const noexcept;
  void dispatch(const epoll_event& event);
  void run_tasks();
  void run_executor();
  void note_turn(clock::time_point began);

  // -- time (event_loop_time.cpp) -----------------------------------------------------------------
  void tick();
  void heartbeat(std::uint32_t tick);
  void check_progress();
  std::uint32_t ticks(std::chrono::milliseconds d) const noexcept;
  void set_deadline(connection& c, std::chrono::milliseconds after);
  void on_deadline(connection& c);

  // -- newcomers (event_loop_accept.cpp) ----------------------------------------------------------
  void accept_some(std::size_t listener);
  bool let_in(int fd, const sockaddr_storage& peer, std::size_t listener);
  void adopt(int fd, const in6_addr& peer, std::size_t listener, bool proxied);
  bool is_proxy(const in6_addr& peer) const noexcept;
  void read_proxy_header(connection& c);
  void enter(connection& c, const in6_addr& peer);
  void turn_away(connection& c, reject_reason why, const http_response& answer);
  void begin_session(connection& c);
  void arm_listeners();
  void disarm_listeners();

  // -- reading (event_loop_read.cpp) --------------------------------------------------------------
  void on_readable(connection& c);
  void shake_tls(connection& c);
  void read_frames(connection& c, std::string_view first_bytes = {});
  bool borrow_engine(connection& c, std::string_view first_bytes);
  void settle_engine(connection& c);
  void discard(connection& c);
  void reread_later(connection& c);
  void reread();
  received receive(connection& c, char* into, std::size_t room) override;
  void on_engine_message(connection& c, std::string_view payload, bool binary) override;
  void on_engine_write(connection& c, std::string_view frame_bytes) override;
  void on_engine_closed(connection& c, std::uint16_t code, std::string_view reason) override;
  void on_engine_violation(connection& c, std::uint16_t code, std::string_view what) override;
  void on_engine_end(connection& c) override;
  void on_engine_parked(connection& c) override { reread_later(c); }
  void on_engine_posted() noexcept override { executor_busy_ = true; }

  // -- HTTP (event_loop_http.cpp) -----------------------------------------------------------------
  void read_request(connection& c);
  void begin_request(connection& c);
  bool act_on(connection& c, http_exchange::verdict verdict);
  void upgrade(connection& c);
  void serve(connection& c);
  void answer(socket_id socket, std::uint32_t number, const http_response& response);
  void refuse(connection& c, const http_response& response);
  void respond(connection& c, const http_response& response, bool keep_alive);

  // -- endings (event_loop_close.cpp) -------------------------------------------------------------
  void set_phase(connection& c, phase next) noexcept;
  void linger(connection& c);
  void farewell(connection& c, std::uint16_t code, std::string_view reason, bool by_peer);
  void end(connection& c, std::uint16_t code, std::string_view reason, bool by_peer);
  void destroy(connection& c);
  void after_flush();
  void on_all_sent(connection& c);
  void say_farewells();
  void bury();
  void end_all();

  struct goodbye {
    socket_handler* to;
    std::uint16_t code;
    std::string reason;
    bool by_peer;
  };
  struct open_listener {
    descriptor socket;
    bool tls = false;
    bool armed = false;
  };

  loop_group& group_;
  const settings& settings_;
  const std::uint32_t index_;
  loop_stats stats_;
  const std::shared_ptr<inbox> inbox_;
  loop_work* work_ = nullptr;

  // Only between `open` and the end of `run`, on the loop's thread.
  descriptor epoll_;
  std::vector<open_listener> listeners_;
  std::unique_ptr<asio::io_context> executor_;
  std::unique_ptr<engine_terms> terms_;
  std::unique_ptr<engine_pool> engines_;
  std::unique_ptr<tls_wire> wire_;

  mutable connection_slab slab_;
  output output_;
  timer_wheel timers_;    ///< of handlers; the tag is theirs
  timer_wheel deadlines_; ///< ours
  std::vector<char> scratch_;
  std::vector<connection*> reread_;
  std::vector<connection*> rereading_;
  std::vector<connection*> dead_;
  std::vector<goodbye> goodbyes_;
  std::vector<goodbye> leaving_;
  std::vector<std::function<void()>> tasks_;

  clock::time_point started_;
  clock::time_point now_;
  std::uint32_t tick_ = 0;
  std::uint32_t listeners_rest_until_ = 0; ///< a tick; no accepting before
  bool called_ = false;
  bool more_work_ = false;
  bool executor_busy_ = false;
  bool accepting_ = false;
  bool finished_ = false;
};

} // namespace argosy::net
