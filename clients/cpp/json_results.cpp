#include "clients/cpp/json_results.hpp"

#include "clients/cpp/json_parts.hpp"

#include <optional>
#include <utility>

namespace argosy::client {

namespace {

using namespace json_parts;

// -- results --------------------------------------------------------------------------------------
// `member(out, key, value)` reads one member of the object under the method's key.

bool member(error& out, std::string_view key, ondemand::value value) {
  if (key == "code")
    return read(value, out.code);
  if (key == "message")
    return read(value, out.message);
  if (key == "temporary")
    return read(value, out.temporary);
  return skip(value);
}

template <class Expiring>
bool expiry_member(Expiring& out, std::string_view key, ondemand::value value) {
  if (key == "expires")
    return read(value, out.expires);
  if (key == "ttl")
    return read(value, out.ttl_s);
  return skip(value);
}

bool member(subscribe_result& out, std::string_view key, ondemand::value value) {
  if (key == "recoverable")
    return read(value, out.recoverable);
  if (key == "positioned")
    return read(value, out.positioned);
  if (key == "epoch")
    return read(value, out.epoch);
  if (key == "offset")
    return read(value, out.offset);
  if (key == "publications")
    return read(value, out.missed);
  if (key == "recovered")
    return read(value, out.recovered);
  if (key == "was_recovering")
    return read(value, out.was_recovering);
  if (key == "data")
    return read_raw(value, out.data);
  return expiry_member(out, key, value);
}

bool member(connect_result& out, std::string_view key, ondemand::value value) {
  if (key == "client")
    return read(value, out.client);
  if (key == "version")
    return read(value, out.version);
  if (key == "data")
    return read_raw(value, out.data);
  if (key == "ping")
    return read(value, out.ping_s);
  if (key == "pong")
    return read(value, out.pong);
  if (key == "session")
    return read(value, out.session);
  if (key == "node")
    return read(value, out.node);
  if (key == "time")
    return read(value, out.time_ms);
  if (key == "subs")
    return each_member(value, [&](std::string_view channel, ondemand::value sub) {
      auto& result = out.subs.emplace_back(channel, subscribe_result{}).second;
      return each_member(sub, [&result](std::string_view name, ondemand::value v) {
        return member(result, name, v);
      });
    });
  return expiry_member(out, key, value);
}

bool member(unsubscribe_result&, std::string_view, ondemand::value value) {
  return skip(value);
}

bool member(publish_result& out, std::string_view key, ondemand::value value) {
  if (key == "epoch")
    return read(value, out.epoch);
  return key == "offset" ? read(value, out.offset) : skip(value);
}

bool member(presence_result& out, std::string_view key, ondemand::value value) {
  if (key != "presence")
    return skip(value);
  return each_member(value, [&](std::string_view, ondemand::value info) {
    return read(info, out.clients.emplace_back());
  });
}

bool member(presence_stats_result& out, std::string_view key, ondemand::value value) {
  if (key == "num_clients")
    return read(value, out.num_clients);
  return key == "num_users" ? read(value, out.num_users) : skip(value);
}

bool member(history_result& out, std::string_view key, ondemand::value value) {
  if (key == "publications")
    return read(value, out.items);
  if (key == "epoch")
    return read(value, out.epoch);
  return key == "offset" ? read(value, out.offset) : skip(value);
}

bool member(rpc_result& out, std::string_view key, ondemand::value value) {
  return key == "data" ? read_raw(value, out.data) : skip(value);
}

bool member(refresh_result& out, std::string_view key, ondemand::value value) {
  if (key == "client")
    return read(value, out.client);
  if (key == "version")
    return read(value, out.version);
  return expiry_member(out, key, value);
}

bool member(sub_refresh_result& out, std::string_view key, ondemand::value value) {
  return expiry_member(out, key, value);
}

// -- pushes ---------------------------------------------------------------------------------------

template <class InfoPush>
bool info_member(InfoPush& out, std::string_view key, ondemand::value value) {
  return key == "info" ? read(value, out.info) : skip(value);
}
bool member(join_push& out, std::string_view key, ondemand::value value) {
  return info_member(out, key, value);
}
bool member(leave_push& out, std::string_view key, ondemand::value value) {
  return info_member(out, key, value);
}
bool member(unsubscribe_push& out, std::string_view key, ondemand::value value) {
  if (key == "code")
    return read(value, out.code);
  return key == "reason" ? read(value, out.reason) : skip(value);
}
bool member(subscribe_push& out, std::string_view key, ondemand::value value) {
  if (key == "recoverable")
    return read(value, out.recoverable);
  if (key == "positioned")
    return read(value, out.positioned);
  if (key == "epoch")
    return read(value, out.epoch);
  return key == "offset" ? read(value, out.offset) : skip(value);
}
bool member(message_push& out, std::string_view key, ondemand::value value) {
  return key == "data" ? read_raw(value, out.data) : skip(value);
}
bool member(disconnect_push& out, std::string_view key, ondemand::value value) {
  if (key == "code")
    return read(value, out.code);
  if (key == "reason")
    return read(value, out.reason);
  return key == "reconnect" ? read(value, out.reconnect) : skip(value);
}
bool member(refresh_push& out, std::string_view key, ondemand::value value) {
  return expiry_member(out, key, value);
}
bool member(gap_push& out, std::string_view key, ondemand::value value) {
  if (key == "from")
    return read(value, out.from);
  if (key == "to")
    return read(value, out.to);
  return key == "reason" ? read(value, out.reason) : skip(value);
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
             if (key == "after_ms")
               return read(v, drain.after_ms);
             return key == "endpoint" ? read(v, drain.endpoint) : skip(v);
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
