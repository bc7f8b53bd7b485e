// socket_owner: which process of this machine holds the other end of a TCP connection. proc(5).
//
// The kernel lists each socket with its two addresses and a number, its inode, and each descriptor
// of a process says which inode it stands for. Parsers are apart from reading, for tests.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <sys/types.h>

namespace argosy::bench {

/// The inode of the IPv4 socket that is bound to `port` and connected to `peer`, on this machine.
std::optional<std::uint64_t> inode_of(std::uint16_t port, std::uint16_t peer);

/// Whether a thread of the process holds that socket: threads may have descriptors of their own.
bool holds_socket(pid_t process, std::uint64_t inode);

// -- parsers --------------------------------------------------------------------------------------

/// As `inode_of`, from the text of /proc/net/tcp. A socket that no process holds any more has none.
std::optional<std::uint64_t> inode_in(std::string_view table, std::uint16_t port,
                                      std::uint16_t peer);

} // namespace argosy::bench
