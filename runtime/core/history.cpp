#include "runtime/core/history.hpp"

#include <algorithm>
#include <utility>

namespace argosy {

history::history(std::string epoch, std::size_t size_max, std::chrono::milliseconds ttl)
    : position_{std::move(epoch), 0}, size_max_(size_max), ttl_(ttl) {
}

void descend(history_content& past, std::string epoch) {
  if (past.position.offset > 0)
    past.ancestors.push_back(past.position);
  if (past.ancestors.size() > ancestors_max)
    past.ancestors.erase(past.ancestors.begin());
  past.position.epoch = std::move(epoch);
}

void history::adopt(history_content past, time_point now) {
  items_.clear();
  position_ = std::move(past.position);
  ancestors_ = std::move(past.ancestors);
  if (!keeps())
    return;
  for (auto& p : past.tail) {
    const auto since = p->accepted_at == time_point{} ? now : p->accepted_at;
    items_.push_back({std::move(p), since + ttl_});
  }
  while (items_.size() > size_max_)
    items_.pop_front();
}

void history::append(publication_ptr p, time_point now) {
  if (p->offset != position_.offset + 1)
    items_.clear();
  position_.offset = p->offset;
  if (!keeps())
    return;
  items_.push_back({std::move(p), now + ttl_});
  if (items_.size() > size_max_)
    items_.pop_front();
  expire(now);
}

void history::expire(time_point now) {
  while (!items_.empty() && items_.front().until <= now)
    items_.pop_front();
}

std::size_t history::size(time_point now) {
  expire(now);
  return items_.size();
}

history::resume history::recover(const stream_position& since, std::size_t limit, time_point now) {
  expire(now);
  if (!goes_on_from(since))
    return {};
  if (since.offset == position_.offset)
    return {true, {}};
  if (since.offset > position_.offset || items_.empty()
      || items_.front().what->offset > since.offset + 1)
    return {};
  if (position_.offset - since.offset > limit)
    return {};
  return {true, page(&since, limit, false, now)};
}

publications history::page(const stream_position* since, std::size_t limit, bool reverse,
                           time_point now) {
  expire(now);
  publications out;
  auto wanted = [&](const publication& p) {
    return since == nullptr || (reverse ? p.offset < since->offset : p.offset > since->offset);
  };
  auto take = [&](const item& i) {
    if (out.size() < limit && wanted(*i.what))
      out.push_back(i.what);
  };
  if (reverse)
    std::for_each(items_.rbegin(), items_.rend(), take);
  else
    std::for_each(items_.begin(), items_.end(), take);
  return out;
}

bool history::goes_on_from(const stream_position& since) const noexcept {
  return since.epoch.empty() || since.epoch == position_.epoch
         || std::any_of(ancestors_.begin(), ancestors_.end(), [&](const stream_position& last) {
              return last.epoch == since.epoch && since.offset <= last.offset;
            });
}

history_content history::content(const stream_position& since, time_point now) {
  const bool has_rest = !since.epoch.empty() && recover(since, size_max_, now).recovered;
  return {position_, ancestors_, page(has_rest ? &since : nullptr, size_max_, false, now)};
}

history::time_point history::expires() const noexcept {
  return items_.empty() ? time_point::min() : items_.back().until;
}

} // namespace argosy
