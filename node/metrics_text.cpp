#include "node/metrics_text.hpp"

#include <prometheus/text_serializer.h>

#include <utility>

namespace argosy {

void metrics_text::gauge(std::string name, std::string help, double value) {
  begin(std::move(name), std::move(help), prometheus::MetricType::Gauge);
  add({}, value);
}

void metrics_text::counter(std::string name, std::string help, double value) {
  begin(std::move(name), std::move(help), prometheus::MetricType::Counter);
  add({}, value);
}

void metrics_text::begin(std::string name, std::string help, prometheus::MetricType type) {
  auto& f = families_.emplace_back();
  f.name = std::move(name);
  f.help = std::move(help);
  f.type = type;
}

void metrics_text::add(labels l, double value) {
  auto& m = families_.back().metric.emplace_back();
  m.label = std::move(l);
  if (families_.back().type == prometheus::MetricType::Gauge)
    m.gauge.value = value;
  else
    m.counter.value = value;
}

prometheus::ClientMetric::Histogram& metrics_text::histogram(std::string name, std::string help) {
  begin(std::move(name), std::move(help), prometheus::MetricType::Histogram);
  return families_.back().metric.emplace_back().histogram;
}

std::string metrics_text::text() const {
  return prometheus::TextSerializer{}.Serialize(families_);
}

} // namespace argosy
