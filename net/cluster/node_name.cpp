#include "net/cluster/node_name.hpp"

#include "runtime/cluster/member.hpp"

#include <openssl/x509v3.h>

#include <memory>

namespace argosy::net {

namespace {

constexpr std::string_view scheme = "argosy://";

struct free_names {
  void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};

std::string_view text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

} // namespace

std::string to_uri(const node_name& name) {
  std::string uri{scheme};
  uri += name.cluster;
  if (!name.node.empty())
    uri += '/' + name.node;
  return uri;
}

node_name parse_uri(std::string_view uri) {
  if (!uri.starts_with(scheme))
    return {};
  uri.remove_prefix(scheme.size());
  const auto slash = uri.find('/');
  const auto cluster = uri.substr(0, slash);
  const auto node = slash == std::string_view::npos ? "" : uri.substr(slash + 1);
  if (!cluster::valid_member_name(cluster)
      || (slash != std::string_view::npos && !cluster::valid_member_name(node)))
    return {};
  return {std::string{cluster}, std::string{node}};
}

node_name name_of(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, free_names> names{static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
  node_name found;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const auto* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI)
      continue;
    const auto uri = text_of(name->d.uniformResourceIdentifier);
    if (!uri.starts_with(scheme))
      continue;
    if (!found.cluster.empty())
      return {};
    found = parse_uri(uri);
  }
  return found;
}

} // namespace argosy::net
