#include "runtime/auth/base64url.hpp"
#include "runtime/auth/http_fetch.hpp"
#include "runtime/auth/key_keeper.hpp"
#include "runtime/auth/mint.hpp"
#include "tests/unit/cfg/test_keys.hpp"
#include "tests/unit/cfg/tiny_http_server.hpp"

#include <doctest/doctest.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <vector>

using namespace argosy;
using namespace argosy::auth;
using namespace std::chrono_literals;

namespace {

const std::chrono::steady_clock::time_point t0{1'000h};

constexpr std::int64_t now = 1'700'000'000;
constexpr auto deadline = 10s; // of a condition, not of a sleep

/// A directory that goes with its test.
class scratch {
public:
  scratch() {
    std::string name = std::filesystem::temp_directory_path() / "argosy-keys-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~scratch() { std::filesystem::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) const {
    const auto whole = (path_ / name).string();
    std::ofstream{whole + ".new"} << text;
    std::filesystem::rename(whole + ".new", whole); // a new inode: seen whatever the clock says
    return whole;
  }

private:
  std::filesystem::path path_;
};

/// An Ed25519 key pair: the signer, and the JWKS that publishes it as `kid`.
struct published {
  key signer;
  std::string kid;
  std::string jwks;
  std::string token() const { return *mint(R"({"sub":"1"})", signer, algorithm::eddsa, kid); }
};

published publish(const std::string& kid) {
  const pkey_handle pkey{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
  std::string raw(32, '\0');
  std::size_t size = raw.size();
  EVP_PKEY_get_raw_public_key(pkey.get(), reinterpret_cast<unsigned char*>(raw.data()), &size);
  return {*key::from_private_pem(pem::text_of(pkey.get(), true)), kid,
          R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":")" + kid + R"(","x":")"
              + base64url_encode(raw) + R"("}]})"};
}

std::string http_answer(const std::string& body, const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n"
         + body;
}

