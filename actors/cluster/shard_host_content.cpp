// What is in a shard: taken out of its rooms, sent, searched for, and put into rooms again.
#include "actors/cluster/cluster_routes.hpp"
#include "actors/cluster/posting.hpp"
#include "actors/cluster/shard_host_actor.hpp"
#include "actors/service_actor.hpp"

#include <utility>

namespace argosy {

namespace {

/// A part leaves room for others in a batch, and is far from the bound of an envelope.
constexpr std::size_t part_bytes_max = 256 << 10;

/// A room that does not answer for so long is lost; a member that does not, is not waited for.
constexpr std::chrono::milliseconds answer_patience{1'000};

} // namespace

/// Asks all awake actors of the kind in that shard; completes at once where there are none.
template <class Question>
void shard_host_actor::collect(collection into, address_kind from) {
  const auto number = ++collections_begun_;
  into.until = now() + answer_patience;
  for (const auto& at : cluster_.node.routes.active(from, into.shard))
    if (const auto actor = cluster_.node.routes.find(at)) {
      into.awaited.insert(++tickets_);
      collecting_[tickets_] = number;
      tell(actor, Question{{handle(), tickets_}});
    }
  if (into.awaited.empty())
    return complete(std::move(into));
  if (into.seals)
    sealing_[into.shard] = number;
  collections_.emplace(number, std::move(into));
}

void shard_host_actor::given(content_given& m) {
  const auto ticket = collecting_.extract(m.ticket);
  if (!ticket)
    return; // too late
  const auto found = collections_.find(ticket.mapped());
  auto& c = found->second;
  c.awaited.erase(m.ticket);
  if (!m.what.blank())
    c.rooms.push_back(std::move(m.what));
  if (c.awaited.empty()) {
    complete(std::move(collections_.extract(found).mapped()));
    give_turns();
  }
}

void shard_host_actor::complete(collection what) {
  const auto shard = what.shard;
  for (const auto ticket : what.awaited)
    collecting_.erase(ticket);
  if (what.seals) {
    sealing_.erase(shard);
    if (shards_[shard].holds_content())
      sealed_[shard] = std::move(what.rooms);
    for (const auto& asker : what.for_whom)
      hand_over(asker, shard);
    return;
  }
  if (const auto kept = sealed_.find(shard); kept != sealed_.end())
    what.rooms.insert(what.rooms.end(), kept->second.begin(), kept->second.end());
  for (const auto& asker : what.for_whom)
    if (asker.node != cluster_.self()) {
      send_parts(asker.node, shard, asker.ticket, what.rooms);
    } else if (const auto found = searches_.find(shard);
               found != searches_.end() && found->second.ticket == asker.ticket) {
      found->second.found.take(std::move(what.rooms));
      found->second.here = false;
      search_answered(shard);
    }
}

// -- giving ---------------------------------------------------------------------------------------

void shard_host_actor::seal(shard_number shard) {
  collect<surrender_room>({shard, true, {}, {}, {}, {}}, address_kind::room);
}

void shard_host_actor::hand_over(const cluster::shard_pull& to, shard_number shard) {
  if (const auto found = sealing_.find(shard); found != sealing_.end())
    collections_.at(found->second).for_whom.push_back(to);
  else if (to.as_of == 0)
    answer_search(to, shard);
  else
    send_parts(to.node, shard, to.ticket, sealed_[shard]);
}

void shard_host_actor::answer_search(const cluster::shard_pull& asker, shard_number shard) {
  collect<yield_ring>({shard, false, {}, {}, {}, {asker}}, address_kind::replica);
}

void shard_host_actor::send_parts(const identity& to, shard_number shard, std::uint64_t ticket,
                                  cluster::room_contents rooms) {
  const auto peer = cluster_.peers.find(to);
  if (!peer)
    return;
  auto boxes = cluster::pack(std::move(rooms), part_bytes_max);
  const auto parts = static_cast<std::uint32_t>(boxes.size());
  for (std::uint32_t i = 0; i < parts; ++i)
    post_fact(cluster_, *peer, argosy::address{},
              cluster::shard_part{shard, ticket, i, parts, std::move(boxes[i])});
}

// -- searching ------------------------------------------------------------------------------------

void shard_host_actor::begin_search(shard_number shard, std::uint64_t ticket) {
  auto& search = searches_[shard] = {};
  search.ticket = ticket;
  search.here = true;
  search.until = now() + answer_patience;
  for (const auto& m : view_->members)
    if (m.id != cluster_.self()) {
      search.awaited.emplace(m.id, 0);
      if (const auto peer = cluster_.peers.find(m.id))
        post_fact(cluster_, *peer, argosy::address{},
                  cluster::shard_wanted{shard, view_->no, 0, ticket});
    }
  answer_search({cluster_.self(), view_->no, 0, ticket}, shard);
}

void shard_host_actor::search_answered(shard_number shard) {
  const auto& search = searches_.at(shard);
  if (search.awaited.empty() && !search.here)
    end_search(shard, true);
}

void shard_host_actor::end_search(shard_number shard, bool complete) {
  auto search = std::move(searches_.extract(shard).mapped());
  salvaged_[shard] = std::move(search.found).finish([&] {
    return cluster::epoch_name(view_->no, random_token());
  });
  shards_[shard].heard_of_view(cluster_.view_heard.load(std::memory_order_acquire));
  carry_out(shard, shards_[shard].salvage_done(search.ticket, complete, now()));
  salvaged_.erase(shard);
}

void shard_host_actor::end_late(time_point instant) {
  std::vector<collection> late;
  for (auto c = collections_.begin(); c != collections_.end();)
    if (c->second.until <= instant)
      late.push_back(std::move(collections_.extract(c++).mapped()));
    else
      ++c;
  for (auto& c : late)
    complete(std::move(c));
  std::vector<shard_number> unanswered;
  for (const auto& [shard, search] : searches_)
    if (search.until <= instant)
      unanswered.push_back(shard);
  for (const auto shard : unanswered)
    if (searches_.contains(shard))
      end_search(shard, false);
}

// -- taking ---------------------------------------------------------------------------------------

// What comes first is what each room hears first: the gate opens behind it.
void shard_host_actor::install(shard_number shard) {
  cluster::room_contents rooms;
  bool salvaged = false;
  if (auto found = salvaged_.extract(shard)) {
    rooms = std::move(found.mapped());
    salvaged = true;
    bump(cluster_.shards.salvaged);
  } else if (auto pulled = incoming_.extract(shard); pulled && pulled.mapped().complete) {
    rooms = std::move(pulled.mapped().rooms);
    bump(cluster_.shards.pulled);
  } else if (auto own = sealed_.extract(shard)) {
    rooms = std::move(own.mapped());
  }
  sealed_.erase(shard);
  for (auto& r : rooms)
    if (const auto at = r.room; !r.blank())
      cluster_.node.routes.route_here(at, restore_room{std::move(r), salvaged});
  routes_.open(shard);
  newly_active_.push_back(shard);
}

} // namespace argosy
