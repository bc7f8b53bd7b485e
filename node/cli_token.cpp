// cli_token: `argosy token`, a mint for trying things. Prints the token and nothing else, so that
// it fits into TOKEN=$(argosy token ...).
#include "node/cli.hpp"
#include "runtime/auth/mint.hpp"
#include "runtime/auth/token_verifier.hpp"
#include "runtime/config/load.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace argosy {

namespace {

struct token_options {
  std::string user;
  std::string tenant = "default";
  std::string ttl = "24h";
  std::vector<std::string> channels;
  std::vector<std::string> caps;
  std::string info;
  std::string channel;
  std::string secret;
  std::string config;
  std::string private_key;
  std::string algorithm;
  std::string kid;
};

[[noreturn]] void fail(const std::string& sentence) {
  std::fprintf(stderr, "argosy token: %s\n", sentence.c_str());
  throw CLI::RuntimeError{2};
}

std::int64_t now_s() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

/// "90", "90s", "15m", "24h", "7d" as seconds; "0" or "never" as 0.
std::int64_t seconds_of(const std::string& text) {
  if (text == "never")
    return 0;
  std::size_t end = 0;
  std::int64_t count = -1;
  try {
    count = std::stoll(text, &end);
  } catch (const std::exception&) { // told below
  }
  const auto unit = std::string_view{text}.substr(end);
  const std::int64_t scale = unit.empty() || unit == "s" ? 1
                             : unit == "m"               ? 60
                             : unit == "h"               ? 3'600
                             : unit == "d"               ? 86'400
                                                         : 0;
  if (count < 0 || count > 1'000'000'000 || scale == 0)
    fail("--ttl is \"" + text + "\"; write seconds, or a number with s, m, h or d, or never");
  return count * scale;
}

/// `chat:*=subscribe,history`; without `=`, all rights.
rights::grant parse_grant(const std::string& text) {
  const auto equals = text.rfind('=');
  rights::grant out{text.substr(0, equals), all_rights};
  if (equals == std::string::npos)
    return out;
  out.bits = 0;
  std::istringstream names{text.substr(equals + 1)};
  for (std::string name; std::getline(names, name, ',');) {
    const auto bits = parse_right(name);
    if (bits == 0)
      fail("--caps grants \"" + name + "\"; the rights are subscribe, publish, presence, history "
           + "and *");
    out.bits = static_cast<std::uint8_t>(out.bits | bits);
  }
  return out;
}

std::string read_file(const std::string& name) {
  std::ifstream in{name, std::ios::binary};
  std::ostringstream out;
  if (!in || !(out << in.rdbuf()))
    fail("--private-key names \"" + name + "\", which cannot be read; check its name");
  return std::move(out).str();
}

std::string secret_of_config(const std::string& file) {
  const auto got = config::load(file, {});
  if (!got.problems.empty())
    fail(got.problems.front());
  if (got.config.auth.hmac_secret.empty())
    fail(file + " sets no auth.hmac_secret; give --secret or --private-key");
  return got.config.auth.hmac_secret;
}

auth::key signer_of(const token_options& o) {
  const int given = !o.secret.empty() + !o.config.empty() + !o.private_key.empty();
  if (given != 1)
    fail("give one of --secret TEXT, --config FILE (its auth.hmac_secret) or --private-key FILE");
  if (!o.private_key.empty()) {
    auto k = auth::key::from_private_pem(read_file(o.private_key));
    if (!k)
      fail(o.private_key + " is " + k.why().sentence);
    return std::move(*k);
  }
  return *auth::key::from_secret(o.secret.empty() ? secret_of_config(o.config) : o.secret);
}

std::string payload_of(const token_options& o) {
  const auto ttl = seconds_of(o.ttl);
  const auto expires_at = ttl == 0 ? 0 : now_s() + ttl;
  if (!o.channel.empty()) {
    if (!o.channels.empty() || !o.caps.empty())
      fail("--channel makes a subscription token, which has no --channels and no --caps");
    return auth::to_json(
        auth::subscription_claims{o.tenant, o.user, o.channel, expires_at, "", o.info});
  }
  auth::connection_claims claims;
  claims.tenant = o.tenant;
  claims.user = o.user;
  claims.expires_at = expires_at;
  claims.issued_at = now_s();
  claims.info = o.info;
  claims.channels = o.channels;
  for (const auto& text : o.caps)
    claims.caps.grants.push_back(parse_grant(text));
  return auth::to_json(claims);
}

/// A node would read it the same way: catches an --info that is not JSON, or a bad tenant.
void check(const std::string& payload, const token_options& o) {
  const auto k = *auth::key::from_secret("check");
  auto keys = std::make_shared<auth::key_set>();
  keys->add(k);
  const auth::token_verifier verifier{{}, std::move(keys)};
  const auto token = *auth::mint(payload, k);
  const auto must_be_good = [&](const auto& answer) {
    if (!answer)
      fail(answer.why().sentence + (o.info.empty() ? "" : "; is --info one JSON value?"));
  };
  if (o.channel.empty())
    must_be_good(verifier.verify_connection(token, now_s()));
  else
    must_be_good(verifier.verify_subscription(token, now_s()));
}

void run(const token_options& o) {
  const auto signer = signer_of(o);
  const auto payload = payload_of(o);
  check(payload, o);
  const auto alg = o.algorithm.empty() ? std::optional{auth::default_algorithm(signer.kind())}
                                       : auth::algorithm_named(o.algorithm);
  if (!alg)
    fail("--algorithm is \"" + o.algorithm + "\"; write for example HS256, RS256, ES256 or EdDSA");
  const auto token = auth::mint(payload, signer, *alg, o.kid);
  if (!token)
    fail(token.why().sentence);
  std::puts(token->c_str());
}

} // namespace

void add_token_command(CLI::App& app) {
  auto o = std::make_shared<token_options>();
  auto& command = *app.add_subcommand("token", "Mint a token (JWT), for trying things");
  command.add_option("--user", o->user, "User id (sub); without it the token is anonymous");
  command.add_option("--tenant", o->tenant, "Tenant")->capture_default_str();
  command.add_option("--ttl", o->ttl, "Lifetime: 90, 15m, 24h, 7d, never")->capture_default_str();
  command.add_option("--channels", o->channels, "Subscribe to these from the server's side")
      ->delimiter(',');
  command.add_option("--caps", o->caps,
                     "Rights by pattern: 'chat:*=subscribe,publish'; repeat for more. Rights: "
                     "subscribe, publish, presence, history, *");
  command.add_option("--info", o->info, "JSON that others see of the connection");
  command.add_option("--channel", o->channel,
                     "Make a subscription token for this channel instead of a connection token");
  command.add_option("--secret", o->secret, "HMAC secret to sign with");
  command.add_option("--config", o->config, "Take auth.hmac_secret from this configuration file");
  command.add_option("--private-key", o->private_key,
                     "Sign with this PEM file: RSA (RS256), EC (ES256, ES384), Ed25519 (EdDSA)");
  command.add_option("--algorithm", o->algorithm, "Another algorithm that fits the key, as RS512");
  command.add_option("--kid", o->kid, "Key id for the header");
  command.callback([o] { run(*o); });
}

} // namespace argosy
