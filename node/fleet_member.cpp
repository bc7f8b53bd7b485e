#include "node/fleet_member.hpp"

#include "actors/cluster/cluster_layer.hpp"
#include "actors/cluster/council.hpp"
#include "net/cluster/cluster_edge.hpp"
#include "node/incarnation.hpp"
#include "node/named_files.hpp"
#include "node/node_name.hpp"
#include "runtime/basp/basp_transport.hpp"
#include "runtime/cluster/stable_hash.hpp"
#include "runtime/config/fleet.hpp"
#include "runtime/consensus/file_store.hpp"
#include "runtime/consensus/posix_disk.hpp"
#include "runtime/thread_strand.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <optional>
#include <random>
#include <unistd.h>
#include <utility>

namespace argosy {

namespace {

net::edge_settings edge_of(const node_config& config, const std::string& name,
                           const config::cluster_place& at) {
  const auto& c = config.cluster;
  net::edge_settings s;
  s.cluster = c.name;
  s.node = name;
  s.listen = {at.listen_address, at.listen_port, false};
  s.insecure = c.insecure;
  s.files = {path_of_node(c.ca_file, name), path_of_node(c.cert_file, name),
             path_of_node(c.key_file, name)};
  s.warn = [](const std::string& sentence) { spdlog::warn("cluster: {}", sentence); };
  return s;
}

cluster_settings layer_of(const node_config& config, const std::string& name,
                          const config::cluster_place& at) {
  const auto& c = config.cluster;
  cluster_settings s;
  s.cluster = c.name;
  s.self.id.name = name;
  s.self.address = at.advertised;
  s.self.weight = c.weight;
  s.self.zone = c.zone;
  s.self.region = c.region;
  for (const auto& seed : config::seeds_of(config))
    s.seeds.push_back({seed.name, seed.address()});
  s.settings_hash = cluster::stable_hash(config::agreement(config));
  return s;
}

} // namespace

/// In the order of construction; destroyed in reverse.
struct fleet_member::parts {
  parts(const node_config& config, node_services& services, const config::cluster_place& at)
      : edge(std::make_shared<net::cluster_edge>(edge_of(config, services.node_name, at))),
        transport(services.system, edge),
        layer(services, transport, layer_of(config, services.node_name, at)) {}

  std::unique_ptr<consensus::posix_disk> disk;
  std::unique_ptr<consensus::file_store> store;
  std::shared_ptr<net::cluster_edge> edge;
  basp::basp_transport transport;
  std::unique_ptr<net::probe_socket> probes; ///< null without a secret
  thread_strand strand;
  cluster_layer layer;
  bool runs = false;
};

fleet_member::fleet_member(const node_config& config, node_services& services)
    : config_(config), services_(services) {
}

fleet_member::~fleet_member() {
  stop();
}

/// The directory of this node, held by this process alone.
std::string fleet_member::open_store() {
  auto& p = *parts_;
  std::error_code failed;
  std::filesystem::create_directories(config_.cluster.data_dir, failed);
  if (failed)
    return "`cluster.data_dir` is \"" + config_.cluster.data_dir
           + "\", which cannot be made: " + failed.message() + "; name another directory.";
  auto opened = consensus::posix_disk::open(config_.cluster.data_dir + "/" + services_.node_name);
  if (!opened.disk)
    return opened.problem;
  p.disk = std::move(opened.disk);
  auto life = next_incarnation(*p.disk);
  if (!life.problem.empty())
    return life.problem;
  auto& settings = p.layer.services().settings;
  settings.self.id.incarnation = life.number;
  p.layer.services().next_life = [&p](std::uint64_t last) {
    const auto next = next_incarnation(*p.disk);
    if (!next.problem.empty())
      spdlog::error("cluster: the number of this life of the node was not kept: {}", next.problem);
    return std::max(next.number, last + 1);
  };
  const bool votes = std::any_of(settings.seeds.begin(), settings.seeds.end(),
                                 [&](const seed& s) { return s.name == services_.node_name; });
  if (!votes)
    return {};
  auto store = consensus::file_store::open(*p.disk);
  if (!store.notice.empty())
    spdlog::warn("cluster: {}", store.notice);
  p.store = std::move(store.store);
  return store.problem;
}

std::string fleet_member::start() {
  const auto& name = services_.node_name;
  if (!cluster::valid_member_name(name))
    return "`node.name` is \"" + name
           + "\", but a node of a cluster has a name of 1 to 64 letters, digits, `.`, `_` or `-`; "
             "set `node.name`, or pass --name.";
  const auto at = config::place_in_cluster(config_, name);
  if (!at.problem.empty())
    return at.problem;
  parts_ = std::make_unique<parts>(config_, services_, at);
  auto& p = *parts_;
  if (auto problem = open_store(); !problem.empty())
    return problem;
  if (const auto& file = config_.cluster.secret_file; !file.empty()) {
    auto key = read_cluster_secret(path_of_node(file, name));
    if (!key.problem.empty())
      return key.problem;
    p.probes = std::make_unique<net::probe_socket>(net::probe_settings{
        {at.listen_address, at.listen_port, false}, config_.cluster.name, std::move(key.bytes)});
    p.layer.services().probes = p.probes.get();
  }
  const auto random_seed = std::random_device{}();
  std::unique_ptr<consensus::raft_node> council;
  if (p.store) {
    council = take_seat(p.layer.services().settings, *p.store, random_seed);
    if (auto problem = council->start(services_.boot_clock()); !problem.empty())
      return problem;
  }
  p.layer.services().refused_for_good = [this](const std::string& why) {
    {
      const std::lock_guard guard{mutex_};
      refusal_ = why;
    }
    ::kill(::getpid(), SIGTERM);
  };
  p.layer.start(p.strand, std::move(council), random_seed);
  p.runs = true;
  auto problem = p.edge->start();
  if (problem.empty() && p.probes)
    problem = p.probes->start();
  if (!problem.empty()) {
    stop();
    return problem;
  }
  spdlog::info("cluster: node \"{}\" of \"{}\" listens on {}:{}, others reach it at {}", name,
               config_.cluster.name, at.listen_address, p.edge->port(), at.advertised);
  return {};
}

void fleet_member::leave() {
  if (parts_ && parts_->runs)
    parts_->layer.leave();
}

bool fleet_member::left() const {
  if (!parts_ || !parts_->runs)
    return true;
  const auto view = parts_->layer.routes().view();
  const auto self = parts_->layer.services().self();
  const auto takes_over = [&](const cluster::member& m) {
    const auto peer = parts_->layer.services().peers.find(m.id);
    return m.state == cluster::member_state::up && peer && peer->figures->connected.load();
  };
  return !view || cluster::find(*view, self) == nullptr || services_.fenced()
         || std::none_of(view->members.begin(), view->members.end(), takes_over);
}

void fleet_member::stop() {
  if (!parts_ || !std::exchange(parts_->runs, false))
    return;
  parts_->layer.stop();
  parts_->strand.stop();
}

std::string fleet_member::reload() {
  return config_.cluster.insecure ? std::string{} : parts_->edge->reload();
}

std::string fleet_member::refusal() const {
  const std::lock_guard guard{mutex_};
  return refusal_;
}

std::uint16_t fleet_member::port() const {
  return parts_->edge->port();
}

net::edge_figures fleet_member::figures() const {
  return parts_->edge->figures();
}

std::optional<net::probe_figures> fleet_member::probe_figures() const {
  if (!parts_->probes)
    return std::nullopt;
  return parts_->probes->figures();
}

const cluster_layer& fleet_member::layer() const {
  return parts_->layer;
}

} // namespace argosy
