#include "runtime/config/check.hpp"

#include "runtime/config/fleet.hpp"
#include "runtime/config/parse_range.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <set>
#include <string_view>
#include <utility>

namespace argosy::config {

namespace {

using sentences = std::vector<std::string>;

bool is_address(const std::string& text) {
  in6_addr scratch{};
  return ::inet_pton(AF_INET, text.c_str(), &scratch) == 1
         || ::inet_pton(AF_INET6, text.c_str(), &scratch) == 1;
}

void check_address(sentences& out, std::string_view key, const std::string& address) {
  if (!is_address(address))
    out.push_back("`" + std::string{key} + "` is \"" + address
                  + "\", which is not an IP address; write for example \"127.0.0.1\" or "
                    "\"0.0.0.0\".");
}

void check_listeners(sentences& out, const node_config& c) {
  check_address(out, "http.address", c.http.address);
  check_address(out, "tls.address", c.tls.address);
  if (c.tls.enabled && c.tls.cert_file.empty())
    out.push_back("`tls.enabled` is true, but `tls.cert_file` is empty; name the PEM file of the "
                  "certificate.");
  if (c.tls.enabled && c.tls.key_file.empty())
    out.push_back("`tls.enabled` is true, but `tls.key_file` is empty; name the PEM file of the "
                  "private key.");
  if (c.tls.enabled && c.tls.port == c.http.port && c.tls.port != 0
      && c.tls.address == c.http.address)
    out.push_back("`tls.port` is " + std::to_string(c.tls.port)
                  + ", which `http.port` already listens on; choose another port.");
}

void check_proxies(sentences& out, const http_config& http) {
  for (const auto& text : http.proxy_trusted)
    if (!parse_range(text))
      out.push_back("`http.proxy_trusted` has \"" + text
                    + "\", which is neither an IP address nor a range of them; write for example "
                      "\"10.0.0.0/8\" or \"fd00::/8\".");
}

bool is_origin(std::string_view text) {
  const auto scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  const auto host = text.substr(scheme);
  return scheme != 0 && !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                  || std::string_view{".-:[]"}.find(c) != std::string_view::npos;
         });
}

void check_page(sentences& out, const http_config& http) {
  for (const auto& text : http.page_nodes)
    if (!is_origin(text))
      out.push_back("`http.page_nodes` has \"" + text
                    + "\", which is not the address of a node; write scheme, host and port without "
                      "a path, such as \"http://127.0.0.1:8001\".");
}

/// Of every IPv4 address, or of more.
bool is_everybody(const std::string& text) {
  const auto range = parse_range(text);
  return range && (range->bits == 0 || (range->bits == 96 && text.find(':') == text.npos));
}

void check_seeds(sentences& out, const cluster_config& cluster) {
  std::set<std::string> names;
  std::set<std::string> addresses;
  for (const auto& text : cluster.seeds) {
    seed_entry seed;
    if (!parse_seed(text, seed) || !valid_namespace_name(seed.name))
      out.push_back("`cluster.seeds` has \"" + text
                    + "\", which is not name=host:port; write for example \"a=10.0.0.1:7100\".");
    else if (!names.insert(seed.name).second || !addresses.insert(seed.address()).second)
      out.push_back("`cluster.seeds` has \"" + text
                    + "\", whose name or address is there already; each seed needs its own.");
  }
  if (const auto n = cluster.seeds.size(); n % 2 == 0 || n > 5)
    out.push_back("`cluster.seeds` names " + std::to_string(n)
                  + " nodes, but must name one, three or five: with an even number one more must "
                    "agree and no more may fail; add or remove one.");
}

void check_cluster(sentences& out, const cluster_config& cluster) {
  if (cluster.seeds.empty())
    return;
  check_seeds(out, cluster);
  if (!cluster.address.empty())
    check_address(out, "cluster.address", cluster.address);
  if (cluster.name.empty())
    out.push_back("`cluster.name` is \"\"; give the cluster a name, such as \"argosy\".");
  if (cluster.data_dir.empty())
    out.push_back("`cluster.data_dir` is \"\"; name a directory that survives a restart.");
  if (seed_entry scratch;
      !cluster.advertise.empty() && !parse_seed("n=" + cluster.advertise, scratch))
    out.push_back("`cluster.advertise` is \"" + cluster.advertise
                  + "\", which is not host:port; write for example \"10.0.0.4:7100\".");
  for (const auto& [key, file] :
       {std::pair{"ca_file", &cluster.ca_file}, std::pair{"cert_file", &cluster.cert_file},
        std::pair{"key_file", &cluster.key_file}})
    if (!cluster.insecure && file->empty())
      out.push_back("`cluster." + std::string{key}
                    + "` is empty, and nodes prove who they are by certificates; name the PEM file "
                      "(`argosy certs` makes some), or set `cluster.insecure` to true on a "
                      "network that you trust.");
}

