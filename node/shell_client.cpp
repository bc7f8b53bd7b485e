#include "node/shell_client.hpp"

#include "actors/admin/shell_answer.hpp"

#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace argosy {

namespace {

constexpr std::size_t answer_bytes_max = 64 << 20;

std::string text_of(int error) {
  return std::error_code{error, std::generic_category()}.message();
}

} // namespace

shell_client::~shell_client() {
  close();
}

void shell_client::close() {
  if (fd_ >= 0)
    ::close(std::exchange(fd_, -1));
}

/// "" or a sentence.
std::string shell_client::connect() {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  if (path_.size() >= sizeof at.sun_path)
    return "the path of the socket, \"" + path_ + "\", is too long for one";
  path_.copy(at.sun_path, sizeof at.sun_path - 1);
  fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0 || ::connect(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
    const auto why = text_of(errno);
    close();
    return "no node answers at \"" + path_ + "\": " + why
           + "; start one, or name its socket with --socket (the node's `admin.socket`)";
  }
  return {};
}

bool shell_client::send(std::string_view line) {
  auto out = std::string{line} + "\n";
  std::string_view rest{out};
  while (!rest.empty()) {
    const auto sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent <= 0)
      return false;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// A line, or "" when the connection broke.
std::string shell_client::receive(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  std::string in;
  while (in.empty() || in.back() != '\n') {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd ready{fd_, POLLIN, 0};
    const int n = left.count() > 0 ? ::poll(&ready, 1, static_cast<int>(left.count())) : 0;
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      close(); // an answer that comes later must not be taken for that to another question
      return shell_error("the node did not answer within " + std::to_string(patience.count())
                         + " ms; ask again, or look at its log");
    }
    char some[65536];
    const auto got = ::recv(fd_, some, sizeof some, 0);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return {};
    in.append(some, static_cast<std::size_t>(got));
    if (in.size() > answer_bytes_max) {
      close();
      return shell_error("the answer is larger than 64 MiB; ask for less");
    }
  }
  in.pop_back();
  return in;
}

std::string shell_client::ask(std::string_view line, std::chrono::milliseconds patience) {
  // A connection that was open before may have ended with its node: a new one is worth a try.
  for (const bool was_open : {fd_ >= 0, false}) {
    if (fd_ < 0)
      if (const auto problem = connect(); !problem.empty())
        return shell_error(problem);
    if (send(line))
      if (auto answer = receive(patience); !answer.empty())
        return answer;
    close();
    if (!was_open)
      break;
  }
  return shell_error("the node at \"" + path_ + "\" has closed the connection");
}

} // namespace argosy
