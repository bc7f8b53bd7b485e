// replay_window: whether a numbered datagram is heard for the first time. Those that overtake each
// other by up to 63 are let through, each once; older ones count as heard. Pure.
#pragma once

#include <cstdint>

namespace argosy::net {

class replay_window {
public:
  /// Numbers begin at 1.
  bool fresh(std::uint64_t number) noexcept {
    if (number > newest_) {
      const auto ahead = number - newest_;
      seen_ = ahead >= 64 ? 0 : seen_ << ahead;
      seen_ |= 1;
      newest_ = number;
      return true;
    }
    const auto behind = newest_ - number;
    const auto bit = std::uint64_t{1} << (behind % 64);
    if (number == 0 || behind >= 64 || (seen_ & bit) != 0)
      return false;
    seen_ |= bit;
    return true;
  }

private:
  std::uint64_t newest_ = 0;
  std::uint64_t seen_ = 0; ///< bit n: newest_ - n was heard
};

} // namespace argosy::net
