#include "runtime/auth/key_set.hpp"

#include <algorithm>
#include <utility>

namespace argosy::auth {

bool key_set::add(key k) {
  if (keys_.size() >= keys_max)
    return false;
  keys_.push_back(std::move(k));
  return true;
}

key_set::match key_set::verify(algorithm alg, std::string_view kid, std::string_view input,
                               std::string_view signature) const {
  const bool named = !kid.empty() && std::any_of(keys_.begin(), keys_.end(), [kid](const key& k) {
    return k.id() == kid;
  });
  const auto selected = [&](const key& k) {
    if (named)
      return k.id() == kid;
    return k.kind() == info(alg).kind && (kid.empty() || k.id().empty());
  };
  bool tried = false;
  for (const auto& k : keys_) {
    if (!selected(k))
      continue;
    tried = true;
    if (k.verify(alg, input, signature))
      return match::good;
  }
  return tried ? match::bad_signature : match::no_such_key;
}

} // namespace argosy::auth
