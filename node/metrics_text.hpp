// metrics_text: Prometheus text (exposition format 0.0.4), collected figure by figure.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace argosy {

class metrics_text {
public:
  using labels = std::vector<prometheus::ClientMetric::Label>;

  void gauge(std::string name, std::string help, double value);
  void counter(std::string name, std::string help, double value);

  /// Opens a family; `add` puts values into it.
  void begin(std::string name, std::string help, prometheus::MetricType type);
  void add(labels l, double value);
  prometheus::ClientMetric::Histogram& histogram(std::string name, std::string help);

  std::string text() const;

private:
  std::vector<prometheus::MetricFamily> families_;
};

} // namespace argosy
