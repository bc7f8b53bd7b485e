#include "tests/checker/records.hpp"

#include <charconv>

namespace argosy::checker {

std::optional<message_id> message_id::parse(std::string_view payload) {
  if (payload.size() >= 2 && payload.front() == '"' && payload.back() == '"')
    payload = payload.substr(1, payload.size() - 2);
  const auto hash = payload.rfind('#');
  if (hash == std::string_view::npos || hash == 0)
    return std::nullopt;
  message_id id{std::string{payload.substr(0, hash)}, 0};
  const auto* end = payload.data() + payload.size();
  const auto [stopped, error] = std::from_chars(payload.data() + hash + 1, end, id.counter);
  if (error != std::errc{} || stopped != end)
    return std::nullopt;
  return id;
}

} // namespace argosy::checker
