#include "node/admin_socket.hpp"

#include "actors/admin/shell_answer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <map>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace argosy {

namespace {

namespace asio = boost::asio;
using stream = asio::local::stream_protocol;
using error_code = boost::system::error_code;

constexpr std::chrono::seconds write_patience{10};

/// Between two attempts when there is no descriptor for a newcomer.
constexpr std::chrono::milliseconds accept_pause{200};

sockaddr_un address_of(const std::string& path) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  path.copy(out.sun_path, sizeof out.sun_path - 1);
  return out;
}

std::string text_of(int error) {
  return std::error_code{error, std::generic_category()}.message();
}

/// Makes way for a new socket at `path`: takes away one that nobody listens on. "" or a sentence.
std::string clear_the_way(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0)
    return {};
  if (!S_ISSOCK(found.st_mode))
    return "`admin.socket` is \"" + path + "\", where something else is; name another path";
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const auto at = address_of(path);
  const bool refused = probe >= 0
                       && ::connect(probe, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0
                       && errno == ECONNREFUSED;
  if (probe >= 0)
    ::close(probe);
  if (!refused)
    return "`admin.socket` is \"" + path
           + "\", where another process listens; give each node its own path";
  ::unlink(path.c_str());
  return {};
}

} // namespace

// -- the counter ----------------------------------------------------------------------------------

class admin_socket::counter : public std::enable_shared_from_this<counter> {
public:
  explicit counter(desk answers) : answers_(std::move(answers)), door_(loop_), pause_(loop_) {}

  std::string listen(const std::string& path);
  void run() {
    accept();
    loop_.run();
  }
  void stop() { loop_.stop(); }

private:
  struct client {
    explicit client(asio::io_context& loop) : socket(loop), deadline(loop) {}
    stream::socket socket;
    asio::steady_timer deadline;
    std::string in;
    std::string out;
  };
  using number = std::uint64_t;

  void accept();
  void read(number n);
  void ask(number n, std::size_t size);
  void write(number n, std::string line, bool last);
  void close_when_read(number n);
  void hang_up_after_patience(number n);
  client* find(number n) {
    const auto found = clients_.find(n);
    return found == clients_.end() ? nullptr : found->second.get();
  }

  desk answers_;
  asio::io_context loop_{1};
  stream::acceptor door_;
  asio::steady_timer pause_;
  std::map<number, std::shared_ptr<client>> clients_;
  number last_ = 0;
};

std::string admin_socket::counter::listen(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto at = address_of(path);
  // Nobody else may open it, not even for the moment between bind and chmod.
  if (fd < 0 || ::fchmod(fd, 0600) != 0
      || ::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0
      || ::chmod(path.c_str(), 0600) != 0 || ::listen(fd, 16) != 0) {
    const auto why = text_of(errno);
    if (fd >= 0)
      ::close(fd);
    return "`admin.socket` is \"" + path + "\", which cannot be listened on: " + why
           + "; name a path in a directory that this user may write to";
  }
  door_.assign(stream{}, fd);
  return {};
}

void admin_socket::counter::accept() {
  auto newcomer = std::make_shared<client>(loop_);
  door_.async_accept(newcomer->socket, [this, newcomer](error_code failed) {
    if (failed == asio::error::operation_aborted)
      return;
    if (failed) {
      pause_.expires_after(accept_pause);
      pause_.async_wait([this](error_code cancelled) {
        if (!cancelled)
          accept();
      });
      return;
    }
    const auto n = ++last_;
    clients_.emplace(n, newcomer);
    if (clients_.size() > clients_max)
      write(n, shell_error("too many shells are open on this node; close one"), true);
    else
      read(n);
    accept();
  });
}

void admin_socket::counter::read(number n) {
  const auto c = clients_.at(n);
  asio::async_read_until(c->socket, asio::dynamic_buffer(c->in, request_bytes_max), '\n',
                         [this, n, c](error_code failed, std::size_t size) {
                           if (find(n) == nullptr)
                             return;
                           if (failed == asio::error::not_found)
                             write(n, shell_error("the request is too long"), true);
                           else if (failed)
                             clients_.erase(n);
                           else
                             ask(n, size);
                         });
}

// The next line is read when this one has been answered: a client has one question at a time.
void admin_socket::counter::ask(number n, std::size_t size) {
  auto& c = *clients_.at(n);
  const auto line = c.in.substr(0, size - 1);
  c.in.erase(0, size);
  answers_(line, [self = shared_from_this(), n](std::string answer) {
    asio::post(self->loop_, [self = self.get(), n, answer = std::move(answer)]() mutable {
      if (self->find(n) != nullptr)
        self->write(n, std::move(answer), false);
    });
  });
}

void admin_socket::counter::hang_up_after_patience(number n) {
  const auto c = clients_.at(n);
  c->deadline.expires_after(write_patience);
  c->deadline.async_wait([this, n, c](error_code cancelled) {
    if (cancelled || c->deadline.expiry() > std::chrono::steady_clock::now())
      return;
    error_code ignored;
    c->socket.close(ignored);
    clients_.erase(n);
  });
}

void admin_socket::counter::write(number n, std::string line, bool last) {
  const auto c = clients_.at(n);
  c->out = std::move(line) + "\n";
  hang_up_after_patience(n);
  asio::async_write(c->socket, asio::buffer(c->out),
                    [this, n, last, c](error_code failed, std::size_t) {
                      c->deadline.expires_at(asio::steady_timer::time_point::max());
                      if (failed)
                        clients_.erase(n);
                      else if (find(n) != nullptr)
                        last ? close_when_read(n) : read(n);
                    });
}

// To close while something is unread would reset the connection, and the peer might lose the
// answer.
void admin_socket::counter::close_when_read(number n) {
  const auto c = clients_.at(n);
  error_code ignored;
  c->socket.shutdown(stream::socket::shutdown_send, ignored);
  c->in.resize(request_bytes_max);
  if (c->deadline.expiry() == asio::steady_timer::time_point::max())
    hang_up_after_patience(n);
  c->socket.async_read_some(asio::buffer(c->in), [this, n, c](error_code failed, std::size_t) {
    if (find(n) == nullptr)
      return;
    if (failed)
      clients_.erase(n);
    else
      close_when_read(n);
  });
}

// -- the socket -----------------------------------------------------------------------------------

admin_socket::admin_socket(desk answers) : counter_(std::make_shared<counter>(std::move(answers))) {
}

admin_socket::~admin_socket() {
  stop();
}

std::string admin_socket::start(const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return "`admin.socket` is \"" + path + "\", which is longer than the "
           + std::to_string(sizeof(sockaddr_un::sun_path) - 1)
           + " bytes that a socket's path may have; name a shorter one";
  if (auto problem = clear_the_way(path); !problem.empty())
    return problem;
  if (auto problem = counter_->listen(path); !problem.empty())
    return problem;
  path_ = path;
  thread_ = std::thread{[at = counter_] { at->run(); }};
  return {};
}

void admin_socket::stop() {
  if (!running())
    return;
  counter_->stop();
  thread_.join();
  ::unlink(path_.c_str());
}

} // namespace argosy
