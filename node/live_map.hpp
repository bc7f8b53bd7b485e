// live_map: the fleet as the page draws it: every node with what it carries, and one room's owner
// and subscribers.
//
// Anybody may ask, so a question to the fleet is asked at most once a second for all who ask: who
// comes while it is under way gets its answer, who comes soon after gets the last one.
#pragma once

#include "actors/node_services.hpp"
#include "runtime/http.hpp"
#include "runtime/messages/admin.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace argosy {

class live_map {
public:
  static constexpr std::size_t rooms_max = 64;

  explicit live_map(const node_services& services);

  /// Any thread. `target` may ask for a channel of the tenant "default", `/map?room=chat:lobby`;
  /// else the nodes alone.
  void answer(std::string_view target, http_responder respond);

private:
  struct entry {
    std::chrono::steady_clock::time_point asked_at{};
    std::string json; ///< "" while the first answer is under way
    bool asked = false;
    std::vector<http_responder> waiting;
  };
  /// Outlives the map while answers are under way.
  struct shared {
    std::mutex mutex;
    std::map<std::string, entry, std::less<>> entries; ///< by room
  };

  void ask(const std::string& room);
  static void settle(shared& all, const std::string& room, const std::string& json);

  const node_services& node_;
  std::shared_ptr<shared> shared_ = std::make_shared<shared>();
};

/// The value of `room` in the query of `target`; "" if it has none.
std::string room_asked_for(std::string_view target);

/// The JSON of the map. `nodes` are answers about the node, `members` about the room; `owner` "" =
/// nobody owns it now.
std::string map_json(std::string_view self, const fleet_told& nodes, std::string_view room,
                     std::string_view owner, const fleet_told& members);

} // namespace argosy
