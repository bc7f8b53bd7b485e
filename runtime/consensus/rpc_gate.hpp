// rpc_gate: whether a message could come from an honest voter, as things stand.
//
// libraft takes its invariants for granted and is built without its assertions: a second leader of
// the leader's own term, say, would have it write through a pointer that is none. So what cannot be
// is stopped here. A lie that could be true passes: Raft is no defence against a voter that lies.
#pragma once

#include "runtime/consensus/stored_state.hpp"
#include "runtime/wire/consensus_rpc.hpp"

#include <cstdint>
#include <string_view>

namespace argosy::consensus {

struct gate_facts {
  const stored_state& stored;
  std::string_view configuration; ///< of the voters, as every log begins with it
  std::uint64_t commit_index = 0;
  bool leads = false;
};

[[nodiscard]] bool plausible(const wire::consensus_rpc& rpc, const gate_facts& facts);

} // namespace argosy::consensus
