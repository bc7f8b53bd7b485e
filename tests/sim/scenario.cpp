#include "tests/sim/scenario.hpp"

#include "tests/checker/judge.hpp"
#include "tests/sim/fault_driver.hpp"
#include "tests/sim/invariants.hpp"
#include "tests/sim/one_question.hpp"
#include "tests/sim/promises.hpp"

#include <exception>
#include <memory>
#include <utility>

namespace argosy::sim {

namespace {

using namespace std::chrono_literals;
using ms = std::chrono::milliseconds;

testing::test_setup setup_of(const scenario_plan& plan) {
  testing::test_setup s;
  s.relay_above = plan.relay_above;
  s.plain = testing::open_channel();
  s.plain.history_size = 300;
  auto& live = s.spaces["live"] = testing::open_channel();
  live.history_size = 0;
  live.history_ttl = 0ms;
  live.force_recovery = false;
  return s;
}

class scenario {
public:
  explicit scenario(const scenario_plan& plan)
      : plan_(plan), world_(plan.seed, plan.nodes, plan.voters, setup_of(plan), plan.weather),
        faults_(plan_, world_, log_), watch_(world_, log_) {}

  run_report run();

private:
  void found();
  void live();
  void post_letter();
  void settle();
  void read_all();
  void step();
  std::string unsettled();

  const scenario_plan& plan_;
  sim_world world_;
  run_log log_;
  fault_driver faults_;
  invariants watch_;
  std::vector<std::unique_ptr<sim_client>> clients_;
  std::uint64_t letters_ = 0;
};

run_report scenario::run() {
  log_.note(plan_.text());
  try {
    for (const auto act :
         {&scenario::found, &scenario::live, &scenario::settle, &scenario::read_all})
      if (log_.complaints().empty())
        (this->*act)();
  } catch (const std::exception& e) {
    log_.complain(e.what());
  }
  auto of = promises::always;
  if (promises::moves_keep_positions && plan_.rough == roughness::calm)
    of.acked_kept = of.one_epoch = true;
  of.caught_up = log_.complaints().empty();
  run_report out;
  out.verdict = checker::judge(log_.records(), of);
  out.complaints = log_.complaints();
  out.trace = log_.trace();
  out.hash = log_.hash();
  return out;
}

void scenario::step() {
  world_.run(sim_world::quantum);
  log_.at(world_.now());
  watch_.sample();
  for (const auto& c : clients_)
    c->turn();
}

void scenario::found() {
  for (std::size_t i = 0; i < plan_.nodes - plan_.late; ++i)
    world_.start(std::string(1, static_cast<char>('a' + i)));
  for (const auto deadline = world_.now() + 10s; !world_.settled(); step())
    if (world_.now() > deadline)
      return log_.complain("the fleet is not founded after 10 s");
  log_.note("founded");
  for (const auto& c : plan_.clients)
    clients_.push_back(std::make_unique<sim_client>(c, world_, log_, world_.random()()));
}

void scenario::live() {
  const auto start = world_.now();
  while (world_.now() - start < plan_.lasts) {
    faults_.turn(world_.now() - start, [this] {
      for (const auto& c : clients_)
        c->drop();
    });
    if (world_.random()() % 2'000 == 0)
      clients_[world_.random()() % clients_.size()]->drop();
    if (world_.random()() % 50 == 0)
      post_letter();
    faults_.supervise();
    step();
  }
}

void scenario::post_letter() {
  const auto nodes = world_.running();
  if (nodes.empty())
    return;
  const auto& from = nodes[world_.random()() % nodes.size()];
  const auto& to = plan_.clients[world_.random()() % plan_.clients.size()].user;
  if (!world_.paused(from))
    send_letter(world_, from, to, std::to_string(++letters_));
}

std::string scenario::unsettled() {
  if (!world_.settled())
    return "one view of all nodes";
  for (const auto& c : clients_)
    if (const auto what = c->waits_for(); !what.empty())
      return c->plan().name + " waits for " + what;
  return {};
}

// Once the faults are over, everything comes right within a bounded time, and stays so for as long
// as repairs in the background may take: digests of heads and of presence, the grace of those who
// were lost on the way, late accusations.
void scenario::settle() {
  faults_.heal();
  for (const auto& c : clients_)
    c->stop_publishing();
  const auto deadline = world_.now() + 60s;
  for (auto quiet_since = world_.now(); world_.now() - quiet_since < 14s; step()) {
    if (const auto what = unsettled(); !what.empty()) {
      if (world_.now() > deadline)
        return log_.complain("long after the last fault something is missing: " + what);
      quiet_since = world_.now();
    }
    faults_.turn({}, [] {});
    faults_.supervise();
  }
  log_.note("settled");
}

void scenario::read_all() {
  for (const auto& name : world_.running())
    for (const auto& channel : plan_.channels) {
      if (!keeps_history(channel))
        continue;
      history_command all;
      all.channel = channel;
      all.limit = -1;
      const auto r = ask<history_result>(world_, name, all);
      if (!r) {
        log_.complain(name + " does not tell the history of " + channel);
        continue;
      }
      checker::final_read end{{}, name, sim_client::room_name(channel), {r->epoch, r->offset}, {}};
      for (const auto& p : r->items)
        end.items.emplace_back(p->offset, p->data);
      log_.enter(std::move(end));
    }
  if (promises::users_are_reached)
    watch_.letters(clients_, [this] { step(); });
  watch_.at_rest();
  if (promises::presence_is_true)
    watch_.presence(clients_, plan_.channels);
}

} // namespace

std::string run_report::complaint() const {
  std::string out;
  for (const auto& c : complaints)
    out += "fleet: " + c + "\n";
  return out + verdict.complaint();
}

run_report run_scenario(const scenario_plan& plan) {
  return scenario{plan}.run();
}

} // namespace argosy::sim
