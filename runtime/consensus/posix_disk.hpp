// posix_disk: a directory of the real file system, held by one process at a time.
#pragma once

#include "runtime/consensus/disk.hpp"

#include <memory>
#include <string>

namespace argosy::consensus {

class posix_disk final : public disk {
public:
  struct opened {
    std::unique_ptr<posix_disk> disk; ///< null if `problem` says why
    std::string problem;
  };
  /// Makes the directory (0700; its parent must be there) and locks it.
  static opened open(const std::string& directory);

  ~posix_disk() override;
  posix_disk(const posix_disk&) = delete;
  posix_disk& operator=(const posix_disk&) = delete;

  contents read(const std::string& name) override;
  std::string write(const std::string& name, std::string_view bytes) override;
  std::string append(const std::string& name, std::string_view bytes) override;
  std::string cut(const std::string& name, std::uint64_t size) override;
  std::string sync(const std::string& name) override;
  std::string rename(const std::string& from, const std::string& to) override;
  std::string sync_directory() override;
  std::string path(const std::string& name) const override { return directory_ + "/" + name; }

private:
  posix_disk(std::string directory, int fd, int lock_fd);

  std::string put(const std::string& name, std::string_view bytes, int flags);
  std::string failed(const char* what, const std::string& name) const;

  std::string directory_;
  int fd_;
  int lock_fd_;
};

} // namespace argosy::consensus
