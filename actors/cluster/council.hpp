// council: the voters' Raft, as it is used here: a log whose state is the newest view.
//
// A command is a whole view, and it counts only if it follows the one before it: two leaders, or a
// leader and its own doubts, never overwrite each other. Any other command changes nothing; one of
// them is the leader's mark, which tells it that an entry of its own term is decided.
#pragma once

#include "actors/cluster/cluster_services.hpp"
#include "runtime/cluster/view.hpp"
#include "runtime/consensus/raft_node.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace argosy {

/// The same on every node; above 0.
std::uint64_t voter_id(std::string_view name);

std::string command_of(const cluster::view& v);
std::string mark_of(std::uint64_t term);

/// The view in a command or in the state; nothing in a mark.
std::optional<cluster::view> view_in(std::string_view command);

/// This node's seat, or null if it is no seed. `store` outlives it.
std::unique_ptr<consensus::raft_node> take_seat(const cluster_settings& settings,
                                                consensus::raft_store& store,
                                                std::uint64_t random_seed);

} // namespace argosy
