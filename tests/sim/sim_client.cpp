#include "tests/sim/sim_client.hpp"

#include "runtime/core/errc.hpp"

#include <algorithm>
#include <utility>

namespace argosy::sim {

namespace {

/// As the SDKs: so long for an answer, then it is no use to wait.
/// 5 s may be spent waiting for a shard to be found, and 5 more where it was thought to be.
constexpr std::chrono::milliseconds call_timeout{10'500};

} // namespace

sim_client::sim_client(client_plan plan, sim_world& world, run_log& log, std::uint64_t random_seed)
    : plan_(std::move(plan)), world_(world), log_(log),
      random_(static_cast<std::mt19937::result_type>(random_seed)) {
  for (const auto& channel : plan_.subscribes_to)
    subscriptions_[channel];
  next_dial_ = world_.now() + time{random_() % 500};
}

sim_client::time sim_client::jitter(std::uint32_t failures) {
  return backoff_.wait(failures, static_cast<std::uint32_t>(random_()));
}

std::string sim_client::waits_for() const {
  if (state_ == state::gone)
    return {};
  if (state_ != state::online)
    return "a connection";
  for (const auto& [channel, s] : subscriptions_)
    if (!s.inside)
      return "a subscription to " + channel;
  if (!unacked_.empty())
    return "the acknowledgement of " + plan_.name + "#" + std::to_string(unacked_.begin()->first);
  return {};
}

// -- the connection -------------------------------------------------------------------------------

bool sim_client::node_lives() const {
  return world_.runs(node_) && world_.life_of(node_) == life_;
}

void sim_client::turn() {
  if (state_ == state::gone)
    return;
  if (state_ == state::waiting) {
    if (world_.now() >= next_dial_)
      dial();
    return;
  }
  if (!node_lives())
    return lose(1006);
  if (state_ == state::dialling) {
    if (!world_.paused(node_))
      open();
    else if (world_.now() - since_ > call_timeout)
      lose(1006);
    return;
  }
  if (random_() % 4 == 0) // it is not always reading
    return;
  read();
  if (state_ == state::waiting || state_ == state::gone)
    return;
  check_calls();
  if (state_ == state::online) {
    subscribe_due();
    publish_due();
    send_due();
  }
  if (socket_)
    flush();
}

void sim_client::dial() {
  const auto running = world_.running();
  if (running.empty())
    return;
  node_ = running[random_() % running.size()];
  life_ = world_.life_of(node_);
  state_ = state::dialling;
  since_ = world_.now();
}

void sim_client::open() {
  socket_ = world_.node(node_).actors().open();
  state_ = state::greeting;
  since_ = world_.now();
  ++connections_;
  connect_command hello;
  const auto data = R"({"user":")" + plan_.user + "\"}";
  hello.data = data;
  calls_[++last_id_] = {asks::hello, {}, {}, 0, world_.now()};
  send(last_id_, hello);
  flush();
}

void sim_client::send(std::uint32_t id, command_body body) {
  const command c{id, std::move(body)};
  outbox_.push_back(client::json_codec().encode({&c, 1}));
}

void sim_client::flush() {
  if (world_.reads(node_))
    for (const auto& message : std::exchange(outbox_, {}))
      socket_->send_only(message);
}

void sim_client::read() {
  const auto& peer = socket_->peer();
  const auto code = peer.close_code;
  const auto life = connections_;
  for (const auto& message : socket_->take())
    if (connections_ == life && state_ != state::waiting)
      if (!client::json_codec().decode(message, *this))
        log_.complain(plan_.name + " got what is not the protocol: " + message);
  if (code && connections_ == life && state_ != state::waiting)
    lose(*code);
}

void sim_client::lose(std::uint32_t code) {
  log_.enter(checker::unsubscribed{{}, plan_.name, {}, code});
  if (code != 1006 && !client_reconnects(static_cast<std::uint16_t>(code)))
    log_.complain(plan_.name + " was closed for good by " + std::to_string(code));
  socket_.reset();
  outbox_.clear();
  calls_.clear();
  for (auto& [channel, s] : subscriptions_) {
    s.inside = false;
    s.asked = 0;
  }
  for (auto& [n, m] : unacked_)
    m.asked = 0;
  state_ = state::waiting;
  next_dial_ = world_.now() + jitter(failures_++);
}

void sim_client::drop() {
  if (!socket_ || !node_lives() || world_.paused(node_))
    return;
  socket_->hang_up();
  lose(1006);
}

void sim_client::leave() {
  if (state_ == state::gone)
    return;
  if (socket_ && node_lives())
    socket_->hang_up();
  log_.enter(checker::unsubscribed{{}, plan_.name, {}, 0});
  socket_.reset();
  state_ = state::gone;
}

// A node that runs answers every question, be it by "not now".
void sim_client::check_calls() {
  if (world_.paused(node_))
    return;
  const auto now = world_.now();
  const auto late = std::find_if(calls_.begin(), calls_.end(), [&](const auto& c) {
    return now - c.second.asked > call_timeout && world_.awake_since(node_) <= c.second.asked;
  });
  if (late != calls_.end()) {
    log_.complain(plan_.name + " at " + node_ + " got no answer for "
                  + std::to_string(call_timeout.count()) + " ms to "
                  + (late->second.what == asks::hello ? "its connect"
                     : late->second.what == asks::subscribe
                         ? "a subscribe to " + late->second.channel
                         : late->second.message.text()));
    calls_.clear();
    socket_->hang_up();
    lose(1006);
  }
}

// -- what it is there for -------------------------------------------------------------------------

void sim_client::subscribe_due() {
  for (auto& [channel, s] : subscriptions_) {
    if (s.inside || s.asked != 0 || world_.now() < s.next)
      continue;
    subscribe_command c;
    c.channel = channel;
    if (s.has_position && plan_.recovers) {
      c.recover = true;
      c.epoch = s.at.epoch;
      c.offset = s.at.offset;
    }
    s.since = s.at;
    s.asked = ++last_id_;
    calls_[s.asked] = {asks::subscribe, channel, {}, 0, world_.now()};
    send(s.asked, c);
  }
}

void sim_client::publish_due() {
  if (plan_.publish_every.count() == 0 || world_.now() < next_publish_)
    return;
  next_publish_ = world_.now() + plan_.publish_every / 2
                  + time{random_() % static_cast<std::uint32_t>(plan_.publish_every.count())};
  if (!plan_.pipelines && !unacked_.empty())
    return;
  unacked_[++counter_].channel = plan_.publishes_to[random_() % plan_.publishes_to.size()];
}

void sim_client::send_due() {
  for (auto& [n, m] : unacked_) {
    if (m.asked != 0 || world_.now() < m.next)
      continue;
    const checker::message_id message{plan_.name, n};
    const auto key = message.text();
    const auto data = "\"" + key + "\"";
    publish_command c;
    c.channel = m.channel;
    c.data = data;
    c.idempotency_key = key;
    m.asked = ++last_id_;
    ++m.attempts;
    calls_[m.asked] = {asks::publish, m.channel, message, m.attempts, world_.now()};
    log_.enter(checker::attempted{{},
                                  message,
                                  room_name(m.channel),
                                  key,
                                  plan_.name + "/" + std::to_string(connections_) + "@" + node_,
                                  m.attempts});
    send(m.asked, c);
  }
}

// -- answers and pushes ---------------------------------------------------------------------------

void sim_client::on_ping() {
  send(0, pong_command{});
}

void sim_client::on_reply(std::uint32_t id, client::reply body) {
  const auto found = calls_.extract(id);
  if (found.empty())
    return log_.complain(plan_.name + " got an answer to what it did not ask");
  const auto& c = found.mapped();
  switch (c.what) {
  case asks::hello:
    if (const auto* r = std::get_if<connect_result>(&body))
      welcomed(*r);
    else
      lose(1006);
    return;
  case asks::subscribe:
    return subscribed(c.channel, body);
  case asks::publish:
    return published(c, body);
  }
}

void sim_client::welcomed(const connect_result& r) {
  id_ = r.client;
  state_ = state::online;
  since_ = world_.now();
  failures_ = 0;
  log_.note(plan_.name + " is online at " + node_);
}

void sim_client::subscribed(const std::string& channel, const client::reply& body) {
  auto& s = subscriptions_[channel];
  s.asked = 0;
  const auto* r = std::get_if<subscribe_result>(&body);
  if (r == nullptr) {
    const auto* why = std::get_if<client::error>(&body);
    const auto code = why == nullptr ? 0 : why->code;
    log_.note(plan_.name + " may not subscribe to " + channel + ": " + std::to_string(code));
    if (why == nullptr || !why->temporary)
      log_.complain(plan_.name + " was refused in " + channel + " by " + std::to_string(code));
    s.next = world_.now() + jitter(s.failures++);
    return;
  }
  log_.enter(checker::subscribed{{},
                                 plan_.name,
                                 room_name(channel),
                                 r->was_recovering,
                                 r->recovered,
                                 r->was_recovering ? s.since : checker::position{},
                                 {r->epoch, r->offset}});
  s.inside = true;
  s.failures = 0;
  s.has_position = r->recoverable;
  s.at = {r->epoch, r->recovered ? s.since.offset : r->offset};
  for (const auto& p : r->missed)
    take(channel, *p);
}

void sim_client::published(const call& c, const client::reply& body) {
  const auto found = unacked_.find(c.message.counter);
  checker::answered a{{}, c.message, c.attempt, checker::result::unknown, {}};
  if (const auto* r = std::get_if<publish_result>(&body)) {
    a.how = checker::result::ok;
    a.where = {r->epoch, r->offset};
  } else if (const auto* why = std::get_if<client::error>(&body); why && !why->temporary) {
    a.how = checker::result::rejected;
    log_.complain(c.message.text() + " was refused by " + std::to_string(why->code));
  }
  log_.enter(std::move(a));
  if (found == unacked_.end() || found->second.asked == 0)
    return;
  if (std::holds_alternative<publish_result>(body)) {
    unacked_.erase(found);
  } else {
    found->second.asked = 0;
    found->second.next = world_.now() + jitter(std::min(found->second.attempts, 4U));
  }
}

void sim_client::on_push(std::string_view channel, push_body body) {
  const std::string name{channel};
  const auto found = subscriptions_.find(name);
  if (found == subscriptions_.end()) {
    if (const auto* p = std::get_if<publication_ptr>(&body))
      take_letter(channel, **p);
    return;
  }
  auto& s = found->second;
  if (const auto* p = std::get_if<publication_ptr>(&body)) {
    take(name, **p);
  } else if (const auto* over = std::get_if<unsubscribe_push>(&body)) {
    log_.enter(checker::unsubscribed{{}, plan_.name, room_name(name), over->code});
    s.inside = false;
    s.next = world_.now();
  } else if (const auto* gap = std::get_if<gap_push>(&body)) {
    log_.enter(checker::gap_announced{
        {}, plan_.name, room_name(name), gap->from, gap->to, std::string{gap->reason}});
  }
}

// A message to its user: for it, and once.
void sim_client::take_letter(std::string_view channel, const publication& p) {
  log_.note(plan_.name + " has letter " + p.data);
  if (channel != "user:" + plan_.user)
    log_.complain(plan_.name + ", who is " + plan_.user + ", got what is for "
                  + std::string{channel});
  if (++letters_[p.data] > 1)
    log_.complain(plan_.name + " got letter " + p.data + " more than once");
}

void sim_client::take(const std::string& channel, const publication& p) {
  auto& s = subscriptions_[channel];
  log_.enter(checker::delivered{{}, plan_.name, room_name(channel), {"", p.offset}, p.data});
  if (p.offset != 0)
    s.at.offset = p.offset;
}

} // namespace argosy::sim
