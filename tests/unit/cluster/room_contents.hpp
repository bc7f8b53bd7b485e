// room_contents: rooms by hand and from a seed, for the tests of what carries them.
#pragma once

#include "runtime/cluster/room_content.hpp"
#include "tests/unit/core/instant.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace argosy::testing {

inline address room_named(std::string_view key) {
  return {"acme", address_kind::room, key};
}

/// A publication under that offset; `key` is its idempotency key.
inline publication_ptr published(std::uint64_t offset, std::string key = {},
                                 std::chrono::steady_clock::time_point when = at({})) {
  auto p = std::make_shared<publication>();
  p->offset = offset;
  p->data = std::to_string(offset);
  p->idempotency_key = std::move(key);
  p->accepted_at = when;
  return p;
}

/// A copy of the room "r" that stands at (epoch, offset) and has these of its publications.
inline cluster::room_content copy_at(std::string epoch, std::uint64_t offset,
                                     std::initializer_list<std::uint64_t> tail) {
  cluster::room_content r;
  r.room = room_named("r");
  r.past.position = {std::move(epoch), offset};
  for (const auto n : tail)
    r.past.tail.push_back(published(n));
  return r;
}

inline std::vector<std::uint64_t> offsets(const publications& list) {
  std::vector<std::uint64_t> out;
  for (const auto& p : list)
    out.push_back(p->offset);
  return out;
}

} // namespace argosy::testing
