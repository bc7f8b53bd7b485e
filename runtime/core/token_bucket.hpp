// token_bucket: lets `rate` events a second through on average, and a burst on top. 16 bytes, pure.
//
// Kept as a single instant, "when the bucket would be full again" (the GCRA form, ITU-T I.371), so
// that an idle bucket costs nothing and needs no refill.
#pragma once

#include <chrono>

namespace argosy {

struct token_rate {
  double per_second = 0; ///< 0 = no limit
  double burst = 0;      ///< how many may come at once
};

class token_bucket {
public:
  using clock = std::chrono::steady_clock;

  /// Takes `tokens` if they are there. A rate of 0 always says yes.
  bool take(const token_rate& rate, clock::time_point now, double tokens = 1) noexcept {
    if (rate.per_second <= 0)
      return true;
    const auto per_token = std::chrono::duration<double>{1 / rate.per_second};
    const auto start = full_at_ > now ? full_at_ : now;
    const auto next = start + std::chrono::duration_cast<clock::duration>(per_token * tokens);
    if (next - now > std::chrono::duration_cast<clock::duration>(per_token * rate.burst))
      return false;
    full_at_ = next;
    return true;
  }

private:
  clock::time_point full_at_{};
};

} // namespace argosy
