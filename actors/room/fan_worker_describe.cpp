// What a loop tells people about itself, its connections and its rooms.
#include "actors/connection/connection_actor.hpp"
#include "actors/room/fan_worker_actor.hpp"

#include <algorithm>
#include <utility>

namespace argosy {

namespace {

/// The largest `limit` by `size`, largest first.
template <class T>
void keep_largest(std::vector<std::pair<std::size_t, T>>& all, std::size_t limit) {
  const auto larger = [](const auto& a, const auto& b) { return a.first > b.first; };
  const auto kept = std::min(limit, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(),
                    larger);
  all.resize(kept);
}

} // namespace

void fan_worker_actor::describe_to(const describe& m) {
  m.origin.answer(
      description{0,
                  "loop",
                  "loop/" + std::to_string(loop_.index()),
                  {{"connections", std::to_string(metrics_.opened.get() - metrics_.closed.get())},
                   {"rooms", std::to_string(rooms_.size())},
                   {"deliveries", std::to_string(metrics_.deliveries.get())},
                   {"rooms_with_backlog", std::to_string(turns_.size())}}});
}

void fan_worker_actor::list(const describe_loop& m) {
  loop_described answer;
  if (m.of == describe_loop::what::rooms)
    list_rooms(m, answer);
  else
    list_connections(m, answer);
  m.origin.answer(std::move(answer));
}

void fan_worker_actor::list_connections(const describe_loop& m, loop_described& out) {
  std::vector<std::pair<std::size_t, connection_actor*>> found;
  loop_.for_each_handler([&](socket_handler& handler) {
    auto* connection = dynamic_cast<connection_actor*>(&handler);
    if (connection == nullptr || !connection->goes_by(m.subject))
      return;
    found.emplace_back(connection->queued_bytes(), connection);
  });
  out.total = found.size();
  keep_largest(found, m.limit);
  for (const auto& [size, connection] : found)
    out.items.push_back(connection->described());
}

void fan_worker_actor::list_rooms(const describe_loop& m, loop_described& out) {
  std::vector<std::pair<std::size_t, const address*>> found;
  const auto wanted = address::parse(m.subject);
  if (wanted) {
    if (const auto room = rooms_.find(*wanted); room != rooms_.end())
      found.emplace_back(room->second->size(), &room->first);
  } else {
    for (const auto& [at, room] : rooms_)
      found.emplace_back(room->size(), &at);
  }
  out.total = found.size();
  keep_largest(found, m.limit);
  for (const auto& [members, at] : found)
    out.items.push_back(
        {0, "members", std::string{at->text()}, {{"members", std::to_string(members)}}});
}

} // namespace argosy
