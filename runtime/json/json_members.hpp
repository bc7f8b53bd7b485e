// json_members: reads the members of a JSON object into plain variables. Internal to json_decoder.
//
// Every `read` returns false on a wrong type. A null leaves its target alone and returns true: null
// stands for an absent member, as in the Go server.
#pragma once

#include "runtime/json/json_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace argosy::json_members {

namespace ondemand = simdjson::ondemand;

inline std::string_view trimmed(std::string_view token) {
  const auto last = token.find_last_not_of(" \t\r\n");
  return token.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

inline bool is_null(ondemand::value value) {
  const std::string_view token = value.raw_json_token();
  return token.front() == 'n' && trimmed(token) == "null";
}

inline bool read(ondemand::value value, std::string_view& out) {
  return is_null(value) || value.get_string().get(out) == simdjson::SUCCESS;
}
inline bool read(ondemand::value value, std::uint64_t& out) {
  return is_null(value) || value.get_uint64().get(out) == simdjson::SUCCESS;
}
inline bool read(ondemand::value value, std::int64_t& out) {
  return is_null(value) || value.get_int64().get(out) == simdjson::SUCCESS;
}
inline bool read(ondemand::value value, bool& out) {
  return is_null(value) || value.get_bool().get(out) == simdjson::SUCCESS;
}

/// Calls `handler(key, value)`, which returns false to give up, for each member.
template <class Handler>
bool each_member(ondemand::object object, Handler&& handler) {
  for (auto field : object) {
    std::string_view key;
    ondemand::value value;
    if (field.unescaped_key().get(key) || field.value().get(value) || !handler(key, value))
      return false;
  }
  return true;
}

template <class Handler>
bool each_member(ondemand::value value, Handler&& handler) {
  ondemand::object object;
  return is_null(value)
         || (value.get_object().get(object) == simdjson::SUCCESS && each_member(object, handler));
}

/// The text of `value`, untouched; "" if there is no end to it.
inline std::string_view text_of(ondemand::value value) {
  std::string_view text;
  ondemand::object object;
  ondemand::array array;
  switch (value.raw_json_token().front()) {
  case '{':
    return value.get_object().get(object) || object.raw_json().get(text) ? "" : text;
  case '[':
    return value.get_array().get(array) || array.raw_json().get(text) ? "" : text;
  default:
    return trimmed(value.raw_json_token());
  }
}

/// Captures one valid JSON value of any kind, null included. The parser reads from the decoder's
/// own copy of the message, so the carriage returns between tokens can be blanked in place.
inline bool read_raw(ondemand::value value, std::string_view& out) {
  const std::string_view text = text_of(value);
  if (!is_json_grammar(text))
    return false;
  char* first = const_cast<char*>(text.data());
  std::replace(first, first + text.size(), '\r', ' ');
  out = text;
  return true;
}

/// Passes over a member nobody knows: it must still be JSON.
inline bool skip(ondemand::value value) {
  return is_json_grammar(text_of(value));
}

} // namespace argosy::json_members
