// token_verifier: is this token genuine, is it for us, is it still good, and what does it say?
//
// The keys are an immutable set behind one pointer that a rotation swaps. Order of work: size,
// form, signature, and only then the payload, so that a stranger's JSON is never parsed further
// than its header. Called by connections on their loops; any thread, never blocks on I/O.
#pragma once

#include "runtime/auth/claims.hpp"
#include "runtime/auth/key_set.hpp"
#include "runtime/auth/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace argosy::auth {

/// "" = not checked.
struct token_rules {
  std::string audience;
  std::string issuer;
};

class token_verifier {
public:
  static constexpr std::size_t token_bytes_max = 8 << 10;

  explicit token_verifier(token_rules rules = {}, std::shared_ptr<const key_set> keys = {});

  void replace_keys(std::shared_ptr<const key_set> keys);
  std::shared_ptr<const key_set> keys() const;

  /// Called, from any thread, with the id of a key that a token names and the set does not have.
  /// Returns true if the key may be there soon; the token then fails with errc::retry_later, which
  /// is temporary, instead of errc::invalid_token, which is for good. Set before the verifier is
  /// shared.
  void on_unknown_key(std::function<bool(std::string_view)> ask);

  /// errc::token_expired when only the time is over; errc::invalid_token for all else. `now_s` is
  /// Unix time. A token with a `channel` is a subscription token and no way in.
  outcome<connection_claims> verify_connection(std::string_view token, std::int64_t now_s) const;

  /// The caller compares channel, user and tenant with those of the connection.
  outcome<subscription_claims> verify_subscription(std::string_view token,
                                                   std::int64_t now_s) const;

private:
  outcome<std::string> open(std::string_view token) const;

  token_rules rules_;
  std::function<bool(std::string_view)> ask_;
  mutable std::mutex mutex_; ///< guards the pointer for the moment of a copy
  std::shared_ptr<const key_set> keys_;
};

} // namespace argosy::auth
