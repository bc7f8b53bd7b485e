// The commands of the client protocol, one function each: check, then ask whoever knows.
#include "actors/connection/connecting.hpp"
#include "actors/connection/connection_actor.hpp"
#include "actors/connection/identity.hpp"
#include "actors/room/room_members.hpp"
#include "actors/service_actor.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace argosy {

namespace {

/// So many refusals in a row for asking too fast, and the connection is closed.
constexpr std::uint16_t rate_strikes_max = 200;

/// So much may a client say to rooms before they have let it in.
constexpr std::size_t held_publishes_max = 64;

std::uint64_t conflation_key_of(const publish_command& c) {
  if (c.delivery_class != delivery::latest)
    return 0;
  return std::hash<std::string_view>{}(c.key) | 1U;
}

} // namespace

/// Takes the commands of one message; stops, and says where, when a connect must be awaited first.
class connection_actor::message_sink final : public command_sink {
public:
  message_sink(connection_actor& self, std::size_t skip) : self_(self), skip_(skip) {}

  bool on_command(const command& c) override {
    if (seen_ < skip_) {
      ++seen_;
      return true;
    }
    if (self_.connecting_) {
      stopped_ = true;
      return false;
    }
    ++seen_;
    return self_.run(c);
  }
  bool stopped() const noexcept { return stopped_; }
  std::size_t seen() const noexcept { return seen_; }

private:
  connection_actor& self_;
  std::size_t skip_;
  std::size_t seen_ = 0;
  bool stopped_ = false;
};

void connection_actor::decode(std::string_view payload, bool binary, std::size_t skip) {
  message_sink sink{*this, skip};
  const auto bad = speaks_->decode(payload, binary, sink);
  if (phase_ == phase::closing)
    return;
  if (bad != errc::none)
    close(bad);
  else if (sink.stopped())
    connecting_->held_messages.insert(connecting_->held_messages.begin(),
                                      {std::string{payload}, binary, sink.seen()});
}

bool connection_actor::run(const command& c) {
  metrics().commands.add();
  if (std::holds_alternative<pong_command>(c.body)) {
    if (!std::exchange(awaiting_pong_, false))
      close(errc::closed_bad_request);
  } else if (const auto* first = std::get_if<connect_command>(&c.body)) {
    if (phase_ != phase::opened || c.id == 0)
      close(errc::closed_bad_request);
    else
      connect(c.id, *first);
  } else if (phase_ != phase::live
             || (c.id == 0 && !std::holds_alternative<send_command>(c.body))) {
    close(errc::closed_bad_request);
  } else if (!commands_.take(node_.limits.commands, loop().now())) {
    reply(c.id, errc::too_many_requests);
    if (++rate_strikes_ > rate_strikes_max)
      close(errc::closed_too_many_requests);
  } else {
    rate_strikes_ = 0;
    const auto refused = std::visit(
        [&](const auto& body) -> errc {
          if constexpr (requires { run(c.id, body); })
            return run(c.id, body);
          else
            return errc::bad_request;
        },
        c.body);
    if (refused != errc::none && phase_ != phase::closing)
      reply(c.id, refused);
  }
  return phase_ != phase::closing;
}

const channel_options* connection_actor::options_of(std::string_view channel, errc& why_not) const {
  if (!node_.channels->valid_channel(channel)) {
    why_not = errc::bad_request;
    return nullptr;
  }
  const auto* options = node_.channels->resolve(channel);
  why_not = options == nullptr ? errc::unknown_channel : errc::none;
  return options;
}

errc connection_actor::run(std::uint32_t id, const subscribe_command& c) {
  errc refused;
  const auto* options = options_of(c.channel, refused);
  if (options == nullptr)
    return refused;
  if (auto* there = find(c.channel)) {
    if (!there->personal || !there->server_side)
      return errc::already_subscribed;
    there->server_side = false; // the personal room came with the connection: now it has a handler
    reply(id, subscribe_result{});
    return errc::none;
  }
  const auto owner = personal_room_owner(*options, c.channel);
  if (owner.empty() && rooms_joined() >= node_.limits.channels_max)
    return errc::limit_exceeded;
  channel_grant grant;
  if (!c.token.empty()) {
    auto checked = verify_grant(node_, c.token, tenant(), info_->user, c.channel, wall_ms() / 1000);
    if (const auto* why = std::get_if<errc>(&checked))
      return *why;
    grant = std::get<channel_grant>(std::move(checked));
  }
  if (const auto no = may_subscribe(*options, c.channel, who_asks(), !c.token.empty());
      no != errc::none)
    return no;
  if (!owner.empty() && owner != info_->user)
    return errc::permission_denied;

  auto& s = add_subscription(c.channel, *options);
  if (!owner.empty()) {
    s.personal = true; // served by the user actor, which knows all its devices already
    reply(id, subscribe_result{});
    return errc::none;
  }
  s.ticket = id;
  s.was_recovering = c.recover;
  s.or_unrecoverable = (c.flag & 2U) != 0;
  s.wants_join_leave = options->force_push_join_leave || (options->join_leave && c.join_leave);
  s.recoverable = options->keeps_history() && (c.recoverable || options->force_recovery);
  s.positioned = options->keeps_history() && (c.positioned || options->force_positioning);
  s.expires = deadline_of(grant.expires_at);
  arm(s.expires);
  if (!grant.chan_info.empty())
    s.info = info_for_channel(std::move(grant.chan_info));
  join(s, {c.channel, c.recover, c.epoch, c.offset});
  return errc::none;
}

