// room_reader: reads what rooms hold through one node, room after room and page by page, into the
// ledger. A node that says "not now" is asked again.
#pragma once

#include "bench/chaos/ledger.hpp"
#include "clients/cpp/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <optional>
#include <string>
#include <vector>

namespace argosy::bench::chaos {

class room_reader {
public:
  /// Begins at once; `rooms` are known to the ledger by their place.
  room_reader(boost::asio::io_context& io, client::options how, std::vector<std::string> rooms,
              ledger& into);
  room_reader(const room_reader&) = delete;
  room_reader& operator=(const room_reader&) = delete;

  bool done() const noexcept { return at_ == rooms_.size(); }

private:
  void ask();
  void take(const history_result& page);

  client::client line_;
  boost::asio::steady_timer wait_;
  std::vector<std::string> rooms_;
  ledger& ledger_;
  std::size_t at_ = 0;                    ///< the room that is read
  std::optional<stream_position> so_far_; ///< of that room; nothing before its top is known
};

} // namespace argosy::bench::chaos
