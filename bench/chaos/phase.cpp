#include "bench/chaos/phase.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace argosy::bench::chaos {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds at_ease{1'000}; ///< of talk before a fault, and after it

double ms(std::chrono::nanoseconds time) {
  return static_cast<double>(time.count()) / 1e6;
}

double ms(std::uint64_t ns) {
  return static_cast<double>(ns) / 1e6;
}

} // namespace

phase::phase(stage& on, std::string name, bench_report& into)
    : phase(on, std::move(name), into, on.ordinary_crowd()) {
}

phase::phase(stage& on, std::string name, bench_report& into, crowd_plan plan)
    : stage_(on), name_(std::move(name)), report_(into) {
  fmt::print(stderr, "chaos: {}\n", name_);
  report_.groups.push_back(name_);
  plan.phase = name_;
  gather({}, std::move(plan));
  stage_.run(at_ease);
  fault();
}

const crowd& phase::join(const std::string& who, crowd_plan plan) {
  plan.phase = name_ + "-" + who;
  return gather({.prefix = who + "_", .strict = true}, std::move(plan));
}

const crowd& phase::gather(group g, crowd_plan plan) {
  g.people = stage_.gather(std::move(plan));
  auto& people = *groups_.emplace_back(std::move(g)).people;
  stage_.until("everybody is in", patience_s, [&] { return people.all_in(); });
  people.talk();
  return people;
}

void phase::note(std::string_view figure, double value) {
  report_.detail(name_ + "_" + std::string(figure), value);
}

double phase::since_fault_ms() const {
  return ms(steady_clock::now() - fault_);
}

void phase::broken(std::uint64_t count, std::string_view why) {
  report_.errors += count;
  if (count != 0)
    report_.notes.push_back(fmt::format("{}: {}", name_, why));
}

void phase::await_view(const std::set<std::string>& members) {
  stage_.until("a new view", patience_s, [&] { return stage_.nodes().agreed(members); });
  note("new_view_ms", since_fault_ms());
}

void phase::await_acks() {
  await_acks(people());
}

void phase::await_acks(const crowd& people) {
  const auto spoken = [&] {
    for (std::size_t room = 0; room < people.rooms(); ++room)
      if (!people.books().first_ack_after(room, fault_))
        return false;
    return true;
  };
  stage_.until("all rooms acknowledge again", patience_s, spoken);
}

void phase::settle() {
  for (const auto& g : groups_)
    await_acks(*g.people);
  stage_.run(at_ease);
  for (const auto& g : groups_)
    g.people->hush();
  for (const auto& g : groups_)
    stage_.until("every speaker has an answer", patience_s, [&] { return g.people->quiet(); });
  std::vector<std::string> all;
  for (const auto& name : stage_.everybody())
    if (stage_.nodes().running(name))
      all.push_back(name);
  for (const auto& g : groups_) {
    g.people->read_rooms(all);
    stage_.until("all rooms are read", patience_s, [&] { return g.people->read(); });
  }
  const auto deadline = steady_clock::now() + std::chrono::seconds(10);
  const auto caught_up = [](const auto& g) { return g.people->up_to_date(); };
  while (!std::all_of(groups_.begin(), groups_.end(), caught_up) && steady_clock::now() < deadline)
    stage_.run(milliseconds(20));
  report_times(groups_.front());
  for (const auto& g : groups_)
    report(g);
}

void phase::report_times(const group& g) {
  const auto sum = g.people->books().close();
  double first = 0;
  for (std::size_t room = 0; room < g.people->rooms(); ++room)
    first = std::max(first, ms(*g.people->books().first_ack_after(room, fault_)));
  note("first_ack_max_ms", first);
  note("ack_p50_ms", ms(sum.ack_ns.percentile(0.5)));
  note("unavailable_p99_ms", ms(sum.ack_ns.percentile(0.99)));
  note("unavailable_max_ms", ms(sum.ack_ns.percentile(1)));
}

void phase::report(const group& g) {
  const auto say = [&](std::string_view figure, double value) {
    note(g.prefix + std::string(figure), value);
  };
  const auto sum = g.people->books().close();
  std::size_t missing = 0;
  const auto resumes = g.people->resumes(fault_, missing);
  if (resumes.count() > 0) {
    say("clients_cut_off", static_cast<double>(resumes.count()));
    say("resume_p50_ms", ms(resumes.percentile(0.5)));
    say("resume_p99_ms", ms(resumes.percentile(0.99)));
  }
  say("acked", static_cast<double>(sum.acked));
  say("acked_lost", static_cast<double>(g.strict ? sum.acked_gone : sum.acked_lost));
  say("duplicates", static_cast<double>(sum.duplicates));
  say("gaps_announced", static_cast<double>(sum.gaps));
  say("epochs_begun", static_cast<double>(sum.epochs_begun));
  say("publishes_repeated", static_cast<double>(g.people->refusals()));
  broken(sum.silent_gaps + sum.behind + sum.diverged + missing,
         fmt::format("{} gaps in silence, {} listeners stand elsewhere than their room, {} places "
                     "at which a room is not what was heard, {} did not return",
                     sum.silent_gaps, sum.behind, sum.diverged, missing));
}

} // namespace argosy::bench::chaos
