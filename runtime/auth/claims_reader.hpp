// claims_reader: the JSON of a token becomes claims; a wrong type is an error, never a default.
//
// Called by the verifier with a payload whose signature has been checked.
#pragma once

#include "runtime/auth/algorithm.hpp"
#include "runtime/auth/claims.hpp"
#include "runtime/auth/outcome.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace argosy::auth {

/// The JOSE header (RFC 7515 section 4). An unknown algorithm, `none`, or a `crit` is a refusal.
struct token_header {
  algorithm alg = algorithm::hs256;
  std::string kid;
};
outcome<token_header> read_header(std::string_view json);

/// What is checked in tokens of both kinds.
struct common_claims {
  std::string tenant = "default";
  std::string user;
  std::int64_t expiry = 0; ///< `exp`: after it the token is not accepted any more
  /// When the connection or subscription ends: `expire_at` if given, else `exp`.
  std::int64_t expires_at = 0;
  std::int64_t not_before = 0;
  std::int64_t issued_at = 0;
  std::string token_id;
  std::string issuer;
  std::vector<std::string> audience;
  std::string channel; ///< set in subscription tokens only
  std::string info;
};

/// Reads `common_claims`, then, for a connection token, the rest into `more`.
outcome<common_claims> read_claims(std::string_view json, connection_claims* more);

} // namespace argosy::auth
