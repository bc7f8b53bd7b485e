// metrics_page: what a node counts, read as its Prometheus page says it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace argosy::bench::chaos {

/// The text of /metrics. Throws std::runtime_error if the node does not answer within 5 s.
std::string metrics_page(std::uint16_t port);

/// The value of a metric, summed over its labels; 0 if it is not there.
double sum_of(std::string_view page, std::string_view metric);

} // namespace argosy::bench::chaos
