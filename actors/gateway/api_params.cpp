#include "actors/gateway/api_params.hpp"

#include "runtime/json/raw_members.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace argosy {

namespace {

/// The line breaks between its tokens blanked: inside strings there are none.
std::string one_line(std::string text) {
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
bool is_whole_number(std::string_view token, std::int64_t& value) {
  const auto* end = token.data() + token.size();
  const auto [last, failed] = std::from_chars(token.data(), end, value);
  return failed == std::errc{} && last == end;
}

bool is_whole_number(std::string_view token) {
  std::int64_t value = 0;
  return is_whole_number(token, value);
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
  auto members = raw_members(json);
  if (!members)
    return std::nullopt;
  api_params out;
  for (auto& [name, text] : *members)
    out.members_.emplace_back(std::move(name), one_line(std::move(text)));
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
  std::int64_t value = otherwise;
  return is_whole_number(token, value) ? value : otherwise;
}

std::vector<std::string> api_params::list(std::string_view key) const {
  auto elements = raw_elements(raw(key));
  if (!elements)
    return {};
  for (auto& element : *elements)
    element = one_line(std::move(element));
  return *std::move(elements);
}

std::string string_of(std::string_view token) {
  return json_string(token).value_or(std::string{});
}

} // namespace argosy
