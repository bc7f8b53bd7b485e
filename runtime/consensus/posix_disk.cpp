#include "runtime/consensus/posix_disk.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace argosy::consensus {

namespace {

constexpr std::uint64_t file_bytes_max = 256ULL << 20;

class descriptor {
public:
  explicit descriptor(int fd) : fd_(fd) {}
  ~descriptor() { close(); }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  int release() noexcept { return std::exchange(fd_, -1); }
  bool close() noexcept { return fd_ < 0 || ::close(release()) == 0; }

private:
  int fd_;
};

/// Errors that will not go away by trying again get the remedy that fits them.
std::string remedy_of(int error) {
  switch (error) {
  case ENOSPC:
  case EDQUOT:
    return "free some space there and restart the node";
  case EACCES:
  case EPERM:
  case EROFS:
    return "let the node's user write there";
  default:
    return "check the disk and restart the node";
  }
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool read_all(int fd, std::string& out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const auto n = ::read(fd, out.data() + filled, out.size() - filled);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return false;
    if (n == 0)
      break;
    filled += static_cast<std::size_t>(n);
  }
  out.resize(filled);
  return true;
}

std::string sentence(const char* what, const std::string& path, int error) {
  return std::string{"cannot "} + what + " " + path + " (" + std::strerror(error)
         + "): " + remedy_of(error);
}

} // namespace

posix_disk::opened posix_disk::open(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return {nullptr, sentence("make the directory", directory, errno)};
  descriptor fd{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd)
    return {nullptr, sentence("open the directory", directory, errno)};
  descriptor lock{::openat(fd.get(), "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!lock)
    return {nullptr, sentence("open", directory + "/lock", errno)};
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return {nullptr, directory
                         + " is in use by another process: give each node a directory of its"
                           " own, or stop that process"};
  descriptor parent{::openat(fd.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!parent || ::fsync(parent.get()) != 0)
    return {nullptr, sentence("sync the parent of", directory, errno)};
  return {std::unique_ptr<posix_disk>{new posix_disk{directory, fd.release(), lock.release()}}, {}};
}

posix_disk::posix_disk(std::string directory, int fd, int lock_fd)
    : directory_(std::move(directory)), fd_(fd), lock_fd_(lock_fd) {
}

posix_disk::~posix_disk() {
  ::close(lock_fd_);
  ::close(fd_);
}

std::string posix_disk::failed(const char* what, const std::string& name) const {
  return sentence(what, path(name), errno);
}

disk::contents posix_disk::read(const std::string& name) {
  descriptor file{::openat(fd_, name.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file)
    return errno == ENOENT ? contents{} : contents{std::nullopt, failed("open", name)};
  struct stat info {};
  if (::fstat(file.get(), &info) != 0)
    return {std::nullopt, failed("read", name)};
  if (static_cast<std::uint64_t>(info.st_size) > file_bytes_max)
    return {std::nullopt, path(name) + " is longer than 256 MiB: it is none of ours, move it away"};
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  if (!read_all(file.get(), bytes))
    return {std::nullopt, failed("read", name)};
  return {std::move(bytes), {}};
}

std::string posix_disk::put(const std::string& name, std::string_view bytes, int flags) {
  descriptor file{::openat(fd_, name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600)};
  if (!file || !write_all(file.get(), bytes) || !file.close())
    return failed("write", name);
  return {};
}

std::string posix_disk::write(const std::string& name, std::string_view bytes) {
  return put(name, bytes, O_TRUNC);
}

std::string posix_disk::append(const std::string& name, std::string_view bytes) {
  return put(name, bytes, O_APPEND);
}

std::string posix_disk::cut(const std::string& name, std::uint64_t size) {
  descriptor file{::openat(fd_, name.c_str(), O_WRONLY | O_CLOEXEC)};
  if (!file || ::ftruncate(file.get(), static_cast<off_t>(size)) != 0)
    return failed("cut the end off", name);
  return {};
}

std::string posix_disk::sync(const std::string& name) {
  descriptor file{::openat(fd_, name.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file || ::fsync(file.get()) != 0)
    return failed("sync", name);
  return {};
}

std::string posix_disk::rename(const std::string& from, const std::string& to) {
  return ::renameat(fd_, from.c_str(), fd_, to.c_str()) == 0 ? std::string{} : failed("write", to);
}

std::string posix_disk::sync_directory() {
  return ::fsync(fd_) == 0 ? std::string{} : failed("sync", ".");
}

} // namespace argosy::consensus
