// http_frontend: what the node answers to plain HTTP: the page, health, metrics, figures and the
// server API.
//
// Called on the loops, so it only looks things up or passes a request on to an api_actor.
#pragma once

#include "actors/gateway/gateway.hpp"
#include "actors/node_services.hpp"
#include "node/live_figures.hpp"
#include "node/live_map.hpp"
#include "node/metrics_page.hpp"
#include "runtime/config/node_config.hpp"
#include "runtime/http.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace argosy {

class http_frontend final : public http_service {
public:
  http_frontend(node_services& services, const gateway& door, const node_config& config);

  /// Starts `api_actors` workers and reads the page's files; before the first request.
  void begin(std::uint32_t api_actors, metrics_page metrics);
  void end();

  void handle(http_request request, http_responder respond) override;

private:
  struct file {
    std::string content_type;
    std::string body;
  };

  void serve_api(http_request request, http_responder respond);
  http_response serve_page(std::string_view path) const;
  http_response serve_health(std::string_view path) const;
  bool key_is_good(std::string_view key) const;
  void read_page();
  http_responder for_pages(http_responder respond) const;

  node_services& node_;
  const gateway& door_;
  const api_config& api_;
  std::string page_dir_;
  std::vector<std::string> page_nodes_;
  std::string page_policy_;                        ///< Content-Security-Policy
  std::map<std::string, file, std::less<>> files_; ///< by path, "/" = index.html
  std::vector<caf::strong_actor_ptr> workers_;
  std::atomic<std::uint32_t> next_worker_{0};
  std::optional<metrics_page> metrics_;
  live_figures figures_;
  live_map map_;
};

} // namespace argosy
