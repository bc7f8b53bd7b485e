#include "bench/chaos/flood.hpp"

#include <utility>

namespace argosy::bench::chaos {

flood::flood(boost::asio::io_context& io, client::options at_owner, client::options far,
             std::string room)
    : speaker_(io, std::move(at_owner)), reader_(io, std::move(far)), wait_(io),
      room_(std::move(room)) {
  client::subscription_events events;
  events.on_subscribed = [this](const subscribe_result&) {
    if (subscribed_++ == 0)
      return;
    ++told_; // the room remembers nothing, so to subscribe again is to have missed something
    warned_ = true;
  };
  events.on_gap = [this](const gap_push&) {
    ++told_;
    warned_ = true;
  };
  events.on_publication = [this](const publication& p) { hear(word_in(p.data)); };
  reader_.subscribe(room_, {}, std::move(events));
  reader_.connect();
  speaker_.connect();
}

bool flood::ready() const {
  return subscribed_ > 0 && speaker_.connected();
}

void flood::pour(std::size_t words, std::size_t bytes, std::chrono::milliseconds pace) {
  to_say_ = said_ + words;
  filling_.assign(bytes, 'x');
  pace_ = pace;
  say();
}

void flood::say() {
  if (poured())
    return;
  wait_.expires_after(pace_);
  client::publish_options how;
  how.idempotency_key = std::to_string(said_ + 1);
  speaker_.publish(
      room_, std::to_string(said_ + 1) + " " + filling_,
      [this](const client::outcome<publish_result>& answer) {
        said_ += answer ? 1 : 0;
        wait_.async_wait([this](boost::system::error_code stopped) {
          if (!stopped)
            say();
        });
      },
      how);
}

void flood::hear(word what) {
  if (what == 0)
    return; // said to find out whose the room is
  silent_ += what != last_heard_ + 1 && !warned_ ? 1 : 0;
  warned_ = false;
  last_heard_ = what;
  ++heard_;
}

} // namespace argosy::bench::chaos
