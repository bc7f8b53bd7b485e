#include "actors/gateway/api_params.hpp"

#include "runtime/protocol/json_members.hpp"
#include "runtime/protocol/json_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace argosy {

namespace {

namespace ondemand = simdjson::ondemand;

/// The value's text with the line breaks between its tokens blanked: inside strings there are none.
std::string one_line(ondemand::value value) {
  std::string text{json_members::text_of(value)};
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

bool is_text(std::string_view token) {
  return token.front() == '"';
}
bool is_object(std::string_view token) {
  return token.front() == '{';
}
bool is_list(std::string_view token) {
  return token.front() == '[';
}
bool is_flag(std::string_view token) {
  return token == "true" || token == "false";
}
bool is_whole_number(std::string_view token) {
  std::int64_t value = 0;
  const auto* end = token.data() + token.size();
  const auto [last, failed] = std::from_chars(token.data(), end, value);
  return failed == std::errc{} && last == end;
}

struct kind_of_member {
  std::string_view name;
  bool (*is_right)(std::string_view token);
  std::string_view sentence;
};

/// A name means the same in every method.
constexpr std::array kinds{
    kind_of_member{"channel", is_text, "channel must be a string"},
    kind_of_member{"channels", is_list, "channels must be a list of strings"},
    kind_of_member{"user", is_text, "user must be a string"},
    kind_of_member{"client", is_text, "client must be a string"},
    kind_of_member{"b64data", is_text, "b64data must be a string"},
    kind_of_member{"idempotency_key", is_text, "idempotency_key must be a string"},
    kind_of_member{"skip_history", is_flag, "skip_history must be true or false"},
    kind_of_member{"tags", is_object, "tags must be an object of strings"},
    kind_of_member{"disconnect", is_object, "disconnect must be an object"},
    kind_of_member{"code", is_whole_number, "code must be a whole number"},
    kind_of_member{"reason", is_text, "reason must be a string"},
    kind_of_member{"expired", is_flag, "expired must be true or false"},
    kind_of_member{"expire_at", is_whole_number, "expire_at must be a whole number of seconds"},
    kind_of_member{"limit", is_whole_number, "limit must be a whole number"},
    kind_of_member{"reverse", is_flag, "reverse must be true or false"},
    kind_of_member{"since", is_object, "since must be an object with offset and epoch"},
    kind_of_member{"offset", is_whole_number, "since.offset must be a whole number"},
    kind_of_member{"epoch", is_text, "since.epoch must be a string"},
    kind_of_member{"pattern", is_text, "pattern must be a string"},
    kind_of_member{"commands", is_list, "commands must be a list"},
};

} // namespace

std::optional<api_params> api_params::parse(std::string_view json) {
  if (!is_json(json))
    return std::nullopt;
  ondemand::parser parser;
  const simdjson::padded_string padded{json};
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(padded).get(document) || document.get_object().get(object))
    return std::nullopt;
  api_params out;
  const auto keep = [&](std::string_view key, ondemand::value value) {
    out.members_.emplace_back(key, one_line(value));
    return true;
  };
  if (!json_members::each_member(object, keep))
    return std::nullopt;
  return out;
}

std::string_view api_params::mistyped() const noexcept {
  for (const auto& [name, text] : members_)
    for (const auto& kind : kinds)
      if (kind.name == name && text != "null" && !kind.is_right(text))
        return kind.sentence;
  return {};
}

std::string_view api_params::raw(std::string_view key) const noexcept {
  for (const auto& [name, text] : members_)
    if (name == key)
      return text;
  return {};
}

std::string api_params::text(std::string_view key) const {
  return string_of(raw(key));
}

std::int64_t api_params::number(std::string_view key, std::int64_t otherwise) const {
  const auto token = raw(key);
  simdjson::dom::parser parser;
  std::int64_t value = otherwise;
  if (token.empty() || parser.parse(token.data(), token.size()).get(value) != simdjson::SUCCESS)
    return otherwise;
  return value;
}

std::vector<std::string> api_params::list(std::string_view key) const {
  std::vector<std::string> out;
  ondemand::parser parser;
  const simdjson::padded_string padded{raw(key)};
  ondemand::document document;
  ondemand::array array;
  if (padded.size() == 0 || parser.iterate(padded).get(document) || document.get_array().get(array))
    return out;
  for (auto element : array) {
    ondemand::value value;
    if (element.get(value))
      return {};
    out.push_back(one_line(value));
  }
  return out;
}

std::string string_of(std::string_view token) {
  if (!token.starts_with('"'))
    return {};
  simdjson::dom::parser parser;
  std::string_view value;
  if (parser.parse(token.data(), token.size()).get(value) != simdjson::SUCCESS)
    return {};
  return std::string{value};
}

} // namespace argosy
