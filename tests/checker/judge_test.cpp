// The judge against histories that are sound, and against one broken history for each way to break
// a promise: it names the promise and what happened, in one sentence.
#include "tests/checker/expect.hpp"

#include <doctest/doctest.h>

using namespace argosy::checker;

namespace {

/// Two publications, one subscriber that has both.
tale quiet_day() {
  tale t;
  t.subscribe("s", {"e", 0}).publish("p", 1, {"e", 1}).deliver("s", 1, "p#1");
  t.publish("p", 2, {"e", 2}).deliver("s", 2, "p#2");
  return t;
}

} // namespace

TEST_CASE("judge: a quiet day breaks nothing, and is counted") {
  const auto v =
      quiet_day()
          .end({"e", 2}, {{1, "p#1"}, {2, "p#2"}})
          .judged({.acked_kept = true, .seen_kept = true, .no_gaps = true, .one_epoch = true});
  holds(v);
  CHECK(v.measured.published == 2);
  CHECK(v.measured.acked == 2);
  CHECK(v.measured.deliveries == 2);
  CHECK(v.measured.epochs == 1);
  CHECK(v.measured.gaps_announced == 0);
  CHECK(v.measured.duplicates == 0);
}

TEST_CASE("judge: an empty history breaks nothing") {
  holds(judge({}, {}));
}

// -- P1 -------------------------------------------------------------------------------------------

TEST_CASE("judge: P1, one place holds two publications") {
  tale t = quiet_day();
  t.subscribe("other", {"e", 1}).deliver("other", 2, "p#1");
  names(t.judged(), promise::order, "acme/lobby at e:2 is p#2 for its publisher and p#1 for other");
}

TEST_CASE("judge: P1, two publishers were given one place") {
  tale t;
  t.publish("p", 1, {"e", 1}).publish("q", 1, {"e", 1});
  names(t.judged(), promise::order, "acme/lobby at e:1 is p#1 for its publisher and q#1");
}

TEST_CASE("judge: P1, a subscriber skips and nobody tells it") {
  tale t = quiet_day();
  t.publish("p", 3, {"e", 3}).publish("p", 4, {"e", 4}).deliver("s", 4, "p#4");
  names(t.judged(), promise::order, "s in acme/lobby went from e:2 straight to e:4");
}

TEST_CASE("judge: P1, a subscriber gets the same again") {
  tale t = quiet_day();
  t.deliver("s", 2, "p#2");
  names(t.judged(), promise::order, "s in acme/lobby got p#2 at e:2 though it stood at e:2");
}

TEST_CASE("judge: P1, a subscriber gets what is older than what it had") {
  tale t = quiet_day();
  t.deliver("s", 1, "p#1");
  names(t.judged(), promise::order, "got p#1 at e:1 though it stood at e:2");
}

TEST_CASE("judge: P1, a publication of another epoch comes in between") {
  tale t = quiet_day();
  t.publish("p", 3, {"f", 3});
  t.told.push_back(delivered{moment{50}, "s", t.room, {"f", 3}, "p#3"});
  names(t.judged(), promise::order, "from e:2 to f:3 and nobody told it of a new epoch");
}

TEST_CASE("judge: P1, something comes to who is not subscribed") {
  tale t = quiet_day();
  t.leave("s", 2500).publish("p", 3, {"e", 3}).deliver("s", 3, "p#3");
  t.recover("s", {"e", 3}, true, {"e", 3});
  const auto v = t.judged();
  REQUIRE_FALSE(v.violations.empty());
  CHECK(v.complaint().find("got p#3 while it was not subscribed") != std::string::npos);
}

TEST_CASE("judge: P1, a recovery that leaves something out") {
  tale t = quiet_day();
  t.leave("s", 2500).publish("p", 3, {"e", 3}).publish("p", 4, {"e", 4});
  t.recover("s", {"e", 2}, true, {"e", 4}).publish("p", 5, {"e", 5}).deliver("s", 5, "p#5");
  names(t.judged(), promise::order, "went from e:2 straight to e:5");
}

TEST_CASE("judge: P1, a recovery into another epoch") {
  tale t = quiet_day();
  t.leave("s", 2500).recover("s", {"e", 2}, true, {"f", 2});
  CHECK(t.judged().violations.empty());
  t.end({"f", 2}, {{1, "p#2"}, {2, "p#1"}});
  CHECK(t.judged().complaint().find("goes on from e:2 in f, where p#2 stands at 1 and not p#1")
        != std::string::npos);
}

