// pending_book: how many strangers may shake hands at once, in all and from one address.
//
// Pure, O(1).
#pragma once

#include "net/cluster/edge_figures.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace argosy::net {

class pending_book {
public:
  pending_book(std::size_t max, std::size_t per_address_max) noexcept
      : max_(max), per_address_max_(per_address_max) {}

  /// Enters one, or says why not.
  std::optional<refusal> enter(const std::string& address) {
    if (count_ >= max_)
      return refusal::crowded;
    auto& here = by_address_[address]; // at most `max_` addresses are kept
    if (here >= per_address_max_)
      return refusal::crowded_address;
    ++here;
    ++count_;
    return std::nullopt;
  }

  void leave(const std::string& address) {
    --count_;
    if (const auto at = by_address_.find(address); --at->second == 0)
      by_address_.erase(at);
  }

  std::size_t size() const noexcept { return count_; }

private:
  std::size_t max_;
  std::size_t per_address_max_;
  std::size_t count_ = 0;
  std::map<std::string, std::size_t> by_address_;
};

} // namespace argosy::net
