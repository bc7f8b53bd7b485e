// inbox_window: order, credit, and what does not belong to this link.
#include "runtime/cluster/inbox_window.hpp"

#include <doctest/doctest.h>

using argosy::cluster::inbox_window;
using verdict = inbox_window::verdict;

TEST_CASE("inbox_window: takes each batch once and in order, and only of its own link epoch") {
  inbox_window w{7};
  CHECK(w.arrived(7, 1, 10) == verdict::fresh);
  CHECK(w.arrived(7, 1, 10) == verdict::duplicate);
  CHECK(w.arrived(7, 2, 10) == verdict::fresh);
  CHECK(w.arrived(7, 4, 10) == verdict::gap);
  CHECK(w.arrived(6, 3, 10) == verdict::old_epoch);
  CHECK(w.arrived(8, 3, 10) == verdict::new_epoch);
  CHECK(w.arrived(7, 0, 10) == verdict::duplicate);
  CHECK(w.arrived(7, 3, 10) == verdict::fresh);
  CHECK(w.received() == 30);
}

TEST_CASE("inbox_window: a new epoch counts anew, and the old one is over") {
  inbox_window w{7};
  CHECK(w.arrived(7, 1, 10) == verdict::fresh);
  w.handled(10);
  w.restart(9);
  CHECK(w.link_epoch() == 9);
  CHECK(w.received() == 0);
  CHECK_FALSE(w.take_credit(true).has_value());
  CHECK(w.arrived(7, 2, 10) == verdict::old_epoch);
  CHECK(w.arrived(9, 1, 10) == verdict::fresh);
}

TEST_CASE("inbox_window: credit is due after an eighth of the window, or when idle") {
  inbox_window w{1, {800, 0}};
  CHECK(w.arrived(1, 1, 99) == verdict::fresh);
  w.handled(99);
  CHECK_FALSE(w.take_credit(false).has_value());
  CHECK(w.take_credit(true) == 99);
  CHECK_FALSE(w.take_credit(true).has_value());
  CHECK(w.arrived(1, 2, 150) == verdict::fresh);
  w.handled(50);
  CHECK_FALSE(w.take_credit(false).has_value());
  w.handled(50);
  CHECK(w.take_credit(false) == 199);
  CHECK(w.unhandled() == 50);
  w.handled(5000); // no more than has arrived
  CHECK(w.take_credit(true) == 249);
}

TEST_CASE("inbox_window: a peer that sends beyond its credit is found out") {
  inbox_window w{1, {800, 100}};
  CHECK(w.arrived(1, 1, 500) == verdict::fresh);
  CHECK(w.arrived(1, 2, 400) == verdict::fresh);
  CHECK(w.arrived(1, 3, 1) == verdict::overrun);
  w.handled(500);
  CHECK(w.arrived(1, 3, 1) == verdict::overrun); // handled, but not credited yet
  CHECK(w.take_credit(false) == 500);
  CHECK(w.arrived(1, 3, 500) == verdict::fresh);
  CHECK(w.arrived(1, 4, 1) == verdict::overrun);
}
