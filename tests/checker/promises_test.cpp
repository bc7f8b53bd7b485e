// The judge on P2 to P7, on what it counts, and on what is not a fault.
#include "tests/checker/expect.hpp"

#include <doctest/doctest.h>

using namespace argosy::checker;

// -- P2 -------------------------------------------------------------------------------------------

TEST_CASE("judge: P2, what was sent second on a connection stands first") {
  tale t;
  t.send("p", 1).send("p", 2).ack("p", 2, {"e", 1}).ack("p", 1, {"e", 2});
  names(t.judged(), promise::publisher_order, "p#1 stands at e:2 in acme/lobby, behind p#2");
}

TEST_CASE("judge: P2, what was sent after an acknowledgement stands before it") {
  tale t;
  t.publish("p", 1, {"e", 2});
  t.connection = "c2";
  t.publish("p", 2, {"e", 1});
  names(t.judged(), promise::publisher_order, "p#1 stands at e:2 in acme/lobby, behind p#2");
}

TEST_CASE("judge: P2, a retry behind a later one is no fault: that is when it was sent") {
  tale t;
  t.send("p", 1).send("p", 2).ack("p", 2, {"e", 1}).fail("p", 1, result::unknown);
  t.send("p", 1, 2).ack("p", 1, {"e", 2}, 2);
  holds(t.judged());
}

TEST_CASE("judge: P2, what had failed before the next was sent is owed no order") {
  tale t;
  t.send("p", 1).fail("p", 1, result::unknown).send("p", 2).ack("p", 2, {"e", 1});
  t.subscribe("s", {"e", 1}).deliver("s", 2, "p#1");
  holds(t.judged());
}

TEST_CASE("judge: P2, what was under way when the next was sent is owed order, answered or not") {
  tale t;
  t.send("p", 1).send("p", 2).ack("p", 2, {"e", 1});
  t.subscribe("s", {"e", 1}).deliver("s", 2, "p#1");
  names(t.judged(), promise::publisher_order, "p#1 stands at e:2");
}

TEST_CASE("judge: P2, two connections of a publisher owe each other nothing while unanswered") {
  tale t;
  t.send("p", 1);
  t.connection = "c2";
  t.send("p", 2).ack("p", 2, {"e", 1}).ack("p", 1, {"e", 2});
  holds(t.judged());
}

TEST_CASE("judge: P2 is of each publisher alone") {
  tale t;
  t.send("p", 1).send("q", 1).ack("q", 1, {"e", 1}).ack("p", 1, {"e", 2});
  holds(t.judged());
}

TEST_CASE("judge: P2, where no history is kept each subscription owes the order that it hears") {
  tale t;
  t.subscribe("s", {}).send("p", 1).ack("p", 1, {}).send("p", 2).ack("p", 2, {});
  t.deliver("s", 0, "p#1").deliver("s", 0, "p#2");
  holds(t.judged());
  // Another node may be behind: after a new subscription the same may come once more.
  t.leave("s", 2500).subscribe("s", {}).deliver("s", 0, "p#1").deliver("s", 0, "p#2");
  holds(t.judged());
  t.send("p", 3).ack("p", 3, {}).send("p", 4).ack("p", 4, {});
  t.deliver("s", 0, "p#4").deliver("s", 0, "p#3");
  names(t.judged(), promise::publisher_order, "p#3 stands at s, subscription 2:4 in acme/lobby");
}

TEST_CASE("judge: P5, what was sent once is heard once, history or not") {
  tale t;
  t.subscribe("s", {}).send("p", 1).ack("p", 1, {});
  t.deliver("s", 0, "p#1").deliver("s", 0, "p#1");
  names(t.judged(), promise::dedupe, "s, subscription 1 heard p#1 twice in acme/lobby");
}

// -- P3 -------------------------------------------------------------------------------------------

TEST_CASE("judge: P3, acknowledged and gone although the epoch lives") {
  tale t;
  t.publish("p", 1, {"e", 1}).publish("p", 2, {"e", 2}).end({"e", 1}, {{1, "p#1"}});
  const auto v = t.judged();
  names(v, promise::acknowledged, "p#2 was acknowledged at e:2 in acme/lobby, which ends at e:1");
  CHECK(v.measured.acked_lost == 1);
}

