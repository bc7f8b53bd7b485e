// capnp_codec: the client's end of schemas/client.capnp.

#include "clients/cpp/codec.hpp"
#include "runtime/wire/message_reader.hpp"
#include "runtime/wire/message_writer.hpp"

#include <capnp/serialize.h>

#include <optional>
#include <schemas/client.capnp.h>

namespace argosy::client {

namespace {

using namespace wire;

// -- commands out ---------------------------------------------------------------------------------

template <class Init>
void put(std::string_view text, Init&& init) {
  if (!text.empty())
    put_text(init(size_of(text)), text);
}

void write(Position::Builder out, std::string_view epoch, std::uint64_t offset) {
  put(epoch, [&](unsigned n) { return out.initEpoch(n); });
  out.setOffset(offset);
}

template <class Builder>
void write_data(Builder out, std::string_view data) {
  if (!data.empty())
    out.setData(data_of(data));
}

template <class Builder>
void write_channel(Builder out, std::string_view channel) {
  put(channel, [&](unsigned n) { return out.initChannel(n); });
}

template <class Builder>
void write_token(Builder out, std::string_view token) {
  put(token, [&](unsigned n) { return out.initToken(n); });
}

void write(Command::Builder command, const connect_command& c) {
  auto out = command.initConnect();
  write_token(out, c.token);
  write_data(out, c.data);
  put(c.name, [&](unsigned n) { return out.initName(n); });
  put(c.version, [&](unsigned n) { return out.initVersion(n); });
  if (c.subs.empty())
    return;
  auto subs = out.initSubs(static_cast<unsigned>(c.subs.size()));
  for (unsigned i = 0; i < subs.size(); ++i) {
    write_channel(subs[i], c.subs[i].channel);
    subs[i].setRecover(c.subs[i].recover);
    write(subs[i].initPosition(), c.subs[i].epoch, c.subs[i].offset);
  }
}

void write(Command::Builder command, const subscribe_command& c) {
  auto out = command.initSubscribe();
  write_channel(out, c.channel);
  write_token(out, c.token);
  write_data(out, c.data);
  out.setRecover(c.recover);
  if (c.recover)
    write(out.initPosition(), c.epoch, c.offset);
  out.setPositioned(c.positioned);
  out.setRecoverable(c.recoverable);
  out.setJoinLeave(c.join_leave);
  out.setFlags(c.flag);
}

void write(Command::Builder out, const unsubscribe_command& c) {
  write_channel(out.initUnsubscribe(), c.channel);
}

void write(Command::Builder command, const publish_command& c) {
  auto out = command.initPublish();
  write_channel(out, c.channel);
  write_data(out, c.data);
  out.setDeliveryClass(c.delivery_class == delivery::latest ? DeliveryClass::LATEST
                                                            : DeliveryClass::EVENT);
  put(c.key, [&](unsigned n) { return out.initKey(n); });
  put(c.idempotency_key, [&](unsigned n) { return out.initIdempotencyKey(n); });
}

void write(Command::Builder out, const presence_command& c) {
  write_channel(out.initPresence(), c.channel);
}

void write(Command::Builder out, const presence_stats_command& c) {
  write_channel(out.initPresenceStats(), c.channel);
}

void write(Command::Builder command, const history_command& c) {
  auto out = command.initHistory();
  write_channel(out, c.channel);
  out.setLimit(static_cast<std::int32_t>(c.limit));
  if (c.has_since)
    write(out.initSince(), c.since_epoch, c.since_offset);
  out.setReverse(c.reverse);
}

void write(Command::Builder command, const rpc_command& c) {
  auto out = command.initRpc();
  put(c.method, [&](unsigned n) { return out.initMethod(n); });
  write_data(out, c.data);
}

void write(Command::Builder out, const refresh_command& c) {
  put_text(out.initRefresh(size_of(c.token)), c.token);
}

void write(Command::Builder command, const sub_refresh_command& c) {
  auto out = command.initSubRefresh();
  write_channel(out, c.channel);
  write_token(out, c.token);
}

void write(Command::Builder out, const send_command& c) {
  out.setSend(data_of(c.data));
}
void write(Command::Builder out, const pong_command&) {
  out.setPong();
}
void write(Command::Builder, const unknown_command&) {
}

// -- results and pushes in ------------------------------------------------------------------------
// The server is trusted with its own text: what is not UTF-8 is the application's to find out.

std::string_view view(capnp::Text::Reader text) {
  return {text.begin(), text.size()};
}
std::string copy(capnp::Text::Reader text) {
  return std::string{view(text)};
}
std::string copy(capnp::Data::Reader data) {
  return std::string{view_of(data)};
}

client_id read(ClientId::Reader in) {
  return {in.getHigh(), in.getLow()};
}

client_info_ptr read(ClientInfo::Reader in) {
  return std::make_shared<client_info>(client_info{read(in.getClient()), copy(in.getUser()),
                                                   copy(in.getConnInfo()), copy(in.getChanInfo())});
}

publication_ptr read(Publication::Reader in) {
  auto out = std::make_shared<publication>();
  out->data = copy(in.getData());
  out->offset = in.getOffset();
  if (in.hasInfo())
    out->info = read(in.getInfo());
  for (const auto tag : in.getTags())
    out->tags.emplace(copy(tag.getName()), copy(tag.getValue()));
  out->time_ms = in.getTimeMs();
  out->conflation_key = in.getConflationKey();
  return out;
}

publications read(capnp::List<Publication>::Reader in) {
  publications out;
  for (const auto item : in)
    out.push_back(read(item));
  return out;
}

subscribe_result read(SubscribeResult::Reader in) {
  subscribe_result out;
  out.expires = in.getExpiry().getExpires();
  out.ttl_s = in.getExpiry().getTtlS();
  out.recoverable = in.getRecoverable();
  out.positioned = in.getPositioned();
  out.epoch = copy(in.getPosition().getEpoch());
  out.offset = in.getPosition().getOffset();
  out.missed = read(in.getPublications());
  out.recovered = in.getRecovered();
  out.was_recovering = in.getWasRecovering();
  out.data = copy(in.getData());
  return out;
}

connect_result read(ConnectResult::Reader in) {
  connect_result out;
  out.client = read(in.getClient());
  out.version = view(in.getVersion());
  out.expires = in.getExpiry().getExpires();
  out.ttl_s = in.getExpiry().getTtlS();
  out.data = copy(in.getData());
  for (const auto sub : in.getSubs())
    out.subs.emplace_back(copy(sub.getChannel()), read(sub.getResult()));
  out.ping_s = in.getPingS();
  out.pong = in.getPong();
  out.session = copy(in.getSession());
  out.node = copy(in.getNode());
  out.time_ms = in.getTimeMs();
  return out;
}

presence_result read(capnp::List<ClientInfo>::Reader in) {
  presence_result out;
  for (const auto client : in)
    out.clients.push_back(read(client));
  return out;
}

refresh_result read(RefreshResult::Reader in) {
  return {read(in.getClient()), view(in.getVersion()), in.getExpiry().getExpires(),
          in.getExpiry().getTtlS()};
}

std::optional<reply> read(Reply::Reader in) {
  switch (in.which()) {
  case Reply::ERROR:
    return error{in.getError().getCode(), copy(in.getError().getMessage()),
                 in.getError().getTemporary()};
  case Reply::CONNECT:
    return read(in.getConnect());
  case Reply::SUBSCRIBE:
    return read(in.getSubscribe());
  case Reply::UNSUBSCRIBE:
    return unsubscribe_result{};
  case Reply::PUBLISH:
    return publish_result{copy(in.getPublish().getEpoch()), in.getPublish().getOffset()};
  case Reply::PRESENCE:
    return read(in.getPresence());
  case Reply::PRESENCE_STATS:
    return presence_stats_result{in.getPresenceStats().getClients(),
                                 in.getPresenceStats().getUsers()};
  case Reply::HISTORY:
    return history_result{read(in.getHistory().getPublications()),
                          copy(in.getHistory().getPosition().getEpoch()),
                          in.getHistory().getPosition().getOffset()};
  case Reply::RPC:
    return rpc_result{copy(in.getRpc())};
  case Reply::REFRESH:
    return read(in.getRefresh());
  case Reply::SUB_REFRESH:
    return sub_refresh_result{in.getSubRefresh().getExpires(), in.getSubRefresh().getTtlS()};
  }
  return std::nullopt;
}

std::optional<push_body> read(Push::Reader in) {
  switch (in.which()) {
  case Push::PUBLICATION:
    return read(in.getPublication());
  case Push::JOIN:
    return join_push{read(in.getJoin())};
  case Push::LEAVE:
    return leave_push{read(in.getLeave())};
  case Push::UNSUBSCRIBE:
    return unsubscribe_push{in.getUnsubscribe().getCode(), view(in.getUnsubscribe().getReason())};
  case Push::SUBSCRIBE: {
    const auto subscription = in.getSubscribe();
    return subscribe_push{subscription.getRecoverable(), subscription.getPositioned(),
                          copy(subscription.getPosition().getEpoch()),
                          subscription.getPosition().getOffset()};
  }
  case Push::MESSAGE:
    return message_push{copy(in.getMessage())};
  case Push::DISCONNECT:
    return disconnect_push{in.getDisconnect().getNotice().getCode(),
                           view(in.getDisconnect().getNotice().getReason()),
                           in.getDisconnect().getReconnect()};
  case Push::REFRESH:
    return refresh_push{in.getRefresh().getExpires(), in.getRefresh().getTtlS()};
  case Push::GAP:
    return gap_push{in.getGap().getFrom(), in.getGap().getTo(), view(in.getGap().getReason())};
  case Push::DRAIN:
    return drain_push{in.getDrain().getAfterMs(), view(in.getDrain().getEndpoint())};
  }
  return std::nullopt;
}

class capnp_codec_impl final : public codec {
public:
  std::string_view subprotocol() const noexcept override { return "argosy.capnp.1"; }
  bool binary() const noexcept override { return true; }

