// json_codec: the client's end of the Centrifuge JSON protocol v2.

#include "clients/cpp/codec.hpp"
#include "clients/cpp/json_results.hpp"
#include "runtime/core/json_writer.hpp"

namespace argosy::client {

namespace {

// -- commands out ---------------------------------------------------------------------------------

void write_payload(json_writer& w, std::string_view data) {
  if (!data.empty())
    w.member("data").raw(data);
}

std::string_view method_of(const connect_command&) {
  return "connect";
}
void write(json_writer& w, const connect_command& c) {
  w.text_unless_empty("token", c.token);
  write_payload(w, c.data);
  w.text_unless_empty("name", c.name).text_unless_empty("version", c.version);
  if (c.subs.empty())
    return;
  w.member("subs").open_object();
  for (const auto& sub : c.subs) {
    w.key(sub.channel).open_object();
    w.flag_if_set("recover", sub.recover).text_unless_empty("epoch", sub.epoch);
    w.number_unless_zero("offset", sub.offset).close_object();
  }
  w.close_object();
}

std::string_view method_of(const subscribe_command&) {
  return "subscribe";
}
void write(json_writer& w, const subscribe_command& c) {
  w.member("channel").text(c.channel).text_unless_empty("token", c.token);
  write_payload(w, c.data);
  if (c.recover) {
    w.member("recover").flag(true).text_unless_empty("epoch", c.epoch);
    w.number_unless_zero("offset", c.offset);
  }
  w.flag_if_set("positioned", c.positioned).flag_if_set("recoverable", c.recoverable);
  w.flag_if_set("join_leave", c.join_leave).number_unless_zero("flag", c.flag);
}

std::string_view method_of(const unsubscribe_command&) {
  return "unsubscribe";
}
void write(json_writer& w, const unsubscribe_command& c) {
  w.member("channel").text(c.channel);
}

std::string_view method_of(const publish_command&) {
  return "publish";
}
void write(json_writer& w, const publish_command& c) {
  w.member("channel").text(c.channel);
  write_payload(w, c.data);
  w.text_unless_empty("key", c.key);
  if (c.delivery_class == delivery::latest)
    w.key("class").text("latest");
  w.text_unless_empty("idempotency_key", c.idempotency_key);
}

std::string_view method_of(const presence_command&) {
  return "presence";
}
void write(json_writer& w, const presence_command& c) {
  w.member("channel").text(c.channel);
}

std::string_view method_of(const presence_stats_command&) {
  return "presence_stats";
}
void write(json_writer& w, const presence_stats_command& c) {
  w.member("channel").text(c.channel);
}

std::string_view method_of(const history_command&) {
  return "history";
}
void write(json_writer& w, const history_command& c) {
  w.member("channel").text(c.channel).number_unless_zero("limit", c.limit);
  if (c.has_since) {
    w.member("since").open_object().number_unless_zero("offset", c.since_offset);
    w.text_unless_empty("epoch", c.since_epoch).close_object();
  }
  w.flag_if_set("reverse", c.reverse);
}

std::string_view method_of(const rpc_command&) {
  return "rpc";
}
void write(json_writer& w, const rpc_command& c) {
  w.text_unless_empty("method", c.method);
  write_payload(w, c.data);
}

std::string_view method_of(const refresh_command&) {
  return "refresh";
}
void write(json_writer& w, const refresh_command& c) {
  w.member("token").text(c.token);
}

std::string_view method_of(const sub_refresh_command&) {
  return "sub_refresh";
}
void write(json_writer& w, const sub_refresh_command& c) {
  w.member("channel").text(c.channel).member("token").text(c.token);
}

std::string_view method_of(const send_command&) {
  return "send";
}
void write(json_writer& w, const send_command& c) {
  write_payload(w, c.data);
}

void write(json_writer& w, const command& c) {
  w.open_object().number_unless_zero("id", c.id);
  std::visit(
      [&w](const auto& body) {
        if constexpr (requires { method_of(body); }) {
          w.member(method_of(body)).open_object();
          write(w, body);
          w.close_object();
        }
      },
      c.body);
  w.close_object();
}

class json_codec_impl final : public codec {
public:
  std::string_view subprotocol() const noexcept override { return ""; }
  bool binary() const noexcept override { return false; }

  std::string encode(std::span<const command> commands) const override {
    std::string out;
    for (const auto& c : commands) {
      std::string line;
      json_writer w{line};
      write(w, c);
      out.append(out.empty() ? "" : "\n").append(line);
    }
    return out;
  }

  bool decode(std::string_view message, server_sink& sink) const override {
    std::size_t begin = 0;
    while (begin < message.size()) {
      const std::size_t end = std::min(message.find('\n', begin), message.size());
      if (!read_json_reply(message.substr(begin, end - begin), sink))
        return false;
      begin = end + 1;
    }
    return true;
  }
};

} // namespace

const codec& json_codec() noexcept {
  static const json_codec_impl instance;
  return instance;
}

} // namespace argosy::client