TEST_CASE("judge: P1, a recovery to before where the subscriber stood") {
  tale t = quiet_day();
  t.leave("s", 2500).recover("s", {"e", 2}, true, {"e", 1});
  names(t.judged(), promise::order, "told that it recovered from e:2, but the room is at e:1");
}

TEST_CASE("judge: P1, a client that asks from elsewhere than where it stood") {
  tale t = quiet_day();
  t.leave("s", 2500).recover("s", {"e", 1}, true, {"e", 2});
  names(t.judged(), promise::order, "resumed from e:1 but stood at e:2");
}

TEST_CASE("judge: P1, a room that goes back within its epoch") {
  tale t = quiet_day();
  t.leave("s", 2500).recover("s", {"e", 2}, false, {"e", 1});
  names(t.judged(), promise::order, "stood at e:2 and the room went back to e:1");
}

TEST_CASE("judge: P1, two readers do not agree in the end") {
  tale t = quiet_day();
  t.end({"e", 2}, {{1, "p#1"}, {2, "p#2"}}).end({"e", 1}, {{1, "p#1"}}, "b");
  names(t.judged(), promise::order,
        "ends at e:2 for the reader at a and at e:1 for the reader at b");
}

TEST_CASE("judge: P1, the log has a hole") {
  tale t;
  for (std::uint64_t n = 1; n <= 3; ++n)
    t.publish("p", n, {"e", n});
  t.end({"e", 3}, {{1, "p#1"}, {3, "p#3"}});
  const auto v = t.judged();
  REQUIRE_FALSE(v.holds());
  CHECK(v.complaint().find("has a hole before offset 1") != std::string::npos);
}

TEST_CASE("judge: who subscribes without asking for what it missed begins anew, wherever that is") {
  tale t = quiet_day();
  t.leave("s", 2500).subscribe("s", {"e", 1}).deliver("s", 2, "p#2");
  holds(t.judged());
}

TEST_CASE("judge: a new epoch is no fault where a subscriber is told, and is one where demanded") {
  tale t = quiet_day();
  t.leave("s", 2500).recover("s", {"e", 2}, false, {"f", 0}).publish("p", 3, {"f", 1});
  t.deliver("s", 1, "p#3").end({"f", 1}, {{1, "p#3"}});
  const auto v = t.judged();
  holds(v);
  CHECK(v.measured.gaps_announced == 1);
  CHECK(v.measured.acked_forgotten == 2);
  names(t.judged({.one_epoch = true}), promise::order, "acme/lobby began a new epoch");
}

TEST_CASE("judge: P1, two owners acknowledge at once") {
  tale t;
  t.publish("p", 1, {"e", 1}).publish("q", 1, {"f", 1}).publish("p", 2, {"e", 2});
  names(t.judged(), promise::order,
        "p#2 was acknowledged at e:2 in acme/lobby, though it was sent after epoch f had begun");
  holds(t.judged({.one_owner = false}));
}

TEST_CASE("judge: P1, what was under way when the next epoch began is no sign of two owners") {
  tale t;
  t.publish("p", 1, {"e", 1}).send("p", 2).publish("q", 1, {"f", 1}).ack("p", 2, {"e", 2});
  holds(t.judged());
}

TEST_CASE("judge: a gap that was announced is none, unless none is allowed") {
  tale t = quiet_day();
  t.publish("p", 3, {"e", 3}).publish("p", 4, {"e", 4}).gap("s", 3, 3).deliver("s", 4, "p#4");
  holds(t.judged());
  names(t.judged({.no_gaps = true}), promise::at_least_once, "was told that it misses 3-3 (slow)");
}

TEST_CASE("judge: an announced gap covers no more than it says") {
  tale t = quiet_day();
  t.publish("p", 3, {"e", 3}).publish("p", 4, {"e", 4}).publish("p", 5, {"e", 5});
  t.gap("s", 3, 3).deliver("s", 5, "p#5");
  names(t.judged(), promise::order, "went from e:3 straight to e:5");
}

TEST_CASE("judge: where a room keeps no history two publishers owe each other no order") {
  tale t;
  t.subscribe("s", {}).send("p", 1).send("q", 1).ack("q", 1, {}).ack("p", 1, {});
  t.deliver("s", 0, "q#1").deliver("s", 0, "p#1");
  holds(t.judged());
}
