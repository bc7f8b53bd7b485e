// presence_table: who is in which room, as one tracker knows it.
//
// Picture a cloakroom with one attendant per door: only the attendant who took a coat may hand it
// back. Every entry has one writer, the gateway whose connection it is; the tracker only adds up
// what the gateways say. Entries point to the connection's own client_info, so an entry costs about
// 40 bytes. Pure.
#pragma once

#include "runtime/core/address.hpp"
#include "runtime/core/client_info.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace argosy {

class presence_table {
public:
  void add(const address& room, client_info_ptr info);
  void remove(const address& room, const client_info& info);

  /// At most `limit` of the room's clients.
  std::vector<client_info_ptr> list(const address& room, std::size_t limit) const;

  struct numbers {
    std::uint32_t clients = 0;
    std::uint32_t users = 0; ///< distinct; anonymous clients count as one user each
  };
  numbers count(const address& room) const;

  std::size_t rooms() const noexcept { return rooms_.size(); }
  std::size_t entries() const noexcept { return entries_; }

private:
  struct by_client {
    std::size_t operator()(const client_info_ptr& p) const noexcept {
      return std::hash<client_id>{}(p->client);
    }
    bool operator()(const client_info_ptr& a, const client_info_ptr& b) const noexcept {
      return a->client == b->client;
    }
  };
  using members = std::unordered_set<client_info_ptr, by_client, by_client>;

  std::unordered_map<address, members> rooms_;
  std::size_t entries_ = 0;
};

} // namespace argosy
