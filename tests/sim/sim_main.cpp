// sim: runs seeds of the simulated fleet, and says of each that broke a promise which one, how it
// came to that, and how to see it again.
#include "tests/sim/scenario.hpp"

#include <spdlog/spdlog.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using argosy::sim::plan_of;
using argosy::sim::run_report;
using argosy::sim::run_scenario;

constexpr std::string_view usage = R"(usage: sim [--seeds N] [--from S] [--step K] [--quiet]
       sim --seed S

  --seeds N   run N seeds (default 500)
  --from S    the first of them (default 1)
  --step K    every K-th seed, so that K processes share a range (default 1)
  --quiet     no progress
  --seed S    run one seed and print its trace
)";

struct options {
  std::uint64_t seeds = 500;
  std::uint64_t from = 1;
  std::uint64_t step = 1;
  std::optional<std::uint64_t> only;
  bool quiet = false;
};

std::optional<options> read(int argc, char** argv) {
  options o;
  std::uint64_t only = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string_view key = argv[i];
    if (key == "--quiet") {
      o.quiet = true;
      continue;
    }
    auto* into = key == "--seeds"  ? &o.seeds
                 : key == "--from" ? &o.from
                 : key == "--step" ? &o.step
                 : key == "--seed" ? &only
                                   : nullptr;
    if (into == nullptr || ++i == argc)
      return std::nullopt;
    const std::string_view value = argv[i];
    const auto* end = value.data() + value.size();
    if (const auto [stopped, error] = std::from_chars(value.data(), end, *into);
        error != std::errc{} || stopped != end)
      return std::nullopt;
    if (into == &only)
      o.only = only;
  }
  return o.step == 0 ? std::nullopt : std::optional{o};
}

void print_tail(const run_report& r, std::size_t lines) {
  const auto from = r.trace.size() > lines ? r.trace.size() - lines : 0;
  for (auto i = from; i < r.trace.size(); ++i)
    std::printf("  %s\n", r.trace[i].c_str());
}

void print_failure(std::uint64_t seed, const run_report& r) {
  std::printf("seed %llu broke a promise:\n%s%s\nthe end of its trace:\n",
              static_cast<unsigned long long>(seed), r.complaint().c_str(),
              r.trace.front().c_str());
  print_tail(r, 40);
  std::printf("see all of it: ./dev sim --seed %llu\n\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
}

int run_one(std::uint64_t seed) {
  const auto r = run_scenario(plan_of(seed));
  print_tail(r, r.trace.size());
  std::printf("%s\n%strace %016llx\n", r.verdict.summary().c_str(), r.complaint().c_str(),
              static_cast<unsigned long long>(r.hash));
  return r.holds() ? 0 : 1;
}

int run_many(const options& o) {
  std::uint64_t failed = 0;
  argosy::checker::figures sum;
  std::vector<argosy::checker::moment> slowest; ///< first ack after a fault, of a seed's worst room
  for (std::uint64_t i = 0; i < o.seeds; ++i) {
    const auto seed = o.from + i * o.step;
    const auto r = run_scenario(plan_of(seed));
    sum.acked += r.verdict.measured.acked;
    sum.deliveries += r.verdict.measured.deliveries;
    sum.acked_lost += r.verdict.measured.acked_lost;
    sum.acked_forgotten += r.verdict.measured.acked_forgotten;
    sum.gaps_announced += r.verdict.measured.gaps_announced;
    sum.duplicates += r.verdict.measured.duplicates;
    if (r.verdict.measured.first_ack_after.count > 0)
      slowest.push_back(r.verdict.measured.first_ack_after.max);
    if (!r.holds() && ++failed <= 10)
      print_failure(seed, r);
    if (!o.quiet && (i + 1) % 1'000 == 0)
      std::printf("%llu of %llu seeds, %llu failed\n", static_cast<unsigned long long>(i + 1),
                  static_cast<unsigned long long>(o.seeds),
                  static_cast<unsigned long long>(failed)),
          std::fflush(stdout);
  }
  std::printf("%llu seeds, %llu failed; acked %zu, deliveries %zu, acked and lost %zu, acked and "
              "forgotten %zu, gaps announced %zu, duplicates %zu\n",
              static_cast<unsigned long long>(o.seeds), static_cast<unsigned long long>(failed),
              sum.acked, sum.deliveries, sum.acked_lost, sum.acked_forgotten, sum.gaps_announced,
              sum.duplicates);
  const auto acks = argosy::checker::spread_of(std::move(slowest));
  std::printf(
      "first ack after a fault, in the slowest room of each seed: p50 %lld ms, p99 %lld ms, "
      "max %lld ms\n",
      static_cast<long long>(acks.p50.count()), static_cast<long long>(acks.p99.count()),
      static_cast<long long>(acks.max.count()));
  return failed == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  spdlog::set_level(std::getenv("SIM_LOG") == nullptr ? spdlog::level::off : spdlog::level::info);
  const auto o = read(argc, argv);
  if (!o) {
    std::fputs(usage.data(), stderr);
    return 2;
  }
  return o->only ? run_one(*o->only) : run_many(*o);
}
