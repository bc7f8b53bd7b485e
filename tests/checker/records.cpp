#include "tests/checker/records.hpp"

#include <charconv>

namespace argosy::checker {

std::optional<message_id> message_id::parse(std::string_view payload) {
  if (payload.size() >= 2 && payload.front() == '"' && payload.back() == '"')
    payload = payload.substr(1, payload.size() - 2);
  const auto hash = payload.rfind('#');
  if (hash == std::string_view::npos || hash == 0)
    return std::nullopt;
  message_id id{std::string{payload.substr(0, hash)}, 0};
  const auto* end = payload.data() + payload.size();
  const auto [stopped, error] = std::from_chars(payload.data() + hash + 1, end, id.counter);
  if (error != std::errc{} || stopped != end)
    return std::nullopt;
  return id;
}

std::string text(const attempted& r) {
  return "send " + r.what.text() + " to " + r.room + ", attempt " + std::to_string(r.attempt)
         + " on " + r.connection;
}

std::string text(const answered& r) {
  const auto outcome = r.how == result::ok         ? "ok at " + r.where.text()
                       : r.how == result::rejected ? std::string{"rejected"}
                                                   : std::string{"not now"};
  return "answer " + r.what.text() + ", attempt " + std::to_string(r.attempt) + ": " + outcome;
}

std::string text(const subscribed& r) {
  return r.session + " in " + r.room + " at " + r.where.text()
         + (!r.recovering ? std::string{}
            : r.recovered ? ", recovered from " + r.since.text()
                          : ", not recovered from " + r.since.text());
}

std::string text(const unsubscribed& r) {
  return r.session + " out of " + (r.room.empty() ? std::string{"all rooms"} : r.room) + ": "
         + std::to_string(r.code);
}

std::string text(const delivered& r) {
  return r.session + " gets " + r.payload + " at " + std::to_string(r.where.offset) + " in "
         + r.room;
}

std::string text(const gap_announced& r) {
  return r.session + " in " + r.room + " is told of a gap, " + std::to_string(r.from) + "-"
         + std::to_string(r.to) + ": " + r.reason;
}

std::string text(const final_read& r) {
  return r.reader + " reads " + r.room + ": " + std::to_string(r.items.size()) + " up to "
         + r.top.text();
}

std::string text(const fault_injected& r) {
  return "FAULT " + r.what;
}

} // namespace argosy::checker
