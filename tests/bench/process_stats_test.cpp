#include "bench/process_stats.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

using namespace argosy::bench;

TEST_CASE("process_stats: reads a field of smaps_rollup by its whole name") {
  constexpr auto text =
      "00400000-7ffe [rollup]\nRss:      1024 kB\nPss:   900 kB\nPss_Anon:  7 kB\n";
  CHECK(kilobyte_field(text, "Rss") == 1024 * 1024);
  CHECK(kilobyte_field(text, "Pss_Anon") == 7 * 1024);
  CHECK(kilobyte_field(text, "Pss") == 900 * 1024);
  CHECK_FALSE(kilobyte_field(text, "Swap"));
}

TEST_CASE("process_stats: adds up the caches that sockets are made of, and no others") {
  constexpr auto text = "slabinfo - version: 2.1\n"
                        "# name <active_objs> <num_objs> <objsize> <objperslab>\n"
                        "TCP               10     13   2368   13    8 : tunables 0 0 0\n"
                        "ext4_inode_cache 999    999   1000    8    4 : tunables 0 0 0\n"
                        "filp             100    128    192   21    1 : tunables 0 0 0\n";
  CHECK(socket_slab_bytes(text) == 10 * 2368 + 100 * 192);
  CHECK(socket_slab_bytes("") == 0);
}

TEST_CASE("process_stats: reads the pages in TCP buffers") {
  CHECK(tcp_buffer_pages(
            "sockets: used 9\nTCP: inuse 5 orphan 0 tw 0 alloc 6 mem 42\nUDP: inuse 1 mem 3\n")
        == 42);
  CHECK(tcp_buffer_pages("") == 0);
}

TEST_CASE("process_stats: sees this process") {
  CHECK(cpu_ns(::getpid()) > 0);
  CHECK(resident_bytes(::getpid()) > 100'000);
  CHECK(process_tree(::getpid()).front() == ::getpid());
  CHECK(process_tree(0).empty());
  CHECK(usable_cpus() >= 1);
}
