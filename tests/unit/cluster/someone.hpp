// someone: clients and rooms for the tests of presence.
#pragma once

#include "runtime/cluster/presence_talk.hpp"

#include <memory>
#include <string>
#include <utility>

namespace argosy::testing {

inline client_info_ptr someone(std::uint64_t id, std::string user, std::string conn_info = {}) {
  return std::make_shared<client_info>(
      client_info{client_id{id * 7, id}, std::move(user), std::move(conn_info), {}});
}

inline address room(const std::string& name) {
  return {"acme", address_kind::room, name};
}

/// A change that rooms are to hear of.
inline presence_change change(presence_verb what, const std::string& where, client_info_ptr who) {
  return {room(where), std::move(who), what, true, true};
}
inline presence_change arrival(const std::string& where, client_info_ptr who) {
  return change(presence_verb::arrived, where, std::move(who));
}

} // namespace argosy::testing
