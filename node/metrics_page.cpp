#include "node/metrics_page.hpp"

#include "node/cluster_metrics.hpp"
#include "node/metrics_text.hpp"

#include <array>
#include <cctype>
#include <string_view>

namespace argosy {

namespace {

using page = metrics_text;

constexpr std::array<std::string_view, lane_count> lane_names{"control", "ack", "direct", "event",
                                                              "latest"};

std::string label_of(errc e) {
  std::string out;
  for (const char c : info(e).text)
    out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return out;
}

class figures {
public:
  figures(const node_services& node, const net::server& sockets) : node_(node), sockets_(sockets) {}

  template <class Read>
  double net(Read read) const {
    std::uint64_t sum = 0;
    for (std::uint32_t i = 0; i < sockets_.loop_count(); ++i)
      sum += read(sockets_.stats(i)).value();
    return static_cast<double>(sum);
  }
  template <class Read>
  double loops(Read read) const {
    std::uint64_t sum = 0;
    for (const auto& loop : node_.metrics.loops)
      sum += read(loop).get();
    return static_cast<double>(sum);
  }

private:
  const node_services& node_;
  const net::server& sockets_;
};

void connections(page& p, const node_services& node, const figures& f) {
  p.gauge("argosy_connections", "Open client connections.", f.loops([](const auto& l) -> auto& {
    return l.opened;
  }) - f.loops([](const auto& l) -> auto& { return l.closed; }));
  p.counter("argosy_connections_opened_total", "Client connections opened.",
            f.loops([](const auto& l) -> auto& { return l.opened; }));
  p.begin("argosy_connections_closed_total", "Client connections closed, by our reason.",
          prometheus::MetricType::Counter);
  for (std::size_t i = 0; i < static_cast<std::size_t>(errc::count_); ++i) {
    const auto n = f.loops([&](const auto& l) -> auto& { return l.closed_by[i]; });
    const auto e = static_cast<errc>(i);
    if (n > 0)
      p.add({{"reason", e == errc::none ? "peer" : label_of(e)},
             {"code", std::to_string(info(e).close_code)}},
            n);
  }
  p.gauge("argosy_handshakes_pending", "Sockets in a PROXY header, in TLS or in an HTTP request.",
          f.net([](const auto& s) -> auto& { return s.handshaking; }));
  p.counter("argosy_upgrades_total", "WebSocket upgrades granted.",
            f.net([](const auto& s) -> auto& { return s.upgrades; }));
  p.counter("argosy_upgrades_refused_total", "WebSocket upgrades refused.",
            f.net([](const auto& s) -> auto& { return s.upgrades_refused; }));
  p.begin("argosy_sockets_rejected_total",
          "Sockets turned away before TLS and before any request was read.",
          prometheus::MetricType::Counter);
  constexpr std::array<const char*, 4> reasons{"admission", "connections_max", "descriptors",
                                               "proxy_header"};
  for (std::size_t i = 0; i < reasons.size(); ++i)
    p.add({{"reason", reasons[i]}}, f.net([&](const auto& s) -> auto& { return s.rejected[i]; }));
  p.gauge("argosy_users_online", "Users with a connection.",
          static_cast<double>(node.routes.count(address_kind::user)));
}

void messages(page& p, const node_services& node, const figures& f) {
  p.counter("argosy_publications_total", "Publications accepted by rooms of this node.",
            static_cast<double>(node.metrics.published.get()));
  p.counter("argosy_publications_deduplicated_total", "Publishes answered from the dedupe window.",
            static_cast<double>(node.metrics.deduplicated.get()));
  p.counter("argosy_publications_refused_total", "Publishes refused by a room.",
            static_cast<double>(node.metrics.refused.get()));
  p.counter("argosy_fans_total", "Messages from rooms to replicas: one per interested node.",
            static_cast<double>(node.metrics.fans.get()));
  p.counter("argosy_frames_encoded_total", "Frames encoded for fan-out, once per dialect.",
            static_cast<double>(node.metrics.encoded.get()));
  p.counter("argosy_deliveries_total", "Publications handed to a socket's queue.",
            f.loops([](const auto& l) -> auto& { return l.deliveries; }));
  p.counter("argosy_commands_total", "Client commands.",
            f.loops([](const auto& l) -> auto& { return l.commands; }));
  p.counter("argosy_command_errors_total", "Client commands answered with an error.",
            f.loops([](const auto& l) -> auto& { return l.command_errors; }));
  p.gauge("argosy_rooms_active", "Rooms awake on this node.",
          static_cast<double>(node.routes.count(address_kind::room)));
  p.gauge("argosy_rooms_subscribed", "Rooms with a subscriber on this node.",
          static_cast<double>(node.routes.count(address_kind::replica)));
  p.counter("argosy_actor_failures_total", "Actors ended by an exception.",
            static_cast<double>(node.metrics.actor_failures.get()));
  auto& h = p.histogram("argosy_publish_to_write_seconds",
                        "From the room's acceptance to the socket's queue, per delivery.");
  for (std::size_t i = 0; i < latency_buckets::size; ++i) {
    for (const auto& loop : node.metrics.loops)
      h.sample_count += loop.publish_to_write.bucket(i);
    h.bucket.push_back({h.sample_count, static_cast<double>(1ULL << i) / 1e6});
  }
  for (const auto& loop : node.metrics.loops)
    h.sample_sum += static_cast<double>(loop.publish_to_write.sum_us()) / 1e6;
}

void sockets(page& p, const figures& f) {
  p.counter("argosy_bytes_received_total", "Bytes read from sockets.",
            f.net([](const auto& s) -> auto& { return s.bytes_in; }));
  p.counter("argosy_bytes_sent_total", "Bytes written to sockets.",
            f.net([](const auto& s) -> auto& { return s.bytes_out; }));
  p.counter("argosy_messages_received_total", "WebSocket messages read.",
            f.net([](const auto& s) -> auto& { return s.messages_in; }));
  p.counter("argosy_frames_sent_total", "WebSocket frames that left completely.",
            f.net([](const auto& s) -> auto& { return s.frames_out; }));
  p.counter("argosy_write_calls_total", "Writes: send, sendmsg or an entry of a ring.",
            f.net([](const auto& s) -> auto& { return s.write_calls; }));
  p.counter("argosy_writes_blocked_total", "Writes that found the socket full.",
            f.net([](const auto& s) -> auto& { return s.write_blocked; }));
  p.gauge("argosy_outbound_queue_bytes", "Bytes that wait for peers to read.",
          f.net([](const auto& s) -> auto& { return s.queued_bytes; }));
  p.begin("argosy_frames_dropped_total", "Frames dropped by their lane's policy.",
          prometheus::MetricType::Counter);
  for (std::size_t i = 0; i < lane_count; ++i)
    p.add({{"lane", std::string{lane_names[i]}}},
          f.net([&](const auto& s) -> auto& { return s.dropped[i]; }));
  p.begin("argosy_frames_conflated_total", "Frames replaced by a newer one of the same key.",
          prometheus::MetricType::Counter);
  for (std::size_t i = 0; i < lane_count; ++i)
    p.add({{"lane", std::string{lane_names[i]}}},
          f.net([&](const auto& s) -> auto& { return s.conflated[i]; }));
  p.counter("argosy_slow_consumers_closed_total", "Connections closed with 3008.",
            f.loops([](const auto& l) -> auto& { return l.slow_closed; }));
  p.counter("argosy_tls_handshakes_total", "TLS handshakes completed.",
            f.net([](const auto& s) -> auto& { return s.tls_handshakes; }));
  p.counter("argosy_tls_handshakes_failed_total", "TLS handshakes failed.",
            f.net([](const auto& s) -> auto& { return s.tls_failed; }));
}

} // namespace

std::string metrics_page::text() const {
  page p;
  const figures f{node_, sockets_};
  connections(p, node_, f);
  messages(p, node_, f);
  sockets(p, f);
  p.gauge("argosy_draining", "1 while newcomers are turned away.", door_.draining() ? 1 : 0);
  p.begin("argosy_loop_turn_seconds", "How long a turn of a loop takes, smoothed.",
          prometheus::MetricType::Gauge);
  for (std::uint32_t i = 0; i < sockets_.loop_count(); ++i)
    p.add({{"loop", std::to_string(i)}},
          static_cast<double>(sockets_.stats(i).turn_us_smoothed.value()) / 1e6);
  if (fleet_)
    cluster_metrics(p, *fleet_);
  return p.text();
}

} // namespace argosy
