// leadership: what the leader of the views has to decide next; one per term that this node leads.
//
// Picture the purser with the crew list: people ask to sign on, ask to leave, are reported missing,
// and he writes one new sheet at a time, in that order of urgency: the missing first, then those
// whose berth is ready, then newcomers, then goodbyes. Pure: it is told what was heard and which
// sheet counts, and says which one to propose; `now` is an argument.
#pragma once

#include "runtime/cluster/accusation_book.hpp"
#include "runtime/cluster/lease_book.hpp"
#include "runtime/cluster/view.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace argosy::cluster {

class leadership {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `voters`: the names of the seeds; `self` leads from `now` on, and no leader before it has had
  /// the ear of a majority since `predecessors_contact`.
  leadership(node_identity self, std::vector<std::string> voters, time_point predecessors_contact,
             time_point now);

  // -- what is heard ------------------------------------------------------------------------------
  void asks_to_join(const member& who, time_point now);
  void asks_to_leave(const node_identity& who) { leaving_.insert(who); }
  void holds_nothing(const node_identity& who, std::uint64_t view_no);
  void accused(const node_identity& by, const node_identity& target, bool withdrawn,
               time_point now);
  void proven_dead(const node_identity& who, time_point since);

  /// An entry of this term is decided, and with it `v`; later, each view that is.
  void decided(const view& v, time_point now) { leases_.decided(v, now); }

  /// A request for a lease: also a sign of life, and the word that a view is acted by.
  lease_answer lease_wanted(const node_identity& who, std::uint64_t acknowledged_view,
                            time_point last_quorum_contact, time_point now);

  // -- what follows -------------------------------------------------------------------------------

  /// The view to propose after `current`, if there is anything to change.
  std::optional<view> next(const view& current, time_point now);

  /// That one was not even put forward. Whatever was may be decided as long as this leads.
  void not_proposed() { condemned_.clear(); }

  struct refused_join {
    node_identity who;
    std::string why;
    bool outlived = false; ///< as that life; it may come again as a later one
  };
  /// Whom to tell that it cannot join, and why; each once.
  std::vector<refused_join> take_refusals() { return std::exchange(refusals_, {}); }

private:
  std::optional<view> let_fall(const view& current, time_point now);
  std::chrono::milliseconds lease_left_of(const node_identity& who, time_point now) const;
  std::optional<view> raise_ready(const view& current) const;
  std::optional<view> admit_one(const view& current);
  std::optional<view> let_go(const view& current);

  accusation_book accusations_;
  lease_book leases_;
  std::map<node_identity, member> joining_;
  std::set<node_identity> leaving_;
  std::map<node_identity, std::uint64_t> empty_since_;  ///< the view in which it held nothing
  std::map<node_identity, std::uint64_t> acknowledged_; ///< the newest view each acts by
  const time_point predecessors_contact_;
  std::map<node_identity, time_point> granted_at_; ///< the last lease of each
  std::set<node_identity> condemned_;              ///< in what was proposed: no more leases
  std::vector<refused_join> refusals_;
};

} // namespace argosy::cluster