TEST_CASE("judge: P3, acknowledged in an epoch that died is lost where that is not allowed") {
  tale t;
  t.publish("p", 1, {"e", 1}).fault("kill a").publish("p", 2, {"f", 1}).end({"f", 1}, {{1, "p#2"}});
  const auto v = t.judged();
  holds(v);
  CHECK(v.measured.acked_lost == 1);
  names(t.judged({.acked_kept = true}), promise::acknowledged, "p#1 was acknowledged at e:1");
}

TEST_CASE("judge: P3, forgotten although a subscriber had it") {
  tale t;
  t.subscribe("s", {"e", 0}).publish("p", 1, {"e", 1}).deliver("s", 1, "p#1").leave("s", 2500);
  t.recover("s", {"e", 1}, false, {"f", 0}).end({"f", 0}, {});
  const auto v = t.judged();
  holds(v);
  CHECK(v.measured.acked_forgotten == 1);
  names(t.judged({.seen_kept = true}), promise::acknowledged, "p#1 was acknowledged at e:1");
}

TEST_CASE("judge: P3, what has aged out of the log is not lost") {
  tale t;
  for (std::uint64_t n = 1; n <= 3; ++n)
    t.publish("p", n, {"e", n});
  holds(t.end({"e", 3}, {{3, "p#3"}}).judged({.acked_kept = true}));
}

// -- P4 -------------------------------------------------------------------------------------------

TEST_CASE("judge: P4, a subscriber that stays is behind in the end") {
  tale t;
  t.subscribe("s", {"e", 0}).publish("p", 1, {"e", 1}).end({"e", 1}, {{1, "p#1"}});
  names(t.judged(), promise::at_least_once, "s in acme/lobby stands at e:0 in the end");
  holds(t.judged({.caught_up = false}));
}

TEST_CASE("judge: P4, a subscriber that was sent away never gets in again") {
  tale t;
  t.subscribe("s", {"e", 0}).leave("s", 2500).end({"e", 0}, {});
  names(t.judged(), promise::at_least_once, "lost its subscription by 2500 and never got it back");
}

TEST_CASE("judge: P4, who left by its own wish is owed nothing") {
  tale t;
  t.subscribe("s", {"e", 0}).leave("s", 0).publish("p", 1, {"e", 1}).end({"e", 1}, {{1, "p#1"}});
  holds(t.judged());
}

// -- P5 -------------------------------------------------------------------------------------------

TEST_CASE("judge: P5, a retry takes a second place") {
  tale t;
  t.send("p", 1).send("p", 1, 2).ack("p", 1, {"e", 1}).ack("p", 1, {"e", 2}, 2);
  const auto v = t.judged();
  names(v, promise::dedupe, "p#1 stands twice in acme/lobby, at e:1 and at e:2");
  CHECK(v.measured.duplicates == 1);
}

