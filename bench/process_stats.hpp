// process_stats: what a server costs, read from outside: CPU time, memory, and the kernel's share.
//
// A server may be several processes (nginx has workers), so the unit is a process and its
// descendants. Parsers are apart from reading, for tests. Linux only: proc(5).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace argosy::bench {

/// User and kernel CPU time of a process and its descendants since they began, in nanoseconds. Time
/// of those that have ended is lost. 0 when there is no such process.
std::uint64_t cpu_ns(pid_t root);

/// Resident memory. One process: Rss. Several: the anonymous and shared pages, each counted once
/// (Pss), so that what workers share is not added up.
std::uint64_t resident_bytes(pid_t root);

/// `root` and its descendants, `root` first; empty when it does not exist.
std::vector<pid_t> process_tree(pid_t root);

/// Kernel memory that sockets are made of, of the whole machine: the slab caches of sockets, files
/// and epoll entries, plus the pages in TCP buffers. Where /proc/slabinfo is closed, all slabs.
std::uint64_t socket_kernel_bytes();

/// Processors this process may run on.
unsigned usable_cpus();

// -- parsers --------------------------------------------------------------------------------------

/// The value of `Key:   123 kB` in bytes.
std::optional<std::uint64_t> kilobyte_field(std::string_view text, std::string_view key);

/// Bytes in the slab caches that sockets use, from the text of /proc/slabinfo.
std::uint64_t socket_slab_bytes(std::string_view slabinfo);

/// Pages in TCP buffers, from the text of /proc/net/sockstat.
std::uint64_t tcp_buffer_pages(std::string_view sockstat);

} // namespace argosy::bench
