#include "runtime/json/raw_members.hpp"

#include "runtime/json/json_members.hpp"
#include "runtime/json/json_text.hpp"

#include <simdjson.h>

namespace argosy {

namespace {

namespace ondemand = simdjson::ondemand;

} // namespace

std::optional<std::vector<raw_member>> raw_members(std::string_view json) {
  if (!is_json(json))
    return std::nullopt;
  thread_local ondemand::parser parser;
  const simdjson::padded_string padded{json};
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(padded).get(document) || document.get_object().get(object))
    return std::nullopt;
  std::vector<raw_member> out;
  const auto keep = [&](std::string_view key, ondemand::value value) {
    out.emplace_back(key, json_members::text_of(value));
    return true;
  };
  if (!json_members::each_member(object, keep))
    return std::nullopt;
  return out;
}

std::optional<std::vector<std::string>> raw_elements(std::string_view json) {
  if (!is_json(json))
    return std::nullopt;
  thread_local ondemand::parser parser;
  const simdjson::padded_string padded{json};
  ondemand::document document;
  ondemand::array array;
  if (parser.iterate(padded).get(document) || document.get_array().get(array))
    return std::nullopt;
  std::vector<std::string> out;
  for (auto element : array) {
    ondemand::value value;
    if (element.get(value))
      return std::nullopt;
    out.emplace_back(json_members::text_of(value));
  }
  return out;
}

std::optional<std::string> json_string(std::string_view token) {
  if (!token.starts_with('"'))
    return std::nullopt;
  thread_local simdjson::dom::parser parser;
  std::string_view value;
  if (parser.parse(token.data(), token.size()).get(value) != simdjson::SUCCESS)
    return std::nullopt;
  return std::string{value};
}

std::string minified(std::string_view json) {
  std::string out(json.size() + simdjson::SIMDJSON_PADDING, '\0');
  std::size_t size = 0;
  if (simdjson::minify(json.data(), json.size(), out.data(), size) != simdjson::SUCCESS)
    return std::string{json};
  out.resize(size);
  return out;
}

} // namespace argosy
