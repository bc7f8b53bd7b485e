// node: the composition root. Builds everything in order, starts it, and takes it down in reverse.
//
// The only place that knows all parts: config, keys, actors, socket layer, HTTP. Nothing here is on
// a message path.
#pragma once

#include "runtime/config/node_config.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace argosy {

class node {
public:
  explicit node(node_config config);
  ~node();
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// Returns "" or one sentence that names what is wrong and the remedy; then nothing runs.
  [[nodiscard]] std::string start();

  std::uint16_t http_port() const;
  std::uint16_t tls_port() const;     ///< 0 without TLS
  std::uint16_t cluster_port() const; ///< 0 without a cluster

  /// Why the cluster will never take this node as it is, or ""; SIGTERM has been sent then.
  std::string refusal() const;

  /// SIGHUP: reads all certificates and keys again. "" or a sentence; then the old ones stay.
  std::string reload();

  /// Asks for newcomers no more and begins to hand over what this node owns to the others of its
  /// fleet; clients stay and are served.
  void leave();
  /// True once nobody needs anything from it, or nobody is there to take it.
  bool left() const;

  /// Turns away newcomers, closes all connections with 3001 (clients reconnect), and stops.
  /// Idempotent.
  void stop();

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace argosy
