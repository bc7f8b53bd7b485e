// crowd: the people of a chaos run: listeners on all nodes, and a speaker for each room, over
// WebSocket and the C++ client. Who is cut off goes to the next node, with the position it had.
//
// All of it runs on the caller's io_context, and writes down what it sees in a ledger.
#pragma once

#include "bench/chaos/ledger.hpp"
#include "bench/chaos/room_reader.hpp"
#include "clients/cpp/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace argosy::bench::chaos {

/// The port at which to reach a node; 0: it is not there.
using door = std::function<std::uint16_t(const std::string& node)>;

struct crowd_plan {
  std::string phase;              ///< in the names of the rooms, so that each phase has its own
  std::vector<std::string> homes; ///< nodes that people connect to first, in turn
  std::size_t rooms = 8;
  std::size_t listeners = 24;         ///< each in two rooms
  std::chrono::milliseconds pace{40}; ///< between two words of a room
};

class crowd {
public:
  crowd(boost::asio::io_context& io, crowd_plan plan, door to);
  ~crowd();
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;

  bool all_in() const; ///< everybody is subscribed
  void talk();
  void hush(); ///< speakers finish their word; `quiet` says when
  bool quiet() const;

  /// Reads what each room holds, by each of those nodes; `read` says when all is there.
  void read_rooms(const std::vector<std::string>& nodes);
  bool read() const;
  bool up_to_date() const; ///< of listeners, after that

  /// From `fault` to when each listener that was cut off since is back in all of its rooms; those
  /// that are not back yet are counted in `missing`.
  latency_histogram resumes(instant fault, std::size_t& missing) const;
  std::size_t refusals() const noexcept { return refusals_; } ///< publishes that had to be repeated

  const ledger& books() const noexcept { return ledger_; }
  std::size_t rooms() const noexcept { return plan_.rooms; }
  std::string room(std::size_t n) const;

private:
  struct person {
    std::size_t number = 0;
    std::size_t home = 0;
    std::unique_ptr<client::client> line;
    boost::asio::steady_timer wait;
    bool moving = false;
    explicit person(boost::asio::io_context& io) : wait(io) {}
  };
  struct listener : person {
    using person::person;
    std::vector<std::size_t> rooms;
    std::vector<std::optional<stream_position>> positions;
    std::size_t in = 0; ///< rooms of this connection
    instant cut_at{};
    instant back_at{};
  };
  struct speaker : person {
    using person::person;
    word next = 1;
    bool busy = false;
    bool first_try = true;
  };

  client::options options_for(const person& p) const;
  void connect(listener& l);
  void connect(speaker& s);
  template <class Person>
  void move(Person& p);
  void listen(listener& l, std::size_t place);
  void say(speaker& s);
  void say_later(speaker& s, std::chrono::milliseconds wait);
  void answered(speaker& s, const client::outcome<publish_result>& answer);
  std::size_t seat(const listener& l, std::size_t place) const { return l.number * 2 + place; }

  boost::asio::io_context& io_;
  crowd_plan plan_;
  door to_;
  ledger ledger_;
  std::vector<std::unique_ptr<listener>> listeners_;
  std::vector<std::unique_ptr<speaker>> speakers_;
  std::vector<std::unique_ptr<room_reader>> readers_;
  bool talking_ = false;
  std::size_t refusals_ = 0;
  std::uint32_t random_ = 1;
};

} // namespace argosy::bench::chaos
