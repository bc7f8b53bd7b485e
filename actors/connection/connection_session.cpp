// From the connect command to a live session: who is it, may it come in, which rooms come with it.
#include "actors/connection/connecting.hpp"
#include "actors/connection/connection_actor.hpp"
#include "actors/connection/identity.hpp"
#include "actors/room/room_members.hpp"
#include "actors/service_actor.hpp"
#include "runtime/entropy.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace argosy {

namespace {

/// What tokens ask for is wrong for all clients of an application alike.
constexpr std::chrono::minutes told_again_after{10};

bool asks_for_history(const auth::subscription_grant& grant) {
  return grant.force_recovery.value_or(false) || grant.force_positioning.value_or(false);
}

/// Before a session makes itself known to its user's owner once more.
constexpr std::chrono::milliseconds reopen_pause{1'000};

client_id random_client_id() {
  client_id id;
  id.high = entropy()();
  id.low = entropy()();
  id.high = (id.high & ~0xF000ULL) | 0x4000ULL;           // RFC 4122: version 4
  id.low = (id.low & ~(0xC0ULL << 56)) | (0x80ULL << 56); // variant 1
  return id;
}

} // namespace

void connection_actor::connect(std::uint32_t id, const connect_command& c) {
  auto who = identify(node_, c, wall_ms() / 1000);
  if (const auto* refused = std::get_if<errc>(&who)) {
    if (*refused == errc::token_expired || *refused == errc::permission_denied)
      reply(id, *refused);
    else
      close(*refused);
    return;
  }
  connecting_ = std::make_unique<connecting>();
  connecting_->id = id;
  for (const auto& s : c.subs)
    if (s.recover)
      connecting_->recover.push_back({std::string{s.channel}, std::string{s.epoch}, s.offset});
  phase_ = phase::authenticating;
  accept(std::get<identity>(std::move(who)));
}

void connection_actor::accept(identity who) {
  auto info = std::make_shared<client_info>();
  info->client = random_client_id();
  info->user = std::move(who.user);
  info->conn_info = std::move(who.conn_info);
  info_ = std::move(info);
  user_at_ = address{who.tenant, address_kind::user, info_->user};
  caps_ = std::move(who.caps);
  connecting_->grants = std::move(who.subs);
  set_expiry(who.expires_at);
  if (info_->user.empty())
    join_server_side();
  else
    open_user_session(connecting_->id, node_.limits.connections_per_user_max);
}

void connection_actor::open_user_session(std::uint32_t ticket, std::uint32_t cap) {
  if (node_.others != nullptr)
    node_.sessions.add(info_->client, user_at_, handle());
  node_.routes.route(user_at_, open_session{{handle(), ticket}, info_->client, cap, {}});
}

// It was admitted once; whoever keeps the table now takes it in without asking.
void connection_actor::reopen(reopen_session&) {
  if (phase_ == phase::authenticating)
    connecting_->owner_moved = true; // the one that was asked answers first
  else if (phase_ != phase::closing)
    open_user_session(0, 0);
}

void connection_actor::session_admitted(session_opened& m) {
  const bool inside = phase_ == phase::live || phase_ == phase::subscribing;
  if (inside && m.error == errc::retry_later) // the user's owner is moving or out of reach
    return tell_self_after(reopen_pause, reopen_session{});
  if (phase_ != phase::authenticating)
    return;
  if (m.error == errc::retry_later)
    close(errc::insufficient_state); // the user's owner is moving or out of reach: come again
  else if (m.error != errc::none)
    close(m.error);
  else {
    if (connecting_->owner_moved)
      open_user_session(0, 0);
    join_server_side();
  }
}

void connection_actor::join_server_side() {
  phase_ = phase::subscribing;
  if (node_.limits.personal_rooms && !info_->user.empty()) {
    const auto mine = personal_channel();
    if (const auto* options = node_.channels->resolve(mine)) {
      auto& s = add_subscription(mine, *options);
      s.server_side = s.personal = true;
      connecting_->subs.emplace_back(mine, subscribe_result{});
    }
  }
  for (const auto& grant : connecting_->grants)
    join_server_side(grant);
  finish_connect_if_ready();
}

void connection_actor::join_server_side(const auth::subscription_grant& grant) {
  errc refused;
  const auto* options = options_of(grant.channel, refused);
  if (options == nullptr || find(grant.channel) != nullptr)
    return; // the token's author has the say, but cannot make rooms of an unknown namespace
  auto& s = add_subscription(grant.channel, *options);
  s.server_side = true;
  s.presence = grant.presence.value_or(options->presence);
  s.join_leave = grant.join_leave.value_or(options->join_leave);
  s.wants_join_leave =
      grant.force_push_join_leave.value_or(options->force_push_join_leave) && options->join_leave;
  const bool recovers = grant.force_recovery.value_or(true);
  s.recoverable = options->keeps_history() && recovers;
  s.positioned = options->keeps_history() && grant.force_positioning.value_or(true);
  if (!options->keeps_history() && asks_for_history(grant))
    tell_of_missing_history(grant.channel);
  if (!grant.info.empty())
    s.info = info_for_channel(grant.info);
  recover_position since{grant.channel, false, {}, 0};
  for (const auto& p : connecting_->recover)
    if (recovers && p.channel == grant.channel)
      since = {grant.channel, true, p.epoch, p.offset};
  s.was_recovering = since.recover;
  ++connecting_->subs_pending;
  join(s, since);
}

// The subscription stands, without it: a client that cannot come in for an option of its channel
// would help nobody.
void connection_actor::tell_of_missing_history(const std::string& channel) const {
  const auto sentence = "a token asks for force_recovery or force_positioning in \"" + channel
                        + "\", which keeps no history; set history_size and history_ttl_ms of its "
                          "namespace, or mint tokens without";
  if (node_.told.is_news(sentence, loop().now(), told_again_after))
    spdlog::warn("{}", sentence);
}

void connection_actor::finish_connect_if_ready() {
  if (phase_ != phase::subscribing || connecting_->subs_pending > 0)
    return;
  phase_ = phase::live;
  const auto done = std::move(connecting_);
  connect_result result;
  result.client = info_->client;
  result.version = node_.version;
  result.expires = expires_ != std::chrono::steady_clock::time_point{};
  result.ttl_s = ttl_s(expires_);
  result.subs = std::move(done->subs);
  result.ping_s = static_cast<std::uint32_t>((node_.limits.ping_interval.count() + 999) / 1000);
  result.node = node_.node_name;
  result.time_ms = wall_ms();
  reply(done->id, result);
  for (auto& s : subscriptions_)
    if (s.members != nullptr)
      s.members->release(s.position);
  for (const auto& [in, f] : done->held_frames)
    send(in, f);
  for (const auto& m : done->held_messages)
    if (phase_ == phase::live)
      decode(m.payload, m.binary, m.skip);
}

} // namespace argosy
