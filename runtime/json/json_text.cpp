#include "runtime/json/json_text.hpp"

#include <simdjson.h>

#include <cstdint>
#include <cstring>

namespace argosy {

namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// True if none of the 8 bytes ends a plain run of a string: no quote, backslash or control.
bool all_plain(const char* bytes) {
  constexpr std::uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  const auto has_zero = [](std::uint64_t x) { return (x - ones) & ~x & tops; };
  const std::uint64_t below_space = (word - ones * 0x20) & ~word & tops;
  return (has_zero(word ^ ones * '"') | has_zero(word ^ ones * '\\') | below_space) == 0;
}

class walker {
public:
  explicit walker(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  bool whole_text() {
    skip_space();
    if (!value(0))
      return false;
    skip_space();
    return at_ == end_;
  }

private:
  char peek() const { return at_ < end_ ? *at_ : '\0'; }

  bool take(char c) {
    if (at_ == end_ || *at_ != c)
      return false;
    ++at_;
    return true;
  }

  void skip_space() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r'))
      ++at_;
  }

  bool value(int depth) {
    switch (peek()) {
    case '{':
      return depth < json_depth_max && object(depth + 1);
    case '[':
      return depth < json_depth_max && array(depth + 1);
    case '"':
      return string();
    case 't':
      return word("true");
    case 'f':
      return word("false");
    case 'n':
      return word("null");
    default:
      return number();
    }
  }

  bool object(int depth) {
    ++at_;
    skip_space();
    if (take('}'))
      return true;
    do {
      skip_space();
      if (!string())
        return false;
      skip_space();
      if (!take(':'))
        return false;
      skip_space();
      if (!value(depth))
        return false;
      skip_space();
    } while (take(','));
    return take('}');
  }

  bool array(int depth) {
    ++at_;
    skip_space();
    if (take(']'))
      return true;
    do {
      skip_space();
      if (!value(depth))
        return false;
      skip_space();
    } while (take(','));
    return take(']');
  }

  bool string() {
    if (!take('"'))
      return false;
    for (;;) {
      while (end_ - at_ >= 8 && all_plain(at_))
        at_ += 8;
      if (at_ == end_)
        return false;
      const char c = *at_++;
      if (c == '"')
        return true;
      if (static_cast<unsigned char>(c) < 0x20 || (c == '\\' && !escape()))
        return false;
    }
  }

  bool escape() {
    if (at_ == end_)
      return false;
    const char c = *at_++;
    if (c != 'u')
      return std::strchr("\"\\/bfnrt", c) != nullptr && c != '\0';
    if (end_ - at_ < 4 || !is_hex(at_[0]) || !is_hex(at_[1]) || !is_hex(at_[2]) || !is_hex(at_[3]))
      return false;
    at_ += 4;
    return true;
  }

  bool word(std::string_view expected) {
    if (std::string_view{at_, static_cast<std::size_t>(end_ - at_)}.substr(0, expected.size())
        != expected)
      return false;
    at_ += expected.size();
    return true;
  }

  bool digits() {
    const char* first = at_;
    while (is_digit(peek()))
      ++at_;
    return at_ != first;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits())
      return false;
    if (take('.') && !digits())
      return false;
    if (take('e') || take('E')) {
      if (!take('+'))
        take('-');
      return digits();
    }
    return true;
  }

  const char* at_;
  const char* end_;
};

} // namespace

bool is_json_grammar(std::string_view text) noexcept {
  return walker{text}.whole_text();
}

bool is_json(std::string_view text) noexcept {
  return simdjson::validate_utf8(text.data(), text.size()) && is_json_grammar(text);
}

} // namespace argosy
