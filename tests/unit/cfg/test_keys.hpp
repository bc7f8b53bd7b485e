// test_keys: published vectors, and fresh key pairs, for the tests of tokens.
#pragma once

#include "runtime/auth/key_set.hpp"
#include "runtime/auth/mint.hpp"
#include "runtime/auth/openssl_handle.hpp"

#include <doctest/doctest.h>
#include <openssl/pem.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace argosy::rfc7515 {

inline constexpr const char* a1_key =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
inline constexpr const char* a1_token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
                                        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly"
                                        "9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
                                        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

inline constexpr const char* a2_jwks =
    R"({"keys":[{"kty":"RSA","e":"AQAB","n":")"
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
    "4qPCJrcS2mJPMEzP1Pt0Bm4d4Q"
    "lL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
    "bSf63kpaSHSXndS5z5rexMdbBY"
    "UsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-"
    "DWNm"
    "oudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
    R"("}]})";
inline constexpr const char* a2_token =
    "eyJhbGciOiJSUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    "."
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
    "O8W2Fp5juj"
    "Gbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
    "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe"
    "7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
    "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8"
    "np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

inline constexpr const char* a3_jwks =
    R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";
inline constexpr const char* a3_token =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    "."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

} // namespace argosy::rfc7515

namespace argosy::rfc8037 {

inline constexpr const char* x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
inline constexpr const char* input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
inline constexpr const char* signature =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

} // namespace argosy::rfc8037

namespace argosy::pem {

struct pair {
  std::string private_key;
  std::string public_key;
};

template <class Write>
std::string written(Write write) {
  const auth::bio_handle out{BIO_new(BIO_s_mem())};
  write(out.get());
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

inline std::string text_of(EVP_PKEY* pkey, bool with_private_key) {
  return written([&](BIO* out) {
    if (with_private_key)
      PEM_write_bio_PrivateKey(out, pkey, nullptr, nullptr, 0, nullptr, nullptr);
    else
      PEM_write_bio_PUBKEY(out, pkey);
  });
}

/// A fresh key pair; the arguments are those of EVP_PKEY_Q_keygen.
template <class... Parameters>
pair generate(const char* type, Parameters... parameters) {
  const auth::pkey_handle pkey{EVP_PKEY_Q_keygen(nullptr, nullptr, type, parameters...)};
  return {text_of(pkey.get(), true), text_of(pkey.get(), false)};
}

inline const pair& rsa() {
  static const auto made = generate("RSA", std::size_t{2'048});
  return made;
}
inline const pair& p256() {
  static const auto made = generate("EC", "P-256");
  return made;
}
inline const pair& p384() {
  static const auto made = generate("EC", "P-384");
  return made;
}
inline const pair& ed25519() {
  static const auto made = generate("ED25519");
  return made;
}

} // namespace argosy::pem

namespace argosy::test_keys {

using auth::key;
using auth::key_set;

inline constexpr std::int64_t now = 1'700'000'000;

inline key secret(std::string text = "0123456789abcdef0123456789abcdef") {
  return *key::from_secret(std::move(text));
}

template <class... Keys>
std::shared_ptr<const key_set> set_of(Keys... keys) {
  auto out = std::make_shared<key_set>();
  (out->add(std::move(keys)), ...);
  return out;
}

inline std::shared_ptr<const key_set> set_of_jwks(std::string_view jwks) {
  auto out = std::make_shared<key_set>();
  REQUIRE(out->add_jwks(jwks));
  return out;
}

inline std::string signed_with(const key& k, std::string_view payload) {
  return *auth::mint(payload, k);
}

} // namespace argosy::test_keys
