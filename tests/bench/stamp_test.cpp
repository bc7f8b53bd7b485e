#include "bench/stamp.hpp"

#include <doctest/doctest.h>

using namespace argosy::bench;

TEST_CASE("stamp: a payload has the size that was asked for and gives its time back") {
  for (const std::size_t size : {std::size_t{34}, std::size_t{128}, std::size_t{4'000}}) {
    const auto payload = stamped_payload(0x0123456789abcdef, size);
    CHECK(payload.size() == size);
    CHECK(count_stamps(payload) == 1);
    CHECK(find_stamp(payload) == 0x0123456789abcdef);
  }
}

TEST_CASE("stamp: is found inside a push and counted in a batch of pushes") {
  const auto push = R"({"push":{"channel":"c","pub":{"data":)" + stamped_payload(77, 60) + "}}}";
  CHECK(find_stamp(push) == 77);
  CHECK(count_stamps(push + "\n" + push) == 2);
}

TEST_CASE("stamp: half a stamp, or none, has no time") {
  const auto payload = stamped_payload(77, 60);
  CHECK_FALSE(find_stamp(payload.substr(0, 12)));
  CHECK_FALSE(find_stamp("{}"));
  CHECK_FALSE(find_stamp("~this is no number"));
}

// Client ids and other numbers of the binary dialect hold every byte. Counted as stamps, they made
// a run of `rooms` four times as fast as it was: each told a publisher that its turn had come.
TEST_CASE("stamp: a tilde among binary bytes is none, in front of or behind one that is") {
  using namespace std::string_view_literals;
  const auto noise = "\x01~\x7f~~ab\0~"sv;
  const auto payload = stamped_payload(77, 60);
  CHECK(count_stamps(noise) == 0);
  const auto push = std::string{noise} + payload + std::string{noise};
  CHECK(count_stamps(push) == 1);
  CHECK(find_stamp(push) == 77);
}

TEST_CASE("stamp: cut anywhere in two, it counts once") {
  const auto payload = stamped_payload(0x0123456789abcdef, 60);
  for (std::size_t cut = 0; cut <= payload.size(); ++cut)
    CHECK(count_stamps(payload.substr(0, cut)) + count_stamps(payload.substr(cut)) == 1);
}
