#include "node/cli.hpp"
#include "node/machine.hpp"
#include "runtime/auth/token_verifier.hpp"
#include "tests/unit/cfg/test_keys.hpp"

#include <CLI/CLI.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

using namespace argosy;

namespace {

/// What is written to a file descriptor while it lives.
class capture {
public:
  explicit capture(std::FILE* stream) : stream_(stream), kept_(::dup(::fileno(stream))) {
    std::fflush(stream_);
    ::dup2(::fileno(file_), ::fileno(stream_));
  }
  ~capture() {
    std::fflush(stream_);
    ::dup2(kept_, ::fileno(stream_));
    ::close(kept_);
    std::fclose(file_);
  }
  std::string text() {
    std::fflush(stream_);
    std::string out(1 << 16, '\0');
    std::rewind(file_);
    out.resize(std::fread(out.data(), 1, out.size(), file_));
    return out;
  }

private:
  std::FILE* file_ = std::tmpfile();
  std::FILE* stream_;
  int kept_;
};

struct outcome_of_run {
  int code = 0;
  std::string out;
  std::string err;
};

outcome_of_run run(std::vector<std::string> words) {
  CLI::App app;
  add_token_command(app);
  add_doctor_command(app);
  capture out{stdout};
  capture err{stderr};
  outcome_of_run got;
  std::reverse(words.begin(), words.end());
  try {
    app.parse(words);
  } catch (const CLI::Error& error) {
    got.code = error.get_exit_code();
  }
  got.out = out.text();
  got.err = err.text();
  return got;
}

auth::token_verifier verifier_of(const std::string& secret) {
  auto keys = std::make_shared<auth::key_set>();
  keys->add(*auth::key::from_secret(secret));
  return auth::token_verifier{{}, std::move(keys)};
}

std::string line(const outcome_of_run& got) {
  REQUIRE_MESSAGE(got.code == 0, got.err);
  return got.out.substr(0, got.out.find('\n'));
}

std::int64_t now_s() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

} // namespace

TEST_CASE("argosy token: mints a connection token with all that was asked for") {
  const auto token = line(run({"token", "--secret", "s", "--user", "42", "--tenant", "acme",
                               "--ttl", "15m", "--channels", "a,b", "--caps", "chat:*=sub,history",
                               "--caps", "news", "--info", R"({"name":"Ann"})"}));
  const auto claims = verifier_of("s").verify_connection(token, now_s());
  REQUIRE(claims);
  CHECK(claims->user == "42");
  CHECK(claims->tenant == "acme");
  CHECK(claims->expires_at - claims->issued_at == 900);
  CHECK(claims->channels == std::vector<std::string>{"a", "b"});
  CHECK(claims->info == R"({"name":"Ann"})");
  CHECK(claims->caps.allow("chat:x", right::history));
  CHECK_FALSE(claims->caps.allow("chat:x", right::publish));
  CHECK(claims->caps.allow("news", right::publish));
}

TEST_CASE("argosy token: mints a subscription token, and takes the secret of a configuration") {
  const auto token = line(run({"token", "--config", ARGOSY_SOURCE_DIR "/configs/demo.toml",
                               "--user", "42", "--channel", "$x", "--ttl", "never"}));
  const auto claims =
      verifier_of("only-for-the-demo-node-not-a-secret").verify_subscription(token, 1);
  REQUIRE(claims);
  CHECK(claims->channel == "$x");
  CHECK(claims->expires_at == 0);
}

TEST_CASE("argosy token: a mistake is a sentence and exit code 2") {
  struct row {
    std::vector<std::string> words;
    const char* sentence;
  };
  for (const auto& r : std::vector<row>{
           {{"token"}, "give one of --secret TEXT"},
           {{"token", "--secret", "a", "--config", "b"}, "give one of --secret TEXT"},
           {{"token", "--config", "/nonexistent"}, "/nonexistent: the file cannot be read"},
           {{"token", "--secret", "a", "--ttl", "soon"}, "--ttl is \"soon\""},
           {{"token", "--secret", "a", "--caps", "x=fly"}, "--caps grants \"fly\""},
           {{"token", "--secret", "a", "--info", "{"}, "is --info one JSON value?"},
           {{"token", "--secret", "a", "--tenant", "a/b"}, "its `tenant` is not"},
           {{"token", "--secret", "a", "--algorithm", "RS256"}, "RS256 does not fit the key"},
           {{"token", "--secret", "a", "--algorithm", "none"}, "--algorithm is \"none\""},
           {{"token", "--secret", "a", "--channel", "x", "--channels", "y"}, "has no --channels"},
           {{"token", "--private-key", "/nonexistent"}, "which cannot be read"}}) {
    const auto got = run(r.words);
    CAPTURE(got.err);
    CHECK(got.code == 2);
    CHECK(got.out.empty());
    CHECK(got.err.find(r.sentence) != std::string::npos);
  }
}

TEST_CASE("argosy doctor: each finding says what it limits, and how to raise what is low") {
  const auto findings = examine_machine();
  CHECK(findings.size() >= 10);
  for (const auto& f : findings) {
    CAPTURE(f.name);
    CHECK_FALSE(f.value.empty());
    CHECK_FALSE(f.limits.empty());
    CHECK(f.remedy.empty() == (f.state == health::good));
  }
  CHECK(line(run({"doctor"})).size() > 10);
  CHECK(line(run({"doctor", "--json"})).starts_with(R"({"findings":[{"name":"cores","state":)"));
}
