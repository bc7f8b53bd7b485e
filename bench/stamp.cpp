#include "bench/stamp.hpp"

#include <algorithm>
#include <charconv>

namespace argosy::bench {

namespace {

bool is_digit(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/// Where the first stamp at or behind `from` begins, as far as `bytes` show; npos: nowhere.
std::size_t next_stamp(std::string_view bytes, std::size_t from) noexcept {
  while ((from = bytes.find(stamp_mark, from)) != std::string_view::npos) {
    const auto digits = bytes.substr(from + 1, stamp_digits);
    const bool quoted = from == 0 || bytes[from - 1] == '"';
    if (quoted && std::all_of(digits.begin(), digits.end(), is_digit))
      return from;
    ++from;
  }
  return from;
}

} // namespace

std::uint64_t count_stamps(std::string_view bytes) noexcept {
  std::uint64_t count = 0;
  for (auto at = next_stamp(bytes, 0); at != std::string_view::npos; at = next_stamp(bytes, at + 1))
    ++count;
  return count;
}

std::optional<std::uint64_t> find_stamp(std::string_view bytes) noexcept {
  const auto at = next_stamp(bytes, 0);
  if (at == std::string_view::npos || bytes.size() - at <= stamp_digits)
    return std::nullopt;
  std::uint64_t value = 0;
  const auto* begin = bytes.data() + at + 1;
  const auto [end, failure] = std::from_chars(begin, begin + stamp_digits, value, 16);
  if (failure != std::errc{} || end != begin + stamp_digits)
    return std::nullopt;
  return value;
}

std::string stamped_payload(std::uint64_t now_ns, std::size_t size) {
  constexpr std::string_view before = R"({"t":"~)", between = R"(","p":")", after = R"("})";
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(size);
  out.append(before);
  for (std::size_t i = stamp_digits; i-- > 0;)
    out.push_back(digits[(now_ns >> (4 * i)) & 0xF]);
  out.append(between);
  const auto used = out.size() + after.size();
  if (size > used)
    out.append(size - used, 'x');
  out.append(after);
  return out;
}

} // namespace argosy::bench
