// http: the port through which the socket layer hands plain HTTP requests to whoever answers them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace argosy {

/// A whole request; limits on header and body have been enforced before it is built.
struct http_request {
  std::string method;
  std::string target; ///< path and query as sent
  std::string body;
  std::string peer_address;
  std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case

  /// The path without the query.
  std::string_view path() const noexcept {
    return std::string_view{target}.substr(0, target.find('?'));
  }
  /// The value of the first header called `name` (lower case), or "".
  std::string_view header(std::string_view name) const noexcept {
    for (const auto& [key, value] : headers)
      if (key == name)
        return value;
    return {};
  }
};

struct http_response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Answers a request exactly once, from any thread; an answer to a socket that has gone is dropped.
using http_responder = std::function<void(http_response)>;

/// Implemented above the socket layer. Called on a loop's thread: must not block.
class http_service {
public:
  virtual void handle(http_request request, http_responder respond) = 0;

protected:
  ~http_service() = default;
};

} // namespace argosy
