// fleet_question_actor: one question to all nodes of the view, and the answers that come in time.
//
// Ends when the last answer is in or the deadline has passed. A node that cannot be reached is
// silent at once, so nobody waits for a node that is known to be away.
#pragma once

#include "actors/node_services.hpp"
#include "runtime/message_table.hpp"
#include "runtime/messages/admin.hpp"
#include "runtime/strand.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace argosy {

/// A fleet question to itself: its time is over.
struct answers_due {};

class fleet_question_actor final : public strand_actor {
public:
  fleet_question_actor(caf::actor_config& config, strand& home, node_services& services,
                       ask_fleet what);

  /// Asks; once, on the strand.
  void begin();

  void receive(caf::mailbox_element& what) override;

private:
  struct asked_node {
    std::string name;
    bool open = false; ///< asked, and has not answered
    std::optional<fleet_told::answer> answer;
  };

  void ask_here(std::uint32_t ticket);
  void told(node_told& m);
  void counted(members_counted& m);
  void due(const answers_due& m);
  template <class Answer>
  void take(Answer& m);
  void finish();

  static const std::array<message_row<fleet_question_actor>, 3> table_;

  node_services& node_;
  ask_fleet what_;
  std::vector<asked_node> nodes_; ///< the ticket is the index
  std::size_t open_ = 0;
};

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::answers_due)
