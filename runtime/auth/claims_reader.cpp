#include "runtime/auth/claims_reader.hpp"

#include "runtime/core/channel_options.hpp"

#include <simdjson.h>

#include <cmath>
#include <utility>

namespace argosy::auth {

namespace {

using simdjson::SUCCESS;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t user_bytes_max = 255;

std::string mistyped(std::string_view name, std::string_view what) {
  std::string out = "its `";
  return out.append(name).append("` is not ").append(what);
}

/// Collects the first complaint, so that a reader of many members stays a list of lines.
class members {
public:
  members(const object& from, std::string& complaint) : from_(from), complaint_(complaint) {}

  void text(const char* name, std::string& to) {
    with(name, "a string", [&](element e) {
      std::string_view value;
      if (e.get(value) != SUCCESS)
        return false;
      to = value;
      return true;
    });
  }

  /// RFC 7519 section 2, NumericDate: seconds, perhaps with a fraction.
  void time(const char* name, std::int64_t& to) {
    with(name, "a number of seconds", [&](element e) {
      double seconds = 0;
      if (e.get(seconds) != SUCCESS || !(seconds >= 0) || seconds > 1e15)
        return false;
      to = static_cast<std::int64_t>(std::floor(seconds));
      return true;
    });
  }

  void flag(const char* name, std::optional<bool>& to) {
    with(name, "true or false", [&](element e) {
      bool value = false;
      if (e.get(value) != SUCCESS)
        return false;
      to = value;
      return true;
    });
  }

  void raw(const char* name, std::string& to) {
    with(name, "JSON", [&](element e) {
      to = simdjson::minify(e);
      return true;
    });
  }

  void list(const char* name, std::vector<std::string>& to) {
    with(name, "a list of strings", [&](element e) {
      array items;
      if (e.get(items) != SUCCESS)
        return false;
      for (const auto item : items) {
        std::string_view value;
        if (item.get(value) != SUCCESS)
          return false;
        to.emplace_back(value);
      }
      return true;
    });
  }

  /// `read` returns false when the element is not `what`. A member that is absent or null is none.
  template <class Read>
  void with(const char* name, const char* what, Read read) {
    element e;
    if (!complaint_.empty() || from_.at_key(name).get(e) != SUCCESS || e.is_null())
      return;
    if (!read(e) && complaint_.empty())
      complaint_ = mistyped(name, what);
  }

private:
  const object& from_;
  std::string& complaint_;
};

bool read_override(const object& from, const char* name, std::optional<bool>& to,
                   std::string& complaint) {
  members{from, complaint}.with(name, "an object with a `value`", [&](element e) {
    object box;
    if (e.get(box) != SUCCESS)
      return false;
    members{box, complaint}.flag("value", to);
    return true;
  });
  return complaint.empty();
}

subscription_grant read_grant(std::string_view channel, const object& from,
                              std::string& complaint) {
  subscription_grant out;
  out.channel = channel;
  members m{from, complaint};
  m.raw("info", out.info);
  m.raw("data", out.data);
  m.with("override", "an object", [&](element e) {
    object box;
    return e.get(box) == SUCCESS && read_override(box, "presence", out.presence, complaint)
           && read_override(box, "join_leave", out.join_leave, complaint)
           && read_override(box, "force_push_join_leave", out.force_push_join_leave, complaint)
           && read_override(box, "force_recovery", out.force_recovery, complaint)
           && read_override(box, "force_positioning", out.force_positioning, complaint);
  });
  return out;
}

bool read_subs(element e, std::vector<subscription_grant>& to, std::string& complaint) {
  object all;
  if (e.get(all) != SUCCESS)
    return false;
  for (const auto [channel, value] : all) {
    object options;
    if (value.get(options) != SUCCESS)
      return false;
    to.push_back(read_grant(channel, options, complaint));
  }
  return complaint.empty();
}

/// `[{"channels": ["chat:*"], "allow": ["subscribe", "history"]}]`
bool read_caps(element e, rights& to, std::string& complaint) {
  array rows;
  if (e.get(rows) != SUCCESS)
    return false;
  for (const auto item : rows) {
    object row;
    if (item.get(row) != SUCCESS)
      return false;
    std::vector<std::string> patterns;
    std::vector<std::string> names;
    members m{row, complaint};
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
  m.with("aud", "a string or a list of strings", [&](element e) {
    std::string_view one;
    array many;
    if (e.get(one) == SUCCESS) {
      to.emplace_back(one);
      return true;
    }
    if (e.get(many) != SUCCESS)
      return false;
    for (const auto item : many) {
      if (item.get(one) != SUCCESS)
        return false;
      to.emplace_back(one);
    }
    return true;
  });
}

void read_connection(members& m, connection_claims& to, std::string& complaint) {
  m.raw("meta", to.meta);
  m.list("channels", to.channels);
  m.with("subs", "an object of objects",
         [&](element e) { return read_subs(e, to.subs, complaint); });
  m.with("caps", "a list of {\"channels\": [...], \"allow\": [...]}",
         [&](element e) { return read_caps(e, to.caps, complaint); });
}

std::string check_names(const common_claims& c) {
  if (c.user.size() > user_bytes_max)
    return "its `sub` is longer than 255 bytes";
  if (!valid_namespace_name(c.tenant))
    return "its `tenant` is not 1 to 64 letters, digits, `_`, `-` or `.`";
  return {};
}

/// Keeps its buffers from one token to the next.
simdjson::dom::parser& scratch() {
  thread_local simdjson::dom::parser parser;
  return parser;
}

refusal bad(const std::string& complaint) {
  return {errc::invalid_token, "the token is refused: " + complaint};
}

} // namespace

outcome<token_header> read_header(std::string_view json) {
  object root;
  if (scratch().parse(json.data(), json.size()).get(root) != SUCCESS)
    return bad("its header is not a JSON object");
  token_header out;
  std::string complaint;
  std::string name;
  members m{root, complaint};
  m.text("alg", name);
  m.text("kid", out.kid);
  m.with("crit", "something we understand", [](element) { return false; });
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
  object root;
  if (scratch().parse(json.data(), json.size()).get(root) != SUCCESS)
    return bad("its payload is not a JSON object");
  common_claims out;
  std::string complaint;
  members m{root, complaint};
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
