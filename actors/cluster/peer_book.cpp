#include "actors/cluster/peer_book.hpp"

#include <mutex>
#include <utility>

namespace argosy {

peer_ptr peer_book::add(const cluster::node_identity& id, caf::strong_actor_ptr link,
                        std::shared_ptr<const link_figures> figures) {
  const std::unique_lock lock{mutex_};
  auto& entry = by_id_[id];
  if (!entry) {
    entry = std::make_shared<peer>();
    entry->id = id;
    entry->link = std::move(link);
    entry->figures = std::move(figures);
    entry->at = static_cast<place>(first_peer + by_place_.size());
    by_place_.push_back(entry);
  }
  return entry;
}

void peer_book::remove(const cluster::node_identity& id) {
  const std::unique_lock lock{mutex_};
  const auto found = by_id_.find(id);
  if (found == by_id_.end())
    return;
  by_place_[found->second->at - first_peer] = nullptr;
  by_id_.erase(found);
}

void peer_book::clear() {
  const std::unique_lock lock{mutex_};
  for (auto& entry : by_place_)
    entry = nullptr;
  by_id_.clear();
}

peer_ptr peer_book::find(place at) const {
  const std::shared_lock lock{mutex_};
  const std::size_t i = at - first_peer;
  return at >= first_peer && i < by_place_.size() ? by_place_[i] : nullptr;
}

peer_ptr peer_book::find(const cluster::node_identity& id) const {
  const std::shared_lock lock{mutex_};
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::vector<peer_ptr> peer_book::all() const {
  const std::shared_lock lock{mutex_};
  std::vector<peer_ptr> out;
  for (const auto& [id, entry] : by_id_)
    out.push_back(entry);
  return out;
}

} // namespace argosy
