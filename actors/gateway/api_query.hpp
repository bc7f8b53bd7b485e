// api_query: what a request to the server API asks, as data.
//
// Bytes go in; out comes a plan: the queries in order, each with its parameters read and checked,
// or the sentence that refuses it. What depends on the node (namespaces, rooms, users) is left to
// the api_actor, the one caller. Pure.
#pragma once

#include "actors/gateway/api_call.hpp"
#include "runtime/core/errc.hpp"
#include "runtime/core/publication.hpp"
#include "runtime/core/session_verb.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace argosy {

struct api_refusal {
  errc error = errc::bad_request;
  std::string_view sentence; ///< a literal; "" = the error's own text
};
struct api_publish {
  std::string channel;
  std::string data; ///< never empty; JSON unless it was given as base64
  std::map<std::string, std::string> tags;
  std::string idempotency_key;
  bool skip_history = false;
};
struct api_sessions {
  session_verb verb{};
  std::string user;    ///< never empty
  std::string client;  ///< "" = all of the user's
  std::string channel; ///< subscribe, unsubscribe
  std::uint32_t code = 0;
  std::string reason;
  std::int64_t expires_at = 0; ///< refresh: Unix seconds, 0 = never
};
struct api_presence {
  std::string channel;
  bool count_only = false;
};
struct api_history {
  std::string channel;
  std::int64_t limit = 0; ///< below 0: all there is
  std::optional<stream_position> since;
  bool reverse = false;
};
struct api_history_remove {
  std::string channel;
};
struct api_channels {
  std::string pattern;
};
struct api_info {};

using api_query = std::variant<api_refusal, api_publish, api_sessions, api_presence, api_history,
                               api_history_remove, api_channels, api_info>;

struct api_plan {
  struct step {
    std::string method;
    api_query query;
  };
  api_call::shape shape = api_call::shape::single;
  int status = 200; ///< of a single call that is refused here
  /// At least one. A broadcast has one, to publish; its channel is open.
  std::vector<step> steps;
  std::vector<std::string> channels; ///< a broadcast's, at least one
};

/// Most commands of a batch, and most channels of a broadcast.
inline constexpr std::size_t api_parts_max = 10'000;

/// `method` is the last part of the path; "" = the old form {"method":…,"params":{…}}.
api_plan read_api_request(std::string_view method, std::string_view body);

} // namespace argosy
