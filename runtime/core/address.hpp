// address: the place-free name of an actor, `tenant/kind/key` (acme/room/lobby, acme/user/42).
//
// Picture a postal address on an envelope: it says who, never which van. User code, connections and
// rooms hold addresses; only the router turns one into an actor, here or on another node. A value:
// 8 bytes, shared text.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace argosy {

enum class address_kind : std::uint8_t {
  room,     ///< sequences a channel
  user,     ///< keeps a user's session table
  presence, ///< the tracker of one shard; the key is the shard's number
  replica,  ///< a room's fan-out on this node; never leaves the node
};
inline constexpr std::size_t address_kind_count = 4;

/// "room", "user", "presence" or "replica".
std::string_view to_string(address_kind kind) noexcept;

/// The key space is cut into this many slices, each owned by one node in a view.
inline constexpr std::uint32_t shard_count = 4096;

class address {
public:
  address() noexcept = default;
  /// `tenant` must not contain '/'; `key` may hold any bytes.
  address(std::string_view tenant, address_kind kind, std::string_view key);
  address(const address& other) noexcept : rep_(other.rep_) { retain(); }
  address(address&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}
  address& operator=(address other) noexcept {
    std::swap(rep_, other.rep_);
    return *this;
  }
  ~address() { release(); }

  /// Reads the text form; nothing if it is not one.
  static std::optional<address> parse(std::string_view text);

  explicit operator bool() const noexcept { return rep_ != nullptr; }
  std::string_view text() const noexcept;
  std::string_view tenant() const noexcept;
  std::string_view key() const noexcept;
  address_kind kind() const noexcept;

  /// The same name under another kind: a room's replica, a room's presence shard stays the same.
  address as(address_kind kind) const { return {tenant(), kind, key()}; }

  /// Stable over nodes, versions and restarts: FNV-1a 64 of (tenant, key), finalised as splitmix64
  /// does.
  std::uint64_t hash() const noexcept;
  /// A tracker belongs to the shard that it tracks, not to that of its name.
  std::uint32_t shard() const noexcept;

  friend bool operator==(const address& a, const address& b) noexcept {
    return a.rep_ == b.rep_ || (a.hash() == b.hash() && a.text() == b.text());
  }

private:
  struct rep {
    std::atomic<std::uint32_t> references{1};
    address_kind kind{};
    std::uint32_t tenant_size = 0;
    std::uint32_t text_size = 0;
    std::uint64_t hash = 0;
    char* text() noexcept { return reinterpret_cast<char*>(this + 1); }
  };
  void retain() const noexcept {
    if (rep_ != nullptr)
      rep_->references.fetch_add(1, std::memory_order_relaxed);
  }
  void release() noexcept;

  rep* rep_ = nullptr;
};

} // namespace argosy

template <>
struct std::hash<argosy::address> {
  std::size_t operator()(const argosy::address& a) const noexcept { return a.hash(); }
};
