#include "clients/cpp/session.hpp"

#include "runtime/core/errc.hpp"

#include <boost/asio/ssl/verify_mode.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace argosy::client {

namespace {

constexpr std::uint32_t token_expired = 109;

} // namespace

session::session(boost::asio::io_context& io, options o, events e)
    : io_(io), options_(std::move(o)), events_(std::move(e)),
      codec_(options_.wire == encoding::json ? json_codec() : capnp_codec()), attempt_timer_(io),
      silence_timer_(io), call_timer_(io), refresh_timer_(io), resubscribe_timer_(io) {
}

boost::asio::ssl::context& session::tls() {
  namespace ssl = boost::asio::ssl;
  if (tls_)
    return *tls_;
  ssl::context made{ssl::context::tls_client};
  made.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  made.set_verify_mode(options_.tls_verify ? ssl::verify_peer : ssl::verify_none);
  if (options_.tls_ca_file.empty())
    made.set_default_verify_paths();
  else
    made.load_verify_file(options_.tls_ca_file);
  return tls_.emplace(std::move(made));
}

// -- going on and off line ------------------------------------------------------------------------

void session::go_online() {
  if (state_ != state::offline)
    return;
  state_ = state::connecting;
  attempts_ = 0;
  attempt();
}

void session::go_offline(std::uint32_t code, std::string_view reason) {
  if (state_ == state::offline)
    return;
  say_goodbye("");
  lose(code, reason, false);
}

void session::shut() noexcept {
  shut_ = true;
  state_ = state::offline;
  drop_transport();
  for (auto* timer :
       {&attempt_timer_, &silence_timer_, &call_timer_, &refresh_timer_, &resubscribe_timer_})
    timer->cancel();
  calls_.clear();
  subscriptions_.clear();
}

void session::drop_transport() noexcept {
  if (auto dropped = std::exchange(transport_, nullptr); dropped != nullptr)
    dropped->detach();
}

void session::say_goodbye(std::string_view reason) {
  if (auto left = std::exchange(transport_, nullptr); left != nullptr)
    left->close(1000, reason);
}

void session::attempt_later(std::chrono::milliseconds wait) {
  attempt_timer_.expires_after(wait);
  attempt_timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
    if (!ec && self->state_ == state::connecting)
      self->attempt();
  });
}

void session::attempt() {
  const auto target = moved_to_ ? std::exchange(moved_to_, std::nullopt) : url::parse(options_.url);
  if (!target)
    return lose(0, "the URL is not ws://host[:port]/path or wss://host[:port]/path", false);
  transport_options o;
  o.target = *target;
  o.subprotocol = codec_.subprotocol();
  o.binary = codec_.binary();
  o.open_timeout = options_.open_timeout;
  try {
    transport_ = make_transport(io_, target->tls ? &tls() : nullptr, std::move(o), *this);
  } catch (const boost::system::system_error& e) {
    return lose(0, std::string{"TLS cannot be set up: "} + e.what(), false);
  }
  transport_->open();
}

// -- what the transport reports -------------------------------------------------------------------

void session::on_open() {
  say_hello();
}

void session::say_hello() {
  connect_command hello;
  hello.token = options_.token;
  hello.data = options_.data;
  hello.name = options_.name;
  hello.version = options_.version;
  for (const auto& [channel, position] : server_subs_)
    hello.subs.push_back({channel, true, position.epoch, position.offset});
  const auto id = start_call(std::move(hello), [this](reply answer) {
    if (auto* result = std::get_if<connect_result>(&answer))
      welcomed(std::move(*result));
    else if (auto* why = std::get_if<error>(&answer))
      refused(*why);
  });
  // The hello goes first and now: everything else waits for its answer.
  if (const auto hello_call = calls_.find(id); hello_call != calls_.end())
    transport_->send(std::exchange(hello_call->second.message, {}));
}

void session::on_message(std::string_view payload) {
  const auto self = shared_from_this();
  const auto heard_on = transport_;
  heard_at_ = clock::now();
  if (!codec_.decode(payload, *this) && transport_ == heard_on && transport_ != nullptr)
    lose(1002, "the server sent what is not the protocol", true);
}

void session::on_end(std::uint16_t code, std::string_view reason) {
  const auto self = shared_from_this();
  lose(code, reason, client_reconnects(code));
}

