#include "runtime/json/raw_members.hpp"

#include "runtime/json/json_members.hpp"
#include "runtime/json/json_text.hpp"

#include <simdjson.h>

namespace argosy {

namespace {

namespace ondemand = simdjson::ondemand;

/// What `read` makes of the document that is `json`; nothing if it is none.
template <class T, class Read>
std::optional<T> read_document(std::string_view json, Read&& read) {
  if (!is_json(json))
    return std::nullopt;
  thread_local ondemand::parser parser;
  const simdjson::padded_string padded{json};
  ondemand::document document;
  T out;
  if (parser.iterate(padded).get(document) || !read(document, out))
    return std::nullopt;
  return out;
}

} // namespace

std::optional<std::vector<raw_member>> raw_members(std::string_view json) {
  using members = std::vector<raw_member>;
  return read_document<members>(json, [](ondemand::document& document, members& out) {
    ondemand::object object;
    return !document.get_object().get(object)
           && json_members::each_member(object, [&](std::string_view key, ondemand::value value) {
                out.emplace_back(key, json_members::text_of(value));
                return true;
              });
  });
}

std::optional<std::vector<std::string>> raw_elements(std::string_view json) {
  using elements = std::vector<std::string>;
  return read_document<elements>(json, [](ondemand::document& document, elements& out) {
    ondemand::array array;
    if (document.get_array().get(array))
      return false;
    for (auto element : array) {
      ondemand::value value;
      if (element.get(value))
        return false;
      out.emplace_back(json_members::text_of(value));
    }
    return true;
  });
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
