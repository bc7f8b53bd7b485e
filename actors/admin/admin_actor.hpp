// admin_actor: who answers for this node when people or other nodes ask; one a node.
//
// Picture the officer of the watch: asked what goes on aboard, he sends a runner for each question
// and is free for the next. The runners are short-lived actors on the same strand: `inquiry_actor`
// goes around this node, `fleet_question_actor` asks all nodes.
#pragma once

#include "actors/node_services.hpp"
#include "runtime/message_table.hpp"
#include "runtime/messages/admin.hpp"
#include "runtime/strand.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

namespace argosy {

class admin_actor final : public strand_actor {
public:
  admin_actor(caf::actor_config& config, strand& home, node_services& services);

  void receive(caf::mailbox_element& what) override;

private:
  void ask(ask_fleet& m);
  void inquire(inquire_node& m);
  void count(count_members& m);
  void describe_to(const describe& m);
  void end(const end_watch& m);
  template <class Runner, class... Args>
  void send_out(Args&&... args);

  static const std::array<message_row<admin_actor>, 5> table_;

  node_services& node_;
  std::chrono::steady_clock::time_point started_;
  std::vector<caf::strong_actor_ptr> runners_; ///< some have come back
  std::uint64_t asked_here_ = 0;
  std::uint64_t asked_fleet_ = 0;
};

} // namespace argosy
