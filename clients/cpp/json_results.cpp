#include "clients/cpp/json_results.hpp"

#include "clients/cpp/json_parts.hpp"

#include <optional>
#include <string>
#include <utility>

namespace argosy::client {

namespace {

using namespace json_parts;

// -- results --------------------------------------------------------------------------------------
// `member(out, key, value)` reads one member of the object under the method's key.

/// A payload: its text is kept as it was sent.
struct payload {
  std::string& text;
};

template <class Target>
bool read_into(ondemand::value value, Target& out) {
  return read(value, out);
}
bool read_into(ondemand::value value, payload& out) {
  return read_raw(value, out.text);
}

/// Reads `value` into what stands behind its name in the list name, target, name, target...;
/// a key that is not there is passed over.
template <class Target, class... More>
bool read_named(std::string_view key, ondemand::value value, std::string_view name, Target&& target,
                More&&... more) {
  if (key == name)
    return read_into(value, target);
  if constexpr (sizeof...(more) > 0)
    return read_named(key, value, more...);
  else
    return skip(value);
}

bool member(error& out, std::string_view key, ondemand::value value) {
  return read_named(key, value, "code", out.code, "message", out.message, "temporary",
                    out.temporary);
}

bool member(subscribe_result& out, std::string_view key, ondemand::value value) {
  return read_named(key, value, "recoverable", out.recoverable, "positioned", out.positioned,
                    "epoch", out.epoch, "offset", out.offset, "publications", out.missed,
                    "recovered", out.recovered, "was_recovering", out.was_recovering, "data",
                    payload{out.data}, "expires", out.expires, "ttl", out.ttl_s);
}

bool member(connect_result& out, std::string_view key, ondemand::value value) {
  if (key == "subs")
    return each_member(value, [&](std::string_view channel, ondemand::value sub) {
      auto& result = out.subs.emplace_back(channel, subscribe_result{}).second;
      return each_member(sub, [&result](std::string_view name, ondemand::value v) {
        return member(result, name, v);
      });
    });
  return read_named(key, value, "client", out.client, "version", out.version, "data",
                    payload{out.data}, "ping", out.ping_s, "pong", out.pong, "session", out.session,
                    "node", out.node, "time", out.time_ms, "expires", out.expires, "ttl",
                    out.ttl_s);
}

bool member(unsubscribe_result&, std::string_view, ondemand::value value) {
  return skip(value);
}

bool member(publish_result& out, std::string_view key, ondemand::value value) {
  return read_named(key, value, "epoch", out.epoch, "offset", out.offset);
}

bool member(presence_result& out, std::string_view key, ondemand::value value) {
  if (key != "presence")
    return skip(value);
  return each_member(value, [&](std::string_view, ondemand::value info) {
    return read(info, out.clients.emplace_back());
  });
}

bool member(presence_stats_result& out, std::string_view key, ondemand::value value) {
  return read_named(key, value, "num_clients", out.num_clients, "num_users", out.num_users);
}

bool member(history_result& out, std::string_view key, ondemand::value value) {
  return read_named(key, value, "publications", out.items, "epoch", out.epoch, "offset",
                    out.offset);
}

bool member(rpc_result& out, std::string_view key, ondemand::value value) {
  return read_named(key, value, "data", payload{out.data});
}

bool member(refresh_result& out, std::string_view key, ondemand::value value) {
  return read_named(key, value, "client", out.client, "version", out.version, "expires",
                    out.expires, "ttl", out.ttl_s);
}

bool member(sub_refresh_result& out, std::string_view key, ondemand::value value) {
  return read_named(key, value, "expires", out.expires, "ttl", out.ttl_s);
}

// -- pushes ---------------------------------------------------------------------------------------

bool member(join_push& out, std::string_view key, ondemand::value value) {
  return read_named(key, value, "info", out.info);
}
bool member(leave_push& out, std::string_view key, ondemand::value value) {
  return read_named(key, value, "info", out.info);
}
bool member(unsubscribe_push& out, std::string_view key, ondemand::value value) {
  return read_named(key, value, "code", out.code, "reason", out.reason);
}
bool member(subscribe_push& out, std::string_view key, ondemand::value value) {
  return read_named(key, value, "recoverable", out.recoverable, "positioned", out.positioned,
                    "epoch", out.epoch, "offset", out.offset);
}
bool member(message_push& out, std::string_view key, ondemand::value value) {
  return read_named(key, value, "data", payload{out.data});
}
bool member(disconnect_push& out, std::string_view key, ondemand::value value) {
  return read_named(key, value, "code", out.code, "reason", out.reason, "reconnect", out.reconnect);
}
bool member(refresh_push& out, std::string_view key, ondemand::value value) {
  return read_named(key, value, "expires", out.expires, "ttl", out.ttl_s);
}
bool member(gap_push& out, std::string_view key, ondemand::value value) {
  return read_named(key, value, "from", out.from, "to", out.to, "reason", out.reason);
}

// -- dispatch by key ------------------------------------------------------------------------------

template <class Result>
bool read_object(ondemand::value value, Result& out) {
  return each_member(
      value, [&out](std::string_view key, ondemand::value v) { return member(out, key, v); });
}

template <class Variant>
struct kind {
  std::string_view key;
  bool (*read)(ondemand::value, std::optional<Variant>&);
};

template <class Body, class Variant>
bool read_as(ondemand::value value, std::optional<Variant>& out) {
  Body body{};
  const bool well_formed = read_object(value, body);
  out = std::move(body);
  return well_formed;
}

bool read_publication(ondemand::value value, std::optional<push_body>& out) {
  publication_ptr p;
  const bool well_formed = read(value, p);
  out = std::move(p);
  return well_formed;
}

constexpr kind<reply> replies[] = {
    {"error", read_as<error, reply>},
    {"connect", read_as<connect_result, reply>},
    {"subscribe", read_as<subscribe_result, reply>},
    {"unsubscribe", read_as<unsubscribe_result, reply>},
    {"publish", read_as<publish_result, reply>},
    {"presence", read_as<presence_result, reply>},
    {"presence_stats", read_as<presence_stats_result, reply>},
    {"history", read_as<history_result, reply>},
    {"rpc", read_as<rpc_result, reply>},
    {"refresh", read_as<refresh_result, reply>},
    {"sub_refresh", read_as<sub_refresh_result, reply>},
};

constexpr kind<push_body> pushes[] = {
    {"pub", read_publication},
    {"join", read_as<join_push, push_body>},
    {"leave", read_as<leave_push, push_body>},
    {"unsubscribe", read_as<unsubscribe_push, push_body>},
    {"subscribe", read_as<subscribe_push, push_body>},
    {"message", read_as<message_push, push_body>},
    {"disconnect", read_as<disconnect_push, push_body>},
    {"refresh", read_as<refresh_push, push_body>},
    {"gap", read_as<gap_push, push_body>},
};

template <class Variant, std::size_t Count>
bool read_kind(const kind<Variant> (&kinds)[Count], std::string_view key, ondemand::value value,
               std::optional<Variant>& out) {
  for (const auto& k : kinds)
    if (k.key == key)
      return k.read(value, out);
  return skip(value);
}

struct line {
  std::uint32_t id = 0;
  std::optional<reply> answer;
  std::string_view channel;
  std::optional<push_body> push;
  bool is_push = false;
};

bool read_line(ondemand::object object, line& out) {
  return each_member(object, [&out](std::string_view key, ondemand::value value) {
    if (key == "id")
      return read(value, out.id);
    if (key != "push")
      return read_kind(replies, key, value, out.answer);
    out.is_push = true;
    return each_member(value, [&out](std::string_view name, ondemand::value v) {
      return name == "channel" ? read(v, out.channel) : read_kind(pushes, name, v, out.push);
    });
  });
}

// -- the drain hint, which this dialect wraps into a message --------------------------------------

/// Turns `{"drain":{...}}` in a message into what it means. The view in it lives until the next one
/// on this thread.
void unwrap_drain(push_body& push) {
  const auto* message = std::get_if<message_push>(&push);
  if (message == nullptr || !message->data.starts_with("{\"drain\":"))
    return;
  thread_local ondemand::parser parser;
  const simdjson::padded_string padded{message->data};
  ondemand::document document;
  ondemand::object object;
  drain_push drain;
  const bool well_formed =
      !parser.iterate(padded).get(document) && !document.get_object().get(object)
      && each_member(object, [&drain](std::string_view, ondemand::value value) {
           return each_member(value, [&drain](std::string_view key, ondemand::value v) {
             return read_named(key, v, "after_ms", drain.after_ms, "endpoint", drain.endpoint);
           });
         });
  if (well_formed)
    push = drain;
}

} // namespace

bool read_json_reply(std::string_view text, server_sink& sink) {
  thread_local ondemand::parser parser;
  const simdjson::padded_string padded{text};
  ondemand::document document;
  ondemand::object object;
  line found;
  if (parser.iterate(padded).get(document) || document.get_object().get(object)
      || !read_line(object, found))
    return false;
  if (found.answer) {
    sink.on_reply(found.id, std::move(*found.answer));
  } else if (found.push) {
    unwrap_drain(*found.push);
    sink.on_push(found.channel, std::move(*found.push));
  } else if (!found.is_push && found.id == 0) {
    sink.on_ping();
  }
  return true;
}

} // namespace argosy::client
