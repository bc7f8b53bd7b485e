// node_config: everything an operator can decide about a node, as plain values with their defaults.
//
// One struct per table of the TOML file; what each value means stands in the table of keys
// (node_keys.cpp), which is also what reads, checks and prints it. Built once by the composition
// root, then handed around in parts, read-only.
#pragma once

#include "runtime/core/channel_options.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace argosy {

using std::chrono::milliseconds;

struct identity_config {
  std::string name; ///< "" = the host's name
};

/// Without seeds the node is alone.
struct cluster_config {
  std::string name = "argosy";
  std::vector<std::string> seeds; ///< name=host:port
  std::string address;
  std::uint16_t port = 0;
  std::string advertise;
  bool insecure = false;
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  std::string secret_file;
  std::string data_dir = "argosy-data";
  std::uint32_t weight = 100;
  std::string zone;
  std::string region;
  milliseconds leave_timeout{10'000};
  std::uint32_t relay_above = 16;
};

struct http_config {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8000;
  std::string page_dir;
  std::vector<std::string> page_nodes; ///< origins
  std::uint32_t header_bytes_max = 16 << 10;
  std::uint32_t body_bytes_max = 1 << 20;
  milliseconds idle_timeout{60'000};
  std::vector<std::string> proxy_trusted; ///< ranges; read by `parse_range`
};

struct tls_config {
  bool enabled = false;
  std::string address = "127.0.0.1";
  std::uint16_t port = 8443;
  std::string cert_file;
  std::string key_file;
};

struct net_config {
  std::uint32_t loops = 0; ///< 0 = one per core, or more where the descriptor limit demands it
  std::uint32_t connections_max = 0;
  std::string io_uring = "auto";
  bool compression = false;
  std::uint32_t message_bytes_max = 64 << 10;
  std::uint32_t outbound_bytes_max = 1 << 20;
  milliseconds handshake_timeout{8'000};
  std::uint32_t pending_handshakes_max = 1'024;
  std::uint32_t backlog = 4'096;
  bool echo = false;
};

struct client_config {
  milliseconds ping_interval{25'000};
  milliseconds pong_timeout{8'000};
  milliseconds stale_timeout{10'000};
  milliseconds refresh_grace{25'000};
  std::uint32_t channels_max = 128;
  std::uint32_t channel_bytes_max = 255;
  std::uint32_t commands_per_second = 200;
  std::uint32_t commands_burst = 600;
  std::uint32_t connections_per_user_max = 0;
  std::string connections_per_user_policy = "reject";
  bool anonymous = false;
  bool personal_rooms = true;
  std::string personal_room_prefix = "user:";
  std::uint32_t recovery_publications_max = 300;
  std::uint32_t history_publications_max = 300;
};

struct admission_config {
  std::uint32_t connections_per_ip_max = 0;
  std::uint32_t connections_per_ip_per_second = 0;
  std::uint32_t connections_per_ip_burst = 100;
};

struct auth_config {
  bool insecure = false;
  std::string hmac_secret;
  std::vector<std::string> public_key_files;
  std::string jwks_file;
  std::string jwks_url;
  milliseconds jwks_refresh{300'000};
  milliseconds jwks_timeout{5'000};
  std::string audience;
  std::string issuer;
  std::vector<std::string> allowed_origins;
};

struct api_config {
  std::vector<std::string> keys;
  bool insecure = false;
};

/// "" = a path of the node's own; "off" = none.
struct admin_config {
  std::string socket;
};

struct log_config {
  std::string level = "info";
};

struct runtime_config {
  std::uint32_t scheduler_threads = 0; ///< 0 = half of the cores, at least one
};

struct rooms_config {
  milliseconds passivate{120'000};
  std::uint32_t presence_list_max = 1'000;
  std::uint32_t join_leave_clients_max = 1'000;
  milliseconds presence_linger{10'000};
  milliseconds presence_grace{10'000};
};

/// One `[[namespace]]`.
struct namespace_config {
  std::string name;
  channel_options options;
};

struct node_config {
  identity_config node;
  cluster_config cluster;
  http_config http;
  tls_config tls;
  net_config net;
  client_config client;
  admission_config admission;
  auth_config auth;
  api_config api;
  admin_config admin;
  log_config log;
  runtime_config runtime;
  rooms_config rooms;
  channel_options channel; ///< of channels without a namespace
  std::vector<namespace_config> namespaces;
};

/// The lookup by channel name that connections and rooms use.
std::shared_ptr<const namespaces> make_namespaces(const node_config& config);

} // namespace argosy
