// engine_pool: a loop's engines, idle, bound and spent.
//
// Bound engines stand in a list by the age of their last message, so that the peer that has stalled
// inside a frame for longest is always at hand, for the progress deadline and for the cap.
#pragma once

#include "net/engine.hpp"
#include "net/loop_stats.hpp"

#include <memory>
#include <vector>

namespace argosy::net {

class engine_pool {
public:
  engine_pool(const engine_terms& terms, loop_stats& stats) : terms_(terms), stats_(stats) {}
  ~engine_pool();
  engine_pool(const engine_pool&) = delete;
  engine_pool& operator=(const engine_pool&) = delete;

  engine& lend(connection& c, std::uint32_t tick, std::string_view first_bytes = {});

  /// The engine's connection has made progress.
  void touch(engine& e, std::uint32_t tick) noexcept;

  /// `c` is at a message boundary.
  void give_back(connection& c);

  /// `c` has failed, or ended inside a message; does nothing if no engine is bound.
  void retire(connection& c);

  /// Frees spent engines. Call when the executor is empty: no handler of theirs is left in it.
  void bury() noexcept { spent_.clear(); }
  bool has_spent() const noexcept { return !spent_.empty(); }

  engine* oldest() const noexcept { return oldest_; }
  std::size_t bound() const noexcept { return bound_; }

private:
  void link(engine& e) noexcept;
  void unlink(engine& e) noexcept;

  const engine_terms& terms_;
  loop_stats& stats_;
  std::vector<std::unique_ptr<engine>> idle_[2]; ///< plain, deflate
  std::vector<std::unique_ptr<engine>> spent_;
  engine* oldest_ = nullptr;
  engine* newest_ = nullptr;
  std::size_t bound_ = 0;
};

} // namespace argosy::net
