#include "actors/gateway/readiness.hpp"

#include "actors/gateway/gateway.hpp"
#include "actors/node_services.hpp"
#include "runtime/cluster/view.hpp"

namespace argosy {

standing standing_of(const node_services& node, const gateway& door) {
  standing s{.draining = door.draining()};
  if (node.others == nullptr)
    return s;
  s.in_cluster = true;
  s.fenced = node.fenced();
  const auto view = node.others->view();
  if (const auto* me = view ? cluster::find(*view, node.others->self()) : nullptr)
    s.state = me->state;
  return s;
}

// A node without a lease finds itself up in the last view that it heard of, which may no longer be
// the fleet's: "up" alone says nothing.
std::string_view why_not_ready(const standing& s) noexcept {
  using cluster::member_state;
  if (s.draining)
    return "draining";
  if (!s.in_cluster)
    return {};
  if (!s.state || s.state == member_state::joining)
    return "joining";
  if (s.fenced || s.state == member_state::down)
    return "fenced";
  return s.state == member_state::leaving ? "leaving" : std::string_view{};
}

} // namespace argosy
