// client: a small blocking socket client for tests, plain or TLS, that can say anything a peer can,
// right or wrong. Every wait has one deadline and none of them sleeps.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;
struct ssl_session_st;

namespace argosy::test {

/// A frame as the client sees it.
struct received_frame {
  int opcode = 0;
  bool fin = true;
  bool compressed = false; ///< RSV1
  std::string payload;

  std::uint16_t close_code() const {
    return payload.size() < 2
               ? 1005
               : static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8
                                            | static_cast<unsigned char>(payload[1]));
  }
};

struct http_answer {
  int status = 0;
  std::string header; ///< as sent
  std::string body;
};

/// Bytes of one masked client frame.
std::string client_frame(int opcode, std::string_view payload, bool fin = true, bool masked = true,
                         bool compressed = false);
std::string client_close(std::uint16_t code, std::string_view reason = {});
std::string upgrade_text(std::string_view path = "/echo", std::string_view more_headers = {});

class client {
public:
  /// Connects to 127.0.0.1.
  explicit client(std::uint16_t port, int receive_buffer = 0);
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// Speaks TLS from now on; throws on failure. `resume` may be null.
  void start_tls(ssl_session_st* resume = nullptr, bool only_tls12 = false);
  std::string certificate_serial() const;
  bool resumed() const;
  ssl_session_st* session() const; ///< owned by the caller

  void send(std::string_view bytes);

  /// As send, but false if the server has hung up.
  bool try_send(std::string_view bytes);

  /// Upgrades, or throws with the answer.
  std::string upgrade(std::string_view path = "/echo", std::string_view more_headers = {});

  void send_text(std::string_view payload) { send(client_frame(1, payload)); }
  void send_binary(std::string_view payload) { send(client_frame(2, payload)); }

  /// The next frame; nothing at the end of the stream.
  std::optional<received_frame> next();

  /// As next, but skips everything that is not a close frame. 1006 at the end of the stream.
  std::uint16_t close_code();

  /// True once the server has closed the connection, all that comes before is thrown away.
  bool sees_end();

  http_answer read_answer();

  /// Stops here until the server has sent something or hung up.
  bool has_input();

  void shut_down_writing();
  void reset(); ///< closes with RST
  int fd() const { return fd_; }

private:
  std::size_t read_some(char* into, std::size_t room);
  bool fill(std::size_t bytes);
  bool wait_for(short events);

  int fd_ = -1;
  std::string in_;
  ssl_ctx_st* context_ = nullptr;
  ssl_st* ssl_ = nullptr;
};

} // namespace argosy::test
