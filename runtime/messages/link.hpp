// link: what a node's own actors say to its links, and what links say to them. Nothing here leaves
// the node.
#pragma once

#include "runtime/node_message.hpp"
#include "runtime/peer_transport.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <string>

namespace argosy {

/// Answers a question in the name of an owner that cannot be reached: with errc::retry_later.
using give_up_answer = void (*)(const reply_to& origin);

template <class Question>
struct answer_to;
template <class Answer>
struct answered_by {
  using type = Answer;
};
template <>
struct answer_to<publish_room> : answered_by<room_published> {};
template <>
struct answer_to<publish_user> : answered_by<room_published> {};
template <>
struct answer_to<read_history> : answered_by<history_read> {};
template <>
struct answer_to<clear_history> : answered_by<history_cleared> {};
template <>
struct answer_to<command_sessions> : answered_by<sessions_commanded> {};
template <>
struct answer_to<open_session> : answered_by<session_opened> {};
template <>
struct answer_to<list_presence> : answered_by<presence_listed> {};
template <>
struct answer_to<count_members> : answered_by<members_counted> {};
template <>
struct answer_to<inquire_node> : answered_by<node_told> {};
template <>
struct answer_to<describe> : answered_by<description> {};

template <class Question>
void give_up(const reply_to& origin) {
  typename answer_to<Question>::type answer{};
  if constexpr (requires { answer.error; })
    answer.error = errc::retry_later;
  origin.answer(std::move(answer));
}

/// To a link: one encoded envelope for its peer.
struct post_envelope {
  cluster::link_lane lane = cluster::link_lane::event;
  cluster::message_class policy = cluster::message_class::must_deliver;
  std::uint64_t key = 0;
  address room; ///< of one that may lag: whom to tell when the link has room again
  cluster::shared_bytes bytes;
  std::uint32_t question = 0; ///< 0 = no answer is wanted
  reply_to origin;
  give_up_answer otherwise = nullptr;
};

/// To a link, from the mesh: a connection whose other end has proved to be the link's peer.
struct link_opened {
  cluster::peer_connection connection = 0;
};
struct link_batch {
  cluster::peer_connection connection = 0;
  cluster::shared_bytes bytes;
};
struct link_lost {
  cluster::peer_connection connection = 0;
  std::string why;
};
/// To a link: its peer is no member any more; end.
struct link_over {};

/// From a link to whoever takes what nodes say to each other.
struct peer_said {
  cluster::node_identity from;
  peer_message what;
};

/// To a link: what came over it was for somebody who is not here after all.
struct send_back {
  std::string envelope;
  std::uint64_t view_no = 0; ///< by which it was sent
  cluster::bounce why = cluster::bounce::wrong_owner;
};
/// A link to itself.
struct flush_due {};
struct questions_due {};

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::post_envelope)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::link_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::link_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::link_lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::link_over)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::peer_said)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::send_back)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::flush_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::questions_due)