/// Key and certificate for 127.0.0.1, signed by itself.
std::string self_signed() {
  using certificate = std::unique_ptr<X509, freed_by<X509_free>>;
  using extension = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;
  const pkey_handle pkey{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
  const certificate cert{X509_new()};
  X509_set_version(cert.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(cert.get()), -3'600);
  X509_gmtime_adj(X509_getm_notAfter(cert.get()), 3'600);
  X509_set_pubkey(cert.get(), pkey.get());
  auto* name = X509_get_subject_name(cert.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, octets("test"), -1, -1, 0);
  X509_set_issuer_name(cert.get(), name);
  const extension san{X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1")};
  X509_add_ext(cert.get(), san.get(), -1);
  X509_sign(cert.get(), pkey.get(), EVP_sha256());
  return pem::text_of(pkey.get(), true)
         + pem::written([&](BIO* out) { PEM_write_bio_X509(out, cert.get()); });
}

/// Hands the keeper's reports to a test that waits for them.
class listener {
public:
  key_keeper::report hear() {
    return [this](bool good, const std::string& sentence) {
      const std::lock_guard guard{mutex_};
      heard_.push_back((good ? "good: " : "bad: ") + sentence);
      changed_.notify_all();
    };
  }
  std::string next() {
    std::unique_lock lock{mutex_};
    REQUIRE(changed_.wait_for(lock, deadline, [&] { return heard_.size() > taken_; }));
    return heard_[taken_++];
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> heard_;
  std::size_t taken_ = 0;
};

errc try_token(const token_verifier& verifier, const published& p) {
  return verifier.verify_connection(p.token(), now).error();
}

} // namespace

TEST_CASE("key_source: puts the secret, PEM files and the JWKS file together") {
  const scratch dir;
  const auto p = publish("k1");
  auth_config config;
  config.hmac_secret = "0123456789abcdef0123456789abcdef";
  config.public_key_files = {dir.write("rsa.pem", pem::rsa().public_key)};
  config.jwks_file = dir.write("jwks.json", p.jwks);
  const auto source = key_source::open(config);
  REQUIRE(source);
  const token_verifier verifier{{}, source->keys()};
  CHECK(source->keys()->size() == 3);
  CHECK(try_token(verifier, p) == errc::none);
  const auto by_rsa = mint("{}", *key::from_private_pem(pem::rsa().private_key));
  CHECK(verifier.verify_connection(*by_rsa, now));
  CHECK(verifier.verify_connection(*mint("{}", *key::from_secret(config.hmac_secret)), now));
}

TEST_CASE("key_source: a file that changes is read anew, a broken one changes nothing") {
  const scratch dir;
  const auto a = publish("a");
  const auto b = publish("b");
  auth_config config;
  config.jwks_file = dir.write("jwks.json", a.jwks);
  auto source = key_source::open(config);
  REQUIRE(source);
  CHECK(*source->poll_file() == false);
  CHECK(try_token(token_verifier{{}, source->keys()}, a) == errc::none);

  dir.write("jwks.json", b.jwks);
  CHECK(*source->poll_file() == true);
  CHECK(try_token(token_verifier{{}, source->keys()}, a) == errc::invalid_token);
  CHECK(try_token(token_verifier{{}, source->keys()}, b) == errc::none);

  dir.write("jwks.json", "{");
  CHECK_FALSE(source->poll_file());
  CHECK(*source->poll_file() == false); // complained of once
  CHECK(try_token(token_verifier{{}, source->keys()}, b) == errc::none);

  std::filesystem::remove(config.jwks_file);
  CHECK_FALSE(source->poll_file());
  CHECK(*source->poll_file() == false);
  CHECK(try_token(token_verifier{{}, source->keys()}, b) == errc::none);
}

TEST_CASE("key_source: what cannot be read names the key, the file and the remedy") {
  const scratch dir;
  auth_config config;
  config.public_key_files = {"/nonexistent.pem"};
  CHECK(key_source::open(config).why().sentence
        == "`auth.public_key_files` names \"/nonexistent.pem\", which cannot be read; check its "
           "name and permissions.");
  config.public_key_files = {dir.write("x.pem", "hello")};
  CHECK(key_source::open(config).why().sentence.find("openssl pkey") != std::string::npos);
  config = {};
  config.jwks_file = dir.write("jwks.json", "{}");
  CHECK(key_source::open(config).why().sentence.find("`auth.jwks_file` names") == 0);
}

TEST_CASE("refresh_schedule: regular, sooner after a failure, and asked for once per gap") {
  refresh_schedule s{300s};
  CHECK(s.due() <= t0);
  CHECK(s.ask("a", t0)); // the first read is about to begin
  s.started(t0 + 1s);
  CHECK(s.ask("b", t0 + 2s)); // it is under way
  s.finished(t0 + 3s, true);
  CHECK(s.due() == t0 + 301s);
  CHECK_FALSE(s.ask("a", t0 + 4s)); // the read began after the question, and brought nothing
  CHECK(s.due() == t0 + 301s);
  CHECK(s.ask("b", t0 + 4s)); // that one may have come too late for it
  CHECK(s.due() == t0 + 11s);
  s.started(t0 + 11s);
  s.finished(t0 + 12s, false);
  CHECK(s.due() == t0 + 22s);
  CHECK(s.ask("b", t0 + 12s)); // nobody knows yet
  s.started(t0 + 22s);
  s.finished(t0 + 23s, true);
  CHECK_FALSE(s.ask("b", t0 + 23s));
}

// A key that rotated in right after a read was refused for good, for ten seconds, and whoever sent
// invented key ids could make it so.
TEST_CASE("refresh_schedule: strangers with invented keys send nobody away") {
  refresh_schedule s{300s};
  s.started(t0);
  s.finished(t0, true);
  for (int i = 0; i < 1'000; ++i)
    CHECK(s.ask("invented " + std::to_string(i), t0 + 1s));
  CHECK(s.ask("new", t0 + 2s));
  CHECK(s.due() == t0 + 10s);
  s.started(t0 + 10s);
  s.finished(t0 + 10s, true);
  CHECK_FALSE(s.ask("invented 0", t0 + 11s));
  // Forgotten after one more read, it may be asked for again: it could have come meanwhile.
  s.started(t0 + 310s);
  s.finished(t0 + 310s, true);
  CHECK(s.ask("invented 0", t0 + 311s));
}

TEST_CASE("key_keeper: fetches at the start, and an unknown key waits for it") {
  const auto p = publish("k1");
  std::promise<void> go;
  auto gone = go.get_future().share();
  listener log;
  auth_config config;
  config.jwks_url = "http://test";
  token_verifier verifier;
  const key_keeper keeper{config, *key_source::open(config), verifier, log.hear(),
                          [&](const std::stop_token&) {
                            gone.wait();
                            return outcome<std::string>{p.jwks};
                          }};
  CHECK(try_token(verifier, p) == errc::retry_later);
  go.set_value();
  CHECK(log.next() == "good: auth.jwks_url gave 1 keys");
  CHECK(try_token(verifier, p) == errc::none);
  CHECK(try_token(verifier, publish("k2")) == errc::retry_later); // it may be there in ten seconds
}

TEST_CASE("key_keeper: a fetch that fails leaves the keys and says so") {
  listener log;
  auth_config config;
  config.hmac_secret = "s";
  config.jwks_url = "http://test";
  token_verifier verifier;
  const key_keeper keeper{config, *key_source::open(config), verifier, log.hear(),
                          [](const std::stop_token&) {
                            return outcome<std::string>{refusal{errc::not_available, "no route"}};
                          }};
  CHECK(log.next() == "bad: no route; the keys stay as they were");
  CHECK(verifier.verify_connection(*mint("{}", *key::from_secret("s")), now));
}

TEST_CASE("key_keeper: notices a changed file by itself") {
  const scratch dir;
  const auto a = publish("a");
  const auto b = publish("b");
  listener log;
  auth_config config;
  config.jwks_file = dir.write("jwks.json", a.jwks);
  token_verifier verifier;
  const key_keeper keeper{config, *key_source::open(config), verifier, log.hear()};
  CHECK(try_token(verifier, a) == errc::none);
  dir.write("jwks.json", b.jwks);
  CHECK(log.next() == "good: auth.jwks_file " + config.jwks_file + " was read anew");
  CHECK(try_token(verifier, b) == errc::none);
}

TEST_CASE("http_fetch: returns the body of a 200, plain and chunked") {
  const tiny_http_server plain{http_answer("hello")};
  CHECK(*fetch(plain.url("/jwks?x=1"), deadline, 100) == "hello");
  const tiny_http_server chunked{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"};
  CHECK(*fetch(chunked.url(), deadline, 100) == "hello");
}

TEST_CASE("http_fetch: everything else is a sentence") {
  const auto why = [](const std::string& url, std::size_t bytes_max = 100) {
    const auto answer = fetch(url, deadline, bytes_max);
    return answer ? std::string{"an answer"} : answer.why().sentence;
  };
  const tiny_http_server missing{http_answer("gone", "404 Not Found")};
  CHECK(why(missing.url()) == missing.url() + " cannot be read: it answers 404");
  const tiny_http_server moved{
      "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"};
  CHECK(why(moved.url()) == moved.url() + " cannot be read: it answers 302");
  const tiny_http_server big{http_answer(std::string(101, 'x'))};
  CHECK(why(big.url()).find("body limit exceeded") != std::string::npos);
  const tiny_http_server nonsense{"SSH-2.0-OpenSSH_9.2\r\n"};
  CHECK(why(nonsense.url()).find("cannot be read") != std::string::npos);
  CHECK(why("ftp://x/") == "ftp://x/ cannot be read: not an http or https URL");
  CHECK(why("http:///x").find("not an http") != std::string::npos);
}

TEST_CASE("http_fetch: a server that stays silent costs the timeout, a stop cuts it short") {
  const tiny_http_server silent{""};
  CHECK(fetch(silent.url(), 50ms, 100).why().sentence
        == silent.url() + " cannot be read: no answer in 50 ms");
  std::stop_source stop;
  stop.request_stop();
  CHECK(fetch(silent.url(), 1h, 100, stop.get_token()).why().sentence
        == silent.url() + " cannot be read: the node is stopping");
}

TEST_CASE("http_fetch: a certificate must be of somebody we trust") {
  const scratch dir;
  const auto pem_text = self_signed();
  const tiny_http_server server{http_answer("hello"), pem_text};
  CHECK(fetch(server.url(), deadline, 100).why().sentence.find("certificate verify failed")
        != std::string::npos);
  ::setenv("SSL_CERT_FILE", dir.write("ca.pem", pem_text).c_str(), 1);
  CHECK(*fetch(server.url(), deadline, 100) == "hello");
  const auto by_name = "https://localhost:" + std::to_string(server.port()) + "/";
  CHECK_FALSE(fetch(by_name, deadline, 100)); // the certificate names 127.0.0.1 only
  ::unsetenv("SSL_CERT_FILE");
}
