#include "net/engine_pool.hpp"

#include <utility>

namespace argosy::net {

namespace {

// A turn handles at most 64 events, so more idle engines than this are never wanted at once.
constexpr std::size_t idle_max = 96;

} // namespace

engine_pool::~engine_pool() {
  while (oldest_ != nullptr)
    retire(*oldest_->bound_to());
}

engine& engine_pool::lend(connection& c, std::uint32_t tick, std::string_view first_bytes) {
  auto& idle = idle_[c.deflate ? 1 : 0];
  std::unique_ptr<engine> e;
  if (idle.empty()) {
    e = std::make_unique<engine>(terms_, bool{c.deflate});
    stats_.engines_made.add();
  } else {
    e = std::move(idle.back());
    idle.pop_back();
  }
  e->bind(c, first_bytes);
  e->busy_since_tick = tick;
  link(*e);
  return *e.release();
}

void engine_pool::touch(engine& e, std::uint32_t tick) noexcept {
  if (e.busy_since_tick == tick)
    return;
  e.busy_since_tick = tick;
  unlink(e);
  link(e);
}

void engine_pool::give_back(connection& c) {
  std::unique_ptr<engine> e{c.bound};
  unlink(*e);
  e->unbind();
  auto& idle = idle_[e->deflate() ? 1 : 0];
  if (idle.size() < idle_max)
    idle.push_back(std::move(e));
  else
    spent_.push_back(std::move(e));
}

void engine_pool::retire(connection& c) {
  if (c.bound == nullptr)
    return;
  std::unique_ptr<engine> e{c.bound};
  unlink(*e);
  e->unbind();
  spent_.push_back(std::move(e));
}

void engine_pool::link(engine& e) noexcept {
  e.earlier = newest_;
  e.later = nullptr;
  (newest_ != nullptr ? newest_->later : oldest_) = &e;
  newest_ = &e;
  stats_.engines_bound.set(++bound_);
}

void engine_pool::unlink(engine& e) noexcept {
  (e.earlier != nullptr ? e.earlier->later : oldest_) = e.later;
  (e.later != nullptr ? e.later->earlier : newest_) = e.earlier;
  stats_.engines_bound.set(--bound_);
}

} // namespace argosy::net
