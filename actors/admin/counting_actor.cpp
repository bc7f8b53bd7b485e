#include "actors/admin/counting_actor.hpp"

#include "runtime/wire/node/node_codec.hpp"

#include <utility>

namespace argosy {

const std::array<message_row<counting_actor>, 1> counting_actor::table_{
    on<&counting_actor::counted>,
};

counting_actor::counting_actor(caf::actor_config& config, strand& home, node_services& services,
                               count_members what)
    : strand_actor(config, home), node_(services), what_(std::move(what)) {
}

void counting_actor::receive(caf::mailbox_element& what) {
  dispatch(table_, *this, what.content());
}

void counting_actor::begin() {
  missing_ = node_.fan_workers.size();
  auto question = what_;
  question.origin = {handle(), 0};
  for (const auto& loop : node_.fan_workers)
    tell(loop, question);
}

void counting_actor::counted(members_counted& m) {
  for (auto& [room, members] : m.rooms)
    rooms_[std::move(room)] += members;
  if (--missing_ > 0)
    return;
  members_counted sum;
  for (auto& [room, members] : rooms_) {
    if (sum.rooms.size() == wire::envelope_items_max) {
      sum.error = errc::limit_exceeded; // the list is whole or says that it is not
      break;
    }
    sum.rooms.emplace_back(room, members);
  }
  what_.origin.answer(std::move(sum));
  terminate(caf::exit_reason::normal);
}

} // namespace argosy
