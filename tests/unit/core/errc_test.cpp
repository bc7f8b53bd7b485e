// errc: the whole table, row by row, and the ranges that tell a client whether to come back.
#include "runtime/core/errc.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using argosy::client_reconnects;
using argosy::errc;
using argosy::error_info;
using argosy::from_close_code;
using argosy::info;

namespace {

/// Every error but `none`.
template <class Visit>
void for_each_error(Visit&& visit) {
  for (unsigned i = 1; i < static_cast<unsigned>(errc::count_); ++i) {
    const auto e = static_cast<errc>(i);
    CAPTURE(i);
    visit(e, info(e));
  }
}

} // namespace

TEST_CASE("errc: every error has its own row and a text that fits a close frame") {
  for_each_error([](errc e, const error_info& row) {
    CHECK(row.error == e);
    CHECK_FALSE(row.text.empty());
    CHECK(row.text.size() <= 123);
  });
}

TEST_CASE("errc: every error answers a command or ends the connection") {
  for_each_error([](errc, const error_info& row) {
    CHECK((row.client_code != 0 || row.close_code != 0));
    if (row.client_code != 0)
      CHECK((row.client_code >= 100 && row.client_code <= 112));
    if (row.close_code != 0)
      CHECK((row.close_code >= 3000 && row.close_code <= 3999));
  });
}

TEST_CASE("errc: only answers may be temporary") {
  for_each_error([](errc, const error_info& row) {
    if (row.temporary)
      CHECK(row.client_code != 0);
  });
}

TEST_CASE("errc: client codes are distinct, but for two that have two faces") {
  std::map<std::uint16_t, int> uses;
  for_each_error([&](errc e, const error_info& row) {
    if (row.client_code != 0 && e != errc::retry_later && e != errc::unknown_class)
      ++uses[row.client_code];
  });
  CHECK(uses.size() == 13);
  for (const auto& [code, count] : uses) {
    CAPTURE(code);
    CHECK(count == 1);
  }
  CHECK(info(errc::retry_later).client_code == info(errc::internal).client_code);
  CHECK(info(errc::unknown_class).client_code == info(errc::bad_request).client_code);
}

TEST_CASE("errc: a close code names one error, and leads back to it") {
  std::set<std::uint16_t> seen;
  for_each_error([&](errc e, const error_info& row) {
    if (row.close_code == 0)
      return;
    CHECK(seen.insert(row.close_code).second);
    CHECK(from_close_code(row.close_code) == e);
  });
  CHECK(from_close_code(0) == errc::none);
  CHECK(from_close_code(1000) == errc::none);
  CHECK(from_close_code(3999) == errc::none);
}

TEST_CASE("errc: none is no error, and a value off the table is an internal error") {
  CHECK(info(errc::none).client_code == 0);
  CHECK(info(errc::none).close_code == 0);
  CHECK(info(errc::count_).error == errc::internal);
  CHECK(info(static_cast<errc>(255)).error == errc::internal);
}

TEST_CASE("errc: clients come back after the codes of 3000 to 3499, not after 3500 to 3999") {
  const std::map<std::uint16_t, bool> table{
      {1000, true}, {1001, true},  {1006, true},  {1008, true},  {1009, false}, {1010, true},
      {2999, true}, {3000, true},  {3499, true},  {3500, false}, {3999, false}, {4000, true},
      {4499, true}, {4500, false}, {4999, false}, {5000, true}};
  for (const auto& [code, comes_back] : table) {
    CAPTURE(code);
    CHECK(client_reconnects(code) == comes_back);
  }
  for (const auto e : {errc::shutdown, errc::slow_consumer, errc::no_pong, errc::force_reconnect})
    CHECK(client_reconnects(info(e).close_code));
  for (const auto e : {errc::invalid_token, errc::stale, errc::closed_bad_request,
                       errc::force_no_reconnect, errc::too_many_errors})
    CHECK_FALSE(client_reconnects(info(e).close_code));
}
