#include "bench/latency_histogram.hpp"
#include "bench/report.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace argosy::bench;

TEST_CASE("report: names every figure of the contract, null where it was not measured") {
  const auto json = to_json(bench_report{.scenario = "idle", .server = "argosy"});
  for (const auto* name :
       {"connections", "user_bytes_per_connection", "kernel_bytes_per_connection",
        "deliveries_per_s", "server_cpu_ns_per_delivery", "bare_send_ns", "ratio_to_bare_send",
        "latency_ms", "scenario", "errors"})
    CHECK_MESSAGE(json.find("\"" + std::string(name) + "\":") != std::string::npos, name);
  CHECK(json.find(R"("latency_ms":{"p50":null,"p99":null,"p999":null})") != std::string::npos);
}

TEST_CASE("report: the ratio is the server's CPU over that of a bare send") {
  bench_report r;
  CHECK_FALSE(r.ratio_to_bare_send());
  r.server_cpu_ns_per_delivery = 6'000;
  r.bare_send_ns = 5'000;
  CHECK(*r.ratio_to_bare_send() == doctest::Approx(1.2));
  CHECK(to_json(r).find(R"("ratio_to_bare_send":1.2)") != std::string::npos);
}

TEST_CASE("report: whatever a server has said fits into a JSON string") {
  bench_report r;
  r.notes.push_back("said \"no\"\r\n\\ and \x01");
  CHECK(to_json(r).find(R"("said \"no\"\u000d\u000a\\ and \u0001")") != std::string::npos);
}

TEST_CASE("report: percentiles of nanoseconds are told in milliseconds") {
  latency_histogram h;
  CHECK_FALSE(percentiles(h));
  h.record(2'000'000);
  CHECK(percentiles(h)->p999 == doctest::Approx(2.0).epsilon(0.016));
}

TEST_CASE("report: people see the details of a group together, programs under their whole names") {
  bench_report r;
  r.groups = {"cut", "cut_line"};
  r.detail("cut_acked", 1);
  r.detail("cut_line_acked", 2);
  r.detail("cut_lost", 3);
  r.detail("alone", 4);
  const auto text = to_text(r);
  const auto place = [&](std::string_view what) { return text.find(what); };
  CHECK(place("  alone ") < place("  cut\n"));
  CHECK(place("  cut\n") < place("    acked "));
  CHECK(place("    lost ") < place("  cut_line\n"));
  CHECK(to_json(r).find(R"("cut_acked":1,"cut_line_acked":2,"cut_lost":3)") != std::string::npos);
}
