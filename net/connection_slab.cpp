#include "net/connection_slab.hpp"

#include <new>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace argosy::net {

connection_slab::~connection_slab() {
  for (auto* s : slabs_) {
    s->~slab();
    munmap(s, sizeof(slab));
  }
}

connection& connection_slab::take(const in6_addr& peer) {
  if (free_.empty())
    grow();
  auto& c = *free_.back();
  free_.pop_back();
  const auto slot = c.slot;
  const auto generation = c.generation + 1;
  c = connection{};
  c.slot = slot;
  c.generation = generation;
  slabs_[slot / slab_records]->peers[slot % slab_records] = peer;
  return c;
}

void connection_slab::release(connection& c) noexcept {
  c.state = phase::free;
  free_.push_back(&c);
}

void connection_slab::grow() {
  void* memory =
      mmap(nullptr, sizeof(slab), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    throw std::bad_alloc{};
  madvise(memory, sizeof(slab), MADV_POPULATE_WRITE); // older kernels refuse: then pages come late
  auto* fresh = new (memory) slab;
  const auto first_slot = slots();
  slabs_.push_back(fresh);
  free_.reserve(slots());
  for (auto i = slab_records; i-- > 0;) {
    fresh->records[i].slot = static_cast<std::uint32_t>(first_slot + i);
    free_.push_back(&fresh->records[i]);
  }
}

} // namespace argosy::net
