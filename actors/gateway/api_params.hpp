// api_params: the parameters of one API call, taken from the body without changing a byte of a
// payload.
//
// Each member is kept as the JSON text it was: 1.10 stays 1.10 and a 23-digit integer is no error.
// Called by the api_actor only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace argosy {

class api_params {
public:
  /// Nothing unless `json` is one valid JSON object.
  static std::optional<api_params> parse(std::string_view json);

  /// The member's JSON text on one line; "" if it is missing.
  std::string_view raw(std::string_view key) const noexcept;

  /// The string behind `key`; "" if it is missing or something else.
  std::string text(std::string_view key) const;

  std::int64_t number(std::string_view key, std::int64_t otherwise) const;
  bool flag(std::string_view key) const noexcept { return raw(key) == "true"; }
  std::optional<api_params> object(std::string_view key) const { return parse(raw(key)); }

  /// The sentence about the first member that is not what its name stands for; "" if there is none.
  /// A null is as good as absent; names that nobody knows are passed over. A literal.
  std::string_view mistyped() const noexcept;

  /// The JSON texts of an array's elements; empty if it is missing or something else.
  std::vector<std::string> list(std::string_view key) const;

  using member = std::pair<std::string, std::string>; ///< name, JSON text
  const std::vector<member>& members() const noexcept { return members_; }

private:
  std::vector<member> members_;
};

/// The string that the JSON text `token` is; "" if it is no string.
std::string string_of(std::string_view token);

} // namespace argosy
