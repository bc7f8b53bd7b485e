#include "node/node.hpp"

#include "actors/admin/admin_actor.hpp"
#include "actors/admin/shell_desk.hpp"
#include "actors/connection/connection_actor.hpp"
#include "actors/gateway/api_actor.hpp"
#include "actors/gateway/gateway.hpp"
#include "actors/presence/presence_agent_actor.hpp"
#include "actors/presence/presence_tracker_actor.hpp"
#include "actors/room/fan_worker_actor.hpp"
#include "actors/room/room_actor.hpp"
#include "actors/room/room_replica_actor.hpp"
#include "actors/user/user_actor.hpp"
#include "net/server.hpp"
#include "node/admin_path.hpp"
#include "node/admin_socket.hpp"
#include "node/fleet_member.hpp"
#include "node/http_frontend.hpp"
#include "node/metrics_page.hpp"
#include "node/node_name.hpp"
#include "node/version.hpp"
#include "runtime/auth/key_keeper.hpp"
#include "runtime/auth/token_verifier.hpp"
#include "runtime/basp/configure.hpp"
#include "runtime/config/check.hpp"
#include "runtime/config/parse_range.hpp"
#include "runtime/loop_strand.hpp"
#include "runtime/thread_strand.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace argosy {

namespace {

/// Users and custom rooms are spread over so many strands; more than cores, so that the scheduler
/// can balance them.
constexpr std::size_t scheduler_strand_count = 16;

struct actor_config : caf::actor_system_config {
  actor_config(std::uint32_t threads, bool in_a_cluster) {
    // `stealing` is quadratic with wide fan-out, and an unlimited throughput starves (caf.md, 3).
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{threads});
    set("scheduler.max-throughput", std::size_t{50});
    if (in_a_cluster)
      basp::configure_basp(*this);
  }
};

std::uint32_t scheduler_threads(const node_config& c) {
  if (c.runtime.scheduler_threads > 0)
    return c.runtime.scheduler_threads;
  return std::max(1U, std::thread::hardware_concurrency() / 2);
}

net::settings socket_settings(const node_config& c) {
  net::settings s;
  s.endpoints = {{c.http.address, c.http.port, false}};
  if (c.tls.enabled)
    s.endpoints.push_back({c.tls.address, c.tls.port, true});
  s.tls_certificate_file = c.tls.cert_file;
  s.tls_key_file = c.tls.key_file;
  s.loops = c.net.loops;
  s.connections_max = c.net.connections_max;
  s.handshakes_max = c.net.pending_handshakes_max;
  s.backlog = static_cast<int>(c.net.backlog);
  s.handshake_deadline = c.net.handshake_timeout;
  for (const auto& range : c.http.proxy_trusted)
    s.proxies.push_back(*config::parse_range(range)); // `check` has read it
  s.stop_code = info(errc::shutdown).close_code;
  s.stop_reason = info(errc::shutdown).text;
  s.ping_interval = c.client.ping_interval;
  s.pong_timeout = c.client.pong_timeout;
  s.message_bytes_max = c.net.message_bytes_max;
  s.header_bytes_max = c.http.header_bytes_max;
  s.body_bytes_max = c.http.body_bytes_max;
  s.http_idle_timeout = std::chrono::floor<std::chrono::seconds>(c.http.idle_timeout);
  s.outbound.total_bytes_max = c.net.outbound_bytes_max;
  for (auto& budget : s.outbound.lanes) {
    const bool may_fill_the_queue = budget.bytes_max == outbound_limits{}.total_bytes_max;
    budget.bytes_max = may_fill_the_queue ? s.outbound.total_bytes_max
                                          : std::min(budget.bytes_max, s.outbound.total_bytes_max);
  }
  s.compression = c.net.compression;
  s.io_uring = c.net.io_uring == "off" ? net::io_uring_mode::off : net::io_uring_mode::automatic;
  s.echo = c.net.echo;
  return s;
}

