// resend_table: the questions that this node has asked of others, until each has its answer.
//
// Picture the counter of a lost-property office: each question has a ticket and a time until which
// the customer waits. "Not here", "not yet" mean: ask again a little later, each time a little
// longer, not all at once. When the time is up the customer is told to come back; nobody is
// forgotten. Pure: time and seed are arguments. O(log n) an operation.
#pragma once

#include "runtime/cluster/stable_hash.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace argosy::cluster {

struct resend_settings {
  std::chrono::milliseconds deadline{5000};
  std::chrono::milliseconds backoff_first{20};
  std::chrono::milliseconds backoff_max{500};
  std::size_t questions_max = 64 << 10;
};

/// `Question` is all that is needed to ask again and to tell the sender: moved in and out.
template <class Question>
class resend_table {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using ticket_number = std::uint64_t;

  /// `seed` shifts the waits of this node against those of others.
  explicit resend_table(std::uint64_t seed, const resend_settings& settings = {})
      : settings_(settings), seed_(seed) {}

  /// Writes down what is being asked now. Nothing if the table is full: `question` is as it was,
  /// and the sender is told to retry later.
  [[nodiscard]] std::optional<ticket_number> ask(Question&& question, time_point now) {
    return ask(std::move(question), now, settings_.deadline);
  }
  [[nodiscard]] std::optional<ticket_number> ask(Question&& question, time_point now,
                                                 std::chrono::milliseconds deadline) {
    if (asked_.size() >= settings_.questions_max)
      return std::nullopt;
    const auto ticket = ++last_ticket_;
    const auto until = now + deadline;
    asked_.emplace(ticket, entry{std::move(question), until, until, 0});
    due_.emplace(until, ticket);
    return ticket;
  }

  /// The answer is here: gives the question back. Nothing if it is over already.
  std::optional<Question> answered(ticket_number ticket) {
    const auto found = asked_.find(ticket);
    if (found == asked_.end())
      return std::nullopt;
    return remove(found);
  }

  /// wrong_owner or not_ready: it will be asked again. False if it is over already.
  bool refused(ticket_number ticket, time_point now) {
    const auto found = asked_.find(ticket);
    if (found == asked_.end())
      return false;
    auto& e = found->second;
    if (e.due < e.until) // said twice
      return true;
    move(found, std::min(e.until, now + wait(ticket, e.refusals++)));
    return true;
  }

  /// There is a newer view: what waits to be asked again may be asked at once.
  void hurry(time_point now) {
    for (auto at = asked_.begin(); at != asked_.end(); ++at)
      if (at->second.due < at->second.until && at->second.due > now)
        move(at, now);
  }

  /// Calls `resend(ticket, question)` for what is to be asked again and `give_up(question)` for
  /// what has run out of time, in order of time. Neither may call this table.
  template <class Resend, class GiveUp>
  void tick(time_point now, Resend&& resend, GiveUp&& give_up) {
    while (!due_.empty() && due_.begin()->first <= now) {
      const auto found = asked_.find(due_.begin()->second);
      auto& e = found->second;
      if (e.until <= now) {
        give_up(remove(found));
        continue;
      }
      move(found, e.until);
      resend(found->first, std::as_const(e.question));
    }
  }

  std::optional<time_point> next_tick_at() const noexcept {
    return due_.empty() ? std::nullopt : std::optional{due_.begin()->first};
  }
  std::size_t size() const noexcept { return asked_.size(); }

private:
  struct entry {
    Question question;
    time_point until;
    time_point due; ///< = until while an answer is awaited
    std::uint32_t refusals = 0;
  };
  using table = std::map<ticket_number, entry>;

  /// Doubles up to the bound; the upper half of it is drawn.
  std::chrono::milliseconds wait(ticket_number ticket, std::uint32_t refusals) const noexcept {
    auto span = settings_.backoff_first;
    for (std::uint32_t i = 0; i < refusals && span < settings_.backoff_max; ++i)
      span *= 2;
    span = std::min(span, settings_.backoff_max);
    const auto half = static_cast<std::uint64_t>(span.count() / 2);
    const auto drawn = stable_hash(stable_hash(seed_, ticket), refusals) % (half + 1);
    return std::chrono::milliseconds{static_cast<std::int64_t>(half + drawn)};
  }

  void move(typename table::iterator at, time_point due) {
    due_.erase({at->second.due, at->first});
    at->second.due = due;
    due_.emplace(due, at->first);
  }

  Question remove(typename table::iterator at) {
    due_.erase({at->second.due, at->first});
    auto question = std::move(at->second.question);
    asked_.erase(at);
    return question;
  }

  resend_settings settings_;
  std::uint64_t seed_;
  ticket_number last_ticket_ = 0;
  table asked_;
  std::set<std::pair<time_point, ticket_number>> due_;
};

} // namespace argosy::cluster
