#include "runtime/wire/client_reader.hpp"

#include "runtime/wire/message_reader.hpp"

#include <capnp/serialize.h>

#include <schemas/client.capnp.h>

namespace argosy::wire {

namespace {

bool fill(Position::Reader in, std::string_view& epoch, std::uint64_t& offset) {
  offset = in.getOffset();
  return take_text(in.getEpoch(), epoch);
}

bool fill(ConnectRequest::Reader in, connect_command& out) {
  out.data = view_of(in.getData());
  for (const auto sub : in.getSubs()) {
    auto& resume = out.subs.emplace_back();
    resume.recover = sub.getRecover();
    if (!take_text(sub.getChannel(), resume.channel)
        || !fill(sub.getPosition(), resume.epoch, resume.offset))
      return false;
  }
  return take_text(in.getToken(), out.token) && take_text(in.getName(), out.name)
         && take_text(in.getVersion(), out.version);
}

bool fill(SubscribeRequest::Reader in, subscribe_command& out) {
  out.data = view_of(in.getData());
  out.recover = in.getRecover();
  out.positioned = in.getPositioned();
  out.recoverable = in.getRecoverable();
  out.join_leave = in.getJoinLeave();
  out.flag = in.getFlags();
  return take_text(in.getChannel(), out.channel) && take_text(in.getToken(), out.token)
         && fill(in.getPosition(), out.epoch, out.offset);
}

delivery delivery_of(DeliveryClass in) {
  switch (in) {
  case DeliveryClass::EVENT:
    return delivery::event;
  case DeliveryClass::LATEST:
    return delivery::latest;
  }
  return delivery::unknown;
}

bool fill(PublishRequest::Reader in, publish_command& out) {
  out.data = view_of(in.getData());
  out.delivery_class = delivery_of(in.getDeliveryClass());
  return !out.data.empty() && take_text(in.getChannel(), out.channel)
         && take_text(in.getKey(), out.key)
         && take_text(in.getIdempotencyKey(), out.idempotency_key);
}

bool fill(HistoryRequest::Reader in, history_command& out) {
  out.limit = in.getLimit();
  out.reverse = in.getReverse();
  out.has_since = in.hasSince();
  return take_text(in.getChannel(), out.channel)
         && (!out.has_since || fill(in.getSince(), out.since_epoch, out.since_offset));
}

bool fill(RpcRequest::Reader in, rpc_command& out) {
  out.data = view_of(in.getData());
  return take_text(in.getMethod(), out.method);
}

bool fill(SubRefreshRequest::Reader in, sub_refresh_command& out) {
  return take_text(in.getChannel(), out.channel) && take_text(in.getToken(), out.token);
}

bool fill(capnp::Text::Reader in, refresh_command& out) {
  return take_text(in, out.token);
}

bool fill(capnp::Data::Reader in, send_command& out) {
  out.data = view_of(in);
  return true;
}

template <class ChannelCommand>
bool fill(ChannelRequest::Reader in, ChannelCommand& out) {
  return take_text(in.getChannel(), out.channel);
}

bool fill(Command::Reader in, command& out) {
  out.id = in.getId();
  auto& body = out.body;
  switch (in.which()) {
  case Command::PONG:
    body.emplace<pong_command>();
    return true;
  case Command::CONNECT:
    return fill(in.getConnect(), body.emplace<connect_command>());
  case Command::SUBSCRIBE:
    return fill(in.getSubscribe(), body.emplace<subscribe_command>());
  case Command::UNSUBSCRIBE:
    return fill(in.getUnsubscribe(), body.emplace<unsubscribe_command>());
  case Command::PUBLISH:
    return fill(in.getPublish(), body.emplace<publish_command>());
  case Command::PRESENCE:
    return fill(in.getPresence(), body.emplace<presence_command>());
  case Command::PRESENCE_STATS:
    return fill(in.getPresenceStats(), body.emplace<presence_stats_command>());
  case Command::HISTORY:
    return fill(in.getHistory(), body.emplace<history_command>());
  case Command::RPC:
    return fill(in.getRpc(), body.emplace<rpc_command>());
  case Command::SEND:
    return fill(in.getSend(), body.emplace<send_command>());
  case Command::REFRESH:
    return fill(in.getRefresh(), body.emplace<refresh_command>());
  case Command::SUB_REFRESH:
    return fill(in.getSubRefresh(), body.emplace<sub_refresh_command>());
  }
  body.emplace<unknown_command>();
  return out.id != 0;
}

} // namespace

errc read_client_message(std::string_view bytes, command_sink& sink) {
  const message_bytes* message = message_bytes::open(bytes);
  if (message == nullptr)
    return errc::closed_bad_request;

  std::optional<capnp::FlatArrayMessageReader> reader;
  capnp::List<Command>::Reader commands;
  const bool opened = within_layout([&] {
    reader.emplace(message->words(), message->limits());
    commands = reader->getRoot<ClientMessage>().getCommands();
    return commands.size() > 0;
  });
  if (!opened)
    return errc::closed_bad_request;

  for (unsigned i = 0; i < commands.size(); ++i) {
    command next;
    if (!within_layout([&] { return fill(commands[i], next); }))
      return errc::closed_bad_request;
    if (!sink.on_command(next))
      return errc::none;
  }
  return errc::none;
}

} // namespace argosy::wire
