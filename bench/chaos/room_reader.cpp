#include "bench/chaos/room_reader.hpp"

#include "bench/chaos/visitor.hpp"

#include <utility>

namespace argosy::bench::chaos {

namespace {

constexpr std::chrono::milliseconds again{25};
constexpr std::int32_t page_size = 1'000;

} // namespace

room_reader::room_reader(boost::asio::io_context& io, client::options how,
                         std::vector<std::string> rooms, ledger& into)
    : line_(io, std::move(how)), wait_(io), rooms_(std::move(rooms)), ledger_(into) {
  line_.connect();
  ask();
}

void room_reader::ask() {
  if (done())
    return;
  client::history_options page;
  page.limit = so_far_ ? page_size : 0; // first its position only
  page.since = so_far_;
  line_.history(rooms_[at_], page, [this](const client::outcome<history_result>& answer) {
    if (answer)
      return take(*answer);
    wait_.expires_after(again);
    wait_.async_wait([this](boost::system::error_code stopped) {
      if (!stopped)
        ask();
    });
  });
}

void room_reader::take(const history_result& page) {
  std::vector<std::pair<std::uint64_t, word>> items;
  for (const auto& p : page.items)
    items.emplace_back(p->offset, word_in(p->data));
  const auto reached = !so_far_ ? 0 : items.empty() ? page.offset : items.back().first;
  ledger_.holds(at_, {page.epoch, page.offset}, std::move(items));
  so_far_ = {page.epoch, reached};
  if (reached >= page.offset) {
    ++at_;
    so_far_.reset();
  }
  ask();
}

} // namespace argosy::bench::chaos
