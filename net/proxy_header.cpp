#include "net/proxy_header.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstring>
#include <string>

namespace argosy::net {

namespace {

using enum proxy_header::verdict;

constexpr proxy_header no_header{malformed, 0, {}};

// -- version 1: PROXY TCP4 192.0.2.7 10.0.0.1 56324 443 -------------------------------------------

constexpr std::string_view text_start = "PROXY ";
constexpr std::string_view text_end = "\r\n";
constexpr std::size_t text_bytes_max = 107;

/// Protocol, two addresses, two ports, one blank between them; false if it is anything else.
bool split(std::string_view line, std::array<std::string_view, 5>& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto blank = line.find(' ');
    if ((blank == std::string_view::npos) != (i + 1 == fields.size()))
      return false;
    fields[i] = line.substr(0, blank);
    line.remove_prefix(std::min(line.size(), fields[i].size() + 1));
  }
  return true;
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool leading_zero = text.size() > 1 && text.front() == '0';
  return failed == std::errc{} && end == text.data() + text.size() && !leading_zero;
}

in6_addr mapped(const void* v4) {
  in6_addr out{};
  out.s6_addr[10] = out.s6_addr[11] = 0xFF;
  std::memcpy(&out.s6_addr[12], v4, sizeof(in_addr));
  return out;
}

std::optional<in6_addr> parse_address(std::string_view text, int family) {
  in6_addr out{};
  const bool whole = text.find('\0') == std::string_view::npos; // inet_pton would stop there
  if (!whole || ::inet_pton(family, std::string{text}.c_str(), &out) != 1)
    return std::nullopt;
  return family == AF_INET ? mapped(&out) : out;
}

proxy_header read_text(std::string_view bytes) {
  const auto end = bytes.substr(0, text_bytes_max).find(text_end);
  if (end == std::string_view::npos)
    return bytes.size() < text_bytes_max ? proxy_header{} : no_header;
  const auto line = bytes.substr(text_start.size(), end - text_start.size());
  proxy_header out{complete, end + text_end.size(), {}};
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN "))
    return out;
  std::array<std::string_view, 5> fields;
  if (!split(line, fields) || !is_port(fields[3]) || !is_port(fields[4]))
    return no_header;
  const int family = fields[0] == "TCP4" ? AF_INET : fields[0] == "TCP6" ? AF_INET6 : AF_UNSPEC;
  if (family == AF_UNSPEC || !parse_address(fields[2], family))
    return no_header;
  out.client = parse_address(fields[1], family);
  return out.client ? out : no_header;
}

// -- version 2: signature, command, family, length; then addresses, ports and extensions ----------

constexpr std::string_view binary_start{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t fixed_bytes = 16;
constexpr unsigned version = 2;
constexpr unsigned command_local = 0;
constexpr unsigned command_proxy = 1;
constexpr unsigned over_nothing = 0x00; // AF_UNSPEC
constexpr unsigned over_tcp4 = 0x11;
constexpr unsigned over_tcp6 = 0x21;
constexpr unsigned over_unix = 0x31;
constexpr std::size_t tcp4_bytes = 12;
constexpr std::size_t tcp6_bytes = 36;
constexpr std::size_t unix_bytes = 216;

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

proxy_header read_addresses(std::string_view said, unsigned over, proxy_header out) {
  switch (over) {
  case over_nothing:
    return out;
  case over_unix:
    return said.size() >= unix_bytes ? out : no_header;
  case over_tcp4:
    if (said.size() < tcp4_bytes)
      return no_header;
    out.client = mapped(said.data());
    return out;
  case over_tcp6:
    if (said.size() < tcp6_bytes)
      return no_header;
    std::memcpy(&out.client.emplace(), said.data(), sizeof(in6_addr));
    return out;
  default: // datagrams among them: they do not come over TCP
    return no_header;
  }
}

proxy_header read_binary(std::string_view bytes) {
  if (bytes.size() < fixed_bytes)
    return {};
  const auto command = byte_at(bytes, 12) & 0xFU;
  if (byte_at(bytes, 12) >> 4U != version || command > command_proxy)
    return no_header;
  const std::size_t length = byte_at(bytes, 14) << 8U | byte_at(bytes, 15);
  const auto size = fixed_bytes + length;
  if (size > proxy_header_bytes_max)
    return no_header;
  if (bytes.size() < size)
    return {};
  const proxy_header out{complete, size, {}};
  if (command == command_local)
    return out;
  return read_addresses(bytes.substr(fixed_bytes, length), byte_at(bytes, 13), out);
}

/// Both begin alike, as far as there is something.
bool may_begin(std::string_view bytes, std::string_view start) {
  const auto n = std::min(bytes.size(), start.size());
  return bytes.substr(0, n) == start.substr(0, n);
}

} // namespace

proxy_header read_proxy_header(std::string_view bytes) {
  if (bytes.empty())
    return {};
  if (may_begin(bytes, text_start))
    return read_text(bytes);
  if (may_begin(bytes, binary_start))
    return read_binary(bytes);
  return no_header;
}

} // namespace argosy::net
