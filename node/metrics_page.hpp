// metrics_page: all figures of the node as Prometheus text (exposition format 0.0.4).
#pragma once

#include "actors/gateway/gateway.hpp"
#include "actors/node_services.hpp"
#include "net/server.hpp"
#include "node/fleet_member.hpp"

#include <optional>
#include <string>

namespace argosy {

class metrics_page {
public:
  /// `fleet` may be filled later; it stays empty on a node alone.
  metrics_page(const node_services& services, const net::server& sockets, const gateway& door,
               const std::optional<fleet_member>& fleet)
      : node_(services), sockets_(sockets), door_(door), fleet_(fleet) {}

  /// Any thread; reads the counters where they stand.
  std::string text() const;

private:
  const node_services& node_;
  const net::server& sockets_;
  const gateway& door_;
  const std::optional<fleet_member>& fleet_;
};

} // namespace argosy
