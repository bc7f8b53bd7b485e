#include "node/http_frontend.hpp"

#include "actors/gateway/api_actor.hpp"
#include "actors/gateway/readiness.hpp"
#include "runtime/core/json_writer.hpp"

#include <caf/send.hpp>
#include <openssl/crypto.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace argosy {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t page_file_bytes_max = 4 << 20;

std::string_view content_type_of(const fs::path& file) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> types{{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".map", "application/json"},
      {".woff2", "font/woff2"},
  }};
  const auto ending = file.extension().string();
  for (const auto& [known, type] : types)
    if (known == ending)
      return type;
  return "application/octet-stream";
}

http_response plain(int status, std::string sentence) {
  return {status, "text/plain; charset=utf-8", std::move(sentence) + "\n", {}};
}

http_response json(int status, std::string body) {
  return {status, "application/json", std::move(body), {{"cache-control", "no-store"}}};
}

/// The page asks its node, and the others when that is gone; nobody else.
std::string policy_of(const std::vector<std::string>& nodes) {
  std::string out = "default-src 'self'; connect-src 'self' ws: wss:";
  for (const auto& node : nodes)
    out.append(" ").append(node);
  return out
         + "; img-src 'self' data:; style-src 'self'; script-src 'self'; frame-ancestors 'none'; "
           "base-uri 'none'";
}

/// What the page needs to know before it connects.
std::string page_json(const std::vector<std::string>& nodes) {
  std::string out;
  json_writer w{out};
  w.open_object().key("nodes").open_array();
  for (const auto& node : nodes)
    w.text(node);
  w.close_array().close_object();
  return out;
}

} // namespace

http_frontend::http_frontend(node_services& services, const gateway& door,
                             const node_config& config)
    : node_(services), door_(door), api_(config.api), page_dir_(config.http.page_dir),
      page_nodes_(config.http.page_nodes), page_policy_(policy_of(page_nodes_)), figures_(services),
      map_(services) {
}

void http_frontend::begin(std::uint32_t api_actors, metrics_page metrics) {
  read_page();
  metrics_.emplace(std::move(metrics));
  for (std::uint32_t i = 0; i < api_actors; ++i)
    workers_.push_back(
        caf::actor_cast<caf::strong_actor_ptr>(node_.system.spawn<api_actor>(node_)));
}

void http_frontend::end() {
  for (const auto& worker : std::exchange(workers_, {}))
    caf::anon_send_exit(worker, caf::exit_reason::user_shutdown);
}

void http_frontend::read_page() {
  std::error_code ec;
  if (page_dir_.empty())
    return;
  for (const auto& entry : fs::recursive_directory_iterator{page_dir_, ec}) {
    if (!entry.is_regular_file() || entry.file_size() > page_file_bytes_max)
      continue;
    std::ifstream in{entry.path(), std::ios::binary};
    file f{std::string{content_type_of(entry.path())},
           {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}}};
    const auto name = "/" + fs::relative(entry.path(), page_dir_).generic_string();
    if (name == "/index.html")
      files_.emplace("/", f);
    files_.emplace(name, std::move(f));
  }
  if (!files_.empty())
    files_.insert_or_assign("/page.json", file{"application/json", page_json(page_nodes_)});
  else
    spdlog::warn("http.page_dir = \"{}\" holds no files, so there is no page at /; build it with "
                 "./dev build or set another directory",
                 page_dir_);
}

void http_frontend::handle(http_request request, http_responder respond) {
  const auto path = request.path();
  if (path == "/api" || path.starts_with("/api/")) {
    serve_api(std::move(request), std::move(respond));
    return;
  }
  if (request.method != "GET" && request.method != "HEAD")
    return respond(plain(405, "only GET is answered here"));
  if (path == "/health" || path.starts_with("/health/"))
    respond(serve_health(path));
  else if (path == "/metrics")
    respond({200, "text/plain; version=0.0.4; charset=utf-8", metrics_->text(), {}});
  else if (path == "/stats")
    for_pages(std::move(respond))(json(200, figures_.json()));
  else if (path == "/map")
    map_.answer(request.target, for_pages(std::move(respond)));
  else
    respond(serve_page(path));
}

/// A page that another node has served may read the answer.
http_responder http_frontend::for_pages(http_responder respond) const {
  if (page_nodes_.empty())
    return respond;
  return [to = std::move(respond)](http_response answer) {
    answer.headers.emplace_back("access-control-allow-origin", "*");
    to(std::move(answer));
  };
}

http_response http_frontend::serve_health(std::string_view path) const {
  const auto why = why_not_ready(standing_of(node_, door_));
  auto body = std::string{R"({"live":true,"ready":)"} + (why.empty() ? "true" : "false");
  if (!why.empty())
    body.append(R"(,"reason":")").append(why).append(R"(")");
  const bool ask_ready = path != "/health/live";
  return json(ask_ready && !why.empty() ? 503 : 200, body + "}");
}

http_response http_frontend::serve_page(std::string_view path) const {
  if (path == "/connection/websocket") // RFC 9110 section 15.5.22
    return {426,
            "text/plain; charset=utf-8",
            "clients connect here by a WebSocket upgrade\n",
            {{"upgrade", "websocket"}}};
  const auto found = files_.find(path);
  if (found == files_.end())
    return plain(404, "there is nothing here; clients connect at /connection/websocket");
  return {200,
          found->second.content_type,
          found->second.body,
          {{"cache-control", "no-cache"},
           {"x-content-type-options", "nosniff"},
           {"referrer-policy", "no-referrer"},
           {"content-security-policy", page_policy_}}};
}

bool http_frontend::key_is_good(std::string_view key) const {
  bool good = false; // every key is compared, so that the time says nothing
  for (const auto& known : api_.keys)
    good |= known.size() == key.size() && CRYPTO_memcmp(known.data(), key.data(), key.size()) == 0;
  return good;
}

void http_frontend::serve_api(http_request request, http_responder respond) {
  auto key = request.header("x-api-key");
  constexpr std::string_view scheme = "apikey ";
  if (key.empty() && request.header("authorization").starts_with(scheme))
    key = request.header("authorization").substr(scheme.size());
  if (!api_.insecure && !key_is_good(key))
    return respond(json(
        401,
        R"({"error":{"code":101,"message":"unauthorized: send a key of api.keys in X-API-Key"}})"));
  if (request.method != "POST")
    return respond(json(405, R"({"error":{"code":107,"message":"the server API takes POST"}})"));
  auto method = std::string{request.path().substr(std::min<std::size_t>(5, request.path().size()))};
  auto tenant = std::string{request.header("x-argosy-tenant")};
  if (tenant.empty())
    tenant = "default";
  if (tenant.find('/') != std::string::npos)
    return respond(
        json(400, R"({"error":{"code":107,"message":"a tenant has no slash in its name"}})"));
  const auto turn = next_worker_.fetch_add(1, std::memory_order_relaxed) % workers_.size();
  tell(workers_[turn], api_request{std::move(method), std::move(request.body), std::move(tenant),
                                   std::move(respond)});
}

} // namespace argosy
