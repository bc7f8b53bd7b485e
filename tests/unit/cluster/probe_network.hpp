// probe_network: failure detectors on a lossy network in virtual time. Nodes may die, pause and be
// cut off in one direction; helpers relay probes as a node does.
#pragma once

#include "runtime/cluster/failure_detector.hpp"
#include "tests/unit/cluster/views.hpp"
#include "tests/unit/core/instant.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <queue>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace argosy::testing {

class probe_network {
public:
  using duration = std::chrono::microseconds;

  struct said {
    duration at;
    std::size_t by;
    std::size_t of;
    bool withdrawn;
  };

  probe_network(int nodes, unsigned seed, const cluster::detector_settings& settings = {})
      : random_(seed), view_(view_of_size(nodes)), nodes_(view_.members.size()) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      nodes_[i].detector = cluster::failure_detector{view_.members[i].id, settings};
      nodes_[i].detector.watch(view_, at(duration{0}));
      plan_tick(i, duration{0});
    }
  }

  /// True = the packet is lost. Asked for each packet; may draw from `random`.
  std::function<bool(std::size_t from, std::size_t to, std::mt19937& random)> lost =
      [](std::size_t, std::size_t, std::mt19937&) { return false; };
  duration delay_min{200};
  duration delay_max{2000};

  void run_until(duration end) {
    while (!events_.empty() && events_.top().at <= end) {
      const event e = events_.top();
      events_.pop();
      now_ = std::max(now_, e.at);
      auto& n = nodes_[e.node];
      if (n.dead)
        continue;
      if (n.paused_until > e.at)
        events_.push({n.paused_until, e.number, e.node, e.what, e.packet}); // waits in its socket
      else if (e.what == kind::tick)
        tick(e.node, e.at);
      else
        arrive(e.node, e.packet, e.what, e.at);
    }
    now_ = end;
  }

  void kill(std::size_t node) { nodes_[node].dead = true; }
  void pause(std::size_t node, duration length) { nodes_[node].paused_until = now_ + length; }

  duration now() const { return now_; }
  const std::vector<said>& heard() const { return heard_; }
  std::size_t packets() const { return packets_; }
  cluster::failure_detector& detector(std::size_t node) { return nodes_[node].detector; }
  const cluster::view& view() const { return view_; }

private:
  enum class kind { tick, probe, ack, ask, indirect_ack };

  struct packet {
    std::size_t from = 0;
    std::size_t asker = 0;  ///< whose question it is
    std::size_t target = 0; ///< whom it is about
    std::uint64_t sequence = 0;
  };
  struct event {
    duration at;
    std::uint64_t number;
    std::size_t node;
    kind what;
    probe_network::packet packet;
    bool operator<(const event& o) const { // the top of the queue is the earliest
      return std::pair{at, number} > std::pair{o.at, o.number};
    }
  };
  struct ship {
    cluster::failure_detector detector{{"", 0}};
    duration paused_until{0};
    bool dead = false;
  };

  std::size_t index(const cluster::node_identity& id) const {
    return static_cast<std::size_t>(cluster::find(view_, id) - view_.members.data());
  }

  void plan_tick(std::size_t node, duration now) {
    const auto next = nodes_[node].detector.next_tick_at();
    if (next != cluster::failure_detector::time_point::max())
      events_.push({std::max(now, std::chrono::duration_cast<duration>(next - at(duration{0}))),
                    ++number_,
                    node,
                    kind::tick,
                    {}});
  }

  void send(std::size_t to, kind what, const packet& p, duration now) {
    ++packets_;
    if (lost(p.from, to, random_))
      return;
    const auto span = static_cast<std::uint64_t>((delay_max - delay_min).count()) + 1;
    events_.push({now + delay_min + duration{static_cast<std::int64_t>(random_() % span)},
                  ++number_, to, what, p});
  }

  void tick(std::size_t self, duration now) {
    for (const auto& action : nodes_[self].detector.tick(at(now))) {
      if (const auto* probe = std::get_if<cluster::send_probe>(&action)) {
        const auto target = index(probe->target);
        send(target, kind::probe, {self, self, target, probe->sequence}, now);
      } else if (const auto* ask = std::get_if<cluster::ask_indirect>(&action)) {
        send(index(ask->helper), kind::ask, {self, self, index(ask->target), ask->sequence}, now);
      } else if (const auto* accuse = std::get_if<cluster::accuse>(&action)) {
        heard_.push_back({now, self, index(accuse->target), false});
      } else {
        heard_.push_back({now, self, index(std::get<cluster::withdraw>(action).target), true});
      }
    }
    plan_tick(self, now);
  }

  void arrive(std::size_t self, packet p, kind what, duration now) {
    auto& detector = nodes_[self].detector;
    const auto from = std::exchange(p.from, self);
    detector.heard_from(view_.members[from].id, at(now));
    if (what == kind::probe)
      send(from, kind::ack, p, now);
    else if (what == kind::ask)
      send(p.target, kind::probe, p, now);
    else if (what == kind::ack && p.asker != self)
      send(p.asker, kind::indirect_ack, p, now);
    else if (what == kind::ack)
      detector.acked(view_.members[from].id, p.sequence, at(now));
    else
      detector.indirect_acked(view_.members[p.target].id, p.sequence, at(now));
  }

  std::mt19937 random_;
  cluster::view view_;
  std::vector<ship> nodes_;
  std::priority_queue<event> events_;
  std::vector<said> heard_;
  duration now_{0};
  std::uint64_t number_ = 0;
  std::size_t packets_ = 0;
};

} // namespace argosy::testing
