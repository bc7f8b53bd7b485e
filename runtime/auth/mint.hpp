// mint: makes tokens, for trying things and for tests. A node itself never mints.
#pragma once

#include "runtime/auth/claims.hpp"
#include "runtime/auth/key.hpp"
#include "runtime/auth/outcome.hpp"

#include <string>
#include <string_view>

namespace argosy::auth {

/// The payload of a connection token; what is empty or 0 is left out.
std::string to_json(const connection_claims& claims);
std::string to_json(const subscription_claims& claims);

/// Signs `payload` in compact form. `kid` goes into the header unless empty.
outcome<std::string> mint(std::string_view payload, const key& signer, algorithm alg,
                          std::string_view kid = {});

/// With the usual algorithm of the key's kind: HS256, RS256, ES256, ES384 or EdDSA.
outcome<std::string> mint(std::string_view payload, const key& signer);

} // namespace argosy::auth
