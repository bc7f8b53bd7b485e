// readiness: whether newcomers are welcome at this node, and if not, why.
//
// Picture the sign at a ferry's ramp: it is turned when the ship is about to leave, and when she
// has lost touch with the harbour office. Whoever is on board stays; the next car waits for
// another ship. Alive is another question: a node that is not ready is not to be restarted for it.
#pragma once

#include "runtime/cluster/member.hpp"

#include <optional>
#include <string_view>

namespace argosy {

class gateway;
struct node_services;

struct standing {
  bool draining = false;
  bool in_cluster = false;
  bool fenced = false;                          ///< no valid lease: nothing is acknowledged here
  std::optional<cluster::member_state> state{}; ///< in the view it acts by; nothing = outside of it
};

/// A snapshot; any thread.
standing standing_of(const node_services& node, const gateway& door);

/// "" if newcomers are welcome; else one word: `draining`, `joining` (not up in the view, yet),
/// `fenced` or `leaving`.
std::string_view why_not_ready(const standing& s) noexcept;

} // namespace argosy
