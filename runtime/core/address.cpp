#include "runtime/core/address.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <new>

namespace argosy {

namespace {

constexpr std::array<std::string_view, address_kind_count> kind_names{"room", "user", "presence",
                                                                      "replica"};

std::uint64_t fnv1a(std::uint64_t hash, std::string_view bytes) noexcept {
  for (const unsigned char c : bytes)
    hash = (hash ^ c) * 0x100000001B3U;
  return hash;
}

std::uint64_t stable_hash(std::string_view tenant, std::string_view key) noexcept {
  std::uint64_t h = fnv1a(0xCBF29CE484222325U, tenant);
  h = fnv1a(h, std::string_view{"\0", 1});
  h = fnv1a(h, key);
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9U;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EBU;
  return h ^ (h >> 31);
}

} // namespace

std::string_view to_string(address_kind kind) noexcept {
  return kind_names[static_cast<std::size_t>(kind)];
}

address::address(std::string_view tenant, address_kind kind, std::string_view key) {
  const auto name = to_string(kind);
  const auto size = tenant.size() + name.size() + key.size() + 2;
  void* memory = std::malloc(sizeof(rep) + size);
  if (memory == nullptr)
    throw std::bad_alloc{};
  rep_ = new (memory) rep;
  rep_->kind = kind;
  rep_->tenant_size = static_cast<std::uint32_t>(tenant.size());
  rep_->text_size = static_cast<std::uint32_t>(size);
  rep_->hash = stable_hash(tenant, key);
  char* out = rep_->text();
  for (const auto part : {tenant, std::string_view{"/"}, name, std::string_view{"/"}, key})
    out = std::copy(part.begin(), part.end(), out);
}

void address::release() noexcept {
  if (rep_ != nullptr && rep_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    rep_->~rep();
    std::free(rep_);
  }
}

std::optional<address> address::parse(std::string_view text) {
  const auto first = text.find('/');
  const auto second = first == std::string_view::npos ? first : text.find('/', first + 1);
  if (second == std::string_view::npos || first == 0 || second + 1 == text.size())
    return std::nullopt;
  const auto name = text.substr(first + 1, second - first - 1);
  for (std::size_t i = 0; i < kind_names.size(); ++i)
    if (kind_names[i] == name)
      return address{text.substr(0, first), static_cast<address_kind>(i), text.substr(second + 1)};
  return std::nullopt;
}

std::string_view address::text() const noexcept {
  return rep_ == nullptr ? std::string_view{} : std::string_view{rep_->text(), rep_->text_size};
}

std::string_view address::tenant() const noexcept {
  return rep_ == nullptr ? std::string_view{} : text().substr(0, rep_->tenant_size);
}

std::string_view address::key() const noexcept {
  return rep_ == nullptr ? std::string_view{}
                         : text().substr(rep_->tenant_size + to_string(rep_->kind).size() + 2);
}

address_kind address::kind() const noexcept {
  return rep_ == nullptr ? address_kind::room : rep_->kind;
}

std::uint64_t address::hash() const noexcept {
  return rep_ == nullptr ? 0 : rep_->hash;
}

std::uint32_t address::shard() const noexcept {
  if (kind() == address_kind::presence && rep_ != nullptr) {
    const auto number = key();
    std::uint32_t n = 0;
    const auto end = number.data() + number.size();
    if (const auto read = std::from_chars(number.data(), end, n);
        read.ec == std::errc{} && read.ptr == end && n < shard_count)
      return n;
  }
  return static_cast<std::uint32_t>(hash() % shard_count);
}

} // namespace argosy
