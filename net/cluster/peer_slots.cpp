#include "net/cluster/peer_slots.hpp"

#include <algorithm>
#include <utility>

namespace argosy::net {

bool peer_slots::clashes(const newcomer& n, time_point now) const {
  const auto at = slots_.find(n.node);
  return at != slots_.end() && at->second.current != 0 && at->second.instance != n.instance
         && now - at->second.heard < silence_max;
}

peer_slots::decision peer_slots::decide(const newcomer& n, const stream_token& held_by_peer,
                                        time_point now) {
  if (clashes(n, now))
    return {verdict::clash, 0};
  if (const auto at = slots_.find(n.node);
      at != slots_.end() && at->second.current != 0 && at->second.instance == n.instance) {
    if (at->second.token == held_by_peer)
      return {verdict::duplicate, 0};
    if (!at->second.confirmed)
      return {verdict::opening, 0};
  }
  return {verdict::go, take(n, now)};
}

peer_slots::peer_connection peer_slots::take(const newcomer& n, time_point now) {
  auto& s = slots_[n.node];
  const auto evicted = std::exchange(s.current, n.connection);
  if (evicted != 0)
    s.leaving.push_back(evicted);
  s.instance = n.instance;
  s.token = n.token;
  s.confirmed = false;
  s.heard = now;
  return evicted;
}

stream_token peer_slots::held(const std::string& node) const {
  const auto at = slots_.find(node);
  return at != slots_.end() && at->second.current != 0 ? at->second.token : stream_token{};
}

bool peer_slots::clear(const std::string& node) const {
  const auto at = slots_.find(node);
  return at == slots_.end() || at->second.leaving.empty();
}

void peer_slots::heard(const std::string& node, peer_connection c, time_point now) {
  if (const auto at = slots_.find(node); at != slots_.end() && at->second.current == c) {
    at->second.confirmed = true;
    at->second.heard = now;
  }
}

void peer_slots::end(const std::string& node, peer_connection c) {
  if (const auto at = slots_.find(node); at != slots_.end() && at->second.current == c) {
    at->second.current = 0;
    at->second.leaving.push_back(c);
  }
}

void peer_slots::release(peer_connection c) {
  for (auto at = slots_.begin(); at != slots_.end();) {
    std::erase(at->second.leaving, c);
    at = at->second.current == 0 && at->second.leaving.empty() ? slots_.erase(at) : std::next(at);
  }
}

} // namespace argosy::net
