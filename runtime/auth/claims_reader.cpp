#include "runtime/auth/claims_reader.hpp"

#include "runtime/core/channel_options.hpp"
#include "runtime/json/raw_members.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace argosy::auth {

namespace {

constexpr std::size_t user_bytes_max = 255;

std::string mistyped(std::string_view name, std::string_view what) {
  std::string out = "its `";
  return out.append(name).append("` is not ").append(what);
}

/// The members of one object, which collect the first complaint, so that a reader of many is a list
/// of lines. Values are kept as the text they are: the application signed them.
class members {
public:
  members(std::vector<raw_member> from, std::string& complaint)
      : from_(std::move(from)), complaint_(complaint) {}

  void text(std::string_view name, std::string& to) {
    with(name, "a string", [&](std::string_view token) {
      auto value = json_string(token);
      if (value)
        to = *std::move(value);
      return value.has_value();
    });
  }

  /// RFC 7519 section 2, NumericDate: seconds, perhaps with a fraction.
  void time(std::string_view name, std::int64_t& to) {
    with(name, "a number of seconds", [&](std::string_view token) {
      double seconds = 0;
      const auto* end = token.data() + token.size();
      const auto [last, failed] = std::from_chars(token.data(), end, seconds);
      if (failed != std::errc{} || last != end || !(seconds >= 0) || seconds > 1e15)
        return false;
      to = static_cast<std::int64_t>(std::floor(seconds));
      return true;
    });
  }

  void flag(std::string_view name, std::optional<bool>& to) {
    with(name, "true or false", [&](std::string_view token) {
      to = token == "true";
      return token == "true" || token == "false";
    });
  }

  void raw(std::string_view name, std::string& to) {
    with(name, "JSON", [&](std::string_view token) {
      to = minified(token);
      return true;
    });
  }

  void list(std::string_view name, std::vector<std::string>& to) {
    with(name, "a list of strings", [&](std::string_view token) { return strings(token, to); });
  }

  /// `read` returns false when the text is not `what`. A member that is absent or null is none.
  template <class Read>
  void with(std::string_view name, std::string_view what, Read read) {
    const auto found = std::find_if(from_.begin(), from_.end(),
                                    [&](const raw_member& m) { return m.first == name; });
    if (!complaint_.empty() || found == from_.end() || found->second == "null")
      return;
    if (!read(found->second) && complaint_.empty())
      complaint_ = mistyped(name, what);
  }

