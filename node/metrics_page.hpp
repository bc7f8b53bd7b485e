// metrics_page: all figures of the node as Prometheus text (exposition format 0.0.4).
#pragma once

#include "actors/gateway/gateway.hpp"
#include "actors/node_services.hpp"
#include "net/server.hpp"

#include <string>

namespace argosy {

class metrics_page {
public:
  metrics_page(const node_services& services, const net::server& sockets, const gateway& door)
      : node_(services), sockets_(sockets), door_(door) {}

  /// Any thread; reads the counters where they stand.
  std::string text() const;

private:
  const node_services& node_;
  const net::server& sockets_;
  const gateway& door_;
};

} // namespace argosy
