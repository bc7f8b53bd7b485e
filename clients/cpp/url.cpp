#include "clients/cpp/url.hpp"

#include <algorithm>

namespace argosy::client {

namespace {

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5
         && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

std::optional<url> url::parse(std::string_view text) {
  url out;
  if (text.starts_with("wss://"))
    out.tls = true;
  else if (!text.starts_with("ws://"))
    return std::nullopt;
  text.remove_prefix(out.tls ? 6 : 5);

  const auto slash = std::min(text.find_first_of("/?"), text.size());
  std::string_view authority = text.substr(0, slash);
  out.path = text.substr(slash);
  if (!out.path.starts_with('/'))
    out.path.insert(0, 1, '/');

  const bool literal = authority.starts_with('[');
  const auto host_end = literal ? authority.find(']') : authority.rfind(':');
  if (literal && host_end == std::string_view::npos)
    return std::nullopt;
  out.host = literal ? authority.substr(1, host_end - 1) : authority.substr(0, host_end);
  std::string_view rest = literal                              ? authority.substr(host_end + 1)
                          : host_end == std::string_view::npos ? std::string_view{}
                                                               : authority.substr(host_end);
  out.port = rest.empty() ? (out.tls ? "443" : "80") : std::string{rest.substr(1)};
  if (out.host.empty() || (!rest.empty() && !rest.starts_with(':')) || !is_port(out.port))
    return std::nullopt;
  return out;
}

std::string url::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (tls ? "443" : "80") ? name : name + ":" + port;
}

} // namespace argosy::client
