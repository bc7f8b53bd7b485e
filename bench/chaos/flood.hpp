// flood: one room with far more to say than a narrow line carries: a speaker at its owner, and a
// reader on a node beyond the line.
//
//   speaker --> owner of the room ==line==> far node --> reader
//
// What is too much for the line is skipped; then the reader must have been told before it hears
// the next word. Words are numbers, each with so many bytes after it. Runs on the caller's loop.
#pragma once

#include "bench/chaos/visitor.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace argosy::bench::chaos {

class flood {
public:
  flood(boost::asio::io_context& io, client::options at_owner, client::options far,
        std::string room);
  flood(const flood&) = delete;
  flood& operator=(const flood&) = delete;

  bool ready() const; ///< both are there

  /// Says so many words more, each when the one before is acknowledged and `pace` is over.
  void pour(std::size_t words, std::size_t bytes, std::chrono::milliseconds pace);
  bool poured() const noexcept { return said_ == to_say_; }

  word said() const noexcept { return said_; } ///< and acknowledged
  word last_heard() const noexcept { return last_heard_; }
  std::uint64_t heard() const noexcept { return heard_; }
  std::uint64_t told_of_gaps() const noexcept { return told_; }
  std::uint64_t silent_gaps() const noexcept { return silent_; }

private:
  void say();
  void hear(word what);

  client::client speaker_, reader_;
  boost::asio::steady_timer wait_;
  std::string room_, filling_;
  std::chrono::milliseconds pace_{};
  word said_ = 0, to_say_ = 0;
  word last_heard_ = 0;
  std::uint64_t subscribed_ = 0, heard_ = 0, told_ = 0, silent_ = 0;
  bool warned_ = false; ///< since the last word
};

} // namespace argosy::bench::chaos
