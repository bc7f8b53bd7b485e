// A subscription's way in and out: the replica admits, the fan worker's list holds, presence and
// the room are told.
#include "actors/connection/connecting.hpp"
#include "actors/connection/connection_actor.hpp"
#include "actors/room/fan_worker_actor.hpp"

#include <algorithm>
#include <utility>

namespace argosy {

// The personal room does not count: it comes with the connection, asked for or not.
std::size_t connection_actor::rooms_joined() const noexcept {
  return static_cast<std::size_t>(std::count_if(subscriptions_.begin(), subscriptions_.end(),
                                                [](const auto& s) { return !s.personal; }));
}

std::string connection_actor::personal_channel() const {
  return node_.limits.personal_prefix + info_->user;
}

subscription* connection_actor::find(std::string_view channel) noexcept {
  const auto found = std::find_if(subscriptions_.begin(), subscriptions_.end(),
                                  [&](const auto& s) { return s.room.key() == channel; });
  return found == subscriptions_.end() ? nullptr : &*found;
}

client_info_ptr connection_actor::info_for_channel(std::string chan_info) const {
  auto mine = std::make_shared<client_info>(*info_);
  mine->chan_info = std::move(chan_info);
  return mine;
}

subscription& connection_actor::add_subscription(std::string_view channel,
                                                 const channel_options& options) {
  subscriptions_.reserve(subscriptions_.size() + 1); // most clients have one room: no spare room
  auto& s = subscriptions_.emplace_back();
  s.room = address{tenant(), address_kind::room, channel};
  s.presence = options.presence;
  s.join_leave = options.join_leave;
  s.info = info_;
  return s;
}

void connection_actor::join(const subscription& s, const recover_position& since) {
  node_.routes.route(s.room.as(address_kind::replica),
                     join_replica{{handle(), s.ticket},
                                  loop().index(),
                                  since.recover,
                                  {std::string{since.epoch}, since.offset}});
}

subscribe_result connection_actor::result_of(const subscription& s,
                                             const member_admitted& answer) const {
  subscribe_result r;
  r.expires = s.expires != std::chrono::steady_clock::time_point{};
  r.ttl_s = ttl_s(s.expires);
  r.recoverable = s.recoverable;
  r.positioned = s.positioned;
  r.was_recovering = s.was_recovering;
  if (s.recoverable || s.positioned || s.was_recovering) {
    r.epoch = answer.position.epoch;
    r.offset = answer.position.offset;
  }
  r.recovered = answer.recovered;
  r.missed = answer.missed;
  return r;
}

void connection_actor::admitted(room_members& room, const member_admitted& answer) {
  auto* s = phase_ == phase::closing ? nullptr : find(answer.room.key());
  if (s == nullptr || s->members != nullptr || s->ticket != answer.subscriber.ticket)
    return; // unsubscribed, perhaps asked anew, while the answer was on its way
  if (answer.error != errc::none)
    return not_admitted(*s, answer.error);
  if (s->was_recovering && s->or_unrecoverable && !answer.recovered) {
    const auto id = s->ticket;
    remove(*s);
    reply(id, errc::unrecoverable_position);
    return;
  }
  enter(*s, room, answer);
}

// The room is out of reach. A client gets its server-side rooms back by connecting again.
void connection_actor::not_admitted(subscription& s, errc why) {
  const auto id = s.ticket;
  refuse_publishes(s.room, why);
  remove(s);
  if (id != 0)
    reply(id, why);
  else
    close(errc::insufficient_state);
}

// They waited for the subscription, and would wait for the same room once more.
void connection_actor::refuse_publishes(const address& room, errc why) {
  if (held_publishes_)
    std::erase_if(*held_publishes_, [&](auto& held) {
      const bool mine = held.first == room;
      if (mine)
        held.second.origin.answer(room_published{0, why, {}});
      return mine;
    });
}

void connection_actor::enter(subscription& s, room_members& room, const member_admitted& answer) {
  s.members = &room;
  s.position = room.enter({this, socket_, static_cast<std::uint32_t>(&s - subscriptions_.data()),
                           static_cast<std::uint8_t>(dialect_index(*speaks_)), s.wants_join_leave,
                           connecting_ != nullptr});
  auto result = result_of(s, answer);
  if (s.ticket != 0) {
    // In the lane of the publications: what an earlier subscription still has queued must come
    // before it.
    send(lane::event, speaks_->encode_reply(std::exchange(s.ticket, 0), result));
  } else if (connecting_) {
    result.data = connecting_->data_of(s.room.key());
    connecting_->subs.emplace_back(s.room.key(), std::move(result));
    --connecting_->subs_pending;
  } else {
    push(s.room.key(), subscribe_push{result.recoverable, result.positioned,
                                      std::move(result.epoch), result.offset});
  }
  announce(s, presence_verb::arrived);
  release_publishes(s.room);
  if (connecting_)
    finish_connect_if_ready();
}

// The tracker decides what the room hears of it.
void connection_actor::announce(const subscription& s, presence_verb what) {
  if (s.presence || s.join_leave)
    tell(node_.presence_agent, presence_change{s.room, s.info, what, s.presence, s.join_leave});
}

void connection_actor::release_publishes(const address& room) {
  if (!held_publishes_)
    return;
  std::erase_if(*held_publishes_, [&](auto& held) {
    const bool mine = held.first == room;
    if (mine)
      node_.routes.route(room, std::move(held.second));
    return mine;
  });
  if (held_publishes_->empty())
    held_publishes_.reset();
}

void connection_actor::remove(subscription& s, presence_verb why) {
  release_publishes(s.room);
  if (s.members != nullptr) {
    auto* room = std::exchange(s.members, nullptr);
    fan_worker().leave(*room, s.position);
    announce(s, why);
  } else if (connecting_ && s.server_side && !s.personal && connecting_->subs_pending > 0) {
    --connecting_->subs_pending;
  }
  if (&s != &subscriptions_.back()) {
    s = std::move(subscriptions_.back());
    if (s.members != nullptr)
      s.members->renumber(s.position, static_cast<std::uint32_t>(&s - subscriptions_.data()));
  }
  subscriptions_.pop_back();
}

void connection_actor::moved(std::uint32_t at, std::uint32_t position) noexcept {
  subscriptions_[at].position = position;
}

// The subscription ends before its room has let it in: the command that asked for it is answered,
// as every command is.
void connection_actor::answer_waiting(subscription& s) {
  if (s.ticket != 0)
    reply(std::exchange(s.ticket, 0), errc::retry_later);
}

void connection_actor::end_subscription(subscription& s, std::uint32_t code) {
  const auto channel = std::string{s.room.key()};
  answer_waiting(s);
  remove(s);
  const auto reason = code == 2000   ? std::string_view{"server unsubscribe"}
                      : code == 2501 ? std::string_view{"subscription expired"}
                                     : std::string_view{"insufficient state"};
  push(channel, unsubscribe_push{code, reason});
}

void connection_actor::evicted(std::uint32_t at, std::uint32_t code) {
  auto& s = subscriptions_[at];
  s.members = nullptr; // the room's list is gone already
  announce(s, presence_verb::interrupted);
  if (phase_ == phase::closing)
    return;
  if (s.server_side)
    close(errc::insufficient_state); // the client gets its server-side rooms back by reconnecting
  else
    end_subscription(s, code);
}

void connection_actor::subscribe(subscribe_session& m) {
  errc refused;
  const auto* options = options_of(m.channel, refused);
  if (phase_ != phase::live || options == nullptr || find(m.channel) != nullptr)
    return;
  auto& s = add_subscription(m.channel, *options);
  s.server_side = true;
  s.recoverable = s.positioned = options->keeps_history();
  s.wants_join_leave = options->force_push_join_leave;
  join(s, {m.channel, false, {}, 0});
}

void connection_actor::unsubscribe(unsubscribe_session& m) {
  auto* s = find(m.channel);
  if (s != nullptr && !s->personal)
    end_subscription(*s, m.code);
}

} // namespace argosy
