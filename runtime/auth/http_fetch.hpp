// http_fetch: one document over HTTP or HTTPS, blocking, bounded in time and size.
//
// For the key set of an identity provider, on a thread of its own. Certificates are checked against
// the system's store (SSL_CERT_FILE replaces it). Redirects are not followed: the URL of a key set
// is a matter of trust, so it is written in the configuration.
#pragma once

#include "runtime/auth/outcome.hpp"

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>

namespace argosy::auth {

/// The body of a 200 answer. `stop` ends the wait early.
outcome<std::string> fetch(const std::string& url, std::chrono::milliseconds timeout,
                           std::size_t bytes_max, const std::stop_token& stop = {});

} // namespace argosy::auth