  std::string encode(std::span<const command> commands) const override {
    std::string out;
    append_message<ClientMessage>(out, [&](ClientMessage::Builder message) {
      auto list = message.initCommands(static_cast<unsigned>(commands.size()));
      for (unsigned i = 0; i < list.size(); ++i) {
        list[i].setId(commands[i].id);
        std::visit([&](const auto& body) { write(list[i], body); }, commands[i].body);
      }
    });
    return out;
  }

  bool decode(std::string_view bytes, server_sink& sink) const override {
    const message_bytes* opened = message_bytes::open(bytes);
    if (opened == nullptr)
      return false;
    std::optional<capnp::FlatArrayMessageReader> reader;
    std::optional<reply> answer;
    std::optional<push_body> push;
    std::string_view channel;
    std::uint32_t id = 0;
    bool ping = false;
    const bool whole = within_layout([&] {
      reader.emplace(opened->words(), opened->limits());
      const auto message = reader->getRoot<ServerMessage>();
      ping = message.isPing();
      if (message.isReply()) {
        id = message.getReply().getId();
        answer = read(message.getReply());
      } else if (message.isPush()) {
        channel = view(message.getPush().getChannel());
        push = read(message.getPush());
      }
      return true;
    });
    if (ping && whole)
      sink.on_ping();
    else if (answer && whole)
      sink.on_reply(id, std::move(*answer));
    else if (push && whole)
      sink.on_push(channel, std::move(*push));
    return whole;
  }
};

} // namespace

const codec& capnp_codec() noexcept {
  static const capnp_codec_impl instance;
  return instance;
}

} // namespace argosy::client
