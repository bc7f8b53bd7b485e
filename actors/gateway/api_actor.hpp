// api_actor: the server API for application backends (docs/protocol.md, "Server API"); one a
// scheduler thread.
//
// Gets whole HTTP requests from the loops, asks rooms, users and presence through the router, and
// answers the request when the last answer is in or the deadline has passed. Never blocks.
#pragma once

#include "actors/gateway/api_call.hpp"
#include "actors/gateway/api_query.hpp"
#include "actors/service_actor.hpp"
#include "runtime/http.hpp"
#include "runtime/messages/admin.hpp"
#include "runtime/messages/presence.hpp"
#include "runtime/messages/room.hpp"
#include "runtime/messages/user.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <memory>
#include <string>
#include <unordered_map>

namespace argosy {

/// A request at /api; the key has been checked.
struct api_request {
  std::string method; ///< the last part of the path, or "" for the old form {"method","params"}
  std::string body;
  std::string tenant;
  http_responder respond;
};

/// All nodes' answers to what an api_actor has asked.
struct fleet_answered {
  std::uint32_t ticket = 0;
  fleet_told told;
};

class api_actor final : public service_actor {
public:
  api_actor(caf::actor_config& config, node_services& services);

protected:
  caf::behavior make_behavior() override;

private:
  struct question {
    std::shared_ptr<api_call> call;
    std::size_t part = 0;
  };

  void serve(api_request& m);

  // the queries; each asks, and the answer comes back with the question's ticket
  void run(std::uint32_t ticket, std::string_view tenant, api_refusal why);
  void run(std::uint32_t ticket, std::string_view tenant, api_publish what);
  void run(std::uint32_t ticket, std::string_view tenant, api_sessions what);
  void run(std::uint32_t ticket, std::string_view tenant, api_presence what);
  void run(std::uint32_t ticket, std::string_view tenant, api_history what);
  void run(std::uint32_t ticket, std::string_view tenant, api_history_remove what);
  void run(std::uint32_t ticket, std::string_view tenant, api_channels what);
  void run(std::uint32_t ticket, std::string_view tenant, api_info what);
  const channel_options* options_of(std::uint32_t ticket, std::string_view channel);
  void ask_all(std::uint32_t ticket, fleet_question what);

  // the answers (api_answers.cpp)
  void published(const room_published& m);
  void commanded(const sessions_commanded& m);
  void listed(const presence_listed& m);
  void read(const history_read& m);
  void cleared(const history_cleared& m);
  void told(const fleet_answered& m);

  std::uint32_t ask(const std::shared_ptr<api_call>& call, std::size_t part);
  void answer(std::uint32_t ticket, std::string result);
  void refuse(std::uint32_t ticket, errc why, std::string_view detail = {});
  reply_to me(std::uint32_t ticket) { return {handle(), ticket}; }
  void expire();

  std::unordered_map<std::uint32_t, question> questions_;
  std::uint32_t last_ticket_ = 0;
  bool expiry_due_ = false;
};

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::api_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::fleet_answered)
