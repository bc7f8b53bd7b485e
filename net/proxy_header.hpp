// proxy_header: the few bytes by which a proxy in front of us says whose connection this is.
//
// Picture a doorman who carries letters in from the street: on each envelope he writes who gave it
// to him. What he wrote counts because he is our doorman; whoever else comes with such an envelope
// is not believed. Versions 1 (a line of text) and 2 (binary) of the PROXY protocol
// (haproxy.org/download/2.9/doc/proxy-protocol.txt). Pure: bytes go in, a verdict comes out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <netinet/in.h>
#include <optional>
#include <string_view>

namespace argosy::net {

/// No header is longer: 107 bytes of version 1, 536 of version 2, which is what a first segment
/// always holds. The extensions (TLVs) of version 2 are skipped.
inline constexpr std::size_t proxy_header_bytes_max = 536;

struct proxy_header {
  enum class verdict : std::uint8_t { need_more, complete, malformed };

  verdict what = verdict::need_more;
  std::size_t size = 0; ///< once complete: what to take off the stream

  /// The address of the client, an IPv4 one mapped. Nothing where the proxy speaks for itself or
  /// does not know (LOCAL, UNKNOWN, AF_UNSPEC, a UNIX socket): then its own address stands.
  std::optional<in6_addr> client;
};

/// Reads the header at the start of `bytes`; what follows it does not matter. Says as early as it
/// can that there is none.
proxy_header read_proxy_header(std::string_view bytes);

} // namespace argosy::net
