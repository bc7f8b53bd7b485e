// A slow line (F7): a room with more to say than the line to its reader carries must cost its
// owner no more memory than may wait for a line, and everybody else nothing. The same flood goes
// over the fair line first, so that there is something to compare with.
#include "bench/chaos/faults.hpp"
#include "bench/chaos/flood.hpp"
#include "bench/chaos/phase.hpp"
#include "bench/process_stats.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace argosy::bench::chaos {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t words = 200, word_bytes = 600'000; // 120 MB
constexpr milliseconds pace{20};                         // 30 MB/s at most
constexpr std::uint64_t narrow_bytes_per_second = 2'000'000;
constexpr milliseconds look_again{50}; ///< between two looks at the owner's memory

/// A line between two nodes, none of them the leader.
struct site {
  std::string one, two; ///< the owner of the room that floods it, and the node of its reader
  std::uint64_t resident_bytes = 0; ///< of the owner, at ease
};

/// A room of the owner's own, while nobody else publishes: what is said in it is counted there.
std::string room_of(stage& s, const std::string& owner, const std::string& phase) {
  client::client line(s.loop(), visitor(s.nodes().port(owner), "surveyor"));
  line.connect();
  const auto counted = [&] { return s.nodes().metric(owner, "argosy_publications_total"); };
  for (int n = 0; n < 100; ++n) {
    const auto room = std::string(fleet::bulk_namespace) + ":" + phase + "-" + std::to_string(n);
    const auto before = counted();
    bool answered = false;
    line.publish(room, "0", [&](const auto& answer) { answered = answer.value.has_value(); });
    s.until("a room takes a word", patience_s, [&] { return answered; });
    if (counted() > before)
      return room;
  }
  throw std::runtime_error("none of 100 rooms belongs to node " + owner);
}

/// All but the two ends of the line: people there have nothing to do with it.
crowd_plan elsewhere(const stage& s, const site& at) {
  auto plan = s.ordinary_crowd();
  const auto others = s.without({at.one, at.two});
  plan.homes.assign(others.begin(), others.end());
  return plan;
}

std::uint64_t newest_view(stage& s) {
  std::uint64_t no = 0;
  for (const auto& name : s.everybody())
    no = std::max(no, s.nodes().view_no(name));
  return no;
}

/// Pours, and looks at the owner meanwhile: the most memory that it had.
std::uint64_t pour(stage& s, flood& f, const site& at) {
  std::uint64_t most = 0;
  auto look = steady_clock::now();
  f.pour(words, word_bytes, pace);
  s.until("the flood is poured", 60, [&] {
    if (steady_clock::now() >= look) {
      most = std::max(most, resident_bytes(s.nodes().pid(at.one)));
      look = steady_clock::now() + look_again;
    }
    return f.poured();
  });
  return most;
}

/// Small words until the reader hears one of them.
void await_reader(stage& s, flood& f) {
  const auto last = f.said();
  s.until("the reader hears the room again", patience_s, [&] {
    if (f.poured())
      f.pour(1, 10, pace);
    return f.last_heard() > last;
  });
}

void flood_the_line(stage& s, bench_report& report, const std::string& name, const site& at,
                    std::uint64_t bytes_per_second) {
  flood f(s.loop(), visitor(s.nodes().port(at.one), "speaker"),
          visitor(s.nodes().port(at.two), "reader"), room_of(s, at.one, name));
  s.until("the flood is prepared", patience_s, [&] { return f.ready(); });
  phase p(s, name, report, elsewhere(s, at));
  const auto view = newest_view(s);
  if (bytes_per_second != 0)
    s.nodes().narrow(at.one, at.two, bytes_per_second);
  p.fault();
  const auto began = steady_clock::now();
  const auto most = pour(s, f, at);
  const auto ended = steady_clock::now();
  p.note("poured_ms", p.since_fault_ms());
  p.note("words_through", static_cast<double>(f.heard()));
  s.nodes().heal();
  await_reader(s, f);
  p.settle();
  const auto p99_ms = [](const latency_histogram& h) {
    return static_cast<double>(h.percentile(0.99)) / 1e6;
  };
  const auto& books = p.people().books();
  p.note("elsewhere_ack_p99_ms", p99_ms(books.acks_of(began, ended)));
  p.note("elsewhere_delivery_p99_ms", p99_ms(books.deliveries_of(began, ended)));
  p.note("owner_grew_mib",
         (static_cast<double>(most) - static_cast<double>(at.resident_bytes)) / (1 << 20));
  const auto views = newest_view(s) - view;
  p.note("new_views", static_cast<double>(views));
  p.note("reader_told_of_gaps", static_cast<double>(f.told_of_gaps()));
  p.broken(views, "the fleet changed its view for the state of a line");
  p.broken(f.silent_gaps(), "the reader of the flood missed words and was not told");
  p.broken(bytes_per_second != 0 && f.told_of_gaps() == 0 ? 1 : 0, "the flood found room");
}

} // namespace

void flood_a_slow_line(stage& s, bench_report& report) {
  site at{.one = s.an_owner(), .two = {}};
  for (const auto& name : s.without({at.one, s.nodes().leader()}))
    at.two = name;
  at.resident_bytes = resident_bytes(s.nodes().pid(at.one));
  flood_the_line(s, report, "flood", at, 0);
  flood_the_line(s, report, "slow_line", at, narrow_bytes_per_second);
}

} // namespace argosy::bench::chaos
