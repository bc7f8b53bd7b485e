#include "actors/gateway/api_query.hpp"

#include "actors/gateway/api_params.hpp"
#include "runtime/core/base64.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace argosy {

namespace {

api_refusal bad(std::string_view sentence) {
  return {errc::bad_request, sentence};
}

api_query read_publish(const api_params& params) {
  api_publish out;
  out.channel = params.text("channel");
  if (const auto encoded = params.text("b64data"); !encoded.empty()) {
    auto bytes = decode_base64(encoded);
    if (!bytes)
      return bad("b64data is not base64");
    out.data = std::move(*bytes);
  } else {
    out.data = params.raw("data");
  }
  if (out.data.empty())
    return bad("data is missing");
  if (const auto given = params.object("tags"))
    for (const auto& [name, value] : given->members()) {
      if (!value.starts_with('"'))
        return bad("tags must be an object of strings");
      out.tags.emplace(name, string_of(value));
    }
  out.idempotency_key = params.text("idempotency_key");
  out.skip_history = params.flag("skip_history");
  return out;
}

api_query read_sessions(session_verb verb, const api_params& params) {
  api_sessions out;
  out.verb = verb;
  out.user = params.text("user");
  if (out.user.empty())
    return bad("user is missing");
  out.client = params.text("client");
  out.channel = params.text("channel");
  if (verb == session_verb::disconnect) {
    const auto custom = params.object("disconnect");
    const auto& how = custom ? *custom : params;
    if (const auto sentence = how.mistyped(); !sentence.empty())
      return bad(sentence);
    const auto code = how.number("code", 3503);
    if (code < 3000 || code > 4999)
      return bad("code must be 3000 to 4999");
    out.code = static_cast<std::uint32_t>(code);
    out.reason = how.text("reason");
    if (out.reason.empty())
      out.reason = info(from_close_code(static_cast<std::uint16_t>(code))).text;
  } else if (verb == session_verb::refresh) {
    out.expires_at = params.flag("expired") ? 1 : params.number("expire_at", 0);
  }
  return out;
}

api_query read_history_query(const api_params& params) {
  api_history out{params.text("channel"), params.number("limit", 0), std::nullopt,
                  params.flag("reverse")};
  if (const auto since = params.object("since")) {
    if (const auto sentence = since->mistyped(); !sentence.empty())
      return bad(sentence);
    const auto offset = since->number("offset", 0);
    if (offset < 0)
      return bad("since.offset must not be below 0");
    out.since = stream_position{since->text("epoch"), static_cast<std::uint64_t>(offset)};
  }
  return out;
}

struct method {
  std::string_view name;
  api_query (*read)(const api_params& params);
};

constexpr std::array methods{
    method{"publish", read_publish},
    method{"subscribe",
           [](const api_params& p) { return read_sessions(session_verb::subscribe, p); }},
    method{"unsubscribe",
           [](const api_params& p) { return read_sessions(session_verb::unsubscribe, p); }},
    method{"disconnect",
           [](const api_params& p) { return read_sessions(session_verb::disconnect, p); }},
    method{"refresh", [](const api_params& p) { return read_sessions(session_verb::refresh, p); }},
    method{"presence",
           [](const api_params& p) -> api_query {
             return api_presence{p.text("channel"), false};
           }},
    method{"presence_stats",
           [](const api_params& p) -> api_query {
             return api_presence{p.text("channel"), true};
           }},
    method{"history", read_history_query},
    method{"history_remove",
           [](const api_params& p) -> api_query { return api_history_remove{p.text("channel")}; }},
    method{"channels",
           [](const api_params& p) -> api_query { return api_channels{p.text("pattern")}; }},
    method{"info", [](const api_params&) -> api_query { return api_info{}; }},
};

api_query read_query(std::string_view name, const api_params& params) {
  const auto found = std::find_if(methods.begin(), methods.end(),
                                  [name](const method& m) { return m.name == name; });
  if (found == methods.end())
    return api_refusal{errc::method_not_found, {}};
  if (const auto sentence = params.mistyped(); !sentence.empty())
    return bad(sentence);
  return found->read(params);
}

api_plan refused(int status, std::string_view sentence) {
  api_plan out;
  out.status = status;
  out.steps.push_back({{}, bad(sentence)});
  return out;
}

/// `{"publish":{…}}`
api_plan::step read_command(std::string_view json) {
  const auto command = api_params::parse(json);
  if (command && command->members().size() == 1) {
    const auto& [name, text] = command->members().front();
    const bool nested = name == "batch" || name == "broadcast";
    if (const auto params = api_params::parse(text); params && !nested)
      return {name, read_query(name, *params)};
  }
  return {{}, bad("each command must be one {\"method\":{params}}")};
}

api_plan read_batch(const api_params& params) {
  const auto commands = params.list("commands");
  api_plan out;
  out.shape = api_call::shape::batch;
  if (commands.empty() || commands.size() > api_parts_max) {
    out.steps.push_back({{}, bad("commands must be a list of 1 to 10000")});
    return out;
  }
  for (const auto& command : commands)
    out.steps.push_back(read_command(command));
  return out;
}

api_plan read_broadcast(const api_params& params) {
  const auto channels = params.list("channels");
  if (channels.empty() || channels.size() > api_parts_max)
    return refused(200, "channels must be a list of 1 to 10000");
  api_plan out;
  out.shape = api_call::shape::broadcast;
  for (const auto& channel : channels)
    out.channels.push_back(string_of(channel));
  out.steps.push_back({"publish", read_query("publish", params)});
  return out;
}

} // namespace

api_plan read_api_request(std::string_view method, std::string_view body) {
  auto params = api_params::parse(body.empty() ? "{}" : body);
  if (!params)
    return refused(400, "the body must be one JSON object");
  std::string name{method};
  if (name.empty()) {
    name = params->text("method");
    if (auto inner = params->object("params"))
      params = std::move(inner);
  }
  if (name == "batch")
    return read_batch(*params);
  if (name == "broadcast")
    return read_broadcast(*params);
  api_plan out;
  auto query = read_query(name, *params);
  const auto* refusal = std::get_if<api_refusal>(&query);
  if (refusal != nullptr && refusal->error == errc::method_not_found)
    out.status = 404;
  out.steps.push_back({std::move(name), std::move(query)});
  return out;
}

} // namespace argosy
