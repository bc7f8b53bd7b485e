#include "actors/gateway/api_params.hpp"

#include "runtime/protocol/json_members.hpp"
#include "runtime/protocol/json_text.hpp"

#include <simdjson.h>

#include <algorithm>

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
