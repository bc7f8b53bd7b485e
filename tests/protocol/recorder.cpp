#include "tests/protocol/recorder.hpp"

#include <type_traits>

namespace argosy::test {

namespace {

class line {
public:
  explicit line(std::string_view name) : text_(name) { text_ += '{'; }

  template <class Value>
  line& set(std::string_view name, const Value& value) {
    if constexpr (std::is_same_v<Value, bool>)
      return value ? put(name, "true") : *this;
    else if constexpr (std::is_integral_v<Value>)
      return value != 0 ? put(name, std::to_string(value)) : *this;
    else
      return value.empty() ? *this : put(name, value);
  }

  std::string done() { return text_ + '}'; }

private:
  line& put(std::string_view name, std::string_view value) {
    if (text_.back() != '{')
      text_ += ' ';
    text_.append(name).append("=").append(value);
    return *this;
  }

  std::string text_;
};

std::string describe_body(const connect_command& c) {
  std::string subs;
  for (const auto& s : c.subs)
    subs += line{s.channel}
                .set("recover", s.recover)
                .set("epoch", s.epoch)
                .set("offset", s.offset)
                .done();
  return line{"connect"}
      .set("token", c.token)
      .set("data", c.data)
      .set("name", c.name)
      .set("version", c.version)
      .set("subs", subs)
      .done();
}
std::string describe_body(const subscribe_command& c) {
  return line{"subscribe"}
      .set("channel", c.channel)
      .set("token", c.token)
      .set("data", c.data)
      .set("recover", c.recover)
      .set("epoch", c.epoch)
      .set("offset", c.offset)
      .set("positioned", c.positioned)
      .set("recoverable", c.recoverable)
      .set("join_leave", c.join_leave)
      .set("flag", c.flag)
      .done();
}
std::string describe_body(const unsubscribe_command& c) {
  return line{"unsubscribe"}.set("channel", c.channel).done();
}
std::string_view name_of(delivery d) {
  return d == delivery::event ? "" : d == delivery::latest ? "latest" : "unknown";
}
std::string describe_body(const publish_command& c) {
  return line{"publish"}
      .set("channel", c.channel)
      .set("data", c.data)
      .set("key", c.key)
      .set("class", name_of(c.delivery_class))
      .set("idempotency_key", c.idempotency_key)
      .done();
}
std::string describe_body(const presence_command& c) {
  return line{"presence"}.set("channel", c.channel).done();
}
std::string describe_body(const presence_stats_command& c) {
  return line{"presence_stats"}.set("channel", c.channel).done();
}
std::string describe_body(const history_command& c) {
  return line{"history"}
      .set("channel", c.channel)
      .set("limit", c.limit)
      .set("since", c.has_since)
      .set("epoch", c.since_epoch)
      .set("offset", c.since_offset)
      .set("reverse", c.reverse)
      .done();
}
std::string describe_body(const rpc_command& c) {
  return line{"rpc"}.set("method", c.method).set("data", c.data).done();
}
std::string describe_body(const refresh_command& c) {
  return line{"refresh"}.set("token", c.token).done();
}
std::string describe_body(const sub_refresh_command& c) {
  return line{"sub_refresh"}.set("channel", c.channel).set("token", c.token).done();
}
std::string describe_body(const send_command& c) {
  return line{"send"}.set("data", c.data).done();
}
std::string describe_body(const pong_command&) {
  return "pong{}";
}
std::string describe_body(const unknown_command& c) {
  return line{"unknown"}.set("method", c.method).done();
}

} // namespace

std::string describe(const command& c) {
  const std::string body = std::visit([](const auto& b) { return describe_body(b); }, c.body);
  return c.id == 0 ? body : "#" + std::to_string(c.id) + " " + body;
}

} // namespace argosy::test
