// outcome: a value, or why there is none: an error for the machine and a sentence for people.
#pragma once

#include "runtime/core/errc.hpp"

#include <string>
#include <utility>
#include <variant>

namespace argosy::auth {

struct refusal {
  errc error = errc::invalid_token;
  std::string sentence; ///< no secret, no token, no line break
};

template <class T>
class [[nodiscard]] outcome {
public:
  outcome(T value) : state_(std::move(value)) {}
  outcome(refusal why) : state_(std::move(why)) {}

  explicit operator bool() const noexcept { return std::holds_alternative<T>(state_); }
  T& operator*() & { return std::get<T>(state_); }
  const T& operator*() const& { return std::get<T>(state_); }
  T&& operator*() && { return std::get<T>(std::move(state_)); }
  T* operator->() { return &std::get<T>(state_); }
  const T* operator->() const { return &std::get<T>(state_); }

  /// REQUIRES: there is no value.
  const refusal& why() const { return std::get<refusal>(state_); }
  /// errc::none when there is a value.
  errc error() const noexcept { return *this ? errc::none : std::get<refusal>(state_).error; }

private:
  std::variant<T, refusal> state_;
};

} // namespace argosy::auth
