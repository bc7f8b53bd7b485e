#include "runtime/router.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <utility>

namespace argosy {

router::router() = default;

void router::serve(address_kind kind, activator make) {
  activators_[static_cast<std::size_t>(kind)] = std::move(make);
}

router::slice& router::slice_of(const address& a) const {
  return board_[static_cast<std::size_t>(a.kind())][a.shard() % slice_count];
}

void router::put(std::uint32_t shard, place at) {
  std::array<std::unique_lock<std::mutex>, address_kind_count> all;
  for (std::size_t kind = 0; kind < address_kind_count; ++kind)
    all[kind] = std::unique_lock{board_[kind][shard % slice_count].mutex};
  places_[shard].store(at, std::memory_order_release);
}

router::delivery router::deliver(const address& to, caf::mailbox_element_ptr& what, wake how,
                                 bool by_owner) {
  auto& there = slice_of(to);
  std::lock_guard guard{there.mutex};
  if (by_owner && place_of(to.shard()) != this_node)
    return delivery::elsewhere;
  auto found = there.actors.find(to);
  if (found == there.actors.end()) {
    if (how == wake::no || closed_.load(std::memory_order_acquire))
      return delivery::nobody;
    found = there.actors.emplace(to, activators_[static_cast<std::size_t>(to.kind())](to)).first;
  }
  found->second->enqueue(std::move(what), nullptr);
  return delivery::done;
}

caf::strong_actor_ptr router::find(const address& to) const {
  const auto& there = slice_of(to);
  std::lock_guard guard{there.mutex};
  const auto found = there.actors.find(to);
  return found == there.actors.end() ? nullptr : found->second;
}

bool router::retire(const address& at, caf::actor_id who) {
  return retire_if(at, who, [] { return true; });
}

bool router::retire_if(const address& at, caf::actor_id who,
                       const std::function<bool()>& nothing_waits) {
  auto& there = slice_of(at);
  caf::strong_actor_ptr last; // dropped outside of the lock
  std::lock_guard guard{there.mutex};
  const auto found = there.actors.find(at);
  if (found == there.actors.end() || found->second->id() != who || !nothing_waits())
    return false;
  last = std::move(found->second);
  there.actors.erase(found);
  return true;
}

std::vector<address> router::active(address_kind kind) const {
  std::vector<address> out;
  for (const auto& one : board_[static_cast<std::size_t>(kind)]) {
    std::lock_guard guard{one.mutex};
    for (const auto& [name, actor] : one.actors)
      out.push_back(name);
  }
  return out;
}

std::vector<address> router::active(address_kind kind, std::uint32_t shard) const {
  std::vector<address> out;
  const auto& there = board_[static_cast<std::size_t>(kind)][shard % slice_count];
  std::lock_guard guard{there.mutex};
  for (const auto& [name, actor] : there.actors)
    if (name.shard() == shard)
      out.push_back(name);
  return out;
}

std::size_t router::count(address_kind kind) const {
  std::size_t n = 0;
  for (const auto& one : board_[static_cast<std::size_t>(kind)]) {
    std::lock_guard guard{one.mutex};
    n += one.actors.size();
  }
  return n;
}

void router::close() {
  closed_.store(true, std::memory_order_release);
  for (auto& kind : board_)
    for (auto& one : kind) {
      std::unordered_map<address, caf::strong_actor_ptr> dropped; // destroyed outside of the lock
      std::lock_guard guard{one.mutex};
      dropped.swap(one.actors);
      for (auto& [name, actor] : dropped)
        caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    }
}

} // namespace argosy
