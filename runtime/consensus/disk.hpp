// disk: the few things that a file_store asks of a file system, each one system call or two.
//
// All names are of files in one directory. Nothing but `sync` and `sync_directory` promises that a
// change survives the loss of power: a file's bytes need the first, its creation or renaming the
// second.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace argosy::consensus {

class disk {
public:
  virtual ~disk() = default;

  /// `bytes` is nothing if there is no such file, or if `problem` says why it cannot be read.
  struct contents {
    std::optional<std::string> bytes;
    std::string problem;
  };
  virtual contents read(const std::string& name) = 0;

  // Each of these returns one sentence if it failed, and nothing if it worked.

  /// Creates the file, or empties it first.
  [[nodiscard]] virtual std::string write(const std::string& name, std::string_view bytes) = 0;
  [[nodiscard]] virtual std::string append(const std::string& name, std::string_view bytes) = 0;
  [[nodiscard]] virtual std::string cut(const std::string& name, std::uint64_t size) = 0;
  [[nodiscard]] virtual std::string sync(const std::string& name) = 0;
  /// Replaces `to` if it is there.
  [[nodiscard]] virtual std::string rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual std::string sync_directory() = 0;

  /// Where that file is, for a sentence to a person.
  virtual std::string path(const std::string& name) const = 0;
};

} // namespace argosy::consensus