TEST_CASE("judge: P5, a retry after the window is a new publication") {
  tale t;
  t.publish("p", 1, {"e", 1}).at(130'000).send("p", 1, 2).ack("p", 1, {"e", 2}, 2);
  const auto v = t.judged();
  holds(v);
  CHECK(v.measured.duplicates == 1);
}

TEST_CASE("judge: P5, without a key nothing is recognised") {
  tale t;
  t.send("p", 1).send("p", 1, 2).ack("p", 1, {"e", 1}).ack("p", 1, {"e", 2}, 2);
  for (auto& r : t.told)
    if (auto* sent = std::get_if<attempted>(&r))
      sent->key.clear();
  holds(t.judged());
}

TEST_CASE("judge: P5, in a new epoch of a memory room the window is gone, and that is counted") {
  tale t;
  t.publish("q", 1, {"e", 1}).send("p", 1).ack("p", 1, {"e", 2});
  t.send("p", 1, 2).ack("p", 1, {"f", 1}, 2);
  t.end({"f", 1}, {{1, "p#1"}});
  const auto v = t.judged();
  holds(v);
  CHECK(v.measured.duplicates == 1);
}

TEST_CASE("judge: P5, a new epoch that begins with the history of the old one repeats nothing") {
  tale t;
  t.publish("p", 1, {"e", 1}).subscribe("s", {"f", 0}).deliver("s", 1, "p#1");
  t.end({"f", 1}, {{1, "p#1"}});
  const auto v = t.judged({.acked_kept = true});
  holds(v);
  CHECK(v.measured.duplicates == 0);
}

// -- P6, P7 ---------------------------------------------------------------------------------------

TEST_CASE("judge: P6, what nobody sent") {
  tale t;
  t.subscribe("s", {"e", 0}).deliver("s", 1, "ghost#1");
  names(t.judged(), promise::no_phantoms,
        "s got 'ghost#1' in acme/lobby at e:1, which nobody sent");
}

TEST_CASE("judge: P6, what is no publication of the run at all") {
  tale t;
  t.subscribe("s", {"e", 0}).deliver("s", 1, "{}");
  names(t.judged(), promise::no_phantoms, "s got '{}'");
}

TEST_CASE("judge: P6, seen before it was sent") {
  tale t;
  t.subscribe("s", {"e", 0}).deliver("s", 1, "p#1").publish("p", 1, {"e", 1});
  names(t.judged(), promise::no_phantoms, "s got p#1 in acme/lobby at e:1 before it was sent");
}

TEST_CASE("judge: P6, refused for good and seen all the same") {
  tale t;
  t.subscribe("s", {"e", 0}).send("p", 1).fail("p", 1, result::rejected).deliver("s", 1, "p#1");
  names(t.judged(), promise::no_phantoms, "p#1 was refused and is in acme/lobby");
}

TEST_CASE("judge: P6, an answer to what was never sent") {
  tale t;
  t.ack("p", 1, {"e", 1});
  names(t.judged(), promise::no_phantoms, "p#1 was answered and never sent");
}

TEST_CASE("judge: P7, a publication in another room, or of another tenant") {
  tale t;
  t.publish("p", 1, {"e", 1});
  t.room = "globex/lobby";
  t.subscribe("s", {"e", 0}).deliver("s", 1, "p#1");
  names(t.judged(), promise::isolation,
        "s got p#1 in globex/lobby, though it was published in acme/lobby");
}

// -- figures --------------------------------------------------------------------------------------

TEST_CASE("judge: what came of the publications is counted") {
  tale t;
  t.publish("p", 1, {"e", 1});
  t.send("p", 2).fail("p", 2, result::rejected);
  t.send("p", 3).fail("p", 3, result::unknown).send("p", 4);
  const auto m = t.judged().measured;
  CHECK(m.published == 4);
  CHECK(m.acked == 1);
  CHECK(m.rejected == 1);
  CHECK(m.unknown == 2);
}

TEST_CASE("judge: unavailability is from the first attempt to the acknowledgement") {
  tale t;
  t.at(100).send("p", 1).at(600).send("p", 1, 2).at(700).ack("p", 1, {"e", 1}, 2);
  t.at(800).send("p", 2).at(810).ack("p", 2, {"e", 2});
  const auto m = t.judged().measured;
  CHECK(m.unavailable.count == 2);
  CHECK(m.unavailable.max == moment{600});
  CHECK(m.unavailable.p50 == moment{600});
}

TEST_CASE("judge: the first ack after a fault is of something sent after it, in a room it hit") {
  tale t;
  t.at(100).send("p", 1).at(200).fault("kill a").at(250).ack("p", 1, {"e", 1});
  t.at(300).send("p", 2).at(900).ack("p", 2, {"e", 2});
  t.room = "acme/other";
  t.at(910).publish("q", 1, {"f", 1});
  const auto all = t.judged().measured.first_ack_after;
  CHECK(all.count == 2);
  CHECK(all.max == moment{711});
  for (auto& r : t.told)
    if (auto* fault = std::get_if<fault_injected>(&r))
      fault->rooms = {"acme/lobby"};
  const auto one = t.judged().measured.first_ack_after;
  CHECK(one.count == 1);
  CHECK(one.max == moment{700});
}

TEST_CASE("spread: percentiles of nothing, of one and of many") {
  CHECK(spread_of({}).count == 0);
  CHECK(spread_of({moment{7}}).p99 == moment{7});
  std::vector<moment> hundred;
  for (int i = 100; i > 0; --i)
    hundred.emplace_back(i);
  const auto s = spread_of(hundred);
  CHECK(s.p50 == moment{51});
  CHECK(s.p99 == moment{100});
  CHECK(s.max == moment{100});
}

TEST_CASE("message_id: reads its own text back, quoted or not, and nothing else") {
  CHECK(message_id::parse("a#b#12") == message_id{"a#b", 12});
  CHECK(message_id::parse("\"p#1\"") == message_id{"p", 1});
  for (const auto* bad : {"", "#", "#1", "p", "p#", "p#x", "p#1x", "p#-1", "\"\""})
    CHECK_MESSAGE(!message_id::parse(bad), bad);
}
