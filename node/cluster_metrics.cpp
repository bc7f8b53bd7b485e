#include "node/cluster_metrics.hpp"

#include "actors/cluster/cluster_layer.hpp"
#include "node/fleet_member.hpp"
#include "node/metrics_text.hpp"

#include <array>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace argosy {

namespace {

constexpr auto gauge = prometheus::MetricType::Gauge;
constexpr auto counter = prometheus::MetricType::Counter;

void view_metrics(metrics_text& out, const cluster_layer& layer, const node_services& node) {
  const auto view = layer.routes().view();
  out.gauge("argosy_cluster_view", "Number of the view that this node acts by; 0 = none yet.",
            view ? static_cast<double>(view->no) : 0);
  out.begin("argosy_cluster_members", "Members of that view, by state.", gauge);
  std::map<std::string_view, int> by_state;
  if (view)
    for (const auto& m : view->members)
      ++by_state[to_string(m.state)];
  for (const auto& [state, n] : by_state)
    out.add({{"state", std::string{state}}}, n);
  out.gauge("argosy_cluster_fenced", "1 while this node has no lease and acknowledges nothing.",
            node.fenced() ? 1 : 0);
  std::size_t owned = 0;
  for (std::uint32_t shard = 0; shard < shard_count; ++shard)
    owned += node.routes.place_of(shard) == this_node ? 1 : 0;
  out.gauge("argosy_cluster_shards_owned", "Shards of the 4096 that this node owns.",
            static_cast<double>(owned));
  const auto placed = layer.routes().placement();
  const auto meant = placed ? placed->shards_of(node.node_name).size() : 0;
  out.gauge("argosy_cluster_shards_moving",
            "Shards that are to be this node's and cannot be served yet.",
            static_cast<double>(meant > owned ? meant - owned : 0));
}

void shard_metrics(metrics_text& out, const shard_figures& f) {
  out.begin("argosy_cluster_shards_taken_total",
            "Shards that this node took over: pulled from their last owner, or salvaged.", counter);
  out.add({{"how", "pulled"}}, static_cast<double>(f.pulled.load()));
  out.add({{"how", "salvaged"}}, static_cast<double>(f.salvaged.load()));
  out.counter("argosy_cluster_shards_handed_on_total",
              "Shards of this node whose content their next owner has received.",
              static_cast<double>(f.handed_on.load()));
}

using peers = std::vector<peer_ptr>;

template <class Read>
void by_link(metrics_text& out, const peers& all, prometheus::MetricType type, std::string name,
             std::string help, Read read) {
  out.begin(std::move(name), std::move(help), type);
  for (const auto& p : all)
    out.add({{"peer", p->id.name}}, static_cast<double>(read(*p->figures).load()));
}

void link_metrics(metrics_text& out, const peers& all) {
  using f = const link_figures;
  by_link(
      out, all, gauge, "argosy_link_connected", "1 while a connection with the peer stands.",
      [](f & l) -> auto& { return l.connected; });
  by_link(
      out, all, counter, "argosy_link_envelopes_sent_total", "Messages sent to the peer.",
      [](f & l) -> auto& { return l.envelopes_out; });
  by_link(
      out, all, counter, "argosy_link_envelopes_received_total", "Messages from the peer.",
      [](f & l) -> auto& { return l.envelopes_in; });
  by_link(
      out, all, counter, "argosy_link_batches_sent_total", "Batches sent to the peer.",
      [](f & l) -> auto& { return l.batches_out; });
  by_link(
      out, all, counter, "argosy_link_bytes_sent_total", "Bytes of batches to the peer.",
      [](f & l) -> auto& { return l.bytes_out; });
  by_link(
      out, all, counter, "argosy_link_bytes_received_total", "Bytes of batches from the peer.",
      [](f & l) -> auto& { return l.bytes_in; });
  by_link(
      out, all, gauge, "argosy_link_queued_bytes", "What waits for the peer's credit.",
      [](f & l) -> auto& { return l.queued_bytes; });
  by_link(
      out, all, gauge, "argosy_link_in_flight_bytes", "Sent, and not yet handled by the peer.",
      [](f & l) -> auto& { return l.in_flight_bytes; });
  by_link(
      out, all, gauge, "argosy_link_questions", "Questions that wait for the peer's answer.",
      [](f & l) -> auto& { return l.questions; });
  by_link(
      out, all, counter, "argosy_link_not_understood_total",
      "Messages of the peer that made no sense.", [](f & l) -> auto& { return l.not_understood; });
  constexpr std::array<const char*, cluster::outbox::loss_count> reasons{
      "replaced", "overflow", "lagging", "refused", "closed"};
  out.begin("argosy_link_lost_total", "Messages that did not leave, by reason.", counter);
  for (const auto& p : all)
    for (std::size_t i = 0; i < reasons.size(); ++i)
      out.add({{"peer", p->id.name}, {"reason", reasons[i]}},
              static_cast<double>(p->figures->lost[i].load()));
}

void port_metrics(metrics_text& out, const net::edge_figures& f) {
  out.counter("argosy_cluster_port_accepted_total", "Connections accepted on the cluster port.",
              static_cast<double>(f.accepted));
  out.counter("argosy_cluster_port_dialled_total", "Connections dialled to other nodes.",
              static_cast<double>(f.dialled));
  out.counter("argosy_cluster_port_opened_total", "Of both, those that became a link's.",
              static_cast<double>(f.opened));
  out.gauge("argosy_cluster_port_pending", "Strangers that shake hands now.",
            static_cast<double>(f.pending));
  out.begin("argosy_cluster_port_refused_total", "Connections that did not become a link's.",
            counter);
  for (std::size_t i = 0; i < f.refused.size(); ++i)
    out.add({{"reason", std::string{net::to_string(static_cast<net::refusal>(i))}}},
            static_cast<double>(f.refused[i]));
}

void probe_metrics(metrics_text& out, const net::probe_figures& f) {
  out.begin("argosy_cluster_probes_total", "Probes as datagrams, by what became of them.", counter);
  for (const auto& [what, n] : {std::pair{"sent", f.sent}, std::pair{"unsent", f.unsent},
                                std::pair{"heard", f.heard}, std::pair{"malformed", f.malformed},
                                std::pair{"forged", f.forged}, std::pair{"replayed", f.replayed}})
    out.add({{"what", what}}, static_cast<double>(n));
}

} // namespace

void cluster_metrics(metrics_text& out, const fleet_member& of) {
  const auto& layer = of.layer();
  view_metrics(out, layer, layer.services().node);
  shard_metrics(out, layer.services().shards);
  link_metrics(out, layer.services().peers.all());
  port_metrics(out, of.figures());
  if (const auto probes = of.probe_figures())
    probe_metrics(out, *probes);
}

} // namespace argosy
