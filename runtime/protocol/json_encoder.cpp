#include "runtime/protocol/json_encoder.hpp"

#include "runtime/core/json_writer.hpp"
#include "runtime/json/json_text.hpp"

#include <algorithm>

namespace argosy {

namespace {

// -- payloads -------------------------------------------------------------------------------------

/// Writes `json`, known to be valid, on one line: raw line breaks stand between tokens only.
void write_on_one_line(json_writer& w, std::string& out, std::string_view json) {
  w.raw(json);
  const auto first = out.end() - static_cast<std::ptrdiff_t>(json.size());
  std::replace_if(
      first, out.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
}

class writer : public json_writer {
public:
  explicit writer(std::string& out) : json_writer(out), out_(out) {}

  /// A payload under `name`, or nothing if there is none.
  void payload(std::string_view name, std::string_view data) {
    if (data.empty())
      return;
    if (is_json(data))
      write_on_one_line(key(name), out_, data);
    else
      key(name).text(data);
  }

  void published(std::string_view data) {
    if (is_json(data))
      write_on_one_line(member("data"), out_, data);
    else
      member("b64data").base64(data);
  }

private:
  std::string& out_;
};

// -- parts ----------------------------------------------------------------------------------------

void write_info(writer& w, const client_info& info) {
  w.open_object();
  w.member("user").text(info.user).member("client").text(info.client.text());
  w.payload("conn_info", info.conn_info);
  w.payload("chan_info", info.chan_info);
  w.close_object();
}

void write_tags(writer& w, const std::map<std::string, std::string>& tags) {
  w.member("tags").open_object();
  for (const auto& [name, value] : tags)
    w.key(name).text(value);
  w.close_object();
}

void write_publication(writer& w, const publication& p, bool with_offset) {
  w.open_object();
  w.published(p.data);
  if (p.info != nullptr) {
    w.member("info");
    write_info(w, *p.info);
  }
  if (with_offset)
    w.number_unless_zero("offset", p.offset);
  if (!p.tags.empty())
    write_tags(w, p.tags);
  w.number_unless_zero("time", p.time_ms);
  w.close_object();
}

void write_publications(writer& w, const publications& items) {
  w.member("publications").open_array();
  for (const auto& item : items)
    write_publication(w, *item, true);
  w.close_array();
}

void write_expiry(writer& w, bool expires, std::uint32_t ttl_s) {
  w.flag_if_set("expires", expires);
  w.number_unless_zero("ttl", ttl_s);
}

// -- results, each the object under its method's key ----------------------------------------------

std::string_view method_of(const subscribe_result&) {
  return "subscribe";
}
void write(writer& w, const subscribe_result& r) {
  write_expiry(w, r.expires, r.ttl_s);
  w.flag_if_set("recoverable", r.recoverable);
  w.text_unless_empty("epoch", r.epoch);
  if (!r.missed.empty())
    write_publications(w, r.missed);
  w.flag_if_set("recovered", r.recovered);
  w.number_unless_zero("offset", r.offset);
  w.flag_if_set("positioned", r.positioned);
  w.payload("data", r.data);
  w.flag_if_set("was_recovering", r.was_recovering);
}

std::string_view method_of(const connect_result&) {
  return "connect";
}
void write(writer& w, const connect_result& r) {
  w.member("client").text(r.client.text());
  w.text_unless_empty("version", r.version);
  write_expiry(w, r.expires, r.ttl_s);
  w.payload("data", r.data);
  if (!r.subs.empty()) {
    w.member("subs").open_object();
    for (const auto& [channel, sub] : r.subs) {
      w.key(channel).open_object();
      write(w, sub);
      w.close_object();
    }
    w.close_object();
  }
  w.number_unless_zero("ping", r.ping_s);
  w.flag_if_set("pong", r.pong);
  w.text_unless_empty("session", r.session);
  w.text_unless_empty("node", r.node);
  w.number_unless_zero("time", r.time_ms);
}

std::string_view method_of(const unsubscribe_result&) {
  return "unsubscribe";
}
void write(writer&, const unsubscribe_result&) {
}

std::string_view method_of(const publish_result&) {
  return "publish";
}
void write(writer& w, const publish_result& r) {
  w.text_unless_empty("epoch", r.epoch);
  w.number_unless_zero("offset", r.offset);
}

std::string_view method_of(const presence_result&) {
  return "presence";
}
void write(writer& w, const presence_result& r) {
  w.member("presence").open_object();
  for (const auto& client : r.clients) {
    w.key(client->client.text());
    write_info(w, *client);
  }
  w.close_object();
}

std::string_view method_of(const presence_stats_result&) {
  return "presence_stats";
}
void write(writer& w, const presence_stats_result& r) {
  w.member("num_clients").number(r.num_clients).member("num_users").number(r.num_users);
}

std::string_view method_of(const history_result&) {
  return "history";
}
void write(writer& w, const history_result& r) {
  write_publications(w, r.items);
  w.member("epoch").text(r.epoch).member("offset").number(r.offset);
}

std::string_view method_of(const rpc_result&) {
  return "rpc";
}
void write(writer& w, const rpc_result& r) {
  w.payload("data", r.data);
}

std::string_view method_of(const refresh_result&) {
  return "refresh";
}
void write(writer& w, const refresh_result& r) {
  w.member("client").text(r.client.text());
  w.text_unless_empty("version", r.version);
  write_expiry(w, r.expires, r.ttl_s);
}

std::string_view method_of(const sub_refresh_result&) {
  return "sub_refresh";
}
void write(writer& w, const sub_refresh_result& r) {
  write_expiry(w, r.expires, r.ttl_s);
}

std::string_view method_of(errc) {
  return "error";
}
void write(writer& w, errc e) {
  const auto& row = info(e).client_code != 0 ? info(e) : info(errc::internal);
  w.member("code").number(std::uint32_t{row.client_code}).member("message").text(row.text);
  w.flag_if_set("temporary", row.temporary);
}

// -- pushes, each the object under its kind's key -------------------------------------------------

void write(writer& w, const join_push& p) {
  w.member("info");
  write_info(w, *p.info);
}
void write(writer& w, const leave_push& p) {
  w.member("info");
  write_info(w, *p.info);
}
void write(writer& w, const unsubscribe_push& p) {
  w.member("code").number(p.code);
  w.text_unless_empty("reason", p.reason);
}
void write(writer& w, const subscribe_push& p) {
  w.flag_if_set("recoverable", p.recoverable);
  w.text_unless_empty("epoch", p.epoch);
  w.number_unless_zero("offset", p.offset);
  w.flag_if_set("positioned", p.positioned);
}
void write(writer& w, const message_push& p) {
  w.payload("data", p.data);
}
void write(writer& w, const disconnect_push& p) {
  w.member("code").number(p.code);
  w.text_unless_empty("reason", p.reason);
  w.flag_if_set("reconnect", p.reconnect);
}
void write(writer& w, const refresh_push& p) {
  write_expiry(w, p.expires, p.ttl_s);
}
void write(writer& w, const gap_push& p) {
  w.member("from").number(p.from).member("to").number(p.to);
  w.text_unless_empty("reason", p.reason);
}
void write(writer& w, const drain_push& p) {
  w.member("data").open_object().member("drain").open_object();
  w.member("after_ms").number(p.after_ms);
  w.text_unless_empty("endpoint", p.endpoint);
  w.close_object().close_object();
}

std::string_view kind_of(const join_push&) {
  return "join";
}
std::string_view kind_of(const leave_push&) {
  return "leave";
}
std::string_view kind_of(const unsubscribe_push&) {
  return "unsubscribe";
}
std::string_view kind_of(const subscribe_push&) {
  return "subscribe";
}
std::string_view kind_of(const message_push&) {
  return "message";
}
std::string_view kind_of(const disconnect_push&) {
  return "disconnect";
}
std::string_view kind_of(const refresh_push&) {
  return "refresh";
}
std::string_view kind_of(const gap_push&) {
  return "gap";
}
std::string_view kind_of(const drain_push&) {
  return "message";
}

void write_member(writer& w, const publication_ptr& p, bool with_offset) {
  w.member("pub");
  write_publication(w, *p, with_offset);
}
template <class Push>
void write_member(writer& w, const Push& p, bool) {
  w.key(kind_of(p)).open_object();
  write(w, p);
  w.close_object();
}

} // namespace

void encode_json_reply(std::uint32_t id, const reply_body& body, std::string& out) {
  writer w{out};
  w.open_object().member("id").number(id);
  std::visit(
      [&w](const auto& result) {
        w.key(method_of(result)).open_object();
        write(w, result);
        w.close_object();
      },
      body);
  w.close_object();
}

void encode_json_push(std::string_view channel, const push_body& body, bool with_offset,
                      std::string& out) {
  writer w{out};
  w.open_object().member("push").open_object();
  w.text_unless_empty("channel", channel);
  std::visit([&](const auto& push) { write_member(w, push, with_offset); }, body);
  w.close_object().close_object();
}

} // namespace argosy
