// json_lines: a history written by real processes, one record a line, read for the judge.
//
//   {"t":12,"event":"attempted","publisher":"p","counter":1,"room":"acme/lobby","key":"p#1",
//    "connection":"p/1","attempt":1}
//   {"t":13,"event":"answered","publisher":"p","counter":1,"attempt":1,"result":"ok","epoch":"e",
//    "offset":1}
//   {"t":9,"event":"subscribed","session":"s","room":"acme/lobby","recovering":true,
//    "recovered":true,"since_epoch":"e","since_offset":0,"epoch":"e","offset":0}
//   {"t":20,"event":"unsubscribed","session":"s","room":"acme/lobby","code":2500}
//   {"t":14,"event":"delivered","session":"s","room":"acme/lobby","offset":1,"payload":"p#1"}
//   {"t":15,"event":"gap_announced","session":"s","room":"acme/lobby","from":2,"to":3,
//    "reason":"slow"}
//   {"t":99,"event":"final_read","reader":"a","room":"acme/lobby","epoch":"e","offset":1,
//    "items":[[1,"p#1"]]}
//   {"t":16,"event":"fault_injected","what":"kill a","rooms":["acme/lobby"]}
//
// (Each on one line.) `t` is milliseconds since the start. What is left out is empty, 0 or false.
// Several writers' lines may be put together in any order: they are sorted by `t`, and stay in the
// order of the file where it is equal.
#pragma once

#include "tests/checker/records.hpp"

#include <iosfwd>
#include <string>

namespace argosy::checker {

/// Reads all lines; returns what is wrong with the first bad one, in a sentence, or "".
std::string read_json_lines(std::istream& from, chronicle& into);

} // namespace argosy::checker