client_limits limits_of(const node_config& c) {
  client_limits l;
  l.ping_interval = c.client.ping_interval;
  l.pong_timeout = c.client.pong_timeout;
  l.stale_timeout = c.client.stale_timeout;
  l.refresh_grace = c.client.refresh_grace;
  l.channels_max = c.client.channels_max;
  l.connections_per_user_max = c.client.connections_per_user_max;
  l.oldest_session_gives_way = c.client.connections_per_user_policy == "close_oldest";
  l.recovery_publications_max = c.client.recovery_publications_max;
  l.history_publications_max = c.client.history_publications_max;
  l.presence_list_max = c.rooms.presence_list_max;
  l.commands = {static_cast<double>(c.client.commands_per_second),
                static_cast<double>(c.client.commands_burst)};
  l.insecure = c.auth.insecure;
  l.anonymous = c.client.anonymous;
  l.personal_rooms = c.client.personal_rooms;
  l.personal_prefix = c.client.personal_room_prefix;
  return l;
}

presence_limits presence_of(const node_config& c) {
  presence_limits l;
  l.beat = c.rooms.presence_grace / 2;
  l.grace = c.rooms.presence_grace;
  l.linger = c.rooms.presence_linger;
  l.announced_max = c.rooms.join_leave_clients_max;
  return l;
}

admission_limits admission_of(const node_config& c) {
  return {c.admission.connections_per_ip_max,
          {static_cast<double>(c.admission.connections_per_ip_per_second),
           static_cast<double>(c.admission.connections_per_ip_burst)},
          c.auth.allowed_origins};
}

} // namespace

/// In the order of construction; destroyed in reverse.
struct node::parts {
  explicit parts(node_config c)
      : config(std::move(c)), verifier({config.auth.audience, config.auth.issuer}),
        caf_config(scheduler_threads(config), in_a_cluster()), system(caf_config),
        door(services, admission_of(config)), pages(services, door, config),
        sockets(socket_settings(config), door, &pages), metrics(sockets.loop_count()) {}

  bool in_a_cluster() const { return !config.cluster.seeds.empty(); }
  void wire();
  void serve_addresses();
  std::string open_shell();
  strand& scheduled_home(const address& at) {
    return *scheduler_strands[at.shard() % scheduler_strands.size()];
  }
  strand& room_home(const address& at);

  node_config config;
  auth::token_verifier verifier;
  std::optional<auth::key_keeper> keys;
  actor_config caf_config;
  caf::actor_system system;
  router routes;
  std::vector<caf::intrusive_ptr<scheduler_strand>> scheduler_strands;
  gateway door;
  http_frontend pages;
  net::server sockets;
  node_metrics metrics;
  std::vector<std::unique_ptr<loop_strand>> loop_strands;
  node_services services{system, routes, metrics};
  thread_strand admin_strand; // people get an answer even when the scheduler is busy
  std::optional<fleet_member> fleet;
  admin_socket shell{[this](std::string_view line, std::function<void(std::string)> respond) {
    answer_shell(services, line, std::move(respond));
  }};
  bool running = false;
  bool stopped = false;
};

// The built-in channel's work is short and bounded, so its rooms live on the loops: a publication
// meets its room, its replica and the members of that loop in the turn that read it, without a
// wake-up (docs/decisions/0005-rooms-on-the-loops.md). A custom behaviour may take its time, so it
// never gets near a socket.
strand& node::parts::room_home(const address& at) {
  if (services.behaviors)
    return scheduled_home(at);
  return *loop_strands[at.hash() % loop_strands.size()];
}

void node::parts::serve_addresses() {
  routes.serve(address_kind::room, [this](const address& at) {
    return spawn_on<room_actor>(system, room_home(at), services, at);
  });
  routes.serve(address_kind::replica, [this](const address& at) {
    return spawn_on<room_replica_actor>(system, room_home(at), services, at);
  });
  routes.serve(address_kind::presence, activate<presence_tracker_actor>(services));
  routes.serve(address_kind::user, [this](const address& at) {
    return spawn_on<user_actor>(system, scheduled_home(at), services, at);
  });
}

