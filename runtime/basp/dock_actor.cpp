#include "runtime/basp/dock_actor.hpp"

#include "runtime/basp/berth_actor.hpp"
#include "runtime/peer_transport.hpp"

#include <caf/all.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>

#include <chrono>
#include <set>
#include <utility>

namespace argosy::basp {

namespace {

/// From the stream to `peer_opened`; BASP itself gives up after the same time of silence.
constexpr std::chrono::seconds opening_deadline{5};

} // namespace

dock_actor::dock_actor(caf::actor_config& config, std::shared_ptr<harbour> h)
    : caf::event_based_actor(config), harbour_(std::move(h)),
      broker_(system().middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"))) {
  set_default_handler(caf::drop);
  set_down_handler([this](caf::down_msg& down) { berth_gone(down.source); });
}

caf::behavior dock_actor::make_behavior() {
  return {
      [this](const stream_opened& opened) { adopt(opened); },
      [this](hello_atom, const std::string& token, const caf::actor& peer) { greet(token, peer); },
      [this](const stream_ended& e) { ended(e); },
      [this](overdue_atom, peer_connection c) { overdue(c); },
  };
}

void dock_actor::on_exit() {
  for (const auto& [connection, c] : calls_)
    if (c.berth)
      caf::anon_send_exit(c.berth, caf::exit_reason::user_shutdown);
  calls_.clear();
  harbour_.reset();
  broker_ = nullptr;
}

void dock_actor::adopt(const stream_opened& opened) {
  const auto c = opened.stream.connection;
  auto& fresh = calls_[c];
  fresh.stream = opened.stream;
  delayed_send(this, opening_deadline, overdue_atom::value, c);
  if (opened.stream.inbound) {
    awaited_.emplace(opened.stream.token, c);
    caf::anon_send(broker_, caf::publish_atom::value, opened.scribe, dock_port,
                   caf::strong_actor_ptr{ctrl()}, std::set<std::string>{});
    return;
  }
  fresh.greeting = true;
  request(broker_, opening_deadline + std::chrono::seconds{2}, caf::connect_atom::value,
          opened.scribe, dock_port)
      .then([this, c](const caf::node_id&, const caf::strong_actor_ptr& dock,
                      const std::set<std::string>&) { connected(c, dock); },
            [this, c](const caf::error& fault) { not_connected(c, system().render(fault)); });
}

void dock_actor::connected(peer_connection c, const caf::strong_actor_ptr& dock) {
  if (dock == nullptr || dock->node() == system().node())
    return not_connected(c, "it has no dock");
  auto& to = calls_.at(c);
  to.greeting = false;
  const auto remote = caf::actor_cast<caf::actor>(dock);
  moor(to, remote);
  caf::anon_send(remote, hello_atom::value, to.stream.token, to.berth);
}

void dock_actor::not_connected(peer_connection c, const std::string& why) {
  auto& to = calls_.at(c);
  to.greeting = false;
  if (!to.ended)
    to.why = "the node " + to.stream.node + " does not answer on BASP: " + why;
  harbour_->streams->close(c);
  finish_if_over(c);
}

void dock_actor::greet(const std::string& token, const caf::actor& peer) {
  const auto at = awaited_.find(token);
  if (at == awaited_.end() || peer == nullptr)
    return;
  moor(calls_.at(at->second), peer);
  awaited_.erase(at);
}

void dock_actor::moor(call& to, const caf::actor& watched) {
  to.berth = spawn<berth_actor, caf::monitored>(harbour_, to.stream, watched);
  if (to.ended)
    caf::anon_send(to.berth, stream_ended{to.stream.connection, false, to.why});
}

void dock_actor::ended(const stream_ended& e) {
  auto& to = calls_[e.connection]; // a dial that failed has had no stream
  if (to.stream.connection == 0)
    to.stream.connection = e.connection;
  to.ended = true;
  to.refused = e.refused;
  if (to.why.empty())
    to.why = e.why;
  if (to.berth)
    caf::anon_send(to.berth, e);
  finish_if_over(e.connection);
}

void dock_actor::berth_gone(const caf::actor_addr& which) {
  for (auto& [connection, c] : calls_)
    if (c.berth == which) {
      c.berth = nullptr;
      c.told = true;
      harbour_->streams->close(connection);
      return finish_if_over(connection);
    }
}

void dock_actor::overdue(peer_connection c) {
  if (calls_.contains(c) && !harbour_->open.peer(c))
    harbour_->streams->close(c);
}

void dock_actor::finish_if_over(peer_connection c) {
  const auto at = calls_.find(c);
  const auto& over = at->second;
  if (!over.ended || over.greeting || over.berth)
    return;
  if (!over.told && !over.stream.inbound)
    caf::anon_send(caf::actor_cast<caf::actor>(harbour_->owner),
                   cluster::peer_closed{c, over.refused, over.why});
  awaited_.erase(over.stream.token);
  calls_.erase(at);
  harbour_->streams->release(c);
}

} // namespace argosy::basp
