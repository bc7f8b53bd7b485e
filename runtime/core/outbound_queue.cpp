#include "runtime/core/outbound_queue.hpp"

#include <utility>

namespace argosy {

namespace {

// Up to here a conflation key is found by looking at each entry; beyond, an index pays.
constexpr std::size_t linear_search_max = 16;

// A head that has moved this far lets the vector be closed up behind it.
constexpr std::size_t compaction_head_min = 64;

bool too_old(std::uint32_t since_ms, std::uint32_t now_ms, const lane_budget& budget) noexcept {
  return budget.age_max.count() > 0 && now_ms - since_ms > budget.age_max.count();
}

} // namespace

void outbound_queue::reset(bool deflated) noexcept {
  for (auto& q : lanes_) {
    q.entries.clear();
    q.head = q.bytes = 0;
    q.first_number = 0;
  }
  current_ = {};
  last_ = {};
  keys_.reset();
  written_ = bytes_ = 0;
  deflated_ = deflated;
  sealed_ = false;
}

outbound_queue::outcome outbound_queue::push(const outbound_limits& limits, lane in, const frame& f,
                                             std::uint64_t conflation_key, std::uint32_t now_ms) {
  if (sealed_)
    return {verdict::sealed};
  auto& q = at(in);
  const auto& budget = limits.lanes[static_cast<std::size_t>(in)];
  const auto size = size_of(f);
  const auto key = budget.policy == overflow_policy::conflate ? conflation_key : 0;
  if (key != 0) {
    if (auto* same = find_key(q, key)) {
      const auto old_size = size_of(same->f);
      q.bytes += size - old_size;
      bytes_ += size - old_size;
      same->f = f;
      same->since_ms = now_ms;
      return {verdict::conflated};
    }
  }
  const bool fits = q.bytes + size <= budget.bytes_max && bytes_ + size <= limits.total_bytes_max
                    && (q.empty() || !too_old(q.entries[q.head].since_ms, now_ms, budget));
  if (fits) {
    add(q, f, key, now_ms);
    return {verdict::queued};
  }
  if (budget.policy == overflow_policy::disconnect)
    return {verdict::refused};
  if (budget.policy == overflow_policy::drop_new)
    return {verdict::dropped, 1};
  auto lost = make_room(limits, q, budget, size, now_ms);
  if (q.bytes + size <= budget.bytes_max && bytes_ + size <= limits.total_bytes_max)
    add(q, f, key, now_ms);
  else
    ++lost;
  return {verdict::dropped, lost};
}

void outbound_queue::append(lane in, frame f, std::size_t written) {
  if (written == 0) {
    add(at(in), std::move(f), 0, 0);
    return;
  }
  bytes_ += size_of(f) - written;
  current_ = std::move(f);
  written_ = written;
}

void outbound_queue::seal(frame last) {
  if (sealed_)
    return;
  sealed_ = true;
  bytes_ += size_of(last);
  last_ = std::move(last);
}

std::size_t outbound_queue::gather(std::span<chunk> out) const noexcept {
  std::size_t used = 0;
  auto take = [&](std::string_view bytes) { out[used++] = {bytes.data(), bytes.size()}; };
  if (current_ && used < out.size())
    take(current_.wire(deflated_).substr(written_));
  for (const auto& q : lanes_)
    for (auto i = q.head; i < q.entries.size() && used < out.size(); ++i)
      take(q.entries[i].f.wire(deflated_));
  if (last_ && used < out.size())
    take(last_.wire(deflated_));
  return used;
}

std::size_t outbound_queue::consume(std::size_t bytes) noexcept {
  std::size_t left = 0;
  bytes_ -= bytes;
  if (current_) {
    const auto rest = size_of(current_) - written_;
    if (bytes < rest) {
      written_ += bytes;
      return 0;
    }
    bytes -= rest;
    current_ = {};
    ++left;
  }
  for (auto& q : lanes_)
    while (bytes > 0 && !q.empty()) {
      if (!consume_front(q, bytes))
        return left;
      ++left;
    }
  if (bytes > 0 && last_) {
    current_ = std::exchange(last_, {});
    written_ = bytes;
    if (written_ == size_of(current_)) {
      current_ = {};
      ++left;
    }
  }
  return left;
}

bool outbound_queue::consume_front(lane_queue& q, std::size_t& bytes) noexcept {
  auto f = pop_front(q);
  const auto size = size_of(f);
  if (bytes < size) {
    current_ = std::move(f);
    written_ = std::exchange(bytes, 0);
    return false;
  }
  bytes -= size;
  return true;
}

void outbound_queue::add(lane_queue& q, frame f, std::uint64_t key, std::uint32_t now_ms) {
  const auto size = size_of(f);
  q.entries.push_back({std::move(f), key, now_ms});
  q.bytes += size;
  bytes_ += size;
  if (key != 0 && keys_ != nullptr)
    (*keys_)[key] = q.first_number + q.entries.size() - 1;
}

// The caller takes the bytes off `bytes_` when they are lost; `consume` has done it already.
frame outbound_queue::pop_front(lane_queue& q) noexcept {
  auto& front = q.entries[q.head];
  if (front.key != 0 && keys_ != nullptr)
    keys_->erase(front.key);
  auto f = std::move(front.f);
  q.bytes -= size_of(f);
  if (++q.head == q.entries.size()) {
    q.first_number += q.head;
    q.entries.clear();
    q.head = 0;
  } else if (q.head >= compaction_head_min && q.head * 2 >= q.entries.size()) {
    q.entries.erase(q.entries.begin(), q.entries.begin() + static_cast<std::ptrdiff_t>(q.head));
    q.first_number += q.head;
    q.head = 0;
  }
  return f;
}

std::uint32_t outbound_queue::make_room(const outbound_limits& limits, lane_queue& q,
                                        const lane_budget& budget, std::size_t size,
                                        std::uint32_t now_ms) noexcept {
  std::uint32_t lost = 0;
  while (!q.empty()
         && (q.bytes + size > budget.bytes_max || bytes_ + size > limits.total_bytes_max
             || too_old(q.entries[q.head].since_ms, now_ms, budget))) {
    bytes_ -= size_of(pop_front(q));
    ++lost;
  }
  return lost;
}

outbound_queue::entry* outbound_queue::find_key(lane_queue& q, std::uint64_t key) noexcept {
  if (q.size() <= linear_search_max && keys_ == nullptr) {
    for (auto i = q.head; i < q.entries.size(); ++i)
      if (q.entries[i].key == key)
        return &q.entries[i];
    return nullptr;
  }
  if (keys_ == nullptr) {
    keys_ = std::make_unique<key_index>();
    for (auto i = q.head; i < q.entries.size(); ++i)
      if (q.entries[i].key != 0)
        (*keys_)[q.entries[i].key] = q.first_number + i;
  }
  const auto found = keys_->find(key);
  return found == keys_->end() ? nullptr : &q.entries[found->second - q.first_number];
}

} // namespace argosy
