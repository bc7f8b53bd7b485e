// ledger: the records of a run, sorted by publication and by place; what the judge's rules read.
//
// Everybody who saw a publication at a place (its publisher by the acknowledgement, subscribers, a
// reader in the end) enters it here, and two entries for one place must be the same publication.
#pragma once

#include "tests/checker/judge.hpp"

#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace argosy::checker {

/// "Before" and "after" between records: their index in the chronicle.
using order_no = std::size_t;
inline constexpr order_no never = std::numeric_limits<order_no>::max();

struct attempt_facts {
  moment at{};
  order_no sent = 0;
  order_no answered = never;
  std::string connection;
  std::uint32_t number = 1;
  result how = result::unknown;
};

struct ack_facts {
  position where;
  order_no sent = 0; ///< the attempt that it answers
  order_no came = 0;
};

struct publication_facts {
  std::string room;
  std::string key;
  std::vector<attempt_facts> attempts; ///< never empty, in the order sent
  std::vector<ack_facts> acks;         ///< one for each place that was named
  std::optional<moment> acked_at;      ///< the first
  order_no acked = never;
  bool delivered = false;
  std::vector<position> places; ///< each once, in the order in which they became known

  bool refused() const;
  /// On one connection only: then its order among others of that connection is owed.
  bool one_connection() const;
  /// When the last of its attempts had failed, if all have.
  order_no given_up() const;
};

struct sighting {
  message_id what;
  std::string by;
};

/// Somebody who stood at `from` was told that nothing is missing in a later epoch.
struct went_on {
  position from;
  std::string epoch;
  friend bool operator<(const went_on& a, const went_on& b) noexcept {
    return std::tie(a.from.epoch, a.from.offset, a.epoch)
           < std::tie(b.from.epoch, b.from.offset, b.epoch);
  }
};

struct room_facts {
  std::set<went_on> lineage;
  std::map<std::string, std::map<std::uint64_t, sighting>> epochs;
  std::vector<final_read> ends;
  /// What came without a place (the room keeps no history), in the order in which each subscription
  /// heard it.
  std::map<std::string, std::vector<sighting>> heard;
};

class ledger {
public:
  void enter(const attempted& r, order_no no);
  void enter(const answered& r, order_no no);
  void enter(const final_read& r, order_no no);

  /// `by` saw `payload` in `room` at `where`; no place if its epoch is empty or its offset 0.
  /// Returns what it is, or nothing if it is a phantom.
  publication_facts* see(const std::string& room, const position& where, std::string_view payload,
                         const std::string& by, moment at);

  void complain(promise broken, std::string sentence) {
    out.violations.push_back({broken, std::move(sentence)});
  }

  std::map<message_id, publication_facts> publications;
  std::map<std::string, room_facts> rooms;
  verdict out;

private:
  void place(const std::string& room, const position& where, const message_id& what,
             const std::string& by, publication_facts& facts);
};

/// Follows each session through its subscriptions and deliveries; feeds the ledger.
void follow_sessions(const chronicle& run, const demands& of, ledger& book);

} // namespace argosy::checker
