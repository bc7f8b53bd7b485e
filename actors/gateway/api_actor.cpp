#include "actors/gateway/api_actor.hpp"

#include "runtime/core/base64.hpp"
#include "runtime/core/json_writer.hpp"
#include "runtime/protocol/json_text.hpp"

#include <caf/behavior.hpp>

#include <algorithm>
#include <utility>

namespace argosy {

namespace {

constexpr std::chrono::milliseconds answer_timeout{5'000};
constexpr std::size_t parts_max = 10'000;

struct expire_questions {};

using object = simdjson::dom::object;

std::string_view text_of(const object& o, std::string_view key) {
  std::string_view value;
  return o[key].get(value) == simdjson::SUCCESS ? value : std::string_view{};
}

std::int64_t number_of(const object& o, std::string_view key, std::int64_t otherwise) {
  std::int64_t value = otherwise;
  return o[key].get(value) == simdjson::SUCCESS ? value : otherwise;
}

bool flag_of(const object& o, std::string_view key) {
  bool value = false;
  return o[key].get(value) == simdjson::SUCCESS && value;
}

void write_info(json_writer& w, const client_info& info) {
  w.open_object().key("client").text(info.client.text()).key("user").text(info.user);
  if (!info.conn_info.empty())
    w.key("conn_info").raw(info.conn_info);
  if (!info.chan_info.empty())
    w.key("chan_info").raw(info.chan_info);
  w.close_object();
}

} // namespace

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::expire_questions)

namespace argosy {

api_actor::api_actor(caf::actor_config& config, node_services& services)
    : service_actor(config, services) {
}

caf::behavior api_actor::make_behavior() {
  started_ = now();
  return {
      [this](api_request& m) { serve(m); },
      [this](const room_published& m) { published(m); },
      [this](const presence_listed& m) { listed(m); },
      [this](const history_read& m) { read(m); },
      [this](const history_cleared& m) { cleared(m); },
      [this](const sessions_commanded& m) { commanded(m); },
      [this](const members_counted& m) { counted(m); },
      [this](expire_questions) { expire(); },
  };
}

// -- requests -------------------------------------------------------------------------------------

bool api_actor::parse(api_request& m, object& params) {
  simdjson::dom::element root;
  if (m.body.empty())
    m.body = "{}";
  if (parser_.parse(m.body).get(root) == simdjson::SUCCESS && root.get(params) == simdjson::SUCCESS)
    return true;
  m.respond({400,
             "application/json",
             "{" + api_error(errc::bad_request, "the body must be one JSON object") + "}",
             {}});
  return false;
}

void api_actor::serve(api_request& m) {
  object params;
  if (!parse(m, params))
    return;
  if (m.method.empty()) { // the old form: POST /api {"method": …, "params": {…}}
    m.method = text_of(params, "method");
    object inner;
    if (params["params"].get(inner) == simdjson::SUCCESS)
      params = inner;
  }
  if (m.method == "batch") {
    serve_batch(m, params);
  } else if (m.method == "broadcast") {
    serve_broadcast(m, params);
  } else {
    auto call = std::make_shared<api_call>(api_call::shape::single, std::move(m.respond),
                                           now() + answer_timeout);
    const auto part = call->add_part(m.method);
    run(call, part, m.method, m.tenant, params);
  }
}

void api_actor::serve_batch(api_request& m, const object& params) {
  auto call = std::make_shared<api_call>(api_call::shape::batch, std::move(m.respond),
                                         now() + answer_timeout);
  simdjson::dom::array commands;
  if (params["commands"].get(commands) != simdjson::SUCCESS || commands.size() == 0
      || commands.size() > parts_max) {
    call->complete(call->add_part(""), errc::bad_request, "commands must be a list of 1 to 10000");
    call->finish();
    return;
  }
  std::vector<std::pair<std::string_view, object>> parts; // all parts exist before the first answer
  for (const auto entry : commands) {
    object one;
    object inner;
    std::string_view method;
    if (entry.get(one) == simdjson::SUCCESS && one.size() == 1) {
      method = (*one.begin()).key;
      if ((*one.begin()).value.get(inner) != simdjson::SUCCESS)
        method = {};
    }
    call->add_part(std::string{method});
    parts.emplace_back(method, inner);
  }
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (parts[i].first.empty() || parts[i].first == "batch" || parts[i].first == "broadcast")
      refuse(ask(call, i), errc::bad_request, "each command must be one {\"method\":{params}}");
    else
      run(call, i, parts[i].first, m.tenant, parts[i].second);
}

void api_actor::serve_broadcast(api_request& m, const object& params) {
  simdjson::dom::array channels;
  const bool listed = params["channels"].get(channels) == simdjson::SUCCESS && channels.size() > 0
                      && channels.size() <= parts_max;
  auto call =
      std::make_shared<api_call>(listed ? api_call::shape::broadcast : api_call::shape::single,
                                 std::move(m.respond), now() + answer_timeout);
  if (!listed) {
    call->complete(call->add_part(""), errc::bad_request, "channels must be a list of 1 to 10000");
    call->finish();
    return;
  }
  for (std::size_t i = 0; i < channels.size(); ++i)
    call->add_part("publish");
  std::size_t i = 0;
  for (const auto entry : channels) {
    std::string_view channel;
    if (entry.get(channel) != simdjson::SUCCESS)
      channel = {};
    publish(ask(call, i++), m.tenant, channel, params);
  }
}

void api_actor::run(const std::shared_ptr<api_call>& call, std::size_t part,
                    std::string_view method, std::string_view tenant, const object& params) {
  using verb = command_sessions::what;
  const auto ticket = ask(call, part);
  const auto channel = text_of(params, "channel");
  const auto needs_room = [&] {
    return method == "presence" || method == "presence_stats" || method == "history"
           || method == "history_remove";
  };
  if (needs_room() && node_.channels->resolve(channel) == nullptr) {
    refuse(ticket, errc::unknown_channel);
    return;
  }
  const address room{tenant, address_kind::room, channel};
  if (method == "publish")
    publish(ticket, tenant, channel, params);
  else if (method == "presence" || method == "presence_stats")
    presence(ticket, room, method == "presence_stats");
  else if (method == "history")
    history(ticket, room, params);
  else if (method == "history_remove")
    node_.routes.route(room, clear_history{me(ticket)});
  else if (method == "subscribe")
    command(ticket, tenant, verb::subscribe, params);
  else if (method == "unsubscribe")
    command(ticket, tenant, verb::unsubscribe, params);
  else if (method == "disconnect")
    command(ticket, tenant, verb::disconnect, params);
  else if (method == "refresh")
    command(ticket, tenant, verb::refresh, params);
  else if (method == "channels")
    channels(ticket, tenant, params);
  else if (method == "info")
    answer(ticket, node_info());
  else {
    call->status(404);
    refuse(ticket, errc::method_not_found);
  }
}

// -- methods --------------------------------------------------------------------------------------

void api_actor::publish(std::uint32_t ticket, std::string_view tenant, std::string_view channel,
                        const object& params) {
  if (!node_.channels->valid_channel(channel))
    return refuse(ticket, errc::bad_request, "channel is missing or not valid");
  const auto* options = node_.channels->resolve(channel);
  if (options == nullptr)
    return refuse(ticket, errc::unknown_channel);
  std::string data;
  simdjson::dom::element json;
  if (const auto encoded = text_of(params, "b64data"); !encoded.empty()) {
    auto bytes = decode_base64(encoded);
    if (!bytes)
      return refuse(ticket, errc::bad_request, "b64data is not base64");
    data = std::move(*bytes);
  } else if (params["data"].get(json) == simdjson::SUCCESS) {
    data = simdjson::minify(json);
  } else {
    return refuse(ticket, errc::bad_request, "data is missing");
  }
  std::map<std::string, std::string> tags;
  object given;
  if (params["tags"].get(given) == simdjson::SUCCESS)
    for (const auto& field : given) {
      std::string_view value;
      if (field.value.get(value) == simdjson::SUCCESS)
        tags.emplace(field.key, value);
    }
  const auto& prefix = options->personal_prefix;
  if (!prefix.empty() && channel.starts_with(prefix)) {
    const address user{tenant, address_kind::user, channel.substr(prefix.size())};
    if (!node_.routes.route_if_active(
            user, publish_user{me(ticket), std::move(data), nullptr, std::move(tags)}))
      answer(ticket, "{}");
    return;
  }
  node_.routes.route({tenant, address_kind::room, channel},
                     publish_room{me(ticket), std::move(data), nullptr, std::move(tags),
                                  std::string{text_of(params, "idempotency_key")}, 0,
                                  flag_of(params, "skip_history")});
}

void api_actor::command(std::uint32_t ticket, std::string_view tenant, command_sessions::what verb,
                        const object& params) {
  const auto user = text_of(params, "user");
  if (user.empty())
    return refuse(ticket, errc::bad_request, "user is missing");
  command_sessions order{me(ticket), std::string{text_of(params, "client")},
                         verb,       std::string{text_of(params, "channel")},
                         0,          {},
                         0};
  const bool about_channel =
      verb == command_sessions::what::subscribe || verb == command_sessions::what::unsubscribe;
  if (about_channel && !node_.channels->valid_channel(order.channel))
    return refuse(ticket, errc::bad_request, "channel is missing or not valid");
  if (verb == command_sessions::what::disconnect) {
    object custom;
    const bool given = params["disconnect"].get(custom) == simdjson::SUCCESS;
    const auto& how = given ? custom : params;
    order.code = static_cast<std::uint32_t>(number_of(how, "code", 3503));
    order.reason = text_of(how, "reason");
    if (order.code < 3000 || order.code > 4999)
      return refuse(ticket, errc::bad_request, "code must be 3000 to 4999");
    if (order.reason.empty())
      order.reason = info(from_close_code(static_cast<std::uint16_t>(order.code))).text;
  } else if (verb == command_sessions::what::refresh) {
    order.expires_at = flag_of(params, "expired") ? 1 : number_of(params, "expire_at", 0);
  }
  if (!node_.routes.route_if_active({tenant, address_kind::user, user}, std::move(order)))
    answer(ticket, "{}");
}

void api_actor::presence(std::uint32_t ticket, const address& room, bool count_only) {
  if (!node_.channels->resolve(room.key())->presence)
    return refuse(ticket, errc::not_available);
  tell(node_.presence_agent, list_presence{me(ticket), room, count_only});
}

void api_actor::history(std::uint32_t ticket, const address& room, const object& params) {
  if (!node_.channels->resolve(room.key())->keeps_history())
    return refuse(ticket, errc::not_available);
  const auto limit = number_of(params, "limit", 0);
  const std::size_t most = node_.limits.history_publications_max;
  read_history wanted{me(ticket), most, std::nullopt, flag_of(params, "reverse")};
  if (limit >= 0)
    wanted.limit = std::min(most, static_cast<std::size_t>(limit));
  object since;
  if (params["since"].get(since) == simdjson::SUCCESS)
    wanted.since = stream_position{std::string{text_of(since, "epoch")},
                                   static_cast<std::uint64_t>(number_of(since, "offset", 0))};
  node_.routes.route(room, std::move(wanted));
}

void api_actor::channels(std::uint32_t ticket, std::string_view tenant, const object& params) {
  questions_[ticket].answers_missing = node_.fan_workers.size();
  for (const auto& worker : node_.fan_workers)
    tell(worker,
         count_members{me(ticket), std::string{tenant}, std::string{text_of(params, "pattern")}});
}

std::string api_actor::node_info() const {
  std::uint64_t connections = 0;
  for (const auto& loop : node_.metrics.loops)
    connections += loop.opened.get() - loop.closed.get();
  using namespace std::chrono;
  std::string out;
  json_writer w{out};
  w.open_object().key("nodes").open_array().open_object();
  w.key("uid").text(node_.node_name).key("name").text(node_.node_name);
  w.key("version").text(node_.version);
  w.key("num_clients").number(connections);
  w.key("num_users").number(std::uint64_t{node_.routes.count(address_kind::user)});
  w.key("num_channels").number(std::uint64_t{node_.routes.count(address_kind::replica)});
  w.key("uptime").number(
      std::int64_t{duration_cast<seconds>(steady_clock::now() - started_).count()});
  w.close_object().close_array().close_object();
  return out;
}

// -- answers --------------------------------------------------------------------------------------

void api_actor::published(const room_published& m) {
  if (m.error != errc::none)
    return refuse(m.ticket, m.error);
  std::string out;
  json_writer w{out};
  w.open_object();
  if (m.position.offset > 0)
    w.key("offset").number(m.position.offset).key("epoch").text(m.position.epoch);
  w.close_object();
  answer(m.ticket, std::move(out));
}

void api_actor::commanded(const sessions_commanded& m) {
  answer(m.ticket, "{}");
}

void api_actor::listed(const presence_listed& m) {
  std::string out;
  json_writer w{out};
  w.open_object();
  if (m.count_only) {
    w.key("num_clients").number(m.num_clients).key("num_users").number(m.num_users);
  } else {
    w.key("presence").open_object();
    for (const auto& client : m.clients) {
      w.key(client->client.text());
      write_info(w, *client);
    }
    w.close_object();
  }
  w.close_object();
  answer(m.ticket, std::move(out));
}

void api_actor::read(const history_read& m) {
  if (m.error != errc::none)
    return refuse(m.ticket, m.error);
  std::string out;
  json_writer w{out};
  w.open_object().key("publications").open_array();
  for (const auto& p : m.items) {
    w.open_object();
    if (is_json(p->data))
      w.key("data").raw(p->data);
    else
      w.key("b64data").base64(p->data);
    w.key("offset").number(p->offset);
    if (p->info) {
      w.key("info");
      write_info(w, *p->info);
    }
    if (!p->tags.empty()) {
      w.key("tags").open_object();
      for (const auto& [key, value] : p->tags)
        w.key(key).text(value);
      w.close_object();
    }
    w.close_object();
  }
  w.close_array().key("epoch").text(m.position.epoch).key("offset").number(m.position.offset);
  w.close_object();
  answer(m.ticket, std::move(out));
}

void api_actor::cleared(const history_cleared& m) {
  answer(m.ticket, "{}");
}

void api_actor::counted(const members_counted& m) {
  const auto found = questions_.find(m.ticket);
  if (found == questions_.end())
    return;
  auto& q = found->second;
  for (const auto& [channel, members] : m.rooms)
    q.rooms[channel] += members;
  if (--q.answers_missing > 0)
    return;
  std::string out;
  json_writer w{out};
  w.open_object().key("channels").open_object();
  for (const auto& [channel, members] : q.rooms)
    w.key(channel).open_object().key("num_clients").number(members).close_object();
  w.close_object().close_object();
  answer(m.ticket, std::move(out));
}

// -- bookkeeping ----------------------------------------------------------------------------------

std::uint32_t api_actor::ask(const std::shared_ptr<api_call>& call, std::size_t part) {
  questions_[++last_ticket_] = {call, part, 1, {}};
  if (!std::exchange(expiry_due_, true))
    tell_self_after(answer_timeout, expire_questions{});
  return last_ticket_;
}

void api_actor::answer(std::uint32_t ticket, std::string result) {
  const auto found = questions_.find(ticket);
  if (found == questions_.end())
    return;
  const auto q = std::move(found->second);
  questions_.erase(found);
  if (q.call->complete(q.part, std::move(result)))
    q.call->finish();
}

void api_actor::refuse(std::uint32_t ticket, errc why, std::string_view detail) {
  const auto found = questions_.find(ticket);
  if (found == questions_.end())
    return;
  const auto q = std::move(found->second);
  questions_.erase(found);
  if (q.call->complete(q.part, why, detail))
    q.call->finish();
}

void api_actor::expire() {
  expiry_due_ = false;
  std::vector<std::shared_ptr<api_call>> late;
  std::erase_if(questions_, [&](const auto& entry) {
    const auto& call = entry.second.call;
    if (call->deadline() > now())
      return false;
    if (std::find(late.begin(), late.end(), call) == late.end())
      late.push_back(call);
    return true;
  });
  for (const auto& call : late)
    call->finish();
  if (!questions_.empty() && !std::exchange(expiry_due_, true))
    tell_self_after(std::chrono::milliseconds{1'000}, expire_questions{});
}

} // namespace argosy
