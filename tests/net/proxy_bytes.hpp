// proxy_bytes: headers of version 2 of the PROXY protocol, right or wrong.
#pragma once

#include <string>
#include <string_view>

namespace argosy::test {

inline std::string proxy_v2(unsigned version_and_command, unsigned family_and_protocol,
                            std::string_view rest) {
  std::string out{"\r\n\r\n\0\r\nQUIT\n", 12};
  out += static_cast<char>(version_and_command);
  out += static_cast<char>(family_and_protocol);
  out += static_cast<char>(rest.size() >> 8U);
  out += static_cast<char>(rest.size() & 0xFFU);
  return out.append(rest);
}

} // namespace argosy::test
