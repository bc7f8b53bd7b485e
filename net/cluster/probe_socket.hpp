// probe_socket: probes between nodes as authenticated datagrams, on the cluster's address.
//
// One thread. Whatever is not a datagram of this cluster's, or a copy of one, is counted and
// dropped: it costs a check of its shape and one HMAC, no memory, and it is never answered.
#pragma once

#include "net/settings.hpp"
#include "runtime/probe_transport.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace argosy::net {

struct probe_settings {
  endpoint listen;     ///< that of the cluster port; `tls` is ignored
  std::string cluster; ///< its name
  std::string secret;  ///< that all its nodes share
  std::size_t senders_max = 2'048;
};

struct probe_figures {
  std::uint64_t sent = 0;
  std::uint64_t unsent = 0; ///< no such host, or the kernel had no room
  std::uint64_t heard = 0;
  std::uint64_t malformed = 0;
  std::uint64_t forged = 0;
  std::uint64_t replayed = 0; ///< copies, and what an earlier life has said
};

class probe_socket final : public cluster::probe_transport {
public:
  explicit probe_socket(probe_settings s);
  ~probe_socket() override;

  /// After `attach`. "" or a sentence with the remedy, and then nothing runs.
  [[nodiscard]] std::string start();

  std::uint16_t port() const noexcept;
  probe_figures figures() const;

  void attach(taker who) override;
  void send(const std::string& address, const cluster::probe_note& what) override;
  void stop() override;

private:
  struct lamp;
  std::unique_ptr<lamp> lamp_;
};

} // namespace argosy::net
