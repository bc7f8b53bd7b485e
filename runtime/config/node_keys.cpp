#include "runtime/config/key.hpp"

#include <array>

namespace argosy::config {

namespace {

template <auto Group, auto Member>
field at(node_config& c) {
  return &((c.*Group).*Member);
}

using row = key<node_config>;
using n = node_config;

constexpr std::int64_t hour = 3'600'000;
constexpr std::int64_t mebibyte = 1 << 20;

constexpr std::array section_table{
    section{"node", "Who this node is."},
    section{"cluster", "The other nodes. Without seeds this node is alone."},
    section{"http", "The plain listener: WebSocket, server API, metrics, health and the page."},
    section{"tls", "The TLS listener, beside the plain one. The same paths answer on both."},
    section{"net", "The socket layer."},
    section{"client", "What a client may do, and how long we wait for it."},
    section{"admission", "Who may knock: decided before TLS and before any token is read."},
    section{"auth", "How a client proves who it is. User and tenant come from its token alone."},
    section{"api", "The server API, for the backends of the application."},
    section{"admin", "The admin shell: `argosy shell` on the machine of the node."},
    section{"log", "What the node says on its standard error."},
    section{"runtime", "The threads besides the event loops."},
    section{"rooms", "Bounds of all rooms."},
    section{"channel",
            "The options of channels without a namespace. The same keys, and a name, make "
            "a [[namespace]]."},
};

const std::array table{
    row{"node.name", at<&n::node, &identity_config::name>, "", any(),
        "Names the node in answers, logs and metrics; must be unique in a cluster. Empty = the "
        "name of the host."},

    row{"cluster.name", at<&n::cluster, &cluster_config::name>, "", any(),
        "Nodes of another cluster are refused, so that two fleets never mix by mistake. Stands in "
        "every certificate of the cluster."},
    row{"cluster.seeds", at<&n::cluster, &cluster_config::seeds>, "", any(),
        "The nodes that decide who is a member, as name=host:port of their cluster ports; one, "
        "three or five, the same on every node. A cluster of three goes on without one of them, "
        "of five without two. Any other node joins through any of them. Empty = no cluster."},
    row{"cluster.address", at<&n::cluster, &cluster_config::address>, "", any(),
        "The address to listen on for other nodes. Empty = as this node's entry in seeds says, or "
        "127.0.0.1 if it has none."},
    row{"cluster.port", at<&n::cluster, &cluster_config::port>, "", between(0, 65'535),
        "The port to listen on for other nodes. 0 = as this node's entry in seeds says, or 7100 if "
        "it has none."},
    row{"cluster.advertise", at<&n::cluster, &cluster_config::advertise>, "", any(),
        "The host:port at which others reach this node if it is no seed; empty = address and "
        "port."},
    row{"cluster.insecure", at<&n::cluster, &cluster_config::insecure>, "", any(),
        "No TLS between nodes and no proof of who they are: for one machine or a network where "
        "every host is trusted. Said aloud at each start."},
    row{"cluster.ca_file", at<&n::cluster, &cluster_config::ca_file>, "", any(),
        "PEM file: the authority that signs the certificates of this cluster's nodes, and nothing "
        "else (`argosy certs ca` makes one)."},
    row{"cluster.cert_file", at<&n::cluster, &cluster_config::cert_file>, "", any(),
        "PEM file: this node's certificate (`argosy certs node`); %n stands for the node's name, "
        "so "
        "that nodes can share one file of configuration. Read again on SIGHUP."},
    row{"cluster.key_file", at<&n::cluster, &cluster_config::key_file>, "", any(),
        "PEM file: this node's private key; %n as above. Read again on SIGHUP."},
    row{"cluster.secret_file", at<&n::cluster, &cluster_config::secret_file>, "", any(),
        "File with a secret of 32 bytes or more, the same on every node, %n as above: probes "
        "between nodes then also go as UDP datagrams to the cluster port, so that none waits "
        "behind data. Empty: over the links only."},
    row{"cluster.data_dir", at<&n::cluster, &cluster_config::data_dir>, "", any(),
        "Directory for what must survive a restart, in a directory of the node's name: a seed's "
        "votes and views, some kilobytes. A seed that loses it must not return under its name "
        "while others remember its votes."},
    row{"cluster.weight", at<&n::cluster, &cluster_config::weight>, "", between(0, 10'000),
        "This node's share of rooms and users against the others'; 0 = it owns none and only holds "
        "sockets."},
    row{"cluster.zone", at<&n::cluster, &cluster_config::zone>, "", any(),
        "The zone the node is in, for people and tools that look at the fleet."},
    row{"cluster.region", at<&n::cluster, &cluster_config::region>, "", any(),
        "The region the node is in, for people and tools that look at the fleet."},
    row{"cluster.leave_timeout_ms", at<&n::cluster, &cluster_config::leave_timeout>, "ms",
        between(0, 600'000),
        "On SIGTERM: for how long at most the node hands over what it owns before it closes its "
        "clients' connections and ends; 0 = not at all."},
    row{"cluster.relay_above", at<&n::cluster, &cluster_config::relay_above>, "nodes",
        between(0, 10'000),
        "A room that more nodes than this listen to is told to about the square root "
        "of them, and each of those tells its share: less work for the room's owner, one more hop "
        "for the others. 0 = the owner always tells all."},

    row{"http.address", at<&n::http, &http_config::address>, "", any(),
        "The address to listen on. 127.0.0.1 = this machine only, 0.0.0.0 = all networks."},
    row{"http.port", at<&n::http, &http_config::port>, "", between(0, 65'535),
        "The port to listen on; 0 = any free one, printed at the start."},
    row{"http.page_dir", at<&n::http, &http_config::page_dir>, "", any(),
        "Directory of the built page that is served at /; empty = none."},
    row{"http.page_nodes", at<&n::http, &http_config::page_nodes>, "", any(),
        "Where browsers reach the nodes of the fleet, such as \"http://127.0.0.1:8001\". The page "
        "turns to the next one when the node that it is on goes away; pages from anywhere may then "
        "read /stats and /map. Empty = the page knows its own node only."},
    row{"http.header_bytes_max", at<&n::http, &http_config::header_bytes_max>, "bytes",
        between(1'024, mebibyte),
        "Longest request header. Cookies and long tokens in the query need room; each pending "
        "handshake may cost as much."},
    row{"http.body_bytes_max", at<&n::http, &http_config::body_bytes_max>, "bytes",
        between(1'024, 64 * mebibyte), "Longest body of a server API request."},
    row{"http.idle_timeout_ms", at<&n::http, &http_config::idle_timeout>, "ms",
        between(1'000, hour),
        "How long a connection may pause between two requests. Clients are told in whole seconds "
        "(Keep-Alive: timeout). Longer saves backends new connections, shorter frees "
        "descriptors."},
    row{"http.proxy_trusted", at<&n::http, &http_config::proxy_trusted>, "", any(),
        "Addresses and ranges, such as \"10.0.0.0/8\", of the proxies in front of both listeners. "
        "Who comes from there must begin with a PROXY protocol header (version 1 or 2, before "
        "TLS), and the client it names is the one that counts. From anywhere else no such header "
        "is accepted. Empty = off."},

    row{"tls.enabled", at<&n::tls, &tls_config::enabled>, "", any(),
        "Listen with TLS 1.2 and 1.3 too. Needs cert_file and key_file."},
    row{"tls.address", at<&n::tls, &tls_config::address>, "", any(), "As http.address."},
    row{"tls.port", at<&n::tls, &tls_config::port>, "", between(0, 65'535), "As http.port."},
    row{"tls.cert_file", at<&n::tls, &tls_config::cert_file>, "", any(),
        "PEM file: the certificate, then its chain. Read again on SIGHUP."},
    row{"tls.key_file", at<&n::tls, &tls_config::key_file>, "", any(),
        "PEM file: the private key. Read again on SIGHUP."},

    row{"net.loops", at<&n::net, &net_config::loops>, "threads", between(0, 1'024),
        "Event loops, each with its own listener; 0 = one per core, or as many as the descriptor "
        "limit demands. More than cores costs switches, fewer leaves cores idle."},
    row{"net.connections_max", at<&n::net, &net_config::connections_max>, "connections", any(),
        "Connections of this node; beyond it a newcomer gets 503. 0 = as many as the descriptor "
        "limit allows with one loop per core; more than that adds loops with tables of their own, "
        "which costs CPU per delivery."},
    row{"net.io_uring", at<&n::net, &net_config::io_uring>, "", one_of("auto|off"),
        "auto = send broadcasts through io_uring where the kernel allows it, else as off. off = "
        "one send per connection, which costs more CPU per delivery."},
    row{"net.compression", at<&n::net, &net_config::compression>, "", any(),
        "Offer permessage-deflate. A publication is compressed once for all its receivers; what "
        "clients send costs CPU and memory to inflate."},
    row{"net.message_bytes_max", at<&n::net, &net_config::message_bytes_max>, "bytes",
        between(128, 64 * mebibyte),
        "Longest message of a client, after inflating. Beyond it the connection is closed (1009)."},
    row{"net.outbound_bytes_max", at<&n::net, &net_config::outbound_bytes_max>, "bytes",
        between(4'096, 1'024 * mebibyte),
        "What may wait for one client that reads slowly; beyond it the connection is closed (3008) "
        "and may resume. More patience costs memory in the worst case: this times the slow ones."},
    row{"net.handshake_timeout_ms", at<&n::net, &net_config::handshake_timeout>, "ms",
        between(100, 600'000),
        "From accept to the end of the upgrade, or of a plain request. Stops clients that "
        "dribble."},
    row{"net.pending_handshakes_max", at<&n::net, &net_config::pending_handshakes_max>,
        "handshakes", between(1, 1'000'000),
        "Handshakes in progress on one loop; beyond it newcomers wait in the backlog, which "
        "protects those already in."},
    row{"net.backlog", at<&n::net, &net_config::backlog>, "connections", between(1, 65'535),
        "Finished TCP handshakes that wait for accept. The kernel caps it at net.core.somaxconn."},
    row{"net.echo", at<&n::net, &net_config::echo>, "", any(),
        "For conformance tests only: /echo sends every message back, to anybody."},

    row{"client.ping_interval_ms", at<&n::client, &client_config::ping_interval>, "ms",
        between(1'000, hour),
        "How often the server pings. Shorter finds dead peers sooner and keeps phones awake."},
    row{"client.pong_timeout_ms", at<&n::client, &client_config::pong_timeout>, "ms",
        between(100, hour),
        "How long a pong may take before the connection counts as dead (3012). Shorter than the "
        "interval."},
    row{"client.stale_timeout_ms", at<&n::client, &client_config::stale_timeout>, "ms",
        between(100, hour), "How long a socket may stay open without a connect command (3502)."},
    row{"client.refresh_grace_ms", at<&n::client, &client_config::refresh_grace>, "ms",
        between(0, hour),
        "How long an expired connection or subscription may take to bring a new token, before it "
        "is closed (3005)."},
    row{"client.channels_max", at<&n::client, &client_config::channels_max>, "channels",
        between(1, 100'000),
        "Subscriptions of one connection, its personal room aside; beyond it error 106."},
    row{"client.channel_bytes_max", at<&n::client, &client_config::channel_bytes_max>, "bytes",
        between(1, 4'096), "Longest channel name."},
    row{"client.commands_per_second", at<&n::client, &client_config::commands_per_second>,
        "commands/s", between(0, 1'000'000),
        "What one connection may ask in the long run; 0 = no limit. More is answered with error "
        "111."},
    row{"client.commands_burst", at<&n::client, &client_config::commands_burst>, "commands",
        between(1, 10'000'000),
        "What it may ask at once. A client that comes back subscribes to all its channels at "
        "once: keep it well above channels_max."},
    row{"client.connections_per_user_max", at<&n::client, &client_config::connections_per_user_max>,
        "connections", any(),
        "Connections of one user over all devices, tabs and nodes (3504); 0 = no limit."},
    row{"client.connections_per_user_policy",
        at<&n::client, &client_config::connections_per_user_policy>, "",
        one_of("reject|close_oldest"),
        "Who goes when a user has one connection too many: reject = the newcomer, close_oldest = "
        "the one that has been there longest. Both with 3504, after which SDKs do not come back by "
        "themselves."},
    row{"client.anonymous", at<&n::client, &client_config::anonymous>, "", any(),
        "Let clients in without a token. They have no user name, so only options for anonymous "
        "clients apply to them."},
    row{"client.personal_rooms", at<&n::client, &client_config::personal_rooms>, "", any(),
        "Each user has a room of their own, for direct messages to all their devices."},
    row{"client.personal_room_prefix", at<&n::client, &client_config::personal_room_prefix>, "",
        any(),
        "How the names of personal rooms begin: user:42 is the room of user 42. A namespace of "
        "that name gives its options."},
    row{"client.recovery_publications_max",
        at<&n::client, &client_config::recovery_publications_max>, "publications",
        between(1, 100'000),
        "What a client may be sent to catch up; if it missed more, it starts afresh."},
    row{"client.history_publications_max", at<&n::client, &client_config::history_publications_max>,
        "publications", between(1, 100'000), "Longest answer to a client's history command."},

    row{"admission.connections_per_ip_max",
        at<&n::admission, &admission_config::connections_per_ip_max>, "connections", any(),
        "Open connections from one address; 0 = no limit. An office or a mobile network may share "
        "one address."},
    row{"admission.connections_per_ip_per_second",
        at<&n::admission, &admission_config::connections_per_ip_per_second>, "connections/s", any(),
        "New connections from one address in the long run; 0 = no limit."},
    row{"admission.connections_per_ip_burst",
        at<&n::admission, &admission_config::connections_per_ip_burst>, "connections",
        between(1, 10'000'000), "New connections from one address at once."},

    row{"auth.insecure", at<&n::auth, &auth_config::insecure>, "", any(),
        "For local play and load tests: clients need no token and may do everything. Said aloud at "
        "each start."},
    row{"auth.hmac_secret", at<&n::auth, &auth_config::hmac_secret>, "", secret(),
        "Shared secret of HS256, HS384 and HS512 tokens. Whoever has it can be anybody; 32 random "
        "bytes or more. Empty = such tokens are refused."},
    row{"auth.public_key_files", at<&n::auth, &auth_config::public_key_files>, "", any(),
        "PEM files with public keys: RSA (RS256...), EC P-256 or P-384 (ES256, ES384), Ed25519 "
        "(EdDSA). A node with public keys cannot mint tokens."},
    row{"auth.jwks_file", at<&n::auth, &auth_config::jwks_file>, "", any(),
        "A JSON Web Key Set. Read again when it changes, so that keys rotate without a restart."},
    row{"auth.jwks_url", at<&n::auth, &auth_config::jwks_url>, "", any(),
        "Where an identity provider publishes its JSON Web Key Set (http or https)."},
    row{"auth.jwks_refresh_ms", at<&n::auth, &auth_config::jwks_refresh>, "ms",
        between(1'000, 24 * hour),
        "How often the key set is looked at. An unknown key id asks at once, at most every 10 s; "
        "its bearer is told to come again until then."},
    row{"auth.jwks_timeout_ms", at<&n::auth, &auth_config::jwks_timeout>, "ms",
        between(100, 60'000), "How long one fetch of jwks_url may take."},
    row{"auth.audience", at<&n::auth, &auth_config::audience>, "", any(),
        "Tokens must name this audience (aud); empty = not checked."},
    row{"auth.issuer", at<&n::auth, &auth_config::issuer>, "", any(),
        "Tokens must name this issuer (iss); empty = not checked."},
    row{"auth.allowed_origins", at<&n::auth, &auth_config::allowed_origins>, "", any(),
        "Pages whose scripts may connect, such as https://example.com or https://*.example.com; "
        "empty = all. Clients are known by tokens, not by cookies, so this narrows who may try; "
        "clients that are no browsers send no origin and always may."},

    row{"api.keys", at<&n::api, &api_config::keys>, "", secret(),
        "Keys for the X-API-Key header. Several, so that they can be replaced one by one. None = "
        "the server API is closed."},
    row{"api.insecure", at<&n::api, &api_config::insecure>, "", any(),
        "The server API asks for no key: anybody who reaches the port may publish."},

    row{"admin.socket", at<&n::admin, &admin_config::socket>, "", any(),
        "The UNIX socket of the admin shell, for the user of the node alone; %n stands for the "
        "node's name. Empty = argosy-NAME.sock in $XDG_RUNTIME_DIR, or without that "
        "/run/argosy/NAME.sock for root and /tmp/argosy-UID/NAME.sock for others. off = none."},

    row{"log.level", at<&n::log, &log_config::level>, "", one_of("debug|info|warn|error"),
        "The least important line that is written. debug costs CPU on each command."},

    row{"runtime.scheduler_threads", at<&n::runtime, &runtime_config::scheduler_threads>, "threads",
        between(0, 1'024),
        "Threads for users, presence, custom rooms and the API; 0 = half of the cores, at least "
        "one. Sockets and the built-in channel have their own (net.loops)."},

    row{"rooms.passivate_ms", at<&n::rooms, &rooms_config::passivate>, "ms",
        between(100, 24 * hour),
        "A room without subscribers and without history to keep goes to sleep after this time. "
        "Longer saves wake-ups, shorter saves memory."},
    row{"rooms.presence_list_max", at<&n::rooms, &rooms_config::presence_list_max>, "clients",
        between(1, 1'000'000),
        "Longest answer to a presence command; the counts are always exact."},
    row{"rooms.join_leave_clients_max", at<&n::rooms, &rooms_config::join_leave_clients_max>,
        "clients", between(0, 1'000'000),
        "A larger room sends no join and leave messages: n newcomers would cost n squared "
        "deliveries. Whoever needs to know asks for the counts."},
    row{"rooms.presence_linger_ms", at<&n::rooms, &rooms_config::presence_linger>, "ms",
        between(0, 600'000),
        "In a cluster: how long a person who lost the connection still counts as present, so that "
        "nobody flickers who comes back, here or at another node; 0 = not at all."},
    row{"rooms.presence_grace_ms", at<&n::rooms, &rooms_config::presence_grace>, "ms",
        between(2'000, 600'000),
        "In a cluster: how long the clients of a dead or silent node still count as present. Each "
        "node is heard twice in that time. The same on every node."},
};

} // namespace

std::span<const section> sections() noexcept {
  return section_table;
}

std::span<const key<node_config>> node_keys() noexcept {
  return table;
}

} // namespace argosy::config
