#include "runtime/cluster/presence_roll.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

namespace argosy::cluster {

namespace {

/// Between two questions to the same gateway: an answer may be on its way.
constexpr std::chrono::milliseconds ask_pause{1'000};

std::uint64_t key_of(const address& room, const client_info& who) noexcept {
  return stable_hash(room.hash(), stable_hash(who.user));
}

} // namespace

// -- gateways -------------------------------------------------------------------------------------

std::uint16_t presence_roll::known(const node_identity& id) const noexcept {
  for (std::size_t i = 0; i < gateways_.size(); ++i)
    if (gateways_[i] && gateways_[i]->id.name == id.name)
      return static_cast<std::uint16_t>(i);
  return nobody;
}

std::uint16_t presence_roll::hear(const node_identity& id, time_point now, facts& out) {
  auto at = known(id);
  if (at != nobody && gateways_[at]->id.incarnation > id.incarnation)
    return nobody;
  if (at != nobody && gateways_[at]->id.incarnation < id.incarnation) {
    gone(gateways_[at]->id, now, out);
    at = nobody;
  }
  if (at == nobody) {
    at = static_cast<std::uint16_t>(std::find(gateways_.begin(), gateways_.end(), std::nullopt)
                                    - gateways_.begin());
    if (at == gateways_.size())
      gateways_.emplace_back();
    gateways_[at].emplace().id = id;
  }
  gateways_[at]->heard = now;
  return at;
}

bool presence_roll::ask(gateway& g, time_point now) {
  if (g.asked && now - *g.asked < ask_pause)
    return true;
  g.asked = now;
  return false;
}

bool presence_roll::take(presence_delta& m, time_point now, facts& out) {
  const auto by = hear(m.gateway, now, out);
  if (by == nobody)
    return true;
  auto& g = *gateways_[by];
  if (m.sequence != 0) {
    if (m.sequence <= g.sequence)
      return true;
    const bool follows = m.previous == 0 ? g.holds.count == 0 : m.previous == g.sequence;
    if (!follows)
      return ask(g, now);
    g.sequence = m.sequence;
  }
  for (auto& c : m.changes)
    apply(by, c, now, out);
  return true;
}

bool presence_roll::take(presence_snapshot& m, time_point now, facts& out) {
  const auto by = hear(m.gateway, now, out);
  if (by == nobody)
    return true;
  auto& g = *gateways_[by];
  if (m.sequence < g.sequence)
    return true;
  if (m.page == 0) {
    g.pages.clear();
    g.pages_of = m.sequence;
    g.next_page = 0;
  }
  if (m.sequence != g.pages_of || m.page != g.next_page)
    return ask(g, now);
  ++g.next_page;
  std::move(m.entries.begin(), m.entries.end(), std::back_inserter(g.pages));
  if (!m.last)
    return true;
  replace(by, std::exchange(g.pages, {}), now, out);
  g.sequence = m.sequence;
  g.asked.reset();
  return true;
}

bool presence_roll::take(const presence_beat& m, time_point now, facts& out) {
  const auto by = hear(m.gateway, now, out);
  if (by == nobody)
    return true;
  auto& g = *gateways_[by];
  const bool agrees = m.sequence == g.sequence && m.holds == g.holds;
  return agrees || m.sequence < g.sequence || ask(g, now);
}

// What a tracker that has just taken office is told first, the rooms have heard from its
// predecessor, but for who has returned meanwhile. Later, what a snapshot says besides what was
// known is news.
void presence_roll::replace(std::uint16_t by, std::vector<presence_change> entries, time_point now,
                            facts& out) {
  const bool first = gateways_[by]->sequence == 0 && now < since_ + limits_.grace;
  std::unordered_set<std::uint64_t> still;
  still.reserve(entries.size());
  for (const auto& e : entries)
    still.insert(presence_digest::of(e.room, *e.info));
  std::vector<presence_change> missing;
  table_.for_each([&](const address& room, const presence_entry& e) {
    if (e.gateway == by && !e.lingers && !still.contains(presence_digest::of(room, *e.info)))
      missing.push_back({room, e.info, presence_verb::lost, e.listed, e.announced});
  });
  for (auto& e : entries) {
    facts news;
    arrived(by, e, news);
    if (!first || news.size() > 1)
      std::move(news.begin(), news.end(), std::back_inserter(out));
  }
  for (const auto& c : missing)
    lost(by, c, now + limits_.linger, out);
}

void presence_roll::lose_all(std::uint16_t of, time_point until, facts& out) {
  std::vector<presence_change> all;
  table_.for_each([&](const address& room, const presence_entry& e) {
    if (e.gateway == of && !e.lingers)
      all.push_back({room, e.info, presence_verb::lost, e.listed, e.announced});
  });
  for (const auto& c : all)
    lost(of, c, until, out);
}

void presence_roll::gone(const node_identity& who, time_point now, facts& out) {
  const auto at = known(who);
  if (at == nobody || gateways_[at]->id.incarnation > who.incarnation)
    return;
  lose_all(at, now + limits_.grace, out);
  gateways_[at].reset();
}

std::size_t presence_roll::gateways() const noexcept {
  return static_cast<std::size_t>(std::count_if(gateways_.begin(), gateways_.end(),
                                                [](const auto& g) { return g.has_value(); }));
}

// -- entries --------------------------------------------------------------------------------------

void presence_roll::apply(std::uint16_t by, presence_change& c, time_point now, facts& out) {
  switch (c.what) {
  case presence_verb::arrived:
    return arrived(by, c, out);
  case presence_verb::left:
    return left(by, c, out);
  case presence_verb::lost:
  case presence_verb::interrupted:
    return lost(by, c, now + limits_.linger, out);
  }
}

void presence_roll::say(const presence_entry& about, const address& room, bool joined,
                        facts& out) const {
  if (about.announced && table_.entries_in(room) <= limits_.announced_max)
    out.push_back({room, about.info, joined});
}

void presence_roll::arrived(std::uint16_t by, presence_change& c, facts& out) {
  const auto* before = table_.find(c.room, *c.info);
  const bool was_here = before != nullptr;
  const auto written_by = was_here && !before->lingers ? before->gateway : nobody;
  if (was_here && before->lingers)
    stop_lingering(c.room, *c.info);
  auto& entry = table_.add(c.room, c.info, c.listed).entry;
  entry.gateway = by;
  entry.announced = c.announced;
  entry.lingers = false;
  if (written_by != by) {
    if (written_by != nobody && gateways_[written_by])
      gateways_[written_by]->holds.take(c.room, *c.info);
    gateways_[by]->holds.add(c.room, *c.info);
  }
  if (was_here)
    return;
  say(entry, c.room, true, out);
  returned(c.room, *c.info, out);
}

void presence_roll::left(std::uint16_t by, const presence_change& c, facts& out) {
  const auto* entry = table_.find(c.room, *c.info);
  if (entry == nullptr || entry->lingers || entry->gateway != by)
    return;
  gateways_[by]->holds.take(c.room, *c.info);
  strike(c.room, c.info, out);
}

// Nobody can say of an anonymous client that it has come back; and of whom another device is here,
// nobody needs to wait.
void presence_roll::lost(std::uint16_t by, const presence_change& c, time_point until, facts& out) {
  auto* entry = table_.find(c.room, *c.info);
  if (limits_.linger.count() == 0 || c.info->user.empty()
      || (c.what == presence_verb::lost && is_here_besides(c)))
    return left(by, c, out);
  if (entry == nullptr || entry->lingers || entry->gateway != by)
    return;
  gateways_[by]->holds.take(c.room, *c.info);
  entry->gateway = nobody;
  entry->lingers = true;
  linger(c.room, entry->info, c.listed, until);
}

bool presence_roll::is_here_besides(const presence_change& c) const {
  const auto [begin, end] = lingerers_.equal_range(key_of(c.room, *c.info));
  const auto away = std::count_if(begin, end, [&](const auto& l) {
    return l.second.listed && l.second.info->user == c.info->user && l.second.room == c.room;
  });
  return table_.devices(c.room, *c.info) > static_cast<std::size_t>(away) + (c.listed ? 1U : 0U);
}

void presence_roll::strike(const address& room, const client_info_ptr& who, facts& out) {
  const auto* entry = table_.find(room, *who);
  if (entry == nullptr)
    return;
  say(*entry, room, false, out);
  table_.remove(room, *who);
}

// -- lingerers ------------------------------------------------------------------------------------

void presence_roll::linger(const address& room, client_info_ptr who, bool listed,
                           time_point until) {
  const auto key = key_of(room, *who);
  lingerers_.emplace(key, lingerer{room, std::move(who), listed, until});
  due_.emplace(until, key);
}

bool presence_roll::stop_lingering(const address& room, const client_info& who) {
  const auto [begin, end] = lingerers_.equal_range(key_of(room, who));
  for (auto i = begin; i != end; ++i)
    if (i->second.info->client == who.client && i->second.room == room) {
      lingerers_.erase(i);
      return true;
    }
  return false;
}

void presence_roll::returned(const address& room, const client_info& who, facts& out) {
  if (lingerers_.empty() || who.user.empty())
    return;
  const auto [begin, end] = lingerers_.equal_range(key_of(room, who));
  for (auto i = begin; i != end;) {
    const auto& was = i->second;
    if (was.info->user != who.user || was.room != room) {
      ++i;
      continue;
    }
    strike(room, was.info, out);
    i = lingerers_.erase(i);
  }
}

void presence_roll::take(const presence_left_over& m, time_point now) {
  for (const auto& c : m.lingering) {
    if (table_.find(c.room, *c.info) != nullptr || c.info->user.empty())
      continue;
    auto& entry = table_.add(c.room, c.info, c.listed).entry;
    entry.gateway = nobody;
    entry.announced = c.announced;
    entry.lingers = true;
    linger(c.room, c.info, c.listed, now + limits_.linger);
  }
}

std::vector<presence_change> presence_roll::lingering() const {
  std::vector<presence_change> out;
  table_.for_each([&](const address& room, const presence_entry& e) {
    if (e.lingers)
      out.push_back({room, e.info, presence_verb::lost, e.listed, e.announced});
  });
  return out;
}

// -- time -----------------------------------------------------------------------------------------

void presence_roll::sweep(time_point now, facts& out) {
  while (!due_.empty() && due_.begin()->first <= now) {
    const auto key = due_.begin()->second;
    due_.erase(due_.begin());
    const auto [begin, end] = lingerers_.equal_range(key);
    for (auto i = begin; i != end;) {
      if (i->second.until > now) {
        ++i;
        continue;
      }
      strike(i->second.room, i->second.info, out);
      i = lingerers_.erase(i);
    }
  }
  for (std::size_t i = 0; i < gateways_.size(); ++i) {
    auto& g = gateways_[i];
    if (!g || g->id.name.empty() || g->heard + limits_.grace > now)
      continue;
    const auto at = static_cast<std::uint16_t>(i);
    std::vector<presence_change> all;
    table_.for_each([&](const address& room, const presence_entry& e) {
      if (e.gateway == at && !e.lingers)
        all.push_back({room, e.info, presence_verb::left, e.listed, e.announced});
    });
    for (const auto& c : all)
      left(at, c, out);
    g.reset();
  }
}

std::optional<presence_roll::time_point> presence_roll::next_sweep() const {
  std::optional<time_point> next;
  if (!due_.empty())
    next = due_.begin()->first;
  for (const auto& g : gateways_)
    if (g && !g->id.name.empty())
      next = std::min(next.value_or(time_point::max()), g->heard + limits_.grace);
  return next;
}

void presence_roll::excuse_silence(time_point now) {
  for (auto& g : gateways_)
    if (g)
      g->heard = now;
}

} // namespace argosy::cluster
