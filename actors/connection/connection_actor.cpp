#include "actors/connection/connection_actor.hpp"

#include "actors/connection/connecting.hpp"
#include "actors/room/fan_worker_actor.hpp"
#include "actors/service_actor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace argosy {

namespace {

enum timer_tag : std::uint32_t { stale_check = 1, deadline_check = 2 };

/// The client wanted to go (1000, 1001, 1005: no code in its close frame), or is not to return
/// (3500 and above). All else it may come back from.
bool on_purpose(const socket_closed& why) noexcept {
  return why.code == 1000 || why.code == 1001 || why.code == 1005 || why.code >= 3500;
}

} // namespace

const std::array<message_row<connection_actor>, 11> connection_actor::table_{
    on<&connection_actor::published>,        on<&connection_actor::direct>,
    on<&connection_actor::presence_came>,    on<&connection_actor::history_came>,
    on<&connection_actor::session_admitted>, on<&connection_actor::end>,
    on<&connection_actor::subscribe>,        on<&connection_actor::unsubscribe>,
    on<&connection_actor::refresh>,          on<&connection_actor::describe_to>,
    on<&connection_actor::reopen>,
};

connection_actor::connection_actor(caf::actor_config& config, loop_strand& home,
                                   node_services& services, socket_id socket, const dialect& speaks)
    : fan_member(config, home), node_(services), speaks_(&speaks), socket_(socket) {
}

connection_actor::~connection_actor() = default;

void connection_actor::begin() {
  self_ = handle();
  metrics().opened.add();
  node_.metrics.speakers[dialect_index(*speaks_)].add(1);
  loop().call_later(socket_, node_.limits.stale_timeout, stale_check);
}

void connection_actor::receive(caf::mailbox_element& what) {
  if (phase_ != phase::closing)
    dispatch(table_, *this, what.content());
}

void connection_actor::failed(const char* what) noexcept {
  node_.metrics.actor_failures.add();
  spdlog::error("connection of user '{}' failed and is closed: {}",
                info_ ? info_->user : std::string{}, what);
  close(errc::internal);
}

socket_loop& connection_actor::loop() const noexcept {
  return static_cast<loop_strand&>(home()).loop();
}

fan_worker_actor& connection_actor::fan_worker() const noexcept {
  return actor_object<fan_worker_actor>(node_.fan_workers[loop().index()]);
}

loop_metrics& connection_actor::metrics() const noexcept {
  return node_.metrics.loops[loop().index()];
}

asker connection_actor::who_asks() const noexcept {
  return {info_->user, caps_.get(), node_.limits.insecure};
}

// -- outbound -------------------------------------------------------------------------------------

void connection_actor::send(lane in, const frame& f) {
  if (phase_ != phase::closing && loop().send(socket_, in, f) == send_result::refused_slow)
    overrun();
}

void connection_actor::reply(std::uint32_t id, const reply_body& body) {
  if (std::holds_alternative<errc>(body))
    metrics().command_errors.add();
  send(lane::ack, speaks_->encode_reply(id, body));
}

void connection_actor::push(std::string_view channel, const push_body& body) {
  send(lane::control, speaks_->encode_push(channel, body, false));
}

void connection_actor::deliver_held(const frame& f, lane in) {
  if (connecting_)
    connecting_->held_frames.emplace_back(in, f);
  else
    send(in, f);
}

void connection_actor::overrun() {
  if (phase_ == phase::closing)
    return;
  metrics().slow_closed.add();
  close(errc::slow_consumer);
}

void connection_actor::close(errc why) {
  closed_for_ = why;
  close(info(why).close_code, info(why).text);
}

void connection_actor::close(std::uint16_t code, std::string_view reason) {
  if (std::exchange(phase_, phase::closing) == phase::closing)
    return;
  if (closed_for_ == errc::none)
    closed_for_ = from_close_code(code);
  loop().close(socket_, code, reason);
}

// -- the socket's calls ---------------------------------------------------------------------------

void connection_actor::on_message(std::string_view payload, bool binary) {
  switch (phase_) {
  case phase::closing:
    return;
  case phase::opened:
  case phase::live:
    decode(payload, binary, 0);
    return;
  case phase::authenticating:
  case phase::subscribing:
    break;
  }
  constexpr std::size_t held_bytes_max = 256 << 10;
  connecting_->held_bytes += payload.size();
  if (connecting_->held_bytes > held_bytes_max)
    close(errc::closed_too_many_requests);
  else
    connecting_->held_messages.push_back({std::string{payload}, binary, 0});
}

void connection_actor::on_ping_due() {
  if (phase_ != phase::live)
    return;
  awaiting_pong_ = true;
  send(lane::control, speaks_->ping());
}

void connection_actor::on_pong_due() {
  if (phase_ == phase::live && awaiting_pong_)
    close(errc::no_pong);
}

void connection_actor::on_timer(std::uint32_t tag) {
  if (tag == stale_check && phase_ == phase::opened)
    close(errc::stale);
  else if (tag == deadline_check)
    check_deadlines();
}

