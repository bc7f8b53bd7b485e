#include "runtime/wire/client_writer.hpp"

#include "runtime/wire/message_writer.hpp"

#include <schemas/client.capnp.h>

namespace argosy::wire {

namespace {

// -- parts ----------------------------------------------------------------------------------------
// What says nothing is left null, so that it costs nothing on the wire.

template <class Builder>
void set_data(Builder out, std::string_view data) {
  if (!data.empty())
    out.setData(data_of(data));
}

void write(ClientId::Builder out, const client_id& id) {
  out.setHigh(id.high);
  out.setLow(id.low);
}

template <class Builder>
void set_position(Builder out, const std::string& epoch, std::uint64_t offset) {
  if (epoch.empty() && offset == 0)
    return;
  auto position = out.initPosition();
  position.setEpoch(text_of(epoch));
  position.setOffset(offset);
}

void write(Expiry::Builder out, bool expires, std::uint32_t ttl_s) {
  out.setExpires(expires);
  out.setTtlS(ttl_s);
}

template <class Builder>
void set_expiry(Builder out, bool expires, std::uint32_t ttl_s) {
  if (expires)
    write(out.initExpiry(), expires, ttl_s);
}

void write(ClientInfo::Builder out, const client_info& info) {
  write(out.initClient(), info.client);
  if (!info.user.empty())
    out.setUser(text_of(info.user));
  if (!info.conn_info.empty())
    out.setConnInfo(data_of(info.conn_info));
  if (!info.chan_info.empty())
    out.setChanInfo(data_of(info.chan_info));
}

void write(Publication::Builder out, const publication& p, bool with_offset) {
  out.setData(data_of(p.data));
  out.setOffset(with_offset ? p.offset : 0);
  if (p.info != nullptr)
    write(out.initInfo(), *p.info);
  if (!p.tags.empty()) {
    auto tags = out.initTags(static_cast<unsigned>(p.tags.size()));
    unsigned i = 0;
    for (const auto& [name, value] : p.tags) {
      tags[i].setName(text_of(name));
      tags[i++].setValue(text_of(value));
    }
  }
  out.setTimeMs(p.time_ms);
  out.setConflationKey(p.conflation_key);
  out.setDeliveryClass(p.conflation_key != 0 ? DeliveryClass::LATEST : DeliveryClass::EVENT);
}

template <class Builder>
void set_publications(Builder out, const publications& items) {
  if (items.empty())
    return;
  auto list = out.initPublications(static_cast<unsigned>(items.size()));
  for (unsigned i = 0; i < list.size(); ++i)
    write(list[i], *items[i], true);
}

// -- results --------------------------------------------------------------------------------------

void write(SubscribeResult::Builder out, const subscribe_result& r) {
  set_expiry(out, r.expires, r.ttl_s);
  out.setRecoverable(r.recoverable);
  out.setPositioned(r.positioned);
  set_position(out, r.epoch, r.offset);
  set_publications(out, r.missed);
  out.setRecovered(r.recovered);
  out.setWasRecovering(r.was_recovering);
  set_data(out, r.data);
}

void write(Reply::Builder out, errc e) {
  const auto& row = info(e).client_code != 0 ? info(e) : info(errc::internal);
  auto error = out.initError();
  error.setCode(row.client_code);
  put_text(error.initMessage(size_of(row.text)), row.text);
  error.setTemporary(row.temporary);
}

void write(Reply::Builder reply, const connect_result& r) {
  auto out = reply.initConnect();
  write(out.initClient(), r.client);
  put_text(out.initVersion(size_of(r.version)), r.version);
  set_expiry(out, r.expires, r.ttl_s);
  set_data(out, r.data);
  if (!r.subs.empty()) {
    auto subs = out.initSubs(static_cast<unsigned>(r.subs.size()));
    for (unsigned i = 0; i < subs.size(); ++i) {
      subs[i].setChannel(text_of(r.subs[i].first));
      write(subs[i].initResult(), r.subs[i].second);
    }
  }
  out.setPingS(r.ping_s);
  out.setPong(r.pong);
  out.setSession(text_of(r.session));
  out.setNode(text_of(r.node));
  out.setTimeMs(r.time_ms);
}

void write(Reply::Builder out, const subscribe_result& r) {
  write(out.initSubscribe(), r);
}

void write(Reply::Builder out, const unsubscribe_result&) {
  out.setUnsubscribe();
}

void write(Reply::Builder reply, const publish_result& r) {
  auto out = reply.initPublish();
  out.setEpoch(text_of(r.epoch));
  out.setOffset(r.offset);
}

void write(Reply::Builder reply, const presence_result& r) {
  auto out = reply.initPresence(static_cast<unsigned>(r.clients.size()));
  for (unsigned i = 0; i < out.size(); ++i)
    write(out[i], *r.clients[i]);
}

void write(Reply::Builder reply, const presence_stats_result& r) {
  auto out = reply.initPresenceStats();
  out.setClients(r.num_clients);
  out.setUsers(r.num_users);
}

void write(Reply::Builder reply, const history_result& r) {
  auto out = reply.initHistory();
  set_publications(out, r.items);
  set_position(out, r.epoch, r.offset);
}

void write(Reply::Builder out, const rpc_result& r) {
  out.setRpc(data_of(r.data));
}

void write(Reply::Builder reply, const refresh_result& r) {
  auto out = reply.initRefresh();
  write(out.initClient(), r.client);
  put_text(out.initVersion(size_of(r.version)), r.version);
  set_expiry(out, r.expires, r.ttl_s);
}

void write(Reply::Builder out, const sub_refresh_result& r) {
  write(out.initSubRefresh(), r.expires, r.ttl_s);
}

// -- pushes ---------------------------------------------------------------------------------------

void write(Notice::Builder out, std::uint32_t code, std::string_view reason) {
  out.setCode(code);
  put_text(out.initReason(size_of(reason)), reason);
}

void write(Push::Builder out, const join_push& p) {
  write(out.initJoin(), *p.info);
}
void write(Push::Builder out, const leave_push& p) {
  write(out.initLeave(), *p.info);
}
void write(Push::Builder out, const unsubscribe_push& p) {
  write(out.initUnsubscribe(), p.code, p.reason);
}
void write(Push::Builder push, const subscribe_push& p) {
  auto out = push.initSubscribe();
  out.setRecoverable(p.recoverable);
  out.setPositioned(p.positioned);
  set_position(out, p.epoch, p.offset);
}
void write(Push::Builder out, const message_push& p) {
  out.setMessage(data_of(p.data));
}
void write(Push::Builder push, const disconnect_push& p) {
  auto out = push.initDisconnect();
  write(out.initNotice(), p.code, p.reason);
  out.setReconnect(p.reconnect);
}
void write(Push::Builder out, const refresh_push& p) {
  write(out.initRefresh(), p.expires, p.ttl_s);
}
void write(Push::Builder push, const gap_push& p) {
  auto out = push.initGap();
  out.setFrom(p.from);
  out.setTo(p.to);
  put_text(out.initReason(size_of(p.reason)), p.reason);
}
void write(Push::Builder push, const drain_push& p) {
  auto out = push.initDrain();
  out.setAfterMs(p.after_ms);
  put_text(out.initEndpoint(size_of(p.endpoint)), p.endpoint);
}

} // namespace

void write_reply(std::uint32_t id, const reply_body& body, std::string& out) {
  append_message<ServerMessage>(out, [&](ServerMessage::Builder message) {
    auto reply = message.initReply();
    reply.setId(id);
    std::visit([&reply](const auto& result) { write(reply, result); }, body);
  });
}

void write_push(std::string_view channel, const push_body& body, bool with_offset,
                std::string& out) {
  append_message<ServerMessage>(out, [&](ServerMessage::Builder message) {
    auto push = message.initPush();
    if (!channel.empty())
      put_text(push.initChannel(size_of(channel)), channel);
    if (const auto* published = std::get_if<publication_ptr>(&body))
      write(push.initPublication(), **published, with_offset);
    else
      std::visit(
          [&push](const auto& p) {
            if constexpr (!std::is_same_v<std::decay_t<decltype(p)>, publication_ptr>)
              write(push, p);
          },
          body);
  });
}

void write_ping(std::string& out) {
  append_message<ServerMessage>(out, [](ServerMessage::Builder message) { message.setPing(); });
}

} // namespace argosy::wire