void session::on_ping() {
  if (!answers_pings_ || transport_ == nullptr)
    return;
  const command pong{0, pong_command{}};
  transmit({&pong, 1});
}

// -- the reply of connect -------------------------------------------------------------------------

void session::welcomed(connect_result result) {
  state_ = state::online;
  attempts_ = 0;
  ping_interval_ = std::chrono::seconds{result.ping_s};
  answers_pings_ = result.pong;
  watch_silence();
  if (result.expires)
    refresh_in(result.ttl_s);
  subscribe_all();
  flush_waiting();
  if (events_.on_connected)
    events_.on_connected(result);
  take_server_subs(result);
}

void session::refused(const error& why) {
  if (state_ != state::connecting || why.code == error_lost)
    return;
  if (why.code == token_expired && options_.get_token)
    return attempt_with_fresh_token();
  lose(why.code, why.message, why.temporary || why.code < 100);
}

void session::attempt_with_fresh_token() {
  drop_transport();
  options_.get_token([weak = weak_from_this()](std::string token) {
    const auto self = weak.lock();
    if (self == nullptr || self->state_ != state::connecting)
      return;
    if (token.empty())
      return self->lose(token_expired, "there is no fresh token", false);
    self->options_.token = std::move(token);
    self->attempt_later(self->options_.reconnect.wait(self->attempts_++, self->random()));
  });
}

// -- losing it ------------------------------------------------------------------------------------

void session::lose(std::uint32_t code, std::string_view reason, bool come_back) {
  const auto self = shared_from_this();
  if (state_ == state::offline)
    return;
  const std::string said{reason}; // outlives the transport
  const bool was_online = state_ == state::online;
  state_ = come_back ? state::connecting : state::offline;
  drop_transport();
  silence_timer_.cancel();
  refresh_timer_.cancel();
  resubscribe_timer_.cancel();
  for (auto& [channel, sub] : subscriptions_)
    sub->request = 0;
  if (come_back)
    attempt_later(options_.reconnect.wait(attempts_++, random()));
  fail_calls({come_back ? error_lost : error_disconnected, said, come_back});
  if ((was_online || !come_back) && events_.on_disconnected && !shut_)
    events_.on_disconnected({code, said, come_back});
}

void session::watch_silence() {
  if (ping_interval_.count() == 0)
    return;
  silence_timer_.expires_at(heard_at_ + ping_interval_ + options_.ping_grace);
  silence_timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
    if (ec || self->state_ != state::online)
      return;
    if (clock::now() >= self->heard_at_ + self->ping_interval_ + self->options_.ping_grace)
      self->lose(1006, "the server fell silent", true);
    else
      self->watch_silence();
  });
}

void session::move_away(const drain_push& hint) {
  moved_to_ = url::parse(hint.endpoint);
  if (events_.on_drain)
    events_.on_drain(hint);
  const std::chrono::milliseconds wait{std::uint64_t{hint.after_ms} * random() >> 32};
  attempt_timer_.expires_after(wait);
  attempt_timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
    if (ec || self->state_ != state::online)
      return;
    self->say_goodbye("moving");
    self->lose(1000, "the node is leaving", true);
    self->attempts_ = 0;
    self->attempt_later(std::chrono::milliseconds{0});
  });
}

// -- the token's expiry ---------------------------------------------------------------------------

void session::refresh_in(std::uint32_t ttl_s) {
  if (!options_.get_token)
    return;
  refresh_timer_.expires_after(std::chrono::seconds{ttl_s});
  refresh_timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
    if (!ec && self->state_ == state::online)
      self->refresh();
  });
}

void session::refresh() {
  options_.get_token([weak = weak_from_this()](std::string token) {
    const auto self = weak.lock();
    if (self == nullptr || self->state_ != state::online)
      return;
    if (token.empty())
      return self->go_offline(token_expired, "there is no fresh token");
    self->options_.token = std::move(token);
    self->start_call(refresh_command{self->options_.token}, [s = self.get()](reply answer) {
      if (const auto* result = std::get_if<refresh_result>(&answer); result && result->expires)
        s->refresh_in(result->ttl_s);
      else if (const auto* why = std::get_if<error>(&answer); why && why->code >= 100)
        why->temporary ? s->refresh_in(5) : s->go_offline(why->code, why->message);
    });
  });
}

} // namespace argosy::client
