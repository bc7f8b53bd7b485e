#include "bench/report.hpp"

#include "bench/latency_histogram.hpp"

#include <cmath>
#include <fmt/format.h>

namespace argosy::bench {

namespace {

/// Four significant digits are more than any of these figures is worth.
std::string json_number(double value) {
  if (!std::isfinite(value))
    return "null";
  return std::fabs(value) >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value);
}

std::string json_number(const std::optional<double>& value) {
  return value ? json_number(*value) : "null";
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out.push_back('\\');
    if (static_cast<unsigned char>(c) < 0x20)
      out.append(fmt::format("\\u{:04x}", static_cast<unsigned>(c)));
    else
      out.push_back(c);
  }
  return out + "\"";
}

std::string json_latency(const std::optional<latency_ms>& latency) {
  if (!latency)
    return R"({"p50":null,"p99":null,"p999":null})";
  return fmt::format(R"({{"p50":{},"p99":{},"p999":{}}})", json_number(latency->p50),
                     json_number(latency->p99), json_number(latency->p999));
}

std::string person_number(double value) {
  if (std::fabs(value) < 100)
    return fmt::format("{:.3g}", value);
  auto digits = fmt::format("{:.0f}", value);
  for (auto at = static_cast<int>(digits.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

/// The longest of `groups` that the name of a detail begins with; "" for none.
std::string_view group_of(std::string_view name, const std::vector<std::string>& groups) {
  std::string_view best;
  for (const auto& group : groups)
    if (name.starts_with(group + "_") && group.size() > best.size())
      best = group;
  return best;
}

/// The details of a group under its name, two on a line.
std::string group_table(std::string_view group, const bench_report& r) {
  std::string out = fmt::format("  {}\n", group);
  bool second = false;
  for (const auto& [name, value] : r.details) {
    if (group_of(name, r.groups) != group)
      continue;
    out += fmt::format("{:<4}{:<32}{:>11}{}", "", name.substr(group.size() + 1),
                       person_number(value), second ? "\n" : "");
    second = !second;
  }
  return out + (second ? "\n" : "");
}

} // namespace

std::optional<latency_ms> percentiles(const latency_histogram& samples_ns) {
  if (samples_ns.count() == 0)
    return std::nullopt;
  const auto at = [&](double p) { return static_cast<double>(samples_ns.percentile(p)) / 1e6; };
  return latency_ms{at(0.5), at(0.99), at(0.999)};
}

std::optional<double> bench_report::ratio_to_bare_send() const {
  if (!server_cpu_ns_per_delivery || !bare_send_ns || *bare_send_ns <= 0)
    return std::nullopt;
  return *server_cpu_ns_per_delivery / *bare_send_ns;
}

std::string to_json(const bench_report& r) {
  std::string out = fmt::format(
      R"({{"scenario":{},"server":{},"connections":{},"user_bytes_per_connection":{},)"
      R"("kernel_bytes_per_connection":{},"deliveries_per_s":{},"server_cpu_ns_per_delivery":{},)"
      R"("bare_send_ns":{},"ratio_to_bare_send":{},"latency_ms":{},"errors":{})",
      json_text(r.scenario), json_text(r.server), r.connections,
      json_number(r.user_bytes_per_connection), json_number(r.kernel_bytes_per_connection),
      json_number(r.deliveries_per_s), json_number(r.server_cpu_ns_per_delivery),
      json_number(r.bare_send_ns), json_number(r.ratio_to_bare_send()), json_latency(r.latency),
      r.errors);
  for (const auto& [name, value] : r.details)
    out += fmt::format(",{}:{}", json_text(name), json_number(value));
  out += ",\"notes\":[";
  for (std::size_t i = 0; i < r.notes.size(); ++i)
    out += (i == 0 ? "" : ",") + json_text(r.notes[i]);
  return out + "]}";
}

std::string to_text(const bench_report& r) {
  std::string out = fmt::format("{} on {}\n", r.scenario, r.server);
  const auto line = [&](std::string_view name, const std::optional<double>& value) {
    if (value)
      out += fmt::format("  {:<34} {:>14}\n", name, person_number(*value));
  };
  line("connections", static_cast<double>(r.connections));
  line("user bytes per connection", r.user_bytes_per_connection);
  line("kernel bytes per connection, both ends", r.kernel_bytes_per_connection);
  line("deliveries per second", r.deliveries_per_s);
  line("server CPU ns per delivery", r.server_cpu_ns_per_delivery);
  line("bare send() ns", r.bare_send_ns);
  line("ratio to bare send()", r.ratio_to_bare_send());
  if (r.latency) {
    line("latency p50 ms", r.latency->p50);
    line("latency p99 ms", r.latency->p99);
    line("latency p99.9 ms", r.latency->p999);
  }
  for (const auto& [name, value] : r.details)
    if (group_of(name, r.groups).empty())
      line(name, value);
  for (const auto& group : r.groups)
    out += group_table(group, r);
  line("errors", static_cast<double>(r.errors));
  for (const auto& note : r.notes)
    out += "  note: " + note + "\n";
  return out;
}

} // namespace argosy::bench