  static bool strings(std::string_view token, std::vector<std::string>& to) {
    const auto elements = raw_elements(token);
    if (!elements)
      return false;
    for (const auto& element : *elements) {
      auto value = json_string(element);
      if (!value)
        return false;
      to.push_back(*std::move(value));
    }
    return true;
  }

private:
  std::vector<raw_member> from_;
  std::string& complaint_;
};

bool read_override(members& from, std::string_view name, std::optional<bool>& to,
                   std::string& complaint) {
  from.with(name, "an object with a `value`", [&](std::string_view token) {
    auto box = raw_members(token);
    if (box)
      members{*std::move(box), complaint}.flag("value", to);
    return box.has_value();
  });
  return complaint.empty();
}

subscription_grant read_grant(std::string channel, std::vector<raw_member> from,
                              std::string& complaint) {
  subscription_grant out;
  out.channel = std::move(channel);
  members m{std::move(from), complaint};
  m.raw("info", out.info);
  m.raw("data", out.data);
  m.with("override", "an object", [&](std::string_view token) {
    auto inner = raw_members(token);
    if (!inner)
      return false;
    members box{*std::move(inner), complaint};
    return read_override(box, "presence", out.presence, complaint)
           && read_override(box, "join_leave", out.join_leave, complaint)
           && read_override(box, "force_push_join_leave", out.force_push_join_leave, complaint)
           && read_override(box, "force_recovery", out.force_recovery, complaint)
           && read_override(box, "force_positioning", out.force_positioning, complaint);
  });
  return out;
}

bool read_subs(std::string_view token, std::vector<subscription_grant>& to,
               std::string& complaint) {
  auto all = raw_members(token);
  if (!all)
    return false;
  for (auto& [channel, value] : *all) {
    auto options = raw_members(value);
    if (!options)
      return false;
    to.push_back(read_grant(std::move(channel), *std::move(options), complaint));
  }
  return complaint.empty();
}

/// `[{"channels": ["chat:*"], "allow": ["subscribe", "history"]}]`
bool read_caps(std::string_view token, rights& to, std::string& complaint) {
  const auto rows = raw_elements(token);
  if (!rows)
    return false;
  for (const auto& text : *rows) {
    auto row = raw_members(text);
    if (!row)
      return false;
    std::vector<std::string> patterns;
    std::vector<std::string> names;
    members m{*std::move(row), complaint};
    m.list("channels", patterns);
    m.list("allow", names);
    std::uint8_t bits = 0;
    for (const auto& name : names) {
      const auto right_bits = parse_right(name);
      if (right_bits == 0)
        complaint = "its `caps` allow a right that is unknown: use subscribe, publish, presence, "
                    "history or *";
      bits = static_cast<std::uint8_t>(bits | right_bits);
    }
    for (auto& pattern : patterns)
      to.grants.push_back({std::move(pattern), bits});
  }
  return complaint.empty();
}

void read_audience(members& m, std::vector<std::string>& to) {
  m.with("aud", "a string or a list of strings", [&](std::string_view token) {
    auto one = json_string(token);
    if (!one)
      return members::strings(token, to);
    to.push_back(*std::move(one));
    return true;
  });
}

void read_connection(members& m, connection_claims& to, std::string& complaint) {
  m.raw("meta", to.meta);
  m.list("channels", to.channels);
  m.with("subs", "an object of objects",
         [&](std::string_view token) { return read_subs(token, to.subs, complaint); });
  m.with("caps", "a list of {\"channels\": [...], \"allow\": [...]}",
         [&](std::string_view token) { return read_caps(token, to.caps, complaint); });
}

std::string check_names(const common_claims& c) {
  if (c.user.size() > user_bytes_max)
    return "its `sub` is longer than 255 bytes";
  if (!valid_namespace_name(c.tenant))
    return "its `tenant` is not 1 to 64 letters, digits, `_`, `-` or `.`";
  return {};
}

refusal bad(const std::string& complaint) {
  return {errc::invalid_token, "the token is refused: " + complaint};
}

} // namespace

outcome<token_header> read_header(std::string_view json) {
  auto root = raw_members(json);
  if (!root)
    return bad("its header is not a JSON object");
  token_header out;
  std::string complaint;
  std::string name;
  members m{*std::move(root), complaint};
  m.text("alg", name);
  m.text("kid", out.kid);
  m.with("crit", "something we understand", [](std::string_view) { return false; });
  if (!complaint.empty())
    return bad(complaint);
  const auto alg = algorithm_named(name);
  if (!alg)
    return bad("its algorithm is not one of HS256, HS384, HS512, RS256, RS384, RS512, ES256, "
               "ES384, EdDSA");
  out.alg = *alg;
  return out;
}

outcome<common_claims> read_claims(std::string_view json, connection_claims* more) {
  auto root = raw_members(json);
  if (!root)
    return bad("its payload is not a JSON object");
  common_claims out;
  std::string complaint;
  members m{*std::move(root), complaint};
  m.text("sub", out.user);
  m.text("tenant", out.tenant);
  m.time("exp", out.expiry);
  out.expires_at = out.expiry;
  m.time("expire_at", out.expires_at);
  m.time("nbf", out.not_before);
  m.time("iat", out.issued_at);
  m.text("jti", out.token_id);
  m.text("iss", out.issuer);
  m.text("channel", out.channel);
  m.raw("info", out.info);
  read_audience(m, out.audience);
  if (more != nullptr)
    read_connection(m, *more, complaint);
  if (complaint.empty())
    complaint = check_names(out);
  if (!complaint.empty())
    return bad(complaint);
  return out;
}

} // namespace argosy::auth
