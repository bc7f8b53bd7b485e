// disk_format: the bytes in which a file_store writes what it promises. Pure.
//
// All numbers are little-endian. A sealed file (`promises`, `snapshot`) is replaced as a whole:
// magic, size and checksum of the payload, payload. A log is a magic and then frames, each a header
// (payload size, payload checksum, number, checksum of the header) and a payload; frames are
// numbered without a gap. Whatever does not check is where a reader stops.
#pragma once

#include "runtime/consensus/stored_state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace argosy::consensus {

/// `log_frame` is the number of the last frame of the log whose write was reported as done: a log
/// that ends before it has lost something.
struct stored_promises {
  std::uint64_t term = 0;
  std::uint64_t vote = 0;
  std::uint64_t log_frame = 0;

  friend bool operator==(const stored_promises&, const stored_promises&) = default;
};

/// The first frame of a log: where it begins.
struct log_begins {
  std::uint64_t first_index = 1;
};
struct log_appends {
  std::uint64_t first_index = 1;
  std::vector<stored_entry> entries;
};
struct log_truncates {
  std::uint64_t index = 1;
};
using log_record = std::variant<log_begins, log_appends, log_truncates>;

std::string seal(const stored_promises& promises);
std::string seal(const stored_snapshot& snapshot);
/// Nothing if a single bit is not as it was written.
std::optional<stored_promises> unseal_promises(std::string_view file);
std::optional<stored_snapshot> unseal_snapshot(std::string_view file);

std::string log_magic();
std::string frame_of(std::uint64_t number, const log_record& record);

/// Takes one frame off a log, from behind the magic to the end.
class log_reader {
public:
  explicit log_reader(std::string_view file) noexcept;

  bool has_magic() const noexcept { return has_magic_; }
  /// Nothing at the end, and where the bytes stop making sense.
  std::optional<log_record> next();
  std::uint64_t last_frame() const noexcept { return last_frame_; }
  /// Behind the last frame that was taken.
  std::size_t position() const noexcept { return position_; }

private:
  std::string_view file_;
  std::size_t position_ = 0;
  std::uint64_t last_frame_ = 0; ///< 0 = none yet
  bool has_magic_ = false;
};

} // namespace argosy::consensus
