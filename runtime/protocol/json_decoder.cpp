#include "runtime/protocol/json_decoder.hpp"

#include "runtime/json/json_members.hpp"

#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <utility>

namespace argosy {

namespace {

using namespace json_members;

// -- the bodies of the methods --------------------------------------------------------------------

bool read_sub(std::string_view channel, ondemand::value value, connect_command& out) {
  auto& sub = out.subs.emplace_back();
  sub.channel = channel;
  return each_member(value, [&](std::string_view key, ondemand::value member) {
    if (key == "recover")
      return read(member, sub.recover);
    if (key == "epoch")
      return read(member, sub.epoch);
    if (key == "offset")
      return read(member, sub.offset);
    return skip(member);
  });
}

bool read_body(ondemand::value value, connect_command& out) {
  return each_member(value, [&](std::string_view key, ondemand::value member) {
    if (key == "token")
      return read(member, out.token);
    if (key == "data")
      return read_raw(member, out.data);
    if (key == "name")
      return read(member, out.name);
    if (key == "version")
      return read(member, out.version);
    if (key != "subs")
      return skip(member);
    out.subs.clear();
    return each_member(member, [&](std::string_view channel, ondemand::value sub) {
      return read_sub(channel, sub, out);
    });
  });
}

bool read_body(ondemand::value value, subscribe_command& out) {
  return each_member(value, [&](std::string_view key, ondemand::value member) {
    if (key == "channel")
      return read(member, out.channel);
    if (key == "token")
      return read(member, out.token);
    if (key == "data")
      return read_raw(member, out.data);
    if (key == "recover")
      return read(member, out.recover);
    if (key == "epoch")
      return read(member, out.epoch);
    if (key == "offset")
      return read(member, out.offset);
    if (key == "positioned")
      return read(member, out.positioned);
    if (key == "recoverable")
      return read(member, out.recoverable);
    if (key == "join_leave")
      return read(member, out.join_leave);
    if (key == "flag")
      return read(member, out.flag);
    return skip(member);
  });
}

bool read_class(ondemand::value value, delivery& out) {
  std::string_view name;
  if (!read(value, name))
    return false;
  if (name == "latest")
    out = delivery::latest;
  else if (!name.empty() && name != "event")
    out = delivery::unknown;
  return true;
}

bool read_body(ondemand::value value, publish_command& out) {
  const bool well_formed = each_member(value, [&](std::string_view key, ondemand::value member) {
    if (key == "channel")
      return read(member, out.channel);
    if (key == "data")
      return read_raw(member, out.data);
    if (key == "key")
      return read(member, out.key);
    if (key == "class")
      return read_class(member, out.delivery_class);
    if (key == "idempotency_key")
      return read(member, out.idempotency_key);
    return skip(member);
  });
  return well_formed && !out.data.empty();
}

bool read_since(ondemand::value value, history_command& out) {
  out.has_since = !is_null(value);
  return each_member(value, [&](std::string_view key, ondemand::value member) {
    if (key == "offset")
      return read(member, out.since_offset);
    if (key == "epoch")
      return read(member, out.since_epoch);
    return skip(member);
  });
}

bool read_body(ondemand::value value, history_command& out) {
  return each_member(value, [&](std::string_view key, ondemand::value member) {
    if (key == "channel")
      return read(member, out.channel);
    if (key == "limit")
      return read(member, out.limit);
    if (key == "since")
      return read_since(member, out);
    if (key == "reverse")
      return read(member, out.reverse);
    return skip(member);
  });
}

bool read_body(ondemand::value value, rpc_command& out) {
  return each_member(value, [&](std::string_view key, ondemand::value member) {
    if (key == "method")
      return read(member, out.method);
    if (key == "data")
      return read_raw(member, out.data);
    return skip(member);
  });
}

bool read_body(ondemand::value value, refresh_command& out) {
  return each_member(value, [&](std::string_view key, ondemand::value member) {
    return key == "token" ? read(member, out.token) : skip(member);
  });
}

bool read_body(ondemand::value value, sub_refresh_command& out) {
  return each_member(value, [&](std::string_view key, ondemand::value member) {
    if (key == "channel")
      return read(member, out.channel);
    if (key == "token")
      return read(member, out.token);
    return skip(member);
  });
}

bool read_body(ondemand::value value, send_command& out) {
  return each_member(value, [&](std::string_view key, ondemand::value member) {
    return key == "data" ? read_raw(member, out.data) : skip(member);
  });
}

/// unsubscribe, presence and presence_stats.
template <class ChannelCommand>
bool read_body(ondemand::value value, ChannelCommand& out) {
  return each_member(value, [&](std::string_view key, ondemand::value member) {
    return key == "channel" ? read(member, out.channel) : skip(member);
  });
}

// -- the command around them ----------------------------------------------------------------------

using body_reader = bool (*)(ondemand::value, command_body&);

template <class Body>
bool read_as(ondemand::value value, command_body& out) {
  return read_body(value, out.emplace<Body>());
}

struct method {
  std::string_view name;
  body_reader read;
};

constexpr method methods[] = {
    {"publish", read_as<publish_command>},
    {"subscribe", read_as<subscribe_command>},
    {"unsubscribe", read_as<unsubscribe_command>},
    {"connect", read_as<connect_command>},
    {"presence", read_as<presence_command>},
    {"presence_stats", read_as<presence_stats_command>},
    {"history", read_as<history_command>},
    {"rpc", read_as<rpc_command>},
    {"send", read_as<send_command>},
    {"refresh", read_as<refresh_command>},
    {"sub_refresh", read_as<sub_refresh_command>},
};

const method* find_method(std::string_view name) {
  for (const auto& m : methods)
    if (m.name == name)
      return &m;
  return nullptr;
}

bool read_command(ondemand::object object, command& out) {
  const method* chosen = nullptr;
  std::string_view stranger;
  std::uint64_t id = 0;
  bool empty = true;
  const bool well_formed = each_member(object, [&](std::string_view key, ondemand::value value) {
    empty = false;
    if (key == "id")
      return read(value, id) && id <= std::numeric_limits<std::uint32_t>::max();
    const method* m = find_method(key);
    if (m == nullptr) {
      stranger = stranger.empty() ? key : stranger;
      return skip(value);
    }
    if (is_null(value))
      return true;
    const bool first = std::exchange(chosen, m) == nullptr;
    return first && m->read(value, out.body);
  });
  if (!well_formed)
    return false;
  out.id = static_cast<std::uint32_t>(id);
  if (empty)
    out.body.emplace<pong_command>();
  else if (chosen == nullptr)
    out.body.emplace<unknown_command>().method = stranger;
  return empty || chosen != nullptr || id != 0;
}

/// A copy of the message that may be written to and read past its end, and the parser's own memory.
/// One a thread, kept for good.
class line_parser {
public:
  line_parser() {
    reserve(message_bytes_usual);
    if (parser_.allocate(message_bytes_usual))
      throw std::bad_alloc{};
  }

