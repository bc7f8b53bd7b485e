#include "bench/chaos/phase.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>
#include <utility>

namespace argosy::bench::chaos {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds at_ease{1'000}; ///< of talk before a fault, and after it
constexpr double patience_s = 30;

double ms(std::chrono::nanoseconds time) {
  return static_cast<double>(time.count()) / 1e6;
}

} // namespace

// -- stage ----------------------------------------------------------------------------------------

stage::stage(std::size_t listeners, std::vector<std::string> settings)
    : fleet_({"a", "b", "c"}, std::move(settings)), listeners_(listeners) {
  for (const auto& name : {"a", "b", "c"})
    fleet_.start(name);
  fleet_.start("g", 0);
  for (const auto& name : everybody())
    until("node " + name + " starts", patience_s, [&] { return fleet_.listening(name); });
  until("the nodes become a fleet", patience_s, [&] { return fleet_.agreed(everybody()); });
}

std::set<std::string> stage::without(const std::string& name) {
  auto others = everybody();
  others.erase(name);
  return others;
}

void stage::until(std::string_view what, double seconds, const std::function<bool()>& done) {
  const auto deadline = steady_clock::now() + milliseconds(static_cast<int>(seconds * 1e3));
  while (!done()) {
    if (steady_clock::now() > deadline)
      throw std::runtime_error(fmt::format("not so within {} s: {}", seconds, what));
    run(milliseconds(4));
  }
}

void stage::run(milliseconds time) {
  const auto work = boost::asio::make_work_guard(io_);
  io_.restart();
  io_.run_for(time);
}

void stage::enter(const std::string& name, const std::set<std::string>& members) {
  fleet_.start(name, name == "g" ? 0 : 100);
  until("node " + name + " starts", patience_s, [&] { return fleet_.listening(name); });
  until("node " + name + " joins", patience_s, [&] { return fleet_.agreed(members); });
}

std::unique_ptr<crowd> stage::gather(const std::string& phase) {
  crowd_plan plan;
  plan.phase = phase;
  plan.homes = {"a", "b", "c", "g"};
  plan.listeners = listeners_;
  return std::make_unique<crowd>(io_, plan, [this, homes = plan.homes](std::size_t home) {
    return fleet_.running(homes[home]) ? fleet_.port(homes[home]) : std::uint16_t{0};
  });
}

// -- phase ----------------------------------------------------------------------------------------

phase::phase(stage& on, std::string name, bench_report& into)
    : stage_(on), name_(std::move(name)), report_(into), crowd_(on.gather(name_)) {
  fmt::print(stderr, "chaos: {}\n", name_);
  stage_.until("everybody is in", patience_s, [&] { return crowd_->all_in(); });
  crowd_->talk();
  stage_.run(at_ease);
  fault();
}

void phase::note(std::string_view figure, double value) {
  report_.detail(name_ + "_" + std::string(figure), value);
}

double phase::since_fault_ms() const {
  return ms(steady_clock::now() - fault_);
}

void phase::await_view(const std::set<std::string>& members) {
  stage_.until("a new view", patience_s, [&] { return stage_.nodes().agreed(members); });
  note("new_view_ms", since_fault_ms());
}

void phase::settle() {
  const auto spoken = [&] {
    for (std::size_t room = 0; room < crowd_->rooms(); ++room)
      if (!crowd_->books().first_ack_after(room, fault_))
        return false;
    return true;
  };
  stage_.until("all rooms acknowledge again", patience_s, spoken);
  stage_.run(at_ease);
  crowd_->hush();
  stage_.until("every speaker has an answer", patience_s, [&] { return crowd_->quiet(); });
  crowd_->read_rooms();
  stage_.until("all rooms are read", patience_s, [&] { return crowd_->read(); });
  const auto deadline = steady_clock::now() + std::chrono::seconds(10);
  while (!crowd_->up_to_date() && steady_clock::now() < deadline)
    stage_.run(milliseconds(20));
  report();
}

void phase::report() {
  const auto sum = crowd_->books().close();
  double first = 0;
  for (std::size_t room = 0; room < crowd_->rooms(); ++room)
    first = std::max(first, ms(*crowd_->books().first_ack_after(room, fault_)));
  note("first_ack_max_ms", first);
  note("ack_p50_ms", static_cast<double>(sum.ack_ns.percentile(0.5)) / 1e6);
  note("unavailable_max_ms", static_cast<double>(sum.ack_ns.percentile(1)) / 1e6);
  std::size_t missing = 0;
  const auto resumes = crowd_->resumes(fault_, missing);
  if (resumes.count() > 0) {
    note("clients_cut_off", static_cast<double>(resumes.count()));
    note("resume_p50_ms", static_cast<double>(resumes.percentile(0.5)) / 1e6);
    note("resume_p99_ms", static_cast<double>(resumes.percentile(0.99)) / 1e6);
  }
  note("acked", static_cast<double>(sum.acked));
  note("acked_lost", static_cast<double>(sum.acked_lost));
  note("duplicates", static_cast<double>(sum.duplicates));
  note("gaps_announced", static_cast<double>(sum.gaps));
  note("epochs_begun", static_cast<double>(sum.epochs_begun));
  note("publishes_repeated", static_cast<double>(crowd_->refusals()));
  const auto broken = sum.silent_gaps + sum.behind + missing;
  report_.errors += broken;
  if (broken != 0)
    report_.notes.push_back(fmt::format(
        "{}: {} gaps in silence, {} listeners stand elsewhere than their room, {} did not return",
        name_, sum.silent_gaps, sum.behind, missing));
}

} // namespace argosy::bench::chaos