void check_client(sentences& out, const node_config& c) {
  if (c.client.pong_timeout >= c.client.ping_interval)
    out.push_back("`client.pong_timeout_ms` is " + std::to_string(c.client.pong_timeout.count())
                  + ", but must be less than `client.ping_interval_ms`, which is "
                  + std::to_string(c.client.ping_interval.count()) + "; lower it.");
  if (c.client.personal_rooms && c.client.personal_room_prefix.empty())
    out.push_back("`client.personal_room_prefix` is \"\", which would make every channel personal; "
                  "write \"user:\", or set `client.personal_rooms` to false.");
  if (c.net.outbound_bytes_max < c.net.message_bytes_max)
    out.push_back("`net.outbound_bytes_max` is " + std::to_string(c.net.outbound_bytes_max)
                  + ", but must not be less than `net.message_bytes_max`, which is "
                  + std::to_string(c.net.message_bytes_max)
                  + ": one message would close its readers; raise it.");
}

void check_auth(sentences& out, const auth_config& auth) {
  const auto& url = auth.jwks_url;
  if (!url.empty() && !url.starts_with("https://") && !url.starts_with("http://"))
    out.push_back("`auth.jwks_url` is \"" + url
                  + "\", but must start with https:// or http://; write the whole URL.");
  for (const auto& origin : auth.allowed_origins)
    if (origin != "*" && (origin.find("://") == std::string::npos || origin.ends_with('/')))
      out.push_back("`auth.allowed_origins` has \"" + origin
                    + "\", which is not an origin; write scheme and host without a path, such as "
                      "\"https://example.com\".");
}

void check_options(sentences& out, const std::string& where, const channel_options& o) {
  if ((o.history_size > 0) != (o.history_ttl.count() > 0))
    out.push_back("`" + where + "history_size` is " + std::to_string(o.history_size) + " and `"
                  + where + "history_ttl_ms` is " + std::to_string(o.history_ttl.count())
                  + ", but history needs both; set both, or neither.");
  else if (o.force_recovery && !o.keeps_history())
    out.push_back("`" + where + "force_recovery` is true, but there is no history to recover from; "
                  + "set `" + where + "history_size` and `" + where + "history_ttl_ms`.");
  else if (o.force_positioning && !o.keeps_history())
    out.push_back("`" + where + "force_positioning` is true, but there is no history; set `" + where
                  + "history_size` and `" + where + "history_ttl_ms`.");
  if (o.force_push_join_leave && !o.join_leave)
    out.push_back("`" + where + "force_push_join_leave` is true, but `" + where
                  + "join_leave` is false; set that to true too.");
}

void check_namespaces(sentences& out, const node_config& c) {
  check_options(out, "channel.", c.channel);
  std::set<std::string_view> seen;
  for (const auto& space : c.namespaces) {
    check_options(out, "namespace." + space.name + ".", space.options);
    if (!valid_namespace_name(space.name))
      out.push_back("`namespace.name` is \"" + space.name
                    + "\", but must be 1 to 64 letters, digits, `_`, `-` or `.`; rename it.");
    else if (!seen.insert(space.name).second)
      out.push_back("`namespace.name` \"" + space.name
                    + "\" is there twice; merge the two tables.");
  }
}

} // namespace

sentences check(const node_config& config) {
  sentences out;
  check_listeners(out, config);
  check_proxies(out, config.http);
  check_page(out, config.http);
  check_cluster(out, config.cluster);
  check_client(out, config);
  check_auth(out, config.auth);
  check_namespaces(out, config);
  return out;
}

sentences warnings(const node_config& config) {
  sentences out;
  if (config.auth.insecure)
    out.push_back("INSECURE: clients need no token and may do everything (auth.insecure = true).");
  if (config.api.insecure)
    out.push_back("INSECURE: the server API asks for no key (api.insecure = true).");
  if (config.cluster.seeds.size() == 1)
    out.push_back(
        "cluster.seeds names one node, so nobody can join or take over while that node is "
        "down; name three for a cluster that survives its nodes.");
  if (config.net.echo)
    out.push_back("The echo endpoint is open to anybody (net.echo = true).");
  const auto& proxies = config.http.proxy_trusted;
  if (std::any_of(proxies.begin(), proxies.end(), is_everybody))
    out.push_back("http.proxy_trusted holds all addresses, so whoever reaches the port can say "
                  "that it is somebody else.");
  const auto& auth = config.auth;
  const bool has_keys = !auth.hmac_secret.empty() || !auth.public_key_files.empty()
                        || !auth.jwks_file.empty() || !auth.jwks_url.empty();
  if (!has_keys && !auth.insecure && !config.client.anonymous)
    out.push_back("No client can connect: there is no key to check tokens with; set "
                  "auth.hmac_secret, auth.public_key_files, auth.jwks_file or auth.jwks_url.");
  if (!auth.hmac_secret.empty() && auth.hmac_secret.size() < 32)
    out.push_back("auth.hmac_secret is shorter than 32 bytes, so it can be guessed from one token; "
                  "make one with `openssl rand -hex 32`.");
  if (auth.jwks_url.starts_with("http://"))
    out.push_back("auth.jwks_url is plain http: whoever is on the way can replace the keys.");
  return out;
}

} // namespace argosy::config
