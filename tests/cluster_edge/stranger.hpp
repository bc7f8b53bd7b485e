// stranger: a client of the cluster port that need not be honest: a plain socket, or TLS with
// whatever certificate it likes. Blocking, with the one deadline of all tests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace argosy::test {

class stranger {
public:
  explicit stranger(std::uint16_t port);
  ~stranger();
  stranger(stranger&& other) noexcept;

  /// Shows the certificate, if there is one; trusts everybody. False if the handshake fails.
  bool start_tls(const std::string& certificate_file, const std::string& key_file);

  void send(std::string_view bytes);
  /// Fewer bytes only at the end of the stream.
  std::string receive(std::size_t size);
  /// Reads until the other side has closed; false at the deadline.
  bool closed_by_peer();

private:
  long read_some(char* into, std::size_t room);

  int fd_ = -1;
  std::shared_ptr<ssl_ctx_st> context_;
  std::shared_ptr<ssl_st> tls_;
};

} // namespace argosy::test
