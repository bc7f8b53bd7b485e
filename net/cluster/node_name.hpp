// node_name: whose certificate this is.
//
// A node's certificate carries its name as the URI `argosy://CLUSTER/NAME` among its subject
// alternative names (RFC 5280 section 4.2.1.6). A URI and no DNS name: node names may hold dots and
// underscores, and no certificate that was issued for a web site can pass for a node's.
#pragma once

#include <string>
#include <string_view>

struct x509_st;

namespace argosy::net {

struct node_name {
  std::string cluster;
  std::string node; ///< empty in the certificate of the authority itself

  friend bool operator==(const node_name&, const node_name&) = default;
};

std::string to_uri(const node_name& name);

/// Empty names unless `uri` is such a URI.
node_name parse_uri(std::string_view uri);

/// Empty names unless the certificate carries exactly one such URI.
node_name name_of(const x509_st* certificate);

} // namespace argosy::net
