#include "runtime/core/json_writer.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace argosy {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

constexpr bool is_plain(unsigned char c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/// Bytes of the well-formed sequence at the head of `text` (RFC 3629 section 4), 0 if it is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto tail = [byte](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned lead = byte(0);
  if (lead >= 0xC2 && lead <= 0xDF)
    return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return byte(1) >= low && byte(1) <= high && tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return byte(1) >= low && byte(1) <= high && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

void append_escaped(std::string& out, unsigned char c) {
  switch (c) {
  case '"':
    out += "\\\"";
    break;
  case '\\':
    out += "\\\\";
    break;
  case '\n':
    out += "\\n";
    break;
  case '\r':
    out += "\\r";
    break;
  case '\t':
    out += "\\t";
    break;
  default:
    out += "\\u00";
    out += hex_digits[c >> 4];
    out += hex_digits[c & 0xF];
  }
}

template <class Number>
void append_number(std::string& out, Number value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

} // namespace

void json_writer::separate() {
  if (out_.empty())
    return;
  const char last = out_.back();
  if (last != '{' && last != '[' && last != ':')
    out_ += ',';
}

json_writer& json_writer::open(char bracket) {
  separate();
  out_ += bracket;
  return *this;
}

json_writer& json_writer::close(char bracket) {
  out_ += bracket;
  return *this;
}

void json_writer::quote(std::string_view value) {
  out_ += '"';
  std::size_t i = 0;
  while (i < value.size()) {
    const std::size_t run = i;
    while (i < value.size() && is_plain(static_cast<unsigned char>(value[i])))
      ++i;
    out_.append(value, run, i - run);
    if (i == value.size())
      break;
    const auto c = static_cast<unsigned char>(value[i]);
    if (c < 0x80) {
      append_escaped(out_, c);
      ++i;
    } else if (const std::size_t n = utf8_length(value.substr(i)); n > 0) {
      out_.append(value, i, n);
      i += n;
    } else {
      out_ += replacement;
      ++i;
    }
  }
  out_ += '"';
}

json_writer& json_writer::key(std::string_view name) {
  separate();
  quote(name);
  out_ += ':';
  return *this;
}

json_writer& json_writer::member(std::string_view name) {
  char quoted[64] = {'"'};
  const std::size_t length = std::min(name.size(), sizeof quoted - 4);
  std::memcpy(quoted + 1, name.data(), length);
  std::memcpy(quoted + 1 + length, "\":", 2);
  separate();
  out_.append(quoted, length + 3);
  return *this;
}

json_writer& json_writer::text(std::string_view value) {
  separate();
  quote(value);
  return *this;
}

json_writer& json_writer::number(std::uint64_t value) {
  separate();
  append_number(out_, value);
  return *this;
}

json_writer& json_writer::number(std::int64_t value) {
  separate();
  append_number(out_, value);
  return *this;
}

json_writer& json_writer::flag(bool value) {
  return raw(value ? "true" : "false");
}

json_writer& json_writer::raw(std::string_view value) {
  separate();
  out_ += value;
  return *this;
}

json_writer& json_writer::base64(std::string_view bytes) {
  separate();
  out_ += '"';
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto at = [bytes](std::size_t k) {
      return k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0U;
    };
    const unsigned group = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    out_ += base64_digits[group >> 18];
    out_ += base64_digits[group >> 12 & 0x3F];
    out_ += i + 1 < bytes.size() ? base64_digits[group >> 6 & 0x3F] : '=';
    out_ += i + 2 < bytes.size() ? base64_digits[group & 0x3F] : '=';
  }
  out_ += '"';
  return *this;
}

} // namespace argosy
