#include "runtime/consensus/rpc_gate.hpp"

#include <algorithm>
#include <initializer_list>

namespace argosy::consensus {

namespace {

/// Nothing that counts comes near; sums of two do not overflow.
constexpr std::uint64_t number_max = 1ULL << 62;

bool in_range(std::initializer_list<std::uint64_t> numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](auto n) { return n <= number_max; });
}

/// What is committed never changes: in no later leader's log can an entry differ from it. (A late
/// message of an earlier one may hold what came to nothing; its term is answer enough.)
bool agrees(const gate_facts& facts, std::uint64_t leader_term, std::uint64_t index,
            std::uint64_t term) {
  const auto known = facts.stored.term_of(index);
  return leader_term < facts.stored.term || index > facts.commit_index || known == 0
         || known == term;
}

bool fits(const wire::entry_view& entry, std::uint64_t index, const gate_facts& facts) {
  switch (entry.kind) {
  case entry_kind::command:
    return index > 1 && !entry.data.empty();
  case entry_kind::barrier:
    return index > 1 && entry.data.empty();
  case entry_kind::configuration:
    return index == 1 && entry.data == facts.configuration;
  }
  return false;
}

struct check {
  const gate_facts& facts;

  bool other_leader(std::uint64_t term) const { return facts.leads && term == facts.stored.term; }

  bool operator()(const wire::request_vote& m) const {
    return m.term > 0 && m.last_log_term <= m.term
           && in_range({m.term, m.last_log_index, m.last_log_term});
  }

  bool operator()(const wire::request_vote_result& m) const {
    return in_range({m.term, m.voter_term});
  }

  bool operator()(const wire::append_entries& m) const {
    if (m.term == 0 || !in_range({m.term, m.prev_log_index, m.leader_commit})
        || m.prev_log_term > m.term || (m.prev_log_index == 0) != (m.prev_log_term == 0)
        || other_leader(m.term) || !agrees(facts, m.term, m.prev_log_index, m.prev_log_term))
      return false;
    auto term = std::max<std::uint64_t>(m.prev_log_term, 1);
    auto index = m.prev_log_index;
    for (const auto& entry : m.entries) {
      ++index;
      if (entry.term < term || entry.term > m.term || !fits(entry, index, facts)
          || !agrees(facts, m.term, index, entry.term))
        return false;
      term = entry.term;
    }
    return true;
  }

  bool operator()(const wire::append_entries_result& m) const {
    return in_range({m.term, m.rejected, m.last_log_index});
  }

  bool operator()(const wire::install_snapshot& m) const {
    return m.last_term > 0 && m.last_term <= m.term && m.configuration_index > 0
           && m.configuration_index <= m.last_index && in_range({m.term, m.last_index})
           && m.configuration == facts.configuration && !other_leader(m.term)
           && agrees(facts, m.term, m.last_index, m.last_term);
  }

  bool operator()(const wire::timeout_now& m) const {
    return m.term > 0 && in_range({m.term, m.last_log_index, m.last_log_term});
  }
};

} // namespace

bool plausible(const wire::consensus_rpc& rpc, const gate_facts& facts) {
  return std::visit(check{facts}, rpc);
}

} // namespace argosy::consensus
