// json_writer: appends RFC 8259 JSON text to a string; it only ever moves forward.
//
// Picture a typewriter: each call strikes the next value, and the comma before it is put where the
// last character asks for one (no value ends in '{', '[' or ':'). So there is no state but the
// paper, and a writer costs nothing to make. The output is always UTF-8 on one line, whatever
// strings come in: foreign bytes that are not UTF-8 become U+FFFD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace argosy {

/// Borrows the string it appends to. Balance of brackets, and a key before each value of an object,
/// are the caller's.
class json_writer {
public:
  explicit json_writer(std::string& out) noexcept : out_(out) {}

  json_writer& open_object() { return open('{'); }
  json_writer& close_object() { return close('}'); }
  json_writer& open_array() { return open('['); }
  json_writer& close_array() { return close(']'); }

  /// `"name":`. The name is escaped as any text.
  json_writer& key(std::string_view name);

  /// As `key`, for a name of the program's own: at most 60 characters that need no escape.
  json_writer& member(std::string_view name);

  json_writer& text(std::string_view value);
  json_writer& number(std::uint64_t value);
  json_writer& number(std::int64_t value);
  json_writer& number(std::uint32_t value) { return number(std::uint64_t{value}); }
  json_writer& flag(bool value);

  /// `value` as it is: the caller knows it to be one JSON value on one line.
  json_writer& raw(std::string_view value);

  /// The bytes as a string in base64 (RFC 4648 section 4, padded).
  json_writer& base64(std::string_view bytes);

  // -- members that are left out when they say nothing (names as for `member`) --------------------

  json_writer& text_unless_empty(std::string_view name, std::string_view value) {
    return value.empty() ? *this : member(name).text(value);
  }
  template <class Number>
  json_writer& number_unless_zero(std::string_view name, Number value) {
    return value == 0 ? *this : member(name).number(value);
  }
  json_writer& flag_if_set(std::string_view name, bool value) {
    return value ? member(name).flag(true) : *this;
  }

private:
  json_writer& open(char bracket);
  json_writer& close(char bracket);
  void separate();
  void quote(std::string_view value);

  std::string& out_;
};

} // namespace argosy
