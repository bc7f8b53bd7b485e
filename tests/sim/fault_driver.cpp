#include "tests/sim/fault_driver.hpp"

#include "runtime/cluster/placement.hpp"
#include "runtime/cluster/view.hpp"
#include "tests/sim/promises.hpp"

#include <algorithm>
#include <utility>

namespace argosy::sim {

namespace {

/// How long an outcast goes on before it is started anew.
constexpr std::chrono::milliseconds patience{1'000};

/// A node that leaves hands over what it has for so long at the most.
constexpr std::chrono::milliseconds leave_max{15'000};

} // namespace

void fault_driver::turn(std::chrono::milliseconds since_start, const std::function<void()>& storm) {
  for (; next_ < plan_.faults.size() && plan_.faults[next_].at <= since_start; ++next_) {
    const auto& f = plan_.faults[next_];
    if (f.kind == fault_kind::storm) {
      log_.enter(checker::fault_injected{{}, f.text(), {}});
      storm();
    } else {
      begin(f);
    }
  }
  while (!undo_.empty() && undo_.begin()->first <= world_.now())
    undo_.extract(undo_.begin()).mapped()();
}

void fault_driver::undo_later(const fault& f, std::function<void()> how) {
  undo_.emplace(world_.now() + f.lasts, std::move(how));
}

void fault_driver::start(const std::string& name) {
  if (world_.runs(name))
    return;
  log_.note("starts " + name);
  world_.start(name);
}

// As any node sees it; the fault hits the rooms that `node` owns.
std::vector<std::string> fault_driver::rooms_of(const std::string& node) {
  std::vector<std::string> out;
  if (!world_.runs(node))
    return out;
  const auto placed = world_.node(node).cluster().routes().placement();
  for (const auto& channel : plan_.channels) {
    const argosy::address room{"default", address_kind::room, channel};
    const auto* owner = placed ? placed->owner(room.shard()) : nullptr;
    if (owner != nullptr && owner->name == node)
      out.push_back(sim_client::room_name(channel));
  }
  return out;
}

void fault_driver::begin(const fault& f) {
  const auto& first = f.nodes.front();
  const bool of_process = f.kind == fault_kind::kill || f.kind == fault_kind::pause
                          || f.kind == fault_kind::suspend || f.kind == fault_kind::leave;
  if (of_process && (!world_.runs(first) || world_.paused(first)))
    return log_.note("no " + f.text() + ": it does not run");
  log_.enter(checker::fault_injected{
      {}, f.text(), of_process ? rooms_of(first) : std::vector<std::string>{}});
  switch (f.kind) {
  case fault_kind::kill:
    world_.kill(first);
    return undo_later(f, [this, first] { start(first); });
  case fault_kind::pause:
    return world_.pause(first, f.lasts);
  case fault_kind::suspend:
    return world_.suspend(first, f.lasts);
  case fault_kind::leave: {
    world_.node(first).cluster().leave();
    const auto life = world_.life_of(first);
    return undo_later(f, [this, first, life] { end_left(first, life, world_.now() + leave_max); });
  }
  case fault_kind::join:
    return start(first);
  case fault_kind::partition:
    each_way(f.nodes, true);
    return undo_later(f, [this, side = f.nodes] { each_way(side, false); });
  case fault_kind::one_way:
    world_.network().cut(sim_world::address_of(first), sim_world::address_of(f.nodes[1]));
    return undo_later(f, [this, a = first, b = f.nodes[1]] {
      world_.network().mend(sim_world::address_of(a), sim_world::address_of(b));
    });
  case fault_kind::slow:
    for (const auto& [a, b] : {std::pair{first, f.nodes[1]}, std::pair{f.nodes[1], first}})
      world_.network().slow(sim_world::address_of(a), sim_world::address_of(b), f.by);
    return undo_later(f, [this, x = first, y = f.nodes[1]] {
      for (const auto& [a, b] : {std::pair{x, y}, std::pair{y, x}})
        world_.network().slow(sim_world::address_of(a), sim_world::address_of(b), instant{0});
    });
  case fault_kind::reset:
    return world_.network().reset(sim_world::address_of(first), sim_world::address_of(f.nodes[1]));
  case fault_kind::storm:
    return;
  }
}

// As the program does: it ends once nobody needs anything from it, or when that takes too long.
void fault_driver::end_left(const std::string& name, std::uint64_t life, time at_the_latest) {
  if (!world_.runs(name) || world_.life_of(name) != life)
    return;
  auto& node = world_.node(name);
  const auto view = node.cluster().routes().view();
  const bool released = view && cluster::find(*view, node.id()) == nullptr;
  if (!released && world_.now() < at_the_latest) {
    undo_.emplace(world_.now() + sim_world::quantum,
                  [=, this] { end_left(name, life, at_the_latest); });
    return;
  }
  log_.note("ends " + name);
  world_.kill(name);
  start(name);
}

void fault_driver::each_way(const std::vector<std::string>& side, bool cut) {
  log_.note(cut ? "cuts" : "mends");
  for (std::size_t i = 0; i < plan_.nodes; ++i) {
    const std::string other(1, static_cast<char>('a' + i));
    if (std::find(side.begin(), side.end(), other) != side.end())
      continue;
    for (const auto& mine : side)
      for (const auto& [a, b] : {std::pair{mine, other}, std::pair{other, mine}})
        if (cut)
          world_.network().cut(sim_world::address_of(a), sim_world::address_of(b));
        else
          world_.network().mend(sim_world::address_of(a), sim_world::address_of(b));
  }
}

void fault_driver::heal() {
  log_.note("heals");
  next_ = plan_.faults.size();
  for (const auto& [at, how] : std::exchange(undo_, {}))
    how();
  world_.network().heal();
  for (std::size_t i = 0; i < plan_.nodes; ++i)
    start(std::string(1, static_cast<char>('a' + i)));
}

void fault_driver::supervise() {
  if (promises::fenced_lives_return)
    return;
  for (const auto& name : world_.running()) {
    const auto id = world_.node(name).id();
    bool outcast = false;
    for (const auto& other : world_.running())
      if (const auto view = world_.node(other).cluster().routes().view())
        outcast |= cluster::is_fenced(*view, id);
    if (!outcast || world_.paused(name)) {
      outcast_since_.erase(name);
    } else if (world_.now() - outcast_since_.try_emplace(name, world_.now()).first->second
               >= patience) {
      outcast_since_.erase(name);
      log_.note("starts anew, as it is out of the fleet: " + name);
      world_.kill(name);
      start(name);
    }
  }
}

} // namespace argosy::sim
