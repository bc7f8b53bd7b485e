// presence_roll: who is online in the rooms of one shard, as its tracker adds it up.
//
// Picture the purser's roll on a ship with many gangways. Each gangway's watchman writes only his
// own lines; the purser compares counts with him now and then and asks for his list when they
// differ. Who has lost the way back on board stays on the roll for a while: comes he up by another
// gangway, the old line is struck only after the new one is written, so that he is never missing.
//
// Invariants: an entry has one gateway, or none while it lingers; of a person that moves, the join
// comes before the leave. Pure; time is an argument. Used by the presence tracker.
#pragma once

#include "runtime/cluster/presence_talk.hpp"
#include "runtime/core/presence_table.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace argosy::cluster {

/// Somebody whose coming and going the room is to hear of has come or gone.
struct presence_fact {
  address room;
  client_info_ptr info;
  bool joined = false;
};

class presence_roll {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using facts = std::vector<presence_fact>;

  presence_roll(const presence_limits& limits, time_point now) : limits_(limits), since_(now) {}

  /// Take what a gateway says, append what the rooms are to hear to `out`. False: something is
  /// missing, ask the gateway for a snapshot; at most once a second each.
  [[nodiscard]] bool take(presence_delta& m, time_point now, facts& out);
  [[nodiscard]] bool take(presence_snapshot& m, time_point now, facts& out);
  [[nodiscard]] bool take(const presence_beat& m, time_point now, facts& out);

  /// From the predecessor in office.
  void take(const presence_left_over& m, time_point now);

  /// That life of a node is over: its clients have the grace to come back elsewhere.
  void gone(const node_identity& gateway, time_point now, facts& out);

  /// Strikes who has lingered for too long, and all of gateways that have been silent for the
  /// grace.
  void sweep(time_point now, facts& out);
  /// When `sweep` may have something to do; nothing = not before the next message.
  std::optional<time_point> next_sweep() const;
  /// Nobody could be heard for a while: silence until now proves nothing.
  void excuse_silence(time_point now);

  /// Those that may come back, for the successor in office.
  std::vector<presence_change> lingering() const;

  const presence_table& table() const noexcept { return table_; }
  std::size_t gateways() const noexcept;
  std::size_t lingerers() const noexcept { return lingerers_.size(); }
  /// True when nothing would be forgotten.
  bool empty() const noexcept { return table_.entries() == 0; }

private:
  static constexpr std::uint16_t nobody = 0xFFFF;

  struct gateway {
    node_identity id;
    std::uint64_t sequence = 0; ///< of what was taken last; 0 = nothing yet
    presence_digest holds;
    time_point heard{};
    std::optional<time_point> asked{};
    std::vector<presence_change> pages{}; ///< of a snapshot that is still coming
    std::uint64_t pages_of = 0;
    std::uint32_t next_page = 0;
  };
  struct lingerer {
    address room;
    client_info_ptr info;
    bool listed;
    time_point until;
  };

  // -- gateways -----------------------------------------------------------------------------------
  std::uint16_t known(const node_identity& id) const noexcept;
  /// `nobody` if a later life of that name has been heard.
  std::uint16_t hear(const node_identity& id, time_point now, facts& out);
  bool ask(gateway& g, time_point now);
  void replace(std::uint16_t by, std::vector<presence_change> entries, time_point now, facts& out);
  void lose_all(std::uint16_t of, time_point until, facts& out);

  // -- entries ------------------------------------------------------------------------------------
  void apply(std::uint16_t by, presence_change& c, time_point now, facts& out);
  void arrived(std::uint16_t by, presence_change& c, facts& out);
  void left(std::uint16_t by, const presence_change& c, facts& out);
  void lost(std::uint16_t by, const presence_change& c, time_point until, facts& out);
  bool is_here_besides(const presence_change& c) const;
  void strike(const address& room, const client_info_ptr& who, facts& out);
  void say(const presence_entry& about, const address& room, bool joined, facts& out) const;

  // -- lingerers ----------------------------------------------------------------------------------
  void linger(const address& room, client_info_ptr who, bool listed, time_point until);
  bool stop_lingering(const address& room, const client_info& who);
  void returned(const address& room, const client_info& who, facts& out);

  presence_limits limits_;
  time_point since_; ///< in office
  presence_table table_;
  std::vector<std::optional<gateway>> gateways_;               ///< by presence_entry::gateway
  std::unordered_multimap<std::uint64_t, lingerer> lingerers_; ///< by room and user
  std::multimap<time_point, std::uint64_t> due_;               ///< keys of lingerers_
};

} // namespace argosy::cluster
