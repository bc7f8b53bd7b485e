// expect: what the tests of the judge say of a verdict.
#pragma once

#include "tests/checker/tale.hpp"

#include <doctest/doctest.h>

#include <string_view>

namespace argosy::checker {

/// Exactly one promise broken, and the sentence says so.
inline void names(const verdict& v, promise broken, std::string_view part) {
  CAPTURE(v.complaint());
  REQUIRE(v.violations.size() == 1);
  CHECK(v.violations[0].broken == broken);
  CHECK(v.violations[0].sentence.find(part) != std::string::npos);
}

inline void holds(const verdict& v) {
  CAPTURE(v.complaint());
  CHECK(v.holds());
}

} // namespace argosy::checker
