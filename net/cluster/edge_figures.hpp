// edge_figures: what the cluster port has seen.
#pragma once

#include "runtime/peer_streams.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::net {

/// Why a connection did not become a stream, or a stream was broken off by us.
enum class refusal : std::uint8_t {
  crowded,         ///< too many are shaking hands
  crowded_address, ///< too many of one address are
  too_late,        ///< not done within the deadline: silent, half-open or stuck
  hung_up,         ///< went away before it was done
  not_tls,         ///< garbage, plain text, or a version or cipher that we do not speak
  untrusted,       ///< no certificate, or of an authority that is not this cluster's
  expired,         ///< a certificate outside its dates
  unnamed,         ///< a certificate without a node's name, or another than it says
  wrong_preface,   ///< authenticated, but not one of us
  wrong_cluster,
  name_clash,   ///< our own name, or that of another node that is connected
  duplicate,    ///< a stream to that node is open or being opened
  unreachable,  ///< a dial that found nobody
  frame_bounds, ///< announced a message longer than allowed
};
inline constexpr std::size_t refusal_count = 14;

/// As metrics name it.
constexpr std::string_view to_string(refusal r) noexcept {
  constexpr std::array<std::string_view, refusal_count> names{
      "crowded",    "crowded_address", "too_late",    "hung_up",       "not_tls",
      "untrusted",  "expired",         "unnamed",     "wrong_preface", "wrong_cluster",
      "name_clash", "duplicate",       "unreachable", "frame_bounds"};
  return names[static_cast<std::size_t>(r)];
}

struct stream_figures {
  cluster::peer_connection connection = 0;
  std::string node;
  bool inbound = false;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

struct edge_figures {
  std::uint64_t accepted = 0;
  std::uint64_t dialled = 0;
  std::uint64_t opened = 0;
  std::array<std::uint64_t, refusal_count> refused{};
  std::size_t pending = 0; ///< shaking hands now
  std::vector<stream_figures> streams;

  std::uint64_t operator[](refusal r) const { return refused[static_cast<std::size_t>(r)]; }
};

} // namespace argosy::net
