#include "runtime/cluster/presence_ledger.hpp"

namespace argosy::cluster {

namespace {

std::size_t bytes_of(const address& room, const client_info& who) noexcept {
  constexpr std::size_t frame = 96; // pointers and numbers around the texts
  return frame + room.text().size() + who.user.size() + who.conn_info.size() + who.chan_info.size();
}

} // namespace

bool presence_ledger::keep(slot& s, const presence_change& change) {
  if (change.what == presence_verb::arrived) {
    const auto added = s.held.add(change.room, change.info, change.listed);
    added.entry.announced = change.announced;
    if (added.fresh) {
      s.digest.add(change.room, *change.info);
      ++entries_;
    }
    return true;
  }
  if (!s.held.remove(change.room, *change.info))
    return false;
  s.digest.take(change.room, *change.info);
  --entries_;
  return true;
}

void presence_ledger::note(const address& tracker, presence_change change) {
  auto& s = slots_[tracker];
  if (keeps_copy_ && !keep(s, change))
    return;
  if (s.waiting.empty())
    dirty_.push_back(tracker);
  ++waiting_;
  waiting_bytes_ += bytes_of(change.room, *change.info);
  s.waiting.push_back(std::move(change));
}

presence_ledger::letters<presence_delta> presence_ledger::flush() {
  letters<presence_delta> out;
  out.reserve(dirty_.size());
  std::vector<address> later;
  for (const auto& tracker : dirty_) {
    auto& s = slots_[tracker];
    if (s.withheld) {
      later.push_back(tracker);
      continue;
    }
    presence_delta delta;
    delta.changes = std::exchange(s.waiting, {});
    if (keeps_copy_) {
      delta.previous = s.last;
      delta.sequence = s.last = ++sequence_;
    }
    out.emplace_back(tracker, std::move(delta));
    if (s.held.entries() == 0)
      slots_.erase(tracker);
  }
  dirty_ = std::move(later);
  waiting_ = waiting_bytes_ = 0;
  return out;
}

void presence_ledger::withhold(const address& tracker) {
  if (const auto found = slots_.find(tracker); found != slots_.end())
    found->second.withheld = true;
}

void presence_ledger::release(const address& tracker) {
  if (const auto found = slots_.find(tracker); found != slots_.end())
    found->second.withheld = false;
}

std::vector<presence_snapshot> presence_ledger::snapshot(const address& tracker) const {
  const auto found = slots_.find(tracker);
  const auto as_of = found == slots_.end() ? sequence_ : found->second.last;
  std::vector<presence_snapshot> pages;
  std::size_t bytes = 0;
  const auto turn_page = [&] {
    pages.push_back({{}, as_of, static_cast<std::uint32_t>(pages.size()), false, {}});
    bytes = 0;
  };
  turn_page();
  if (found != slots_.end())
    found->second.held.for_each([&](const address& room, const presence_entry& e) {
      if (pages.back().entries.size() == page_entries_max || bytes >= page_bytes_max)
        turn_page();
      bytes += bytes_of(room, *e.info);
      pages.back().entries.push_back({room, e.info, presence_verb::arrived, e.listed, e.announced});
    });
  pages.back().last = true;
  return pages;
}

} // namespace argosy::cluster
