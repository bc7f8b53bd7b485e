// consensus_rpc: one message of schemas/consensus.capnp between two voters, as a value.
//
// The texts are borrowed: of a message that was read, they live until the next message is read on
// this thread; of one to be written, they are the writer's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace argosy::wire {

inline constexpr std::size_t consensus_rpc_bytes_max = 1 << 20;
inline constexpr std::size_t consensus_entries_max = 256;

enum class entry_kind : std::uint8_t { command, barrier, configuration };

struct entry_view {
  std::uint64_t term = 0;
  entry_kind kind = entry_kind::command;
  std::string_view data;

  friend bool operator==(const entry_view&, const entry_view&) = default;
};

struct request_vote {
  std::uint64_t term = 0;
  std::uint64_t last_log_index = 0;
  std::uint64_t last_log_term = 0;
  bool disrupt_leader = false;
  bool pre_vote = false;

  friend bool operator==(const request_vote&, const request_vote&) = default;
};

struct request_vote_result {
  std::uint64_t term = 0;
  bool granted = false;
  bool pre_vote = false;
  std::uint64_t voter_term = 0;
  std::uint64_t since_leader_ms = 0;

  friend bool operator==(const request_vote_result&, const request_vote_result&) = default;
};

struct append_entries {
  std::uint64_t term = 0;
  std::uint64_t prev_log_index = 0;
  std::uint64_t prev_log_term = 0;
  std::uint64_t leader_commit = 0;
  std::uint64_t round = 0;
  std::vector<entry_view> entries;

  friend bool operator==(const append_entries&, const append_entries&) = default;
};

struct append_entries_result {
  std::uint64_t term = 0;
  std::uint64_t rejected = 0;
  std::uint64_t last_log_index = 0;
  std::uint64_t round = 0;
  std::uint64_t round_term = 0;

  friend bool operator==(const append_entries_result&, const append_entries_result&) = default;
};

struct install_snapshot {
  std::uint64_t term = 0;
  std::uint64_t last_index = 0;
  std::uint64_t last_term = 0;
  std::string_view configuration;
  std::uint64_t configuration_index = 0;
  std::string_view data;
  std::uint64_t round = 0;

  friend bool operator==(const install_snapshot&, const install_snapshot&) = default;
};

struct timeout_now {
  std::uint64_t term = 0;
  std::uint64_t last_log_index = 0;
  std::uint64_t last_log_term = 0;

  friend bool operator==(const timeout_now&, const timeout_now&) = default;
};

using consensus_rpc = std::variant<request_vote, request_vote_result, append_entries,
                                   append_entries_result, install_snapshot, timeout_now>;

/// The bytes of `rpc`; the caller keeps it within the bounds above.
std::string write_consensus_rpc(const consensus_rpc& rpc);

/// What an entry adds to a message, at most.
std::size_t entry_bytes(std::size_t data_bytes) noexcept;

/// Nothing if `bytes` are no message of the schema, or one out of bounds. Bounds come first:
/// allocates no more than a few times the length of `bytes`.
std::optional<consensus_rpc> read_consensus_rpc(std::string_view bytes);

} // namespace argosy::wire
