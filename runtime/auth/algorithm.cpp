#include "runtime/auth/algorithm.hpp"

#include <algorithm>
#include <array>

namespace argosy::auth {

namespace {

constexpr std::array<algorithm_info, 9> table{{
    {algorithm::hs256, "HS256", key_kind::secret, "SHA256", 0},
    {algorithm::hs384, "HS384", key_kind::secret, "SHA384", 0},
    {algorithm::hs512, "HS512", key_kind::secret, "SHA512", 0},
    {algorithm::rs256, "RS256", key_kind::rsa, "SHA256", 0},
    {algorithm::rs384, "RS384", key_kind::rsa, "SHA384", 0},
    {algorithm::rs512, "RS512", key_kind::rsa, "SHA512", 0},
    {algorithm::es256, "ES256", key_kind::ec_p256, "SHA256", 32},
    {algorithm::es384, "ES384", key_kind::ec_p384, "SHA384", 48},
    {algorithm::eddsa, "EdDSA", key_kind::ed25519, nullptr, 0},
}};

} // namespace

const algorithm_info& info(algorithm alg) noexcept {
  return table[static_cast<std::size_t>(alg)];
}

std::optional<algorithm> algorithm_named(std::string_view name) noexcept {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [name](const algorithm_info& row) { return row.name == name; });
  return found == table.end() ? std::nullopt : std::optional{found->alg};
}

algorithm default_algorithm(key_kind kind) noexcept {
  return std::find_if(table.begin(), table.end(),
                      [kind](const algorithm_info& row) { return row.kind == kind; })
      ->alg;
}

} // namespace argosy::auth
