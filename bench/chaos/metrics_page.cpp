#include "bench/chaos/metrics_page.hpp"

#include "bench/blocking_stream.hpp"

#include <cstdlib>
#include <stdexcept>

namespace argosy::bench::chaos {

namespace {

constexpr int patience_ms = 5'000;

/// Where the body ends, once the header is there; npos before.
std::size_t end_of(std::string_view answer) {
  const auto head = answer.find("\r\n\r\n");
  const auto length = answer.find("Content-Length: ");
  if (head == std::string_view::npos || length > head)
    return std::string_view::npos;
  return head + 4 + std::strtoul(answer.data() + length + 16, nullptr, 10);
}

} // namespace

std::string metrics_page(std::uint16_t port) {
  blocking_stream stream("127.0.0.1", port, patience_ms);
  stream.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  std::string answer;
  while (answer.size() < end_of(answer))
    stream.receive(answer);
  if (!answer.starts_with("HTTP/1.1 200"))
    throw std::runtime_error("the node does not tell its metrics: " + answer.substr(0, 80));
  return answer;
}

double sum_of(std::string_view page, std::string_view metric) {
  double sum = 0;
  while (!page.empty()) {
    const auto line = page.substr(0, page.find('\n'));
    page.remove_prefix(std::min(page.size(), line.size() + 1));
    if (!line.starts_with(metric))
      continue;
    const auto rest = line.substr(metric.size());
    if (rest.starts_with(' ') || rest.starts_with('{'))
      sum += std::strtod(std::string(line.substr(line.rfind(' ') + 1)).c_str(), nullptr);
  }
  return sum;
}

} // namespace argosy::bench::chaos
