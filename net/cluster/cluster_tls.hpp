// cluster_tls: what this node shows and demands on the cluster port, replaceable while it runs.
//
// Both sides show a certificate of the cluster's authority; TLS 1.3, or 1.2. There is no
// resumption, so each handshake checks both certificates anew. Streams keep the context they began
// with.
#pragma once

#include "net/cluster/node_name.hpp"

#include <memory>
#include <mutex>
#include <string>

struct ssl_ctx_st;

namespace argosy::net {

class cluster_tls {
public:
  using handle = std::shared_ptr<ssl_ctx_st>;

  struct files {
    std::string authority;
    std::string certificate;
    std::string key;
  };

  cluster_tls(files f, node_name self);

  /// Reads the files and checks that they fit each other and this node. Returns "" or a sentence
  /// that names file, fault and remedy; then what was in use before stays in use. Any thread.
  std::string reload();

  /// For a new handshake; null before the first successful reload. Any thread.
  handle current() const;

private:
  std::string check(ssl_ctx_st* ctx) const;

  const files files_;
  const node_name self_;
  mutable std::mutex mutex_;
  handle current_;
};

} // namespace argosy::net
