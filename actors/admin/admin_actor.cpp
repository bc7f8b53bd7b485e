#include "actors/admin/admin_actor.hpp"

#include "actors/admin/counting_actor.hpp"
#include "actors/admin/fleet_question_actor.hpp"
#include "actors/admin/inquiry_actor.hpp"

#include <utility>

namespace argosy {

const std::array<message_row<admin_actor>, 5> admin_actor::table_{
    on<&admin_actor::inquire>,     on<&admin_actor::count>, on<&admin_actor::ask>,
    on<&admin_actor::describe_to>, on<&admin_actor::end>,
};

admin_actor::admin_actor(caf::actor_config& config, strand& home, node_services& services)
    : strand_actor(config, home), node_(services), started_(now()) {
}

void admin_actor::receive(caf::mailbox_element& what) {
  dispatch(table_, *this, what.content());
}

template <class Runner, class... Args>
void admin_actor::send_out(Args&&... args) {
  std::erase_if(runners_,
                [](const auto& one) { return actor_object<strand_actor>(one).terminated(); });
  runners_.push_back(spawn_on<Runner>(home_system(), home(), node_, std::forward<Args>(args)...));
  actor_object<Runner>(runners_.back()).begin();
}

void admin_actor::ask(ask_fleet& m) {
  ++asked_fleet_;
  send_out<fleet_question_actor>(std::move(m));
}

void admin_actor::inquire(inquire_node& m) {
  ++asked_here_;
  send_out<inquiry_actor>(std::move(m), now() - started_);
}

void admin_actor::count(count_members& m) {
  ++asked_here_;
  send_out<counting_actor>(std::move(m));
}

// A runner that waits for its deadline would outlive the strand.
void admin_actor::end(const end_watch&) {
  for (const auto& one : runners_)
    if (auto& runner = actor_object<strand_actor>(one); !runner.terminated())
      runner.terminate(caf::exit_reason::user_shutdown);
  runners_.clear();
  terminate(caf::exit_reason::user_shutdown);
}

void admin_actor::describe_to(const describe& m) {
  m.origin.answer(description{0,
                              "admin",
                              node_.node_name,
                              {{"asked_here", std::to_string(asked_here_)},
                               {"asked_fleet", std::to_string(asked_fleet_)}}});
}

} // namespace argosy
