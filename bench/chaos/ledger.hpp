// ledger: what was said in the rooms of a chaos run, what was acknowledged, and what each listener
// came to know, as numbers; in the end it says what was lost, repeated or skipped.
//
// Picture the counting-house of a port: each crate that leaves is written down with its number,
// each receipt is filed, and at the end of the voyage the books are laid side by side. Pure: no
// socket, no clock.
#pragma once

#include "bench/latency_histogram.hpp"
#include "runtime/core/publication.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace argosy::bench::chaos {

using instant = std::chrono::steady_clock::time_point;
using word = std::uint64_t; ///< the number of a publication in its room, from 1 on

/// What a phase of the run came to.
struct balance {
  std::uint64_t acked = 0;
  std::uint64_t acked_lost = 0;   ///< acknowledged, not in the room, and no listener ever had it
  std::uint64_t acked_gone = 0;   ///< acknowledged, not in the room, whoever had it
  std::uint64_t duplicates = 0;   ///< words that stand at two places of one epoch, or came twice
  std::uint64_t gaps = 0;         ///< listeners that were told to start afresh
  std::uint64_t silent_gaps = 0;  ///< listeners that were not told: a broken promise
  std::uint64_t epochs_begun = 0; ///< by rooms that had one
  std::uint64_t behind = 0;       ///< listeners that do not stand where their room stands
  std::uint64_t diverged =
      0; ///< words that were heard, or read, where the room holds none or another
  latency_histogram ack_ns; ///< from a word's first attempt to its acknowledgement
};

class ledger {
public:
  explicit ledger(std::size_t rooms, std::size_t listeners) : rooms_(rooms), seats_(listeners) {}

  // -- speakers -----------------------------------------------------------------------------------
  void said(std::size_t room, word what, instant at);
  void acked(std::size_t room, word what, const stream_position& where, instant at);

  // -- listeners; `seat` is one listener in one room
  // ------------------------------------------------
  void subscribed(std::size_t seat, std::size_t room, const stream_position& where, bool recovered);
  void heard(std::size_t seat, std::size_t room, std::uint64_t offset, word what, instant at);
  void told_of_gap(std::size_t seat, std::uint64_t to);

  // -- the end ------------------------------------------------------------------------------------
  /// What the room holds when all is quiet, as one reader is told, or a page of it. Readers of
  /// different nodes may each say it.
  void holds(std::size_t room, const stream_position& top,
             std::vector<std::pair<std::uint64_t, word>> items);
  balance close() const;

  /// From `fault` to the first acknowledgement of a word first said after it; nothing before that.
  std::optional<std::chrono::nanoseconds> first_ack_after(std::size_t room, instant fault) const;
  /// How many words were acknowledged then.
  std::size_t acked_between(instant from, instant to) const;
  /// From when a word was said to its acknowledgement, or to each listener, for those said then.
  latency_histogram acks_of(instant from, instant to) const;
  latency_histogram deliveries_of(instant from, instant to) const;
  bool up_to_date(std::size_t seat, std::size_t room, const stream_position& top) const;

private:
  struct word_account {
    instant said_at{};
    instant acked_at{};
    std::optional<stream_position> where;
    bool heard = false;
  };
  struct room_book {
    std::map<word, word_account> words;
    std::set<std::string> epochs;
    stream_position top;
    std::map<std::uint64_t, word> held; ///< by offset
  };
  struct seat_book {
    std::optional<std::size_t> room;
    stream_position at;
    std::map<word, std::uint64_t> words; ///< and their offsets, since it began afresh
  };

  std::vector<room_book> rooms_;
  std::vector<seat_book> seats_;
  std::vector<std::pair<instant, instant>> deliveries_; ///< said, heard
  std::uint64_t gaps_ = 0, silent_gaps_ = 0, repeated_ = 0, diverged_ = 0;
};

} // namespace argosy::bench::chaos
