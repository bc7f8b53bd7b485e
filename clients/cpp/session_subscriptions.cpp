// session, the part that keeps subscriptions: resume, resubscribe, and hand out in order.

#include "clients/cpp/session.hpp"

#include <utility>

namespace argosy::client {

namespace {

constexpr std::uint32_t unsubscribed_resubscribe = 2500; // and above: come again

} // namespace

void session::subscribe(std::string channel, subscribe_options o, subscription_events e) {
  auto sub = std::make_shared<subscription>();
  sub->options = std::move(o);
  sub->events = std::move(e);
  if (sub->options.since) {
    sub->position = *sub->options.since;
    sub->has_position = true;
  }
  unsubscribe(channel);
  const auto at = subscriptions_.emplace(std::move(channel), std::move(sub)).first;
  if (online())
    request_subscribe(at->first, at->second);
}

void session::unsubscribe(std::string_view channel) {
  if (!subscriptions_.contains(channel))
    return;
  forget(channel);
  if (online())
    start_call(unsubscribe_command{channel}, [](const reply&) {});
}

void session::forget(std::string_view channel) {
  const auto found = subscriptions_.find(channel);
  found->second->over = true;
  subscriptions_.erase(found);
}

std::optional<stream_position> session::position(std::string_view channel) const {
  const auto found = subscriptions_.find(channel);
  if (found == subscriptions_.end() || !found->second->has_position)
    return std::nullopt;
  return found->second->position;
}

void session::subscribe_all() {
  for (auto& [channel, sub] : subscriptions_)
    if (sub->request == 0)
      request_subscribe(channel, sub);
}

void session::request_subscribe(const std::string& channel, const subscription_ptr& sub) {
  subscribe_command c;
  c.channel = channel;
  c.token = sub->options.token;
  c.data = sub->options.data;
  c.positioned = sub->options.positioned;
  c.recoverable = sub->options.recoverable;
  c.join_leave = sub->options.join_leave;
  if (sub->has_position) {
    c.recover = true;
    c.epoch = sub->position.epoch;
    c.offset = sub->position.offset;
  }
  sub->request =
      start_call(std::move(c), [this, channel, asked = std::weak_ptr{sub}](reply answer) {
        if (const auto still = asked.lock(); still != nullptr && !still->over)
          subscribed(channel, still, std::move(answer));
      });
}

void session::subscribed(const std::string& channel, const subscription_ptr& sub, reply body) {
  if (const auto* why = std::get_if<error>(&body))
    return subscribe_failed(channel, *sub, *why);
  const auto* result = std::get_if<subscribe_result>(&body);
  if (result == nullptr)
    return subscribe_failed(channel, *sub, {error_unexpected, "not a subscribe reply", false});
  sub->attempt = 0;
  sub->has_position = result->recoverable;
  sub->position = {result->epoch, result->offset};
  if (!result->missed.empty())
    sub->position.offset = result->missed.front()->offset - 1;
  if (sub->events.on_subscribed)
    sub->events.on_subscribed(*result);
  for (const auto& p : result->missed)
    hand_out(sub, *p);
}

void session::subscribe_failed(const std::string& channel, subscription& sub, const error& why) {
  if (why.code == error_lost || why.code == error_disconnected)
    return; // the next connection subscribes anew
  if (why.temporary)
    return resubscribe_later(sub);
  end_subscription(channel, why.code, why.message);
}

void session::resubscribe_later(subscription& sub) {
  sub.request = 0;
  resubscribe_timer_.expires_after(options_.reconnect.wait(sub.attempt++, random()));
  resubscribe_timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
    if (!ec && self->online())
      self->subscribe_all();
  });
}

void session::end_subscription(const std::string& channel, std::uint32_t code,
                               std::string_view reason) {
  const auto ended = subscriptions_.find(channel);
  if (ended == subscriptions_.end())
    return;
  const subscription_ptr kept = ended->second;
  forget(channel);
  if (kept->events.on_unsubscribed)
    kept->events.on_unsubscribed(code, reason);
}

void session::hand_out(const subscription_ptr& sub, const publication& p) {
  if (sub->over || shut_)
    return;
  if (p.offset != 0)
    sub->position.offset = p.offset;
  if (sub->events.on_publication)
    sub->events.on_publication(p);
}

void session::on_push(std::string_view channel, push_body body) {
  if (transport_ == nullptr)
    return; // gone offline in the middle of a message
  if (const auto* hint = std::get_if<drain_push>(&body))
    return move_away(*hint);
  if (const auto* message = std::get_if<message_push>(&body)) {
    if (events_.on_message)
      events_.on_message(message->data);
    return;
  }
  const auto found = subscriptions_.find(channel);
  if (found != subscriptions_.end())
    push_to_subscription(std::string{channel}, subscription_ptr{found->second}, body);
  else
    push_to_server_sub(channel, body);
}

void session::push_to_subscription(const std::string& channel, const subscription_ptr& sub,
                                   const push_body& body) {
  const auto& e = sub->events;
  if (const auto* p = std::get_if<publication_ptr>(&body)) {
    hand_out(sub, **p);
  } else if (const auto* join = std::get_if<join_push>(&body)) {
    if (e.on_join && join->info != nullptr)
      e.on_join(*join->info);
  } else if (const auto* leave = std::get_if<leave_push>(&body)) {
    if (e.on_leave && leave->info != nullptr)
      e.on_leave(*leave->info);
  } else if (const auto* gap = std::get_if<gap_push>(&body)) {
    if (e.on_gap)
      e.on_gap(*gap);
  } else if (const auto* over = std::get_if<unsubscribe_push>(&body)) {
    if (over->code >= unsubscribed_resubscribe)
      resubscribe_later(*sub);
    else
      end_subscription(channel, over->code, over->reason);
  }
}

// -- subscriptions made by the server -------------------------------------------------------------

void session::take_server_subs(const connect_result& result) {
  const auto self = shared_from_this();
  server_subs_.clear();
  for (const auto& [channel, sub] : result.subs)
    if (sub.recoverable)
      server_subs_[channel] = {sub.epoch, sub.offset};
  for (const auto& [channel, sub] : result.subs)
    for (const auto& p : sub.missed)
      if (events_.on_publication && !shut_)
        events_.on_publication(channel, *p);
}

void session::push_to_server_sub(std::string_view channel, const push_body& body) {
  if (const auto* p = std::get_if<publication_ptr>(&body)) {
    if (const auto kept = server_subs_.find(channel); kept != server_subs_.end())
      kept->second.offset = (*p)->offset;
    if (events_.on_publication)
      events_.on_publication(channel, **p);
  } else if (const auto* added = std::get_if<subscribe_push>(&body); added && added->recoverable) {
    server_subs_[std::string{channel}] = {added->epoch, added->offset};
  } else if (std::holds_alternative<unsubscribe_push>(body)) {
    if (const auto kept = server_subs_.find(channel); kept != server_subs_.end())
      server_subs_.erase(kept);
  }
}

} // namespace argosy::client
