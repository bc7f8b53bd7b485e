// raft_memory: values of ours in memory that libraft will free, and back.
#pragma once

#include "runtime/consensus/libraft.hpp"
#include "runtime/consensus/stored_state.hpp"

#include <cstring>
#include <new>
#include <string_view>

namespace argosy::consensus {

inline void* raft_memory(std::size_t size) {
  auto* memory = raft_malloc(size > 0 ? size : 1);
  if (memory == nullptr)
    throw std::bad_alloc{};
  return memory;
}

inline raft_buffer raft_copy(std::string_view bytes) {
  raft_buffer out{raft_memory(bytes.size()), bytes.size()};
  if (!bytes.empty())
    std::memcpy(out.base, bytes.data(), bytes.size());
  return out;
}

inline std::string_view view_of(const raft_buffer& buffer) {
  return {static_cast<const char*>(buffer.base), buffer.len};
}

inline unsigned short raft_type_of(entry_kind kind) noexcept {
  switch (kind) {
  case entry_kind::barrier:
    return RAFT_BARRIER;
  case entry_kind::configuration:
    return RAFT_CHANGE;
  case entry_kind::command:
    break;
  }
  return RAFT_COMMAND;
}

inline entry_kind kind_of(const raft_entry& entry) noexcept {
  switch (entry.type) {
  case RAFT_BARRIER:
    return entry_kind::barrier;
  case RAFT_CHANGE:
    return entry_kind::configuration;
  default:
    return entry_kind::command;
  }
}

/// A barrier's buffer is eight bytes that libraft never fills: they stay in memory.
inline std::string_view data_of(const raft_entry& entry) {
  return entry.type == RAFT_BARRIER ? std::string_view{} : view_of(entry.buf);
}

} // namespace argosy::consensus
