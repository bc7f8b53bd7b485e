// tls_context: certificate and key of the TLS endpoints, replaceable while connections run.
//
// Sessions keep the context they began with; only new handshakes see the new one. Ticket keys are
// carried over, so a reload does not cost every client a full handshake.
#pragma once

#include <memory>
#include <mutex>
#include <string>

struct ssl_ctx_st;

namespace argosy::net {

class tls_context {
public:
  using handle = std::shared_ptr<ssl_ctx_st>;

  tls_context(std::string certificate_file, std::string key_file);

  /// Reads the files. Returns "" or a sentence that names the file and the fault; then what was in
  /// use before stays in use. Any thread.
  std::string reload();

  /// The context for a new handshake; null before the first successful reload. Any thread.
  handle current() const;

private:
  const std::string certificate_file_;
  const std::string key_file_;
  mutable std::mutex mutex_;
  handle current_;
};

} // namespace argosy::net
