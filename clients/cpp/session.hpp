// session: what stands behind a client: one connection at a time, and what outlives it.
//
// States: offline -> connecting -> online -> (lost) connecting ... -> offline. `connecting` covers
// everything from the wait before an attempt to the reply of `connect`. Kept alive by its own
// operations; `shut` ends it for good.
#pragma once

#include "clients/cpp/client.hpp"
#include "clients/cpp/transport.hpp"

#include <boost/asio/steady_timer.hpp>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace argosy::client {

class session final : public transport_events,
                      public server_sink,
                      public std::enable_shared_from_this<session> {
public:
  session(boost::asio::io_context& io, options o, events e);

  void go_online();
  void go_offline(std::uint32_t code, std::string_view reason);
  void set_token(std::string token) { options_.token = std::move(token); }
  void shut() noexcept;
  bool online() const noexcept { return state_ == state::online; }

  void subscribe(std::string channel, subscribe_options o, subscription_events e);
  void unsubscribe(std::string_view channel);
  std::optional<stream_position> position(std::string_view channel) const;

  /// Sends `body` when online, and gives its reply to `done`. Copies what the views point to.
  template <class Result>
  void call(command_body body, handler<Result> done);
  void send(std::string_view data);

private:
  enum class state { offline, connecting, online };
  using clock = std::chrono::steady_clock;
  using reply_handler = std::function<void(reply)>;

  struct pending_call {
    clock::time_point deadline;
    reply_handler done;
    std::string message; ///< waits here until the session is online; then empty
  };

  struct subscription {
    subscribe_options options;
    subscription_events events;
    stream_position position;
    bool has_position = false;
    std::uint32_t attempt = 0; ///< failures in a row
    std::uint32_t request = 0; ///< id of the last subscribe; 0 = to be subscribed
    bool over = false;         ///< replaced, unsubscribed or ended: hand out nothing more
  };
  using subscription_ptr = std::shared_ptr<subscription>;

  // -- transport_events ------------------------------------------------------------------------
  void on_open() override;
  void on_message(std::string_view payload) override;
  void on_end(std::uint16_t code, std::string_view reason) override;

  // -- server_sink -----------------------------------------------------------------------------
  void on_ping() override;
  void on_reply(std::uint32_t id, reply body) override;
  void on_push(std::string_view channel, push_body body) override;

  // -- the connection (session.cpp) ------------------------------------------------------------
  void attempt();
  void attempt_later(std::chrono::milliseconds wait);
  void attempt_with_fresh_token();
  void say_hello();
  void welcomed(connect_result result);
  void refused(const error& why);
  void lose(std::uint32_t code, std::string_view reason, bool come_back);
  void move_away(const drain_push& hint);
  void watch_silence();
  void refresh_in(std::uint32_t ttl_s);
  void refresh();
  void drop_transport() noexcept;
  void say_goodbye(std::string_view reason);
  boost::asio::ssl::context& tls();
  std::uint32_t random() { return static_cast<std::uint32_t>(random_()); }

  // -- calls (session_calls.cpp) ---------------------------------------------------------------
  std::uint32_t start_call(command_body body, reply_handler done);
  void transmit(std::span<const command> commands);
  void flush_waiting();
  void fail_calls(const error& why);
  void arm_call_timer();
  void expire_calls();

  // -- subscriptions (session_subscriptions.cpp) -----------------------------------------------
  void subscribe_all();
  void request_subscribe(const std::string& channel, const subscription_ptr& sub);
  void subscribed(const std::string& channel, const subscription_ptr& sub, reply body);
  void subscribe_failed(const std::string& channel, subscription& sub, const error& why);
  void resubscribe_later(subscription& sub);
  void forget(std::string_view channel);
  void end_subscription(const std::string& channel, std::uint32_t code, std::string_view reason);
  void hand_out(const subscription_ptr& sub, const publication& p);
  void push_to_subscription(const std::string& channel, const subscription_ptr& sub,
                            const push_body& body);
  void take_server_subs(const connect_result& result);
  void push_to_server_sub(std::string_view channel, const push_body& body);

  boost::asio::io_context& io_;
  options options_;
  events events_;
  const codec& codec_;
  std::optional<boost::asio::ssl::context> tls_; ///< made when first needed
  std::shared_ptr<transport> transport_;
  boost::asio::steady_timer attempt_timer_, silence_timer_, call_timer_, refresh_timer_,
      resubscribe_timer_;
  std::mt19937 random_{std::random_device{}()};

  state state_ = state::offline;
  bool shut_ = false;
  std::uint32_t attempts_ = 0;
  std::uint32_t next_id_ = 1;
  std::chrono::seconds ping_interval_{0};
  clock::time_point heard_at_{};
  bool answers_pings_ = false;
  std::optional<url> moved_to_; ///< where a drain sent us, for the next attempt only

  std::map<std::uint32_t, pending_call> calls_; ///< by id, so by age
  std::map<std::string, subscription_ptr, std::less<>> subscriptions_;
  std::map<std::string, stream_position, std::less<>> server_subs_; ///< recoverable ones
};

template <class Result>
void session::call(command_body body, handler<Result> done) {
  start_call(std::move(body), [done = std::move(done)](reply answer) {
    if (!done)
      return;
    outcome<Result> out;
    if (auto* result = std::get_if<Result>(&answer))
      out.value = std::move(*result);
    else if (auto* failure = std::get_if<error>(&answer))
      out.error = std::move(*failure);
    else
      out.error = {error_unexpected, "the server answered something else", false};
    done(std::move(out));
  });
}

} // namespace argosy::client
