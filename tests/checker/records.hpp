// records: what clients and readers of a run write down, as plain facts, for the judge.
//
// Picture the logbook of a regatta: who sailed when, who was seen where, and what the buoys say in
// the end. Nobody writes what he thinks of it. A record is made where the fact is seen (a client,
// a reader, whoever injects a fault), so the same records come from a simulation, from real
// processes and from a soak test. Pure: no actor, no socket, no clock.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace argosy::checker {

using moment = std::chrono::milliseconds; ///< since the start of the run

/// A publication as its publisher knows it; its payload is its text form.
struct message_id {
  std::string publisher;
  std::uint64_t counter = 0;

  auto operator<=>(const message_id&) const = default;
  std::string text() const { return publisher + "#" + std::to_string(counter); }
  /// Nothing if `payload` is not the text of one; quotes around it are passed over.
  static std::optional<message_id> parse(std::string_view payload);
};

/// A place in the history of a room.
struct position {
  std::string epoch;
  std::uint64_t offset = 0;

  bool operator==(const position&) const = default;
  std::string text() const { return epoch + ":" + std::to_string(offset); }
};

enum class result : std::uint8_t {
  ok,       ///< acknowledged, with its place
  rejected, ///< refused for good: it must never be seen
  unknown,  ///< no answer, or one that says "not now": it may be seen
};

// Rooms are named tenant/channel. A session is a subscriber across all of its connections.

/// One sending of a publication; a retry is another attempt with the same key.
struct attempted {
  moment at{};
  message_id what;
  std::string room;
  std::string key;
  std::string connection; ///< on one connection, what is sent first is first
  std::uint32_t attempt = 1;
};
struct answered {
  moment at{};
  message_id what;
  std::uint32_t attempt = 1;
  result how = result::unknown;
  position where; ///< of an `ok`; its epoch is empty where the room keeps no history
};
/// The answer to a subscribe. What was missed, if it `recovered`, follows as deliveries.
struct subscribed {
  moment at{};
  std::string session;
  std::string room;
  bool recovering = false;
  bool recovered = false;
  position since; ///< what it asked for, if it was recovering
  position where; ///< where the room stood; empty where it keeps no history
};
/// An unsubscribe by either side, or the end of the connection.
struct unsubscribed {
  moment at{};
  std::string session;
  std::string room; ///< "" = all of them
  std::uint32_t code = 0;
};
struct delivered {
  moment at{};
  std::string session;
  std::string room;
  position where; ///< an empty epoch is the one of the subscription
  std::string payload;
};
/// The session was told that it misses this range.
struct gap_announced {
  moment at{};
  std::string session;
  std::string room;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::string reason;
};
/// What a room holds in the end, read through one node.
struct final_read {
  moment at{};
  std::string reader;
  std::string room;
  position top;
  std::vector<std::pair<std::uint64_t, std::string>> items; ///< offset, payload; oldest first
};
struct fault_injected {
  moment at{};
  std::string what;
  std::vector<std::string> rooms; ///< those it hits; empty = all
};

using record = std::variant<attempted, answered, subscribed, unsubscribed, delivered, gap_announced,
                            final_read, fault_injected>;

// One line for people, without the time.
std::string text(const attempted& r);
std::string text(const answered& r);
std::string text(const subscribed& r);
std::string text(const unsubscribed& r);
std::string text(const delivered& r);
std::string text(const gap_announced& r);
std::string text(const final_read& r);
std::string text(const fault_injected& r);

/// In the order in which things were seen.
using chronicle = std::vector<record>;

} // namespace argosy::checker
