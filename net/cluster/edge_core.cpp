#include "net/cluster/edge_core.hpp"

#include "net/cluster/peer_session.hpp"

#include <openssl/rand.h>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace argosy::net {

namespace {

/// Who knocks is mostly a program that goes on knocking.
constexpr std::chrono::seconds told_again_after{10};

/// We dial each second for as long as we are let in nowhere. What the operator has to change does
/// not change by itself.
constexpr std::chrono::minutes tried_again_after{10};

instance_id random_instance() {
  instance_id id;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(id.data()), static_cast<int>(id.size())) != 1)
    throw std::runtime_error("OpenSSL has no random bytes");
  return id;
}

} // namespace

edge_core::edge_core(edge_settings s)
    : settings(std::move(s)), instance(random_instance()),
      tls(settings.files, {settings.cluster, settings.node}),
      pending(settings.pending_max, settings.pending_per_address_max) {
}

void edge_core::refused(refusal r) {
  const std::lock_guard lock{mutex};
  ++figures.refused[static_cast<std::size_t>(r)];
}

void edge_core::tell(bool inbound, const std::string& sentence) {
  const auto pause = inbound ? told_again_after : tried_again_after;
  if (told_.is_news(sentence, std::chrono::steady_clock::now(), pause))
    settings.warn(sentence);
}

std::shared_ptr<peer_session> edge_core::find(cluster::peer_connection which) {
  const std::lock_guard lock{mutex};
  const auto at = sessions.find(which);
  return at != sessions.end() ? at->second : nullptr;
}

void edge_core::wake_all() {
  const std::lock_guard lock{mutex};
  for (const auto& [connection, session] : sessions)
    session->wake();
}

} // namespace argosy::net
