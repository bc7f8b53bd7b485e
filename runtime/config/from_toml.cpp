#include "runtime/config/from_toml.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace argosy::config {

namespace {

std::string text_of(const toml::node& node) {
  std::ostringstream out;
  node.visit([&](const auto& n) {
    if constexpr (toml::is_table<decltype(n)>)
      out << "a table";
    else if constexpr (toml::is_array<decltype(n)>)
      out << toml::toml_formatter{n};
    else
      out << n;
  });
  return out.str();
}

value from_array(const toml::array& array) {
  std::vector<std::string> list;
  for (const auto& item : array) {
    if (!item.is_string())
      return unfit{text_of(array)};
    list.push_back(item.as_string()->get());
  }
  return list;
}

/// As if it stood in a file; text that is no TOML value is a string.
value parsed(std::string_view text) {
  try {
    const auto table = toml::parse("v = " + std::string{text});
    const auto* node = table.get("v");
    if (table.size() == 1 && node != nullptr)
      return from_toml(*node);
  } catch (const toml::parse_error&) { // falls through
  }
  return std::string{text};
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    out.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(text.size(), comma + 1));
  }
  return out;
}

} // namespace

value from_toml(const toml::node& node) {
  if (const auto* b = node.as_boolean())
    return b->get();
  if (const auto* n = node.as_integer())
    return n->get();
  if (const auto* s = node.as_string())
    return s->get();
  if (const auto* a = node.as_array())
    return from_array(*a);
  return unfit{text_of(node)};
}

value from_override(std::string_view text, const field& to) {
  if (std::holds_alternative<std::string*>(to))
    return text.starts_with('"') || text.starts_with('\'') ? parsed(text)
                                                           : value{std::string{text}};
  if (std::holds_alternative<std::vector<std::string>*>(to))
    return text.starts_with('[') ? parsed(text) : value{split(text)};
  return parsed(text);
}

} // namespace argosy::config
