#include "actors/gateway/api_actor.hpp"

#include "runtime/core/base64.hpp"
#include "runtime/core/json_writer.hpp"

#include <caf/behavior.hpp>

#include <algorithm>
#include <utility>

namespace argosy {

namespace {

constexpr std::chrono::milliseconds answer_timeout{5'000};
constexpr std::size_t parts_max = 10'000;

struct expire_questions {};

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

void api_actor::serve(api_request& m) {
  auto params = api_params::parse(m.body.empty() ? "{}" : m.body);
  if (!params) {
    const auto sentence = api_error(errc::bad_request, "the body must be one JSON object");
    m.respond({400, "application/json", "{" + sentence + "}", {}});
    return;
  }
  if (m.method.empty()) { // the old form: POST /api {"method": …, "params": {…}}
    m.method = params->text("method");
    if (auto inner = params->object("params"))
      params = std::move(inner);
  }
  if (m.method == "batch") {
    serve_batch(m, *params);
  } else if (m.method == "broadcast") {
    serve_broadcast(m, *params);
  } else {
    auto call = std::make_shared<api_call>(api_call::shape::single, std::move(m.respond),
                                           now() + answer_timeout);
    const auto part = call->add_part(m.method);
    run(call, part, m.method, m.tenant, *params);
  }
}

void api_actor::serve_batch(api_request& m, const api_params& params) {
  auto call = std::make_shared<api_call>(api_call::shape::batch, std::move(m.respond),
                                         now() + answer_timeout);
  const auto commands = params.list("commands");
  if (commands.empty() || commands.size() > parts_max) {
    call->complete(call->add_part(""), errc::bad_request, "commands must be a list of 1 to 10000");
    call->finish();
    return;
  }
  std::vector<std::pair<std::string, std::optional<api_params>>> parts;
  for (const auto& command : commands) { // all parts exist before the first answer
    const auto one = api_params::parse(command);
    const bool single = one && one->members().size() == 1;
    auto& [method, inner] = parts.emplace_back();
    if (single) {
      method = one->members().front().first;
      inner = api_params::parse(one->members().front().second);
    }
    call->add_part(method);
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& [method, inner] = parts[i];
    if (!inner || method == "batch" || method == "broadcast")
      refuse(ask(call, i), errc::bad_request, "each command must be one {\"method\":{params}}");
    else
      run(call, i, method, m.tenant, *inner);
  }
}

void api_actor::serve_broadcast(api_request& m, const api_params& params) {
  const auto channels = params.list("channels");
  const bool listed = !channels.empty() && channels.size() <= parts_max;
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
  for (std::size_t i = 0; i < channels.size(); ++i)
    publish(ask(call, i), m.tenant, string_of(channels[i]), params);
}

void api_actor::run(const std::shared_ptr<api_call>& call, std::size_t part,
                    std::string_view method, std::string_view tenant, const api_params& params) {
  using verb = command_sessions::what;
  const auto ticket = ask(call, part);
  const auto channel = params.text("channel");
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
                        const api_params& params) {
  if (!node_.channels->valid_channel(channel))
    return refuse(ticket, errc::bad_request, "channel is missing or not valid");
  const auto* options = node_.channels->resolve(channel);
  if (options == nullptr)
    return refuse(ticket, errc::unknown_channel);
  std::string data;
  if (const auto encoded = params.text("b64data"); !encoded.empty()) {
    auto bytes = decode_base64(encoded);
    if (!bytes)
      return refuse(ticket, errc::bad_request, "b64data is not base64");
    data = std::move(*bytes);
  } else if (const auto given = params.raw("data"); !given.empty()) {
    data = given;
  } else {
    return refuse(ticket, errc::bad_request, "data is missing");
  }
  std::map<std::string, std::string> tags;
  if (const auto given = params.object("tags"))
    for (const auto& [name, value] : given->members())
      tags.emplace(name, string_of(value));
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
                                  params.text("idempotency_key"), 0, params.flag("skip_history")});
}

void api_actor::command(std::uint32_t ticket, std::string_view tenant, command_sessions::what verb,
                        const api_params& params) {
  const auto user = params.text("user");
  if (user.empty())
    return refuse(ticket, errc::bad_request, "user is missing");
  command_sessions order{me(ticket), params.text("client"), verb, params.text("channel"), 0, {}, 0};
  const bool about_channel =
      verb == command_sessions::what::subscribe || verb == command_sessions::what::unsubscribe;
  if (about_channel && !node_.channels->valid_channel(order.channel))
    return refuse(ticket, errc::bad_request, "channel is missing or not valid");
  if (verb == command_sessions::what::disconnect) {
    const auto custom = params.object("disconnect");
    const auto& how = custom ? *custom : params;
    order.code = static_cast<std::uint32_t>(how.number("code", 3503));
    order.reason = how.text("reason");
    if (order.code < 3000 || order.code > 4999)
      return refuse(ticket, errc::bad_request, "code must be 3000 to 4999");
    if (order.reason.empty())
      order.reason = info(from_close_code(static_cast<std::uint16_t>(order.code))).text;
  } else if (verb == command_sessions::what::refresh) {
    order.expires_at = params.flag("expired") ? 1 : params.number("expire_at", 0);
  }
  if (!node_.routes.route_if_active({tenant, address_kind::user, user}, std::move(order)))
    answer(ticket, "{}");
}

void api_actor::presence(std::uint32_t ticket, const address& room, bool count_only) {
  if (!node_.channels->resolve(room.key())->presence)
    return refuse(ticket, errc::not_available);
  tell(node_.presence_agent, list_presence{me(ticket), room, count_only});
}

void api_actor::history(std::uint32_t ticket, const address& room, const api_params& params) {
  if (!node_.channels->resolve(room.key())->keeps_history())
    return refuse(ticket, errc::not_available);
  const auto limit = params.number("limit", 0);
  const std::size_t most = node_.limits.history_publications_max;
  read_history wanted{me(ticket), most, std::nullopt, params.flag("reverse")};
  if (limit >= 0)
    wanted.limit = std::min(most, static_cast<std::size_t>(limit));
  if (const auto since = params.object("since"))
    wanted.since = stream_position{since->text("epoch"),
                                   static_cast<std::uint64_t>(since->number("offset", 0))};
  node_.routes.route(room, std::move(wanted));
}

void api_actor::channels(std::uint32_t ticket, std::string_view tenant, const api_params& params) {
  questions_[ticket].answers_missing = node_.fan_workers.size();
  for (const auto& worker : node_.fan_workers)
    tell(worker, count_members{me(ticket), std::string{tenant}, params.text("pattern")});
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
