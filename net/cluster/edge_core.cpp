#include "net/cluster/edge_core.hpp"

#include "net/cluster/peer_session.hpp"

#include <openssl/rand.h>

#include <stdexcept>
#include <utility>

namespace argosy::net {

namespace {

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

void edge_core::refused(refusal r, bool inbound, const std::string& sentence) {
  const auto index = static_cast<std::size_t>(r);
  {
    const std::lock_guard lock{mutex};
    ++figures.refused[index];
  }
  const auto now = std::chrono::steady_clock::now();
  const bool ordinary = r == refusal::duplicate; // two that dial each other at once
  if (inbound && !ordinary && now - told_at_[index] >= std::chrono::seconds{1}) {
    told_at_[index] = now;
    settings.warn(sentence);
  }
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
