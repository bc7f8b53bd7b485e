// link_actor: what goes between this node and one other; one a peer and incarnation of it.
//
// Picture the mail officer for one sister ship: he packs bags by urgency, keeps a list of the
// letters that want an answer, and hands on what comes over. When the boats stop he waits for the
// next ones; when an answer stays out for too long, he says so to whoever asked. What it packs and
// what it may send is decided by `outbox`; it reads what comes in by `inbox_window`.
//
// Hears post_envelope from any actor of this node, link_opened, link_batch and link_lost from the
// mesh, and the answers of local actors to what the peer asked: it is the `reply_to` of those
// questions.
#pragma once

#include "actors/cluster/cluster_services.hpp"
#include "runtime/cluster/inbox_window.hpp"
#include "runtime/message_table.hpp"
#include "runtime/messages/hosting.hpp"
#include "runtime/messages/link.hpp"
#include "runtime/strand.hpp"

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace argosy {

/// A connection is one link epoch: what is counted in it begins anew with the next.
inline constexpr std::uint64_t epoch_of_connection = 1;

class link_actor final : public strand_actor {
public:
  link_actor(caf::actor_config& config, strand& home, cluster_services& services,
             cluster::node_identity to);

  void receive(caf::mailbox_element& what) override;

  std::shared_ptr<const link_figures> figures() const noexcept { return figures_; }

private:
  using time_point = std::chrono::steady_clock::time_point;

  // -- out ----------------------------------------------------------------------------------------
  void post(post_envelope& m);
  template <class Answer>
  void answer(Answer& m);
  void flush(const flush_due& m);
  void pump();
  void ship(std::uint64_t sequence, std::span<const cluster::outbox::envelope> what);

  // -- in (link_inbound.cpp) ----------------------------------------------------------------------
  void take(const link_batch& m);
  void take_envelope(std::string_view bytes);
  bool comes_early(const node_envelope& e) const;
  void keep_for_later(std::string_view bytes, const node_envelope& e);
  void view_followed(const argosy::view_followed& m);
  void put_through(node_envelope& e, std::string_view bytes);
  void take(const node_envelope& e, routed_message& m, std::string_view bytes);
  void take(std::uint32_t number, describe& m);
  void take(const cluster::node_identity& owner, const argosy::address& to, replica_message& m);
  void take(cluster::relay_fan& m);
  void take(const cluster::relayed_fan& m);
  bool open_relayed(std::string_view envelope, node_envelope& out);
  void take(std::uint32_t number, node_answer& m);
  void take(std::uint32_t number, std::uint64_t view_no, peer_message& m);
  template <class Question>
  void ask_admin(std::uint32_t number, Question& m);
  void give(const cluster::for_sessions& m);
  void pass(const cluster::view_barrier& m);
  void bounce(std::string_view envelope, std::uint64_t view_no, cluster::bounce why);
  void return_late(const send_back& m);
  void bounced_back(const cluster::bounced& m, std::uint64_t view_no);

  // -- the connection and the questions under way -------------------------------------------------
  void opened(const link_opened& m);
  void lost(const link_lost& m);
  void over(const link_over& m);
  void give_up_all();
  void expire(const questions_due& m);
  void describe_to(const describe& m);
  void note_state();
  void catch_up();

  static const std::array<message_row<link_actor>, 19> table_;

  struct question {
    reply_to origin;
    give_up_answer otherwise;
  };

  cluster_services& cluster_;
  node_services& node_;
  const cluster::node_identity to_;
  cluster::outbox outbox_;
  cluster::inbox_window inbox_;
  cluster::peer_connection connection_ = 0; ///< 0 = none
  std::unordered_map<std::uint32_t, question> questions_;
  std::deque<std::pair<time_point, std::uint32_t>> deadlines_; ///< of questions, oldest first
  std::vector<std::string> early_; ///< envelopes of a view that this node does not know yet
  std::size_t early_bytes_ = 0;
  /// Rooms of which something was left out, by their key in the outbox.
  std::unordered_map<std::uint64_t, argosy::address> lagged_;
  bool flush_due_ = false;
  bool expiry_due_ = false;
  bool over_ = false;
  std::uint64_t credit_ = 0;     ///< bytes of the peer that have been handled, as it was last told
  std::uint64_t view_heard_ = 0; ///< the newest that membership was told of
  std::uint64_t view_followed_;  ///< by which what was for others has gone back
  const std::shared_ptr<link_figures> figures_ = std::make_shared<link_figures>();
};

} // namespace argosy
