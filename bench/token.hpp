// token: connection tokens for load-test users, HS256 (RFC 7515, RFC 7519).
#pragma once

#include <string>
#include <string_view>

namespace argosy::bench {

/// A token without expiry whose subject is `user`. About 2 us.
std::string hs256_token(std::string_view user, std::string_view secret);

} // namespace argosy::bench
