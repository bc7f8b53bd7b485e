// api_call: one HTTP request to the server API, cut into the questions it needs, and the answer put
// together again.
//
// A plain call is one part; broadcast and batch have many. Pure bookkeeping: who asks and who
// answers is the api_actor's.
#pragma once

#include "runtime/core/errc.hpp"
#include "runtime/http.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace argosy {

class api_call {
public:
  enum class shape : std::uint8_t { single, broadcast, batch };

  api_call(shape s, http_responder respond, std::chrono::steady_clock::time_point deadline)
      : shape_(s), respond_(std::move(respond)), deadline_(deadline) {}

  /// Adds a part; `method` names it in a batch.
  std::size_t add_part(std::string method);

  /// The part's `{"result":…}` or `{"error":…}` content. True when it was the last one missing.
  bool complete(std::size_t index, std::string result);
  bool complete(std::size_t index, errc error, std::string_view detail = {});

  /// The HTTP status of a single call; 200 unless said otherwise.
  void status(int code) noexcept { status_ = code; }

  bool done() const noexcept { return open_ == 0; }
  std::chrono::steady_clock::time_point deadline() const noexcept { return deadline_; }

  /// Sends the answer; parts that are still open answer with an internal error. Once.
  void finish();

private:
  struct part {
    std::string method;
    std::string text; ///< `"result":{…}` or `"error":{…}`
  };
  std::string body() const;

  shape shape_;
  http_responder respond_;
  std::chrono::steady_clock::time_point deadline_;
  std::vector<part> parts_;
  std::size_t open_ = 0;
  int status_ = 200;
};

/// `"error":{"code":…,"message":…}`.
std::string api_error(errc error, std::string_view detail = {});

} // namespace argosy
