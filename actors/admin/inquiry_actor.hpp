// inquiry_actor: one question about this node: goes to the actors concerned, lets them describe
// themselves, and answers with what came in time.
//
// Wakes nobody: what sleeps is not there. What is asked of whom stands in inquiry_topics.cpp.
#pragma once

#include "actors/node_services.hpp"
#include "runtime/message_table.hpp"
#include "runtime/messages/admin.hpp"
#include "runtime/strand.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace argosy {

/// An inquiry to itself: its time is over.
struct descriptions_due {};

class inquiry_actor final : public strand_actor {
public:
  inquiry_actor(caf::actor_config& config, strand& home, node_services& services, inquire_node what,
                std::chrono::steady_clock::duration uptime);

  /// Asks; once, on the strand.
  void begin();

  void receive(caf::mailbox_element& what) override;

private:
  // -- the topics (inquiry_topics.cpp) ------------------------------------------------------------
  using step = void (inquiry_actor::*)();
  static const std::array<step, inquiry_count> topics_;
  void ask_about_node();
  void ask_about_members();
  void ask_about_shards();
  void ask_about_links();
  void ask_about_actors();
  void ask_about_actor();
  void ask_about_room();
  void ask_about_user();
  void ask_all_of(address_kind kind);
  void ask_replicas_of_largest();
  void merge_members();
  void merge_leadership();
  void merge_round_trips();
  void keep_largest();
  description self();

  // -- asking and hearing -------------------------------------------------------------------------
  void ask(const caf::strong_actor_ptr& who);
  void ask_keepers(std::string_view role_prefix);
  void ask_loops(describe_loop::what of, std::string subject);
  void described(description& m);
  void listed(loop_described& m);
  void due(const descriptions_due& m);
  void heard();
  void go_on();
  std::uint32_t limit() const noexcept;

  static const std::array<message_row<inquiry_actor>, 3> table_;

  node_services& node_;
  inquire_node what_;
  const std::chrono::steady_clock::duration uptime_;
  node_told answer_;
  std::uint32_t round_ = 0; ///< the ticket of what is asked now
  std::size_t open_ = 0;    ///< actors that have not answered
  bool late_ = false;
  step then_ = nullptr; ///< what follows when all have; null = the answer goes out
};

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::descriptions_due)
