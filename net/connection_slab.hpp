// connection_slab: where a loop's connection records live.
//
// Memory comes in slabs that are populated at once: touching fresh pages one by one costs more than
// a handshake (0.7 us against 13.5 us a page where system calls are dear). Records are reused last
// in, first out, and never move, so a stale event of the same turn still points to something.
#pragma once

#include "net/connection.hpp"

#include <cstddef>
#include <netinet/in.h>
#include <vector>

namespace argosy::net {

class connection_slab {
public:
  connection_slab() = default;
  connection_slab(const connection_slab&) = delete;
  connection_slab& operator=(const connection_slab&) = delete;
  ~connection_slab();

  /// A fresh record with a new generation. Throws std::bad_alloc.
  connection& take(const in6_addr& peer);

  /// Gives the record back; its id is dead from now on.
  void release(connection& c) noexcept;

  /// The live record called `id`, or null.
  connection* find(socket_id id) noexcept {
    const auto which = id.slot / slab_records;
    if (which >= slabs_.size())
      return nullptr;
    auto& c = slabs_[which]->records[id.slot % slab_records];
    return c.generation == id.generation && c.state != phase::free ? &c : nullptr;
  }

  const in6_addr& peer(const connection& c) const noexcept {
    return slabs_[c.slot / slab_records]->peers[c.slot % slab_records];
  }

  /// It speaks for somebody else.
  void set_peer(const connection& c, const in6_addr& peer) noexcept {
    slabs_[c.slot / slab_records]->peers[c.slot % slab_records] = peer;
  }

  /// Slots that have ever been used; all of them can be asked for with `at`.
  std::uint32_t slots() const noexcept {
    return static_cast<std::uint32_t>(slabs_.size() * slab_records);
  }
  connection& at(std::uint32_t slot) noexcept {
    return slabs_[slot / slab_records]->records[slot % slab_records];
  }

private:
  static constexpr std::size_t slab_records = 1024;
  struct slab {
    connection records[slab_records];
    in6_addr peers[slab_records]; ///< cold: read at the start and at the end
  };
  void grow();

  std::vector<slab*> slabs_;
  std::vector<connection*> free_;
};

} // namespace argosy::net