void node::parts::wire() {
  services.node_name = node_name(config);
  services.version = version_text;
  services.limits = limits_of(config);
  services.relay_above = config.cluster.relay_above;
  services.presence = presence_of(config);
  services.channels = make_namespaces(config);
  services.tokens = &verifier;
  services.deflate_wanted = [this] { return sockets.deflate_connections() > 0; };
  for (std::size_t i = 0; i < scheduler_strand_count; ++i)
    scheduler_strands.push_back(caf::make_counted<scheduler_strand>(system));
  std::vector<loop_strand*> strands;
  for (std::uint32_t i = 0; i < sockets.loop_count(); ++i) {
    auto& made = loop_strands.emplace_back(std::make_unique<loop_strand>(sockets.loop(i)));
    sockets.attach(i, *made);
    strands.push_back(made.get());
    services.fan_workers.push_back(spawn_on<fan_worker_actor>(system, *made, services));
  }
  services.admin = spawn_on<admin_actor>(system, admin_strand, services);
  door.serve(std::move(strands));
  serve_addresses();
  services.presence_agent =
      caf::actor_cast<caf::strong_actor_ptr>(system.spawn<presence_agent_actor>(services));
  pages.begin(scheduler_threads(config), metrics_page{services, sockets, door, fleet});
}

// A path that was chosen must work; of the one that nobody chose the node can do without.
std::string node::parts::open_shell() {
  const auto path = admin_path_of(config);
  if (path.empty())
    return {};
  auto problem = config.admin.socket.empty() ? make_admin_directory(path) : std::string{};
  if (problem.empty())
    problem = shell.start(path);
  if (problem.empty())
    spdlog::debug("the admin shell is at {}", path);
  else if (config.admin.socket.empty())
    spdlog::warn("there is no admin shell: {}", std::exchange(problem, {}));
  return problem;
}

node::node(node_config config) : parts_(std::make_unique<parts>(std::move(config))) {
}

node::~node() {
  stop();
}

std::string node::start() {
  auto& p = *parts_;
  auto source = auth::key_source::open(p.config.auth);
  if (!source)
    return source.why().sentence;
  p.keys.emplace(p.config.auth, *std::move(source), p.verifier,
                 [](bool good, const std::string& sentence) {
                   spdlog::log(good ? spdlog::level::info : spdlog::level::warn, "{}", sentence);
                 });
  for (const auto& sentence : config::warnings(p.config))
    spdlog::warn("{}", sentence);
  p.wire();
  if (p.in_a_cluster()) {
    p.fleet.emplace(p.config, p.services);
    if (auto problem = p.fleet->start(); !problem.empty())
      return problem;
  }
  if (auto problem = p.open_shell(); !problem.empty())
    return problem;
  if (auto problem = p.sockets.start(); !problem.empty())
    return problem;
  p.running = true;
  return {};
}

std::uint16_t node::http_port() const {
  return parts_->sockets.port(0);
}

std::uint16_t node::tls_port() const {
  return parts_->config.tls.enabled ? parts_->sockets.port(1) : std::uint16_t{0};
}

std::uint16_t node::cluster_port() const {
  return parts_->fleet ? parts_->fleet->port() : std::uint16_t{0};
}

std::string node::refusal() const {
  return parts_->fleet ? parts_->fleet->refusal() : std::string{};
}

std::string node::reload() {
  auto& p = *parts_;
  auto problem = p.config.tls.enabled ? p.sockets.reload_tls() : std::string{};
  if (p.fleet)
    if (auto more = p.fleet->reload(); !more.empty())
      problem += (problem.empty() ? "" : " ") + more;
  return problem;
}

void node::leave() {
  parts_->door.start_draining();
  if (parts_->fleet)
    parts_->fleet->leave();
}

bool node::left() const {
  return !parts_->fleet || parts_->fleet->left();
}

void node::stop() {
  auto& p = *parts_;
  if (std::exchange(p.stopped, true))
    return;
  p.door.start_draining();
  p.shell.stop();
  if (p.running) {
    p.sockets.stop_accepting();
    p.sockets.stop();
  }
  // The loops are gone: whatever is still queued for their actors goes with the strands.
  tell(p.services.admin, end_watch{});
  p.admin_strand.stop();
  if (p.fleet)
    p.fleet->stop();
  p.routes.close();
  p.pages.end();
  if (p.services.presence_agent)
    caf::anon_send_exit(p.services.presence_agent, caf::exit_reason::user_shutdown);
  p.system.await_all_actors_done();
  p.services.presence_agent = nullptr;
  p.services.admin = nullptr;
  p.services.fan_workers.clear();
}

} // namespace argosy
