#include "tests/sim/sim_world.hpp"

#include "actors/cluster/council.hpp"
#include "runtime/entropy.hpp"
#include "runtime/messages/describe.hpp"

#include <algorithm>
#include <utility>

namespace argosy::sim {

namespace {

cluster_settings settings_of(const seed& who, std::vector<seed> seeds, std::uint64_t incarnation,
                             const std::function<void(cluster_settings&)>& adjust) {
  cluster_settings s;
  s.cluster = "sim";
  s.self.id = {who.name, incarnation};
  s.self.address = who.address;
  s.seeds = std::move(seeds);
  if (adjust)
    adjust(s);
  return s;
}

testing::test_setup named(testing::test_setup setup, const std::string& name) {
  setup.node_name = name;
  return setup;
}

} // namespace

// -- one process ----------------------------------------------------------------------------------

sim_node::sim_node(sim_network& net, const seed& who, std::vector<seed> seeds,
                   std::uint64_t incarnation, consensus::memory_store* disk,
                   std::uint64_t random_seed, testing::test_setup setup,
                   const std::function<void(cluster_settings&)>& adjust)
    : node_(std::make_unique<testing::test_node>(named(std::move(setup), who.name))),
      transport_(net.plug_in(who.address)), probes_(net.light_lamp(who.address)),
      strand_(caf::make_counted<scheduler_strand>(node_->system())) {
  layer_ = std::make_unique<cluster_layer>(node_->services(), *transport_,
                                           settings_of(who, std::move(seeds), incarnation, adjust));
  node_->services().boot_clock = [this] { return node_->system().clock().now() + suspended_; };
  layer_->services().probes = probes_.get();
  layer_->services().refused_for_good = [this](const std::string& why) {
    refusals_.push_back(why);
  };
  auto council =
      disk == nullptr ? nullptr : take_seat(layer_->services().settings, *disk, random_seed);
  if (council)
    if (const auto problem = council->start(node_->services().boot_clock()); !problem.empty())
      throw std::runtime_error{problem};
  layer_->start(*strand_, std::move(council), random_seed);
}

sim_node::~sim_node() {
  layer_->stop();
  node_->settle();
  node_.reset();
}

std::map<std::string, std::string> sim_node::describe_membership() {
  caf::scoped_actor asker{node_->system()};
  tell(layer_->services().membership, describe{{caf::actor_cast<caf::strong_actor_ptr>(asker), 0}});
  node_->settle();
  std::map<std::string, std::string> out;
  asker->receive([&](const description& d) { out.insert(d.facts.begin(), d.facts.end()); },
                 caf::after(std::chrono::seconds{0}) >> [] {});
  return out;
}

// -- all of them ----------------------------------------------------------------------------------

sim_world::sim_world(std::uint64_t random_seed, std::size_t nodes, std::size_t seeds,
                     testing::test_setup setup, network_weather weather)
    : random_(random_seed), choose_(static_cast<std::mt19937::result_type>(random_seed * 7919 + 1)),
      setup_(std::move(setup)), network_(random_, weather) {
  entropy().seed(random_seed);
  for (std::size_t i = 0; i < nodes; ++i) {
    const std::string name(1, static_cast<char>('a' + i));
    all_.push_back({name, address_of(name)});
    if (i < seeds)
      seeds_.push_back(all_.back());
  }
}

sim_world::~sim_world() = default;

void sim_world::start(const std::string& name,
                      const std::function<void(cluster_settings&)>& adjust) {
  const auto who =
      std::find_if(all_.begin(), all_.end(), [&](const seed& s) { return s.name == name; });
  const bool votes =
      std::any_of(seeds_.begin(), seeds_.end(), [&](const seed& s) { return s.name == name; });
  auto& disk = disks_[name];
  if (votes && !disk)
    disk = std::make_unique<consensus::memory_store>();
  if (disk)
    disk->crash();
  clocks_[name] = awake_since_[name] = now_;
  lives_[name] = incarnations_ + 1;
  nodes_[name] = std::make_unique<sim_node>(network_, *who, seeds_, ++incarnations_, disk.get(),
                                            random_(), setup_, adjust);
  nodes_[name]->cluster().services().next_life = [this](std::uint64_t last) {
    return incarnations_ = std::max(incarnations_, last) + 1; // as a disk would remember it
  };
}

void sim_world::start_all() {
  for (const auto& s : all_)
    start(s.name);
}

void sim_world::kill(const std::string& name) {
  network_.kill(address_of(name));
  nodes_.erase(name);
  paused_until_.erase(name);
  suspended_.erase(name);
}

void sim_world::pause(const std::string& name, std::chrono::milliseconds how_long) {
  network_.freeze(address_of(name));
  paused_until_[name] = now_ + how_long;
}

void sim_world::isolate(const std::string& name) {
  for (const auto& other : all_)
    if (other.name != name) {
      network_.cut(address_of(name), other.address);
      network_.cut(other.address, address_of(name));
    }
}

std::vector<std::string> sim_world::running() const {
  std::vector<std::string> out;
  for (const auto& [name, n] : nodes_)
    out.push_back(name);
  return out;
}

// Nodes take turns in an order of chance, and inside a node so do its actors.
void sim_world::run(std::chrono::milliseconds how_long) {
  for (const auto end = now_ + how_long; now_ < end;) {
    now_ += quantum;
    network_.advance(now_);
    auto order = running();
    std::shuffle(order.begin(), order.end(), random_);
    for (const auto& name : order) {
      if (const auto paused = paused_until_.find(name); paused != paused_until_.end()) {
        if (now_ < paused->second)
          continue;
        paused_until_.erase(paused);
        network_.thaw(address_of(name));
        awake_since_[name] = now_;
      }
      auto& n = *nodes_.at(name);
      auto& clock = clocks_[name];
      if (suspended_.erase(name) != 0) {
        n.slept(std::chrono::duration_cast<std::chrono::milliseconds>(now_ - quantum - clock));
        clock = now_ - quantum;
      }
      n.actors().pass(std::chrono::duration_cast<std::chrono::milliseconds>(now_ - clock), choose_);
      clock = now_;
    }
  }
}

bool sim_world::settled() {
  std::uint64_t no = 0;
  for (auto& [name, n] : nodes_) {
    if (n->fenced() || (no != 0 && n->view_no() != no) || n->view_no() == 0)
      return false;
    no = n->view_no();
  }
  const auto view = nodes_.begin()->second->cluster().routes().view();
  const auto placed = nodes_.begin()->second->cluster().routes().placement();
  std::vector<const router*> owners;
  for (const auto& m : view->members)
    owners.push_back(nodes_.contains(m.id.name) ? &nodes_.at(m.id.name)->actors().routes()
                                                : nullptr);
  for (std::uint32_t shard = 0; shard < shard_count; ++shard)
    if (const auto owner = placed->owner_of(shard); owner == cluster::placement::nobody
                                                    || owners[owner] == nullptr
                                                    || owners[owner]->place_of(shard) != this_node)
      return false;
  return view->members.size() == nodes_.size()
         && std::all_of(view->members.begin(), view->members.end(), [&](const cluster::member& m) {
              return m.state == cluster::member_state::up && nodes_.contains(m.id.name)
                     && nodes_.at(m.id.name)->id() == m.id;
            });
}

} // namespace argosy::sim
