// counting_actor: one count of this node's members by room, summed over its loops.
#pragma once

#include "actors/node_services.hpp"
#include "runtime/message_table.hpp"
#include "runtime/messages/room.hpp"
#include "runtime/strand.hpp"

#include <array>
#include <map>
#include <string>

namespace argosy {

class counting_actor final : public strand_actor {
public:
  counting_actor(caf::actor_config& config, strand& home, node_services& services,
                 count_members what);

  /// Asks; once, on the strand.
  void begin();

  void receive(caf::mailbox_element& what) override;

private:
  void counted(members_counted& m);

  static const std::array<message_row<counting_actor>, 1> table_;

  node_services& node_;
  count_members what_;
  std::size_t missing_ = 0;
  std::map<std::string, std::uint32_t> rooms_;
};

} // namespace argosy
