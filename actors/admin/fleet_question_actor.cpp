#include "actors/admin/fleet_question_actor.hpp"

#include "runtime/cluster/view.hpp"

#include <algorithm>
#include <utility>

namespace argosy {

const std::array<message_row<fleet_question_actor>, 3> fleet_question_actor::table_{
    on<&fleet_question_actor::told>,
    on<&fleet_question_actor::counted>,
    on<&fleet_question_actor::due>,
};

fleet_question_actor::fleet_question_actor(caf::actor_config& config, strand& home,
                                           node_services& services, ask_fleet what)
    : strand_actor(config, home), node_(services), what_(std::move(what)) {
}

void fleet_question_actor::receive(caf::mailbox_element& what) {
  dispatch(table_, *this, what.content());
}

void fleet_question_actor::begin() {
  nodes_.push_back({node_.node_name, true, {}});
  open_ = 1;
  const auto view = what_.here_only || node_.others == nullptr ? nullptr : node_.others->view();
  if (view)
    for (const auto& m : view->members) {
      if (m.id.name == node_.node_name)
        continue;
      const auto ticket = static_cast<std::uint32_t>(nodes_.size());
      auto question = what_.what;
      std::visit([&](auto& q) { q.origin = {handle(), ticket}; }, question);
      const bool asked = node_.others->ask_admin(m.id, question);
      nodes_.push_back({m.id.name, asked, {}});
      open_ += asked ? 1 : 0;
    }
  tell_self_after(what_.within, answers_due{});
  std::visit(
      [&](auto& question) {
        question.origin = {handle(), 0};
        tell(node_.admin, std::move(question));
      },
      what_.what);
}

template <class Answer>
void fleet_question_actor::take(Answer& m) {
  if (m.ticket >= nodes_.size() || !std::exchange(nodes_[m.ticket].open, false))
    return;
  if (m.error != errc::retry_later) // nobody could be asked
    nodes_[m.ticket].answer = std::move(m);
  if (--open_ == 0)
    finish();
}

void fleet_question_actor::told(node_told& m) {
  take(m);
}

void fleet_question_actor::counted(members_counted& m) {
  take(m);
}

void fleet_question_actor::due(const answers_due&) {
  finish();
}

void fleet_question_actor::finish() {
  std::sort(nodes_.begin(), nodes_.end(),
            [](const asked_node& a, const asked_node& b) { return a.name < b.name; });
  fleet_told out;
  for (auto& node : nodes_)
    if (node.answer)
      out.nodes.emplace_back(std::move(node.name), *std::move(node.answer));
    else
      out.silent.push_back(std::move(node.name));
  std::exchange(what_.done, nullptr)(std::move(out));
  terminate(caf::exit_reason::normal);
}

} // namespace argosy
