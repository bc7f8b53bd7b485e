#include "bench/token.hpp"

#include <doctest/doctest.h>

using namespace argosy::bench;

TEST_CASE("hs256_token: agrees with a token made elsewhere") {
  // python3: header and payload in base64url without padding, then HMAC-SHA256 with key b"secret"
  CHECK(hs256_token("bench-1", "secret")
        == "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJiZW5jaC0xIn0."
           "DDg9dWB7A40Db-rj7f8pzKnAlgI_sE7pkebA80rtDoY");
}
