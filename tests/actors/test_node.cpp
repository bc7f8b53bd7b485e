#include "tests/actors/test_node.hpp"

#include "actors/admin/admin_actor.hpp"
#include "actors/presence/presence_agent_actor.hpp"
#include "actors/presence/presence_tracker_actor.hpp"
#include "actors/room/fan_worker_actor.hpp"
#include "actors/room/room_actor.hpp"
#include "actors/room/room_replica_actor.hpp"
#include "actors/user/user_actor.hpp"

#include <caf/send.hpp>

#include <stdexcept>
#include <utility>

namespace argosy::testing {

channel_options open_channel() {
  channel_options o;
  o.presence = true;
  o.history_size = 100;
  o.history_ttl = std::chrono::minutes{5};
  o.force_recovery = true;
  o.allow_subscribe_for_client = o.allow_publish_for_client = true;
  o.allow_history_for_client = o.allow_presence_for_client = true;
  o.allow_subscribe_for_anonymous = o.allow_publish_for_anonymous = true;
  o.allow_history_for_anonymous = o.allow_presence_for_anonymous = true;
  return o;
}

test_node::test_node(test_setup setup)
    : scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())),
      door_(services_, setup.admission) {
  services_.node_name = setup.node_name;
  services_.relay_above = setup.relay_above;
  services_.version = "0";
  services_.boot_clock = [this] { return system_.clock().now(); };
  services_.limits = setup.limits;
  services_.presence = setup.presence;
  services_.limits.insecure = true;
  auto spaces = std::make_shared<namespaces>(setup.plain);
  for (auto& [name, options] : setup.spaces)
    spaces->add(name, options);
  services_.channels = std::move(spaces);
  services_.tokens = &verifier_;
  services_.fan_workers.push_back(spawn_on<fan_worker_actor>(system_, strand_, services_));
  routes_.serve(address_kind::room, [this](const address& at) {
    return spawn_on<room_actor>(system_, *rooms_, services_, at);
  });
  routes_.serve(address_kind::replica, [this](const address& at) {
    return spawn_on<room_replica_actor>(system_, *replicas_, services_, at);
  });
  routes_.serve(address_kind::presence, activate<presence_tracker_actor>(services_));
  routes_.serve(address_kind::user, [this](const address& at) {
    return spawn_on<user_actor>(system_, *users_, services_, at);
  });
  services_.presence_agent =
      caf::actor_cast<caf::strong_actor_ptr>(system_.spawn<presence_agent_actor>(services_));
  services_.admin = spawn_on<admin_actor>(system_, *watch_, services_);
  door_.serve({&strand_});
  settle();
}

test_node::~test_node() {
  for (std::uint32_t i = 0; i < sockets_; ++i)
    loop_.close({i, 1}, 3001, "");
  loop_.finish_closes();
  settle();
  routes_.close();
  caf::anon_send_exit(services_.presence_agent, caf::exit_reason::user_shutdown);
  services_.presence_agent = nullptr;
  settle();
  tell(std::exchange(services_.admin, nullptr), end_watch{});
  settle();
  services_.fan_workers.clear();
}

test_client test_node::open() {
  const socket_id id{sockets_++, 1};
  return {*this, id, door_.open(loop_, id, {}, "")};
}

void test_node::settle() {
  for (bool busy = true; busy;) {
    busy = scheduler_.run() > 0;
    while (strand_.run())
      busy = true;
    loop_.finish_closes();
    busy |= scheduler_.has_job();
  }
}

bool test_node::step(std::mt19937& choose) {
  if (choose() % 3 == 0) {
    strand_.run();
    loop_.finish_closes();
    return true;
  }
  if (!scheduler_.has_job())
    return false;
  if (scheduler_.jobs.size() > 1 && choose() % 2 == 0) { // another actor goes first
    scheduler_.jobs.push_back(scheduler_.jobs.front());
    scheduler_.jobs.pop_front();
  }
  scheduler_.try_run_once();
  return true;
}

void test_node::advance(std::chrono::milliseconds by) {
  loop_.advance(by);
  scheduler_.advance_time(by);
  settle();
}

void test_node::pass(std::chrono::milliseconds by, std::mt19937& choose) {
  constexpr int steps_max = 1'000'000; // no moment takes nearly as many
  loop_.advance(by);
  scheduler_.advance_time(by);
  for (int steps = 0; scheduler_.has_job() || strand_.run(); ++steps) {
    if (steps == steps_max)
      throw std::runtime_error{"the actors of " + services_.node_name + " do not come to rest"};
    if (scheduler_.jobs.size() > 1 && choose() % 2 == 0) { // another actor goes first
      scheduler_.jobs.push_back(scheduler_.jobs.front());
      scheduler_.jobs.pop_front();
    }
    scheduler_.try_run_once();
    loop_.finish_closes();
  }
}

void test_node::ping_all(bool pong) {
  for (std::uint32_t i = 0; i < sockets_; ++i)
    if (auto* handler = loop_.at({i, 1}).handler) {
      if (pong)
        handler->on_pong_due();
      else
        handler->on_ping_due();
    }
  settle();
}

fake_loop::peer& test_client::peer() const {
  return node_->loop().at(socket_);
}

void test_client::send_only(std::string_view json) const {
  if (auto* handler = peer().handler)
    handler->on_message(json, false);
}

void test_client::send(std::string_view json) const {
  send_only(json);
  node_->settle();
}

void test_client::connect(std::string_view user) const {
  std::string data = user.empty() ? "{}" : R"({"user":")" + std::string{user} + R"("})";
  send(R"({"id":1,"connect":{"data":)" + data + "}}");
  take();
}

void test_client::hang_up(std::uint16_t code) const {
  node_->loop().close(socket_, code, "");
}

void test_client::drop(std::uint16_t code) const {
  hang_up(code);
  node_->loop().finish_closes();
  node_->settle();
}

std::vector<std::string> test_client::take() const {
  return std::exchange(peer().received, {});
}

std::string test_client::text() const {
  std::string out;
  for (const auto& m : peer().received)
    out += m + "\n";
  return out;
}

} // namespace argosy::testing
