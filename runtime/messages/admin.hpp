// admin: what the admin actors of nodes ask each other, and what the rest of a node asks of its
// own.
//
// One question about a node has one answer: actors that describe themselves. So what a later
// version can be asked needs no new message, only a new topic.
#pragma once

#include "runtime/core/errc.hpp"
#include "runtime/messages/describe.hpp"
#include "runtime/messages/room.hpp"
#include "runtime/reply_to.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace argosy {

enum class inquiry : std::uint8_t {
  node,    ///< the node itself
  members, ///< the view that it acts by
  shards,  ///< who owns them, as it knows; subject = one node's, in ranges
  links,   ///< its links to other nodes
  actors,  ///< subject = a kind; the largest `limit` of them
  actor,   ///< subject = an address or a role; what this node has of it
  room,    ///< subject = a room's address; what this node has of it
  user,    ///< subject = a user's address; its table and its connections here
};
inline constexpr std::size_t inquiry_count = 8;

/// To a node's admin: about what that node holds itself. It wakes nobody.
struct inquire_node {
  reply_to origin;
  inquiry about = inquiry::node;
  std::string subject;
  std::uint32_t limit = 0; ///< 0 = the node's own bound
};
struct node_told {
  std::uint32_t ticket = 0;
  errc error = errc::none;
  std::uint64_t total = 0;  ///< how many there are; `items` may be the largest of them
  std::uint64_t silent = 0; ///< actors that were asked and did not answer in time
  std::vector<description> items;
};

/// What can be asked of every node at once.
using fleet_question = std::variant<inquire_node, count_members>;

/// All answers that came in time. `silent` are nodes of the view that gave none.
struct fleet_told {
  using answer = std::variant<node_told, members_counted>;
  std::vector<std::pair<std::string, answer>> nodes; ///< by name
  std::vector<std::string> silent;
};

/// To this node's admin: asks all nodes of its view, itself among them. `done` is called once, on
/// the admin's strand.
struct ask_fleet {
  fleet_question what;
  std::chrono::milliseconds within{2'000};
  bool here_only = false; ///< this node alone
  std::function<void(fleet_told)> done;
};

/// To a loop: its connections, or its rooms with their members. Found by walking the loop's own
/// tables, so it costs the loop some nanoseconds each.
struct describe_loop {
  enum class what : std::uint8_t { connections, rooms };
  reply_to origin;
  what of = what::connections;
  std::string subject; ///< a client id, or the address of a user or room; "" = all
  std::uint32_t limit = 0;
};
struct loop_described {
  std::uint32_t ticket = 0;
  std::uint64_t total = 0;
  std::vector<description> items; ///< the largest `limit`
};

/// To this node's admin: end, and with you all questions that are under way.
struct end_watch {};

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::end_watch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::inquire_node)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::node_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::ask_fleet)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::describe_loop)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::loop_described)
