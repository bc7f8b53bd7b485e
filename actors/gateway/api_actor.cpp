#include "actors/gateway/api_actor.hpp"

#include <caf/behavior.hpp>

#include <algorithm>
#include <utility>

namespace argosy {

namespace {

constexpr std::chrono::milliseconds answer_timeout{5'000};

/// For questions to all nodes: one that is away must not keep a backend waiting for the rest.
constexpr std::chrono::milliseconds nodes_timeout{2'000};

struct expire_questions {};

} // namespace

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::expire_questions)

namespace argosy {

api_actor::api_actor(caf::actor_config& config, node_services& services)
    : service_actor(config, services) {
}

caf::behavior api_actor::make_behavior() {
  return {
      [this](api_request& m) { serve(m); },
      [this](const room_published& m) { published(m); },
      [this](const presence_listed& m) { listed(m); },
      [this](const history_read& m) { read(m); },
      [this](const history_cleared& m) { cleared(m); },
      [this](const sessions_commanded& m) { commanded(m); },
      [this](const fleet_answered& m) { told(m); },
      [this](expire_questions) { expire(); },
  };
}

// -- requests -------------------------------------------------------------------------------------

void api_actor::serve(api_request& m) {
  auto plan = read_api_request(m.method, m.body);
  auto call = std::make_shared<api_call>(plan.shape, std::move(m.respond), now() + answer_timeout);
  call->status(plan.status);
  const auto run_part = [&](std::size_t part, auto query) {
    std::visit(
        [&, ticket = ask(call, part)](auto& what) { run(ticket, m.tenant, std::move(what)); },
        query);
  };
  // All parts exist before the first answer.
  if (plan.shape == api_call::shape::broadcast) {
    auto& publish = plan.steps.front();
    for (std::size_t i = 0; i < plan.channels.size(); ++i)
      call->add_part(publish.method);
    for (std::size_t i = 0; i < plan.channels.size(); ++i) {
      if (auto* what = std::get_if<api_publish>(&publish.query))
        what->channel = std::move(plan.channels[i]);
      run_part(i, publish.query);
    }
    return;
  }
  for (const auto& step : plan.steps)
    call->add_part(step.method);
  for (std::size_t i = 0; i < plan.steps.size(); ++i)
    run_part(i, std::move(plan.steps[i].query));
}

// -- queries --------------------------------------------------------------------------------------

void api_actor::run(std::uint32_t ticket, std::string_view, api_refusal why) {
  refuse(ticket, why.error, why.sentence);
}

// Null if there are none, which has then been said.
const channel_options* api_actor::options_of(std::uint32_t ticket, std::string_view channel) {
  if (!node_.channels->valid_channel(channel)) {
    refuse(ticket, errc::bad_request, "channel is missing or not valid");
    return nullptr;
  }
  const auto* options = node_.channels->resolve(channel);
  if (options == nullptr)
    refuse(ticket, errc::unknown_channel);
  return options;
}

void api_actor::run(std::uint32_t ticket, std::string_view tenant, api_publish what) {
  const auto* options = options_of(ticket, what.channel);
  if (options == nullptr)
    return;
  const auto& prefix = options->personal_prefix;
  if (!prefix.empty() && what.channel.starts_with(prefix)) {
    const address user{tenant, address_kind::user, what.channel.substr(prefix.size())};
    if (!node_.routes.route_if_active(
            user, publish_user{me(ticket), std::move(what.data), nullptr, std::move(what.tags)}))
      answer(ticket, "{}");
    return;
  }
  node_.routes.route({tenant, address_kind::room, what.channel},
                     publish_room{me(ticket), std::move(what.data), nullptr, std::move(what.tags),
                                  std::move(what.idempotency_key), 0, what.skip_history});
}

void api_actor::run(std::uint32_t ticket, std::string_view tenant, api_sessions what) {
  const bool about_channel =
      what.verb == session_verb::subscribe || what.verb == session_verb::unsubscribe;
  if (about_channel && !node_.channels->valid_channel(what.channel))
    return refuse(ticket, errc::bad_request, "channel is missing or not valid");
  command_sessions order{
      me(ticket), std::move(what.client), what.verb,      std::move(what.channel),
      what.code,  std::move(what.reason), what.expires_at};
  if (!node_.routes.route_if_active({tenant, address_kind::user, what.user}, std::move(order)))
    answer(ticket, "{}");
}

void api_actor::run(std::uint32_t ticket, std::string_view tenant, api_presence what) {
  const auto* options = options_of(ticket, what.channel);
  if (options == nullptr)
    return;
  if (!options->presence)
    return refuse(ticket, errc::not_available);
  const address room{tenant, address_kind::room, what.channel};
  tell(node_.presence_agent, list_presence{me(ticket), room, what.count_only});
}

void api_actor::run(std::uint32_t ticket, std::string_view tenant, api_history what) {
  const auto* options = options_of(ticket, what.channel);
  if (options == nullptr)
    return;
  if (!options->keeps_history())
    return refuse(ticket, errc::not_available);
  const std::size_t most = node_.limits.history_publications_max;
  read_history wanted{me(ticket), most, std::move(what.since), what.reverse};
  if (what.limit >= 0)
    wanted.limit = std::min(most, static_cast<std::size_t>(what.limit));
  node_.routes.route({tenant, address_kind::room, what.channel}, std::move(wanted));
}

void api_actor::run(std::uint32_t ticket, std::string_view tenant, api_history_remove what) {
  if (options_of(ticket, what.channel) == nullptr)
    return;
  node_.routes.route({tenant, address_kind::room, what.channel}, clear_history{me(ticket)});
}

void api_actor::run(std::uint32_t ticket, std::string_view tenant, api_channels what) {
  ask_all(ticket, count_members{{}, std::string{tenant}, std::move(what.pattern)});
}

void api_actor::run(std::uint32_t ticket, std::string_view, api_info) {
  ask_all(ticket, inquire_node{});
}

void api_actor::ask_all(std::uint32_t ticket, fleet_question what) {
  tell(node_.admin,
       ask_fleet{std::move(what), nodes_timeout, false, [me = handle(), ticket](fleet_told told) {
                   tell(me, fleet_answered{ticket, std::move(told)});
                 }});
}

// -- bookkeeping ----------------------------------------------------------------------------------

std::uint32_t api_actor::ask(const std::shared_ptr<api_call>& call, std::size_t part) {
  questions_[++last_ticket_] = {call, part};
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
