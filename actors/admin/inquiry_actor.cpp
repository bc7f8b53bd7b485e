#include "actors/admin/inquiry_actor.hpp"

#include <algorithm>
#include <utility>

namespace argosy {

namespace {

/// Shorter than what people wait for a node: an actor that is stuck does not make its node silent.
constexpr std::chrono::milliseconds patience{1'000};

constexpr std::uint32_t items_default = 100;
constexpr std::uint32_t items_max = 1'000;

} // namespace

const std::array<message_row<inquiry_actor>, 3> inquiry_actor::table_{
    on<&inquiry_actor::described>,
    on<&inquiry_actor::listed>,
    on<&inquiry_actor::due>,
};

inquiry_actor::inquiry_actor(caf::actor_config& config, strand& home, node_services& services,
                             inquire_node what, std::chrono::steady_clock::duration uptime)
    : strand_actor(config, home), node_(services), what_(std::move(what)), uptime_(uptime) {
}

void inquiry_actor::receive(caf::mailbox_element& what) {
  dispatch(table_, *this, what.content());
}

void inquiry_actor::begin() {
  (this->*topics_[static_cast<std::size_t>(what_.about)])();
  if (open_ == 0)
    return go_on();
  tell_self_after(patience, descriptions_due{});
}

// -- asking ---------------------------------------------------------------------------------------

void inquiry_actor::ask(const caf::strong_actor_ptr& who) {
  if (!who || late_)
    return;
  ++open_;
  tell(who, describe{{handle(), round_}});
}

void inquiry_actor::ask_keepers(std::string_view role_prefix) {
  if (node_.others == nullptr)
    return;
  for (const auto& [role, actor] : node_.others->keepers())
    if (role.starts_with(role_prefix))
      ask(actor);
}

void inquiry_actor::ask_loops(describe_loop::what of, std::string subject) {
  for (const auto& loop : node_.fan_workers) {
    ++open_;
    tell(loop, describe_loop{{handle(), round_}, of, subject, limit()});
  }
}

// -- hearing --------------------------------------------------------------------------------------

void inquiry_actor::described(description& m) {
  if (m.ticket != round_)
    return;
  if (!m.kind.empty())
    answer_.items.push_back(std::move(m));
  heard();
}

void inquiry_actor::listed(loop_described& m) {
  if (m.ticket != round_)
    return;
  answer_.total += m.total;
  std::move(m.items.begin(), m.items.end(), std::back_inserter(answer_.items));
  heard();
}

void inquiry_actor::heard() {
  if (--open_ == 0)
    go_on();
}

// Who has not answered by now is left out, and counted; nobody else is asked.
void inquiry_actor::due(const descriptions_due&) {
  late_ = true;
  answer_.silent += std::exchange(open_, 0);
  go_on();
}

void inquiry_actor::go_on() {
  while (open_ == 0 && then_ != nullptr) {
    ++round_;
    (this->*std::exchange(then_, nullptr))();
  }
  if (open_ > 0)
    return;
  answer_.total = std::max<std::uint64_t>(answer_.total, answer_.items.size());
  what_.origin.answer(std::move(answer_));
  terminate(caf::exit_reason::normal);
}

std::uint32_t inquiry_actor::limit() const noexcept {
  return what_.limit == 0 ? items_default : std::min(what_.limit, items_max);
}

} // namespace argosy
