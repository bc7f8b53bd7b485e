#include "bench/stamp.hpp"

#include <charconv>

namespace argosy::bench {

std::optional<std::uint64_t> find_stamp(std::string_view bytes) noexcept {
  const auto at = bytes.find(stamp_mark);
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
