#include "bench/self_signed.hpp"
#include "bench/tls_client.hpp"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

using namespace argosy::bench;

namespace {

/// A TLS server over one end of a socket pair, with the certificate that `bench --self tls` makes.
struct server_end {
  server_end() {
    std::string directory = std::filesystem::temp_directory_path() / "argosy-tls-XXXXXX";
    REQUIRE(::mkdtemp(directory.data()) != nullptr);
    const auto cert = directory + "/cert.pem", key = directory + "/key.pem";
    write_self_signed(cert, key);
    context.reset(::SSL_CTX_new(::TLS_server_method()));
    CHECK(::SSL_CTX_use_certificate_chain_file(context.get(), cert.c_str()) == 1);
    CHECK(::SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) == 1);
    CHECK(::SSL_CTX_check_private_key(context.get()) == 1);
    std::filesystem::remove_all(directory);
    listen();
  }
  ~server_end() { hang_up(); }

  void listen() {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
    session.reset(::SSL_new(context.get()));
    ::SSL_set_fd(session.get(), fds[0]);
    ::SSL_set_accept_state(session.get());
  }
  void hang_up() const {
    ::close(fds[0]);
    ::close(fds[1]);
  }

  tls_state shake_hands_with(SSL& client) {
    auto state = tls_state::wants_more;
    for (int turn = 0; turn < 10 && state == tls_state::wants_more; ++turn) {
      state = tls_client::handshake(client);
      ::SSL_do_handshake(session.get());
    }
    return state;
  }

  std::unique_ptr<SSL_CTX, tls_deleter> context;
  tls_session session;
  int fds[2] = {-1, -1};
};

} // namespace

TEST_CASE("tls_client: shakes hands with a self-signed server, then carries bytes both ways") {
  server_end server;
  const tls_client client;
  const auto session = client.open(server.fds[1]);
  REQUIRE(session);
  REQUIRE(server.shake_hands_with(*session) == tls_state::done);

  std::array<char, 64> buffer{};
  CHECK(tls_client::read(*session, buffer) == -1);
  CHECK(errno == EAGAIN);
  REQUIRE(::SSL_write(server.session.get(), "down", 4) == 4);
  CHECK(tls_client::read(*session, buffer) == 4);
  CHECK(std::string_view(buffer.data(), 4) == "down");
  CHECK(tls_client::write(*session, std::string_view("up")) == 2);
  CHECK(::SSL_read(server.session.get(), buffer.data(), 64) == 2);
  ::SSL_shutdown(server.session.get());
  CHECK(tls_client::read(*session, buffer) == 0);
}

TEST_CASE("tls_client: shows the ticket of an earlier connection, when it is to resume") {
  for (const bool resumes : {true, false}) {
    server_end server;
    tls_client client{resumes};
    const auto first = client.open(server.fds[1]);
    REQUIRE(server.shake_hands_with(*first) == tls_state::done);
    CHECK(::SSL_session_reused(first.get()) == 0);
    std::array<char, 64> buffer{};
    CHECK(tls_client::read(*first, buffer) == -1); // takes the ticket in
    CHECK(client.has_ticket() == resumes);

    for (int again = 0; again < 2; ++again) { // nothing is read, so no newer ticket comes
      server.hang_up();
      server.listen();
      const auto next = client.open(server.fds[1]);
      REQUIRE(server.shake_hands_with(*next) == tls_state::done);
      CHECK(::SSL_session_reused(next.get()) == (resumes ? 1 : 0));
    }
  }
}

TEST_CASE("tls_client: says that a handshake with a peer that speaks something else has failed") {
  int fds[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
  const tls_client client;
  const auto session = client.open(fds[1]);
  CHECK(tls_client::handshake(*session) == tls_state::wants_more);
  REQUIRE(::write(fds[0], "HTTP/1.1 400 Bad Request\r\n\r\n", 28) == 28);
  CHECK(tls_client::handshake(*session) == tls_state::failed);
  ::close(fds[0]);
  ::close(fds[1]);
}
