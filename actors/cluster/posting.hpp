// posting: a message of this node's actors put into an envelope and given to a link.
#pragma once

#include "actors/cluster/cluster_services.hpp"
#include "runtime/messages/link.hpp"
#include "runtime/wire/node/node_codec.hpp"

#include <chrono>
#include <utility>

namespace argosy {

/// One that expects nothing back.
template <class T>
void post_fact(cluster_services& cluster, peer& by, const address& to, const T& message,
               cluster::link_lane lane = cluster::link_lane::event) {
  post_envelope out;
  out.lane = lane;
  out.bytes = wire::encode(cluster.view_no.load(std::memory_order_relaxed), to, 0, message,
                           cluster.node.system.clock().now());
  tell(by.link, std::move(out));
}

/// One for replicas of `room`, which catch up with their room when a link was full; `to` is whom
/// the envelope is addressed to, if anybody.
template <class T>
post_envelope for_replicas(cluster_services& cluster, const address& room, const address& to,
                           const T& message) {
  post_envelope out;
  out.policy = cluster::message_class::lag;
  out.key = room.hash();
  out.room = room;
  out.bytes = wire::encode(cluster.view_no.load(std::memory_order_relaxed), to, 0, message,
                           cluster.node.system.clock().now());
  return out;
}

/// One whose `origin` gets the answer, or errc::retry_later.
template <class T>
void post_question(cluster_services& cluster, peer& by, const address& to, const T& message) {
  post_envelope out;
  out.origin = message.origin;
  if (out.origin.actor) {
    out.question = by.next_question();
    out.otherwise = give_up<T>;
  }
  out.bytes = wire::encode(cluster.view_no.load(std::memory_order_relaxed), to, out.question,
                           message, cluster.node.system.clock().now());
  tell(by.link, std::move(out));
}

} // namespace argosy