  /// Takes a message in.
  void load(std::string_view message) {
    reserve(message.size());
    if (!message.empty())
      std::memcpy(text_.get(), message.data(), message.size());
  }

  /// Reads `length` bytes of the message as one command; false if they are none.
  bool read(std::size_t begin, std::size_t length, command& out) {
    ondemand::document document;
    ondemand::object object;
    const std::size_t readable = capacity_ + simdjson::SIMDJSON_PADDING - begin;
    return !parser_.iterate(text_.get() + begin, length, readable).get(document)
           && !document.get_object().get(object) && read_command(object, out)
           && document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  }

private:
  static constexpr std::size_t message_bytes_usual = 64 << 10;

  void reserve(std::size_t bytes) {
    if (bytes <= capacity_)
      return;
    text_ = std::make_unique<char[]>(bytes + simdjson::SIMDJSON_PADDING);
    capacity_ = bytes;
  }

  ondemand::parser parser_;
  std::unique_ptr<char[]> text_;
  std::size_t capacity_ = 0;
};

} // namespace

errc decode_json(std::string_view message, command_sink& sink) {
  thread_local line_parser parser;
  parser.load(message);
  std::size_t begin = 0;
  do {
    const std::size_t end = std::min(message.find('\n', begin), message.size());
    command next;
    if (!parser.read(begin, end - begin, next))
      return errc::closed_bad_request;
    if (!sink.on_command(next))
      return errc::none;
    begin = end + 1;
  } while (begin < message.size());
  return errc::none;
}

} // namespace argosy
