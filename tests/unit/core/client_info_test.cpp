// client_info: the id of a connection as text.
#include "runtime/core/client_info.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using argosy::client_id;

TEST_CASE("client_id: written as a UUID, high half first") {
  const client_id id{0x0123456789ABCDEFU, 0xFEDCBA9876543210U};
  CHECK(id.text() == "01234567-89ab-cdef-fedc-ba9876543210");
  CHECK(client_id{}.text() == "00000000-0000-0000-0000-000000000000");
}

TEST_CASE("client_id: text round trip of any id") {
  std::mt19937_64 random{1};
  for (int i = 0; i < 1000; ++i) {
    const client_id id{random(), random()};
    REQUIRE(client_id::parse(id.text()) == id);
  }
}

TEST_CASE("client_id: capital digits are read") {
  CHECK(client_id::parse("01234567-89AB-CDEF-FEDC-BA9876543210")
        == client_id{0x0123456789ABCDEFU, 0xFEDCBA9876543210U});
}

TEST_CASE("client_id: what is not a UUID is refused, wherever the bad character stands") {
  const auto good = client_id{1, 2}.text();
  CHECK_FALSE(client_id::parse(""));
  CHECK_FALSE(client_id::parse(good + "0"));
  CHECK_FALSE(client_id::parse(std::string_view{good}.substr(1)));
  for (std::size_t i = 0; i < good.size(); ++i)
    for (const char bad : {'g', ' ', '+', '-', 'x', '\0', '\xFF'}) {
      auto text = good;
      if (text[i] == bad)
        continue;
      text[i] = bad;
      CAPTURE(text);
      CHECK_FALSE(client_id::parse(text));
    }
}
