// certificates: makes a cluster's authority and the certificates of its nodes, for `argosy certs`
// and the tests. EC P-256 keys, SHA-256 signatures.
#pragma once

#include "net/cluster/node_name.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace argosy::net {

struct certificate {
  std::string pem;
  std::string key_pem;
  std::string error; ///< a sentence, and then nothing else
};

struct validity {
  std::chrono::seconds begins_in{-60}; ///< clocks differ
  std::chrono::seconds ends_in{std::chrono::hours{24 * 365}};
};

certificate make_authority(std::string_view cluster, const validity& v);

/// Signed by `authority`, good for both sides of a connection.
certificate make_node_certificate(const certificate& authority, const node_name& name,
                                  const validity& v);

/// The cluster that an authority's certificate was made for; empty if it is none of ours.
std::string cluster_of(const certificate& authority);

} // namespace argosy::net
