// describe: every actor says what it is and how it fares; the data source of the admin shell.
#pragma once

#include "runtime/reply_to.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace argosy {

/// To any actor; over a link without an address: to the node, whose membership answers.
struct describe {
  reply_to origin;
};

/// `name` is the address or role; facts are (key, value) in the actor's own order.
struct description {
  std::uint32_t ticket = 0;
  std::string kind;
  std::string name;
  std::vector<std::pair<std::string, std::string>> facts;
};

} // namespace argosy

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::describe)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(argosy::description)
