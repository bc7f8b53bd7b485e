// signature: the four primitives under a JSON Web Signature, in JOSE's encoding (RFC 7518 section
// 3).
//
// JOSE writes an ECDSA signature as r and s side by side, OpenSSL as DER; the change of clothes
// happens here. Called by `key` only, which has checked that algorithm and key fit.
#pragma once

#include "runtime/auth/algorithm.hpp"

#include <openssl/types.h>

#include <string>
#include <string_view>

namespace argosy::auth {

std::string mac(const algorithm_info& alg, std::string_view secret, std::string_view input);

/// In constant time.
bool check_mac(const algorithm_info& alg, std::string_view secret, std::string_view input,
               std::string_view expected);

/// "" when `pkey` cannot sign.
std::string make_signature(const algorithm_info& alg, EVP_PKEY* pkey, std::string_view input);

bool check_signature(const algorithm_info& alg, EVP_PKEY* pkey, std::string_view input,
                     std::string_view signature);

} // namespace argosy::auth