errc connection_actor::run(std::uint32_t id, const unsubscribe_command& c) {
  if (auto* s = find(c.channel)) {
    answer_waiting(*s);
    remove(*s);
  }
  reply(id, unsubscribe_result{});
  return errc::none;
}

errc connection_actor::run(std::uint32_t id, const publish_command& c) {
  errc refused;
  const auto* options = options_of(c.channel, refused);
  if (options == nullptr)
    return refused;
  if (c.data.empty())
    return errc::bad_request;
  if (c.delivery_class == delivery::unknown)
    return errc::unknown_class;
  const auto* mine = find(c.channel);
  if (const auto no = may_publish(*options, c.channel, who_asks(), mine != nullptr);
      no != errc::none)
    return no;
  auto as = mine != nullptr ? mine->info : info_;
  if (const auto owner = personal_room_owner(*options, c.channel); !owner.empty()) {
    const bool online = node_.routes.route_if_active(
        {tenant(), address_kind::user, owner},
        publish_user{{handle(), id}, std::string{c.data}, std::move(as), {}});
    if (!online)
      reply(id, publish_result{});
    return errc::none;
  }
  address room{tenant(), address_kind::room, c.channel};
  publish_room what{{handle(), id},
                    std::string{c.data},
                    std::move(as),
                    {},
                    std::string{c.idempotency_key},
                    conflation_key_of(c),
                    false};
  if (mine != nullptr && mine->members == nullptr)
    return hold_publish(std::move(what), room);
  node_.routes.route(room, std::move(what));
  return errc::none;
}

errc connection_actor::hold_publish(publish_room what, const address& room) {
  if (!held_publishes_)
    held_publishes_ = std::make_unique<held_publishes>();
  if (held_publishes_->size() >= held_publishes_max)
    return errc::too_many_requests;
  held_publishes_->emplace_back(room, std::move(what));
  return errc::none;
}

errc connection_actor::ask_presence(std::uint32_t id, std::string_view channel, bool count_only) {
  errc refused;
  const auto* options = options_of(channel, refused);
  if (options == nullptr)
    return refused;
  if (const auto no = may_presence(*options, channel, who_asks(), find(channel) != nullptr);
      no != errc::none)
    return no;
  tell(node_.presence_agent,
       list_presence{{handle(), id}, {tenant(), address_kind::room, channel}, count_only});
  return errc::none;
}

errc connection_actor::run(std::uint32_t id, const presence_command& c) {
  return ask_presence(id, c.channel, false);
}

errc connection_actor::run(std::uint32_t id, const presence_stats_command& c) {
  return ask_presence(id, c.channel, true);
}

errc connection_actor::run(std::uint32_t id, const history_command& c) {
  errc refused;
  const auto* options = options_of(c.channel, refused);
  if (options == nullptr)
    return refused;
  if (const auto no = may_history(*options, c.channel, who_asks(), find(c.channel) != nullptr);
      no != errc::none)
    return no;
  if (c.limit < -1)
    return errc::bad_request;
  const std::size_t most = node_.limits.history_publications_max;
  read_history question{{handle(), id}, most, std::nullopt, c.reverse};
  if (c.limit >= 0)
    question.limit = std::min(most, static_cast<std::size_t>(c.limit));
  if (c.has_since)
    question.since = stream_position{std::string{c.since_epoch}, c.since_offset};
  node_.routes.route({tenant(), address_kind::room, c.channel}, std::move(question));
  return errc::none;
}

errc connection_actor::run(std::uint32_t, const rpc_command&) {
  return errc::not_available;
}

errc connection_actor::run(std::uint32_t id, const refresh_command& c) {
  const auto checked = identify_refresh(node_, c.token, wall_ms() / 1000);
  if (const auto* why = std::get_if<errc>(&checked)) {
    if (*why != errc::invalid_token)
      return *why;
    close(errc::invalid_token);
    return errc::none;
  }
  const auto& who = std::get<identity>(checked);
  if (who.user != info_->user || who.tenant != tenant()) {
    close(errc::invalid_token);
    return errc::none;
  }
  caps_ = who.caps;
  set_expiry(who.expires_at);
  reply(id, refresh_result{info_->client, node_.version, who.expires_at != 0, ttl_s(expires_)});
  return errc::none;
}

errc connection_actor::run(std::uint32_t id, const sub_refresh_command& c) {
  auto* s = find(c.channel);
  if (s == nullptr)
    return errc::permission_denied;
  auto checked = verify_grant(node_, c.token, tenant(), info_->user, c.channel, wall_ms() / 1000);
  if (const auto* why = std::get_if<errc>(&checked))
    return *why;
  s->expires = deadline_of(std::get<channel_grant>(checked).expires_at);
  arm(s->expires);
  reply(id, sub_refresh_result{s->expires != std::chrono::steady_clock::time_point{},
                               ttl_s(s->expires)});
  return errc::none;
}

errc connection_actor::run(std::uint32_t, const send_command&) {
  return errc::none; // nobody listens to asynchronous messages yet; the protocol allows no answer
}

errc connection_actor::run(std::uint32_t, const unknown_command&) {
  return errc::method_not_found;
}

} // namespace argosy
