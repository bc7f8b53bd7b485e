#include "net/http_exchange.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace argosy::net {

namespace {

constexpr std::string_view header_terminator = "\r\n\r\n";
constexpr std::string_view echo_path = "/echo";

std::string_view path_of(std::string_view target) noexcept {
  return target.substr(0, target.find('?'));
}

std::string_view view(boost::beast::string_view s) noexcept {
  return {s.data(), s.size()};
}

std::string lower(std::string_view s) {
  std::string out{s};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

} // namespace

http_exchange::verdict http_exchange::feed(std::string_view bytes) {
  const auto seen = buffer_.size();
  buffer_.append(bytes);
  if (body_)
    return parse_body();
  const auto from = seen < header_terminator.size() ? 0 : seen - header_terminator.size() + 1;
  const auto end = buffer_.find(header_terminator, from);
  if (end == std::string::npos)
    return buffer_.size() > settings_.header_bytes_max ? verdict::header_too_large
                                                       : verdict::need_more;
  return parse_header(end + header_terminator.size());
}

http_exchange::verdict http_exchange::parse_header(std::size_t header_end) {
  if (header_end > settings_.header_bytes_max)
    return verdict::header_too_large;
  header_.emplace();
  header_->header_limit(static_cast<std::uint32_t>(settings_.header_bytes_max));
  header_->body_limit(settings_.body_bytes_max);
  header_->eager(false);
  error_code ec;
  const auto used = header_->put(asio::buffer(buffer_), ec);
  if (ec == http::error::body_limit)
    return verdict::body_too_large;
  if (ec || !header_->is_header_done())
    return verdict::malformed;
  buffer_.erase(0, used);
  const auto& request = header_->get();
  const auto path = path_of(view(request.target()));
  echo_ = settings_.echo && path == echo_path;
  if (websocket::is_upgrade(request) && (echo_ || path == settings_.websocket_path))
    return verdict::upgrade;
  const bool say_continue = beast::iequals(request[http::field::expect], "100-continue");
  body_.emplace(std::move(*header_));
  body_->eager(true);
  if (body_->chunked())
    body_->body_limit(boost::none); // Beast counts a chunk again each time it waits: we count
  const auto result = parse_body();
  return say_continue && result == verdict::need_more ? verdict::need_more_say_continue : result;
}

http_exchange::verdict http_exchange::parse_body() {
  error_code ec;
  while (!body_->is_done() && !buffer_.empty()) {
    const auto used = body_->put(asio::buffer(buffer_), ec);
    buffer_.erase(0, used);
    if (ec == http::error::body_limit || body_->get().body().size() > settings_.body_bytes_max)
      return verdict::body_too_large;
    if (ec
        == http::error::need_more) // of a chunk's header or the trailer, which nobody else bounds
      return buffer_.size() > settings_.header_bytes_max ? verdict::header_too_large
                                                         : verdict::need_more;
    if (ec)
      return verdict::malformed;
  }
  if (!body_->is_done())
    return verdict::need_more;
  keep_alive_ = body_->get().keep_alive();
  head_ = body_->get().method() == http::verb::head;
  return verdict::complete;
}

http_request http_exchange::take_request(std::string peer_address) {
  auto message = body_->release();
  http_request r;
  r.method = view(message.method_string());
  r.target = view(message.target());
  r.peer_address = std::move(peer_address);
  for (const auto& field : message)
    r.headers.emplace_back(lower(view(field.name_string())), view(field.value()));
  r.body = std::move(message.body());
  return r;
}

std::string write_response(const http_response& response, std::chrono::seconds keep_alive,
                           bool without_body) {
  const auto status = static_cast<http::status>(response.status);
  const auto phrase = http::obsolete_reason(status);
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  out.append(phrase.data(), phrase.size());
  out += "\r\nServer: argosy\r\nContent-Length: " + std::to_string(response.body.size());
  if (!response.content_type.empty())
    out += "\r\nContent-Type: " + response.content_type;
  for (const auto& [name, value] : response.headers)
    out += "\r\n" + name + ": " + value;
  if (keep_alive > keep_alive.zero())
    out +=
        "\r\nConnection: keep-alive\r\nKeep-Alive: timeout=" + std::to_string(keep_alive.count());
  else
    out += "\r\nConnection: close";
  out += "\r\n\r\n";
  if (!without_body)
    out += response.body;
  return out;
}

http_response refusal_response(int status, std::string_view sentence, std::uint32_t retry_after_s) {
  http_response r;
  r.status = status;
  r.content_type = "text/plain; charset=utf-8";
  r.body.assign(sentence).push_back('\n');
  if (retry_after_s > 0)
    r.headers.emplace_back("Retry-After", std::to_string(retry_after_s));
  return r;
}

} // namespace argosy::net
