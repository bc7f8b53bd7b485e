#include "runtime/auth/mint.hpp"

#include "runtime/auth/base64url.hpp"
#include "runtime/core/json_writer.hpp"

#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace argosy::auth {

namespace {

void write_list(json_writer& out, const std::vector<std::string>& items) {
  out.open_array();
  for (const auto& item : items)
    out.text(item);
  out.close_array();
}

void write_list(json_writer& out, std::string_view name, const std::vector<std::string>& items) {
  if (!items.empty())
    write_list(out.key(name), items);
}

void write_raw(json_writer& out, std::string_view name, const std::string& json) {
  if (!json.empty())
    out.key(name).raw(json);
}

void write_caps(json_writer& out, const rights& caps) {
  constexpr std::array<std::pair<right, const char*>, 4> names{{{right::subscribe, "subscribe"},
                                                                {right::publish, "publish"},
                                                                {right::presence, "presence"},
                                                                {right::history, "history"}}};
  if (caps.grants.empty())
    return;
  out.key("caps").open_array();
  for (const auto& grant : caps.grants) {
    write_list(out.open_object().key("channels"), std::vector{grant.pattern});
    out.key("allow").open_array();
    for (const auto& [bit, name] : names)
      if ((grant.bits & static_cast<std::uint8_t>(bit)) != 0)
        out.text(name);
    out.close_array().close_object();
  }
  out.close_array();
}

void write_override(json_writer& out, std::string_view name, std::optional<bool> value) {
  if (value)
    out.key(name).open_object().key("value").flag(*value).close_object();
}

void write_subs(json_writer& out, const std::vector<subscription_grant>& subs) {
  if (subs.empty())
    return;
  out.key("subs").open_object();
  for (const auto& grant : subs) {
    out.key(grant.channel).open_object();
    write_raw(out, "info", grant.info);
    write_raw(out, "data", grant.data);
    out.key("override").open_object();
    write_override(out, "presence", grant.presence);
    write_override(out, "join_leave", grant.join_leave);
    write_override(out, "force_push_join_leave", grant.force_push_join_leave);
    write_override(out, "force_recovery", grant.force_recovery);
    write_override(out, "force_positioning", grant.force_positioning);
    out.close_object().close_object();
  }
  out.close_object();
}

std::string_view unless_default(const std::string& tenant) {
  return tenant == "default" ? std::string_view{} : std::string_view{tenant};
}

} // namespace

std::string to_json(const connection_claims& claims) {
  std::string json;
  json_writer out{json};
  out.open_object()
      .text_unless_empty("sub", claims.user)
      .text_unless_empty("tenant", unless_default(claims.tenant))
      .number_unless_zero("exp", claims.expires_at)
      .number_unless_zero("nbf", claims.not_before)
      .number_unless_zero("iat", claims.issued_at)
      .text_unless_empty("jti", claims.token_id)
      .text_unless_empty("iss", claims.issuer);
  write_list(out, "aud", claims.audience);
  write_raw(out, "info", claims.info);
  write_raw(out, "meta", claims.meta);
  write_list(out, "channels", claims.channels);
  write_subs(out, claims.subs);
  write_caps(out, claims.caps);
  out.close_object();
  return json;
}

std::string to_json(const subscription_claims& claims) {
  std::string json;
  json_writer out{json};
  out.open_object()
      .text_unless_empty("sub", claims.user)
      .text_unless_empty("tenant", unless_default(claims.tenant))
      .text_unless_empty("channel", claims.channel)
      .number_unless_zero("exp", claims.expires_at)
      .text_unless_empty("jti", claims.token_id);
  write_raw(out, "info", claims.info);
  out.close_object();
  return json;
}

outcome<std::string> mint(std::string_view payload, const key& signer, algorithm alg,
                          std::string_view kid) {
  std::string header;
  json_writer{header}
      .open_object()
      .key("alg")
      .text(info(alg).name)
      .key("typ")
      .text("JWT")
      .text_unless_empty("kid", kid)
      .close_object();
  auto token = base64url_encode(header) + '.' + base64url_encode(payload);
  const auto signature = signer.sign(alg, token);
  if (!signature)
    return signature.why();
  return (token += '.') += base64url_encode(*signature);
}

outcome<std::string> mint(std::string_view payload, const key& signer) {
  return mint(payload, signer, default_algorithm(signer.kind()));
}

} // namespace argosy::auth
