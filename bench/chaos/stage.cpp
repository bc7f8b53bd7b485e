#include "bench/chaos/stage.hpp"

#include <fmt/format.h>
#include <stdexcept>
#include <utility>

namespace argosy::bench::chaos {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

stage::stage(std::size_t listeners, fleet_plan plan)
    : fleet_(io_, std::move(plan)), listeners_(listeners) {
  for (const auto& name : everybody())
    fleet_.start(name);
  for (const auto& name : everybody())
    until("node " + name + " starts", patience_s, [&] { return fleet_.listening(name); });
  until("the nodes become a fleet", patience_s, [&] { return fleet_.agreed(everybody()); });
}

std::set<std::string> stage::everybody() const {
  std::set<std::string> all(fleet_.plan().voters.begin(), fleet_.plan().voters.end());
  all.insert(fleet_.plan().gateways.begin(), fleet_.plan().gateways.end());
  return all;
}

std::set<std::string> stage::without(const std::set<std::string>& names) const {
  auto others = everybody();
  for (const auto& name : names)
    others.erase(name);
  return others;
}

std::string stage::an_owner() {
  const auto& voters = fleet_.plan().voters;
  return fleet_.leader() == voters[0] ? voters[1] : voters[0];
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
  fleet_.start(name);
  until("node " + name + " starts", patience_s, [&] { return fleet_.listening(name); });
  until("node " + name + " joins", patience_s, [&] { return fleet_.agreed(members); });
}

std::size_t stage::restore() {
  std::size_t started = 0;
  until("all are one fleet again", patience_s, [&] {
    for (const auto& name : everybody())
      if (!fleet_.running(name)) {
        fleet_.start(name);
        ++started;
      }
    return fleet_.agreed(everybody());
  });
  for (const auto& name : everybody())
    until("node " + name + " listens", patience_s, [&] { return fleet_.listening(name); });
  return started;
}

crowd_plan stage::ordinary_crowd() const {
  const auto all = everybody();
  return {.phase = {}, .homes = {all.begin(), all.end()}, .listeners = listeners_};
}

std::unique_ptr<crowd> stage::gather(crowd_plan plan) {
  return std::make_unique<crowd>(io_, std::move(plan), [this](const std::string& node) {
    return fleet_.running(node) ? fleet_.port(node) : std::uint16_t{0};
  });
}

} // namespace argosy::bench::chaos