void connection_actor::on_closed(const socket_closed& why) noexcept {
  phase_ = phase::closing;
  while (!subscriptions_.empty())
    remove(subscriptions_.back(), on_purpose(why) ? presence_verb::left : presence_verb::lost);
  if (info_ && !info_->user.empty()) {
    if (node_.others != nullptr)
      node_.sessions.remove(info_->client);
    node_.routes.route_if_active(user_at_, session_closed{info_->client});
  }
  connecting_.reset();
  node_.metrics.speakers[dialect_index(*speaks_)].add(-1);
  metrics().closed.add();
  metrics().closed_by[static_cast<std::size_t>(closed_for_)].add();
  terminate(caf::exit_reason::user_shutdown);
  const auto last = std::move(self_); // may be the end of *this
}

// -- answers and orders of other actors -----------------------------------------------------------

void connection_actor::published(room_published& m) {
  if (m.error != errc::none)
    reply(m.ticket, m.error);
  else
    reply(m.ticket, publish_result{std::move(m.position.epoch), m.position.offset});
}

void connection_actor::history_came(history_read& m) {
  if (m.error != errc::none)
    reply(m.ticket, m.error);
  else
    reply(m.ticket,
          history_result{std::move(m.items), std::move(m.position.epoch), m.position.offset});
}

void connection_actor::presence_came(presence_listed& m) {
  if (m.error != errc::none)
    reply(m.ticket, m.error);
  else if (m.count_only)
    reply(m.ticket, presence_stats_result{m.num_clients, m.num_users});
  else
    reply(m.ticket, presence_result{std::move(m.clients)});
}

void connection_actor::direct(deliver_direct& m) {
  const auto f = speaks_->encode_push(personal_channel(), m.what, false);
  if (connecting_)
    deliver_held(f, lane::direct);
  else
    send(lane::direct, f);
  metrics().deliveries.add();
}

void connection_actor::end(end_session& m) {
  close(static_cast<std::uint16_t>(m.code), m.reason);
}

void connection_actor::refresh(refresh_session& m) {
  set_expiry(m.expires_at);
  push("", refresh_push{m.expires_at != 0, ttl_s(expires_)});
}

void connection_actor::describe_to(describe& m) {
  m.origin.answer(described());
}

bool connection_actor::goes_by(std::string_view name) const {
  return name.empty() || (user_at_ && user_at_.text() == name)
         || (info_ && info_->client.text() == name);
}

description connection_actor::described() const {
  std::string channels;
  for (const auto& s : subscriptions_)
    channels.append(channels.empty() ? 0 : 1, ' ').append(s.room.key());
  return {0,
          "connection",
          info_ ? info_->client.text() : "",
          {{"tenant", std::string{user_at_ ? user_at_.tenant() : ""}},
           {"user", info_ ? info_->user : ""},
           {"peer", loop().peer_address(socket_)},
           {"dialect", std::string{speaks_->name()}},
           {"loop", std::to_string(loop().index())},
           {"queued_bytes", std::to_string(queued_bytes())},
           {"rooms", std::to_string(subscriptions_.size())},
           {"channels", std::move(channels)}}};
}

// -- expiry ---------------------------------------------------------------------------------------

void connection_actor::set_expiry(std::int64_t expires_at_s) {
  expires_ = deadline_of(expires_at_s);
  arm(expires_);
}

std::chrono::steady_clock::time_point
connection_actor::deadline_of(std::int64_t expires_at_s) const {
  if (expires_at_s == 0)
    return {};
  return loop().now() + std::chrono::milliseconds{expires_at_s * 1000 - wall_ms()};
}

std::uint32_t connection_actor::ttl_s(std::chrono::steady_clock::time_point at) const {
  using namespace std::chrono;
  if (at == steady_clock::time_point{} || at <= loop().now())
    return 0;
  return static_cast<std::uint32_t>(
      duration_cast<seconds>(at - loop().now() + milliseconds{999}).count());
}

void connection_actor::arm(std::chrono::steady_clock::time_point deadline) {
  using namespace std::chrono;
  if (deadline == steady_clock::time_point{})
    return;
  const auto due = deadline + node_.limits.refresh_grace - loop().now();
  loop().call_later(socket_, duration_cast<milliseconds>(due) + milliseconds{1}, deadline_check);
}

void connection_actor::check_deadlines() {
  using time_point = std::chrono::steady_clock::time_point;
  const auto passed = [this](time_point at) {
    return at != time_point{} && at + node_.limits.refresh_grace <= loop().now();
  };
  if (phase_ == phase::closing)
    return;
  if (passed(expires_)) {
    close(errc::connection_expired);
    return;
  }
  for (std::size_t i = subscriptions_.size(); i-- > 0;)
    if (passed(subscriptions_[i].expires))
      end_subscription(subscriptions_[i], 2501);
}

} // namespace argosy
