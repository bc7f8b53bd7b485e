#include "tests/net/fixture.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <thread>

namespace argosy::test {

namespace {

constexpr std::chrono::seconds deadline{20};

} // namespace

void journal::add(std::string line) {
  const std::lock_guard lock{mutex_};
  lines_.push_back(std::move(line));
  changed_.notify_all();
}

bool journal::wait_for(std::string_view line, std::size_t times) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, deadline, [&] {
    return static_cast<std::size_t>(std::count(lines_.begin(), lines_.end(), line)) >= times;
  });
}

std::size_t journal::count(std::string_view line) const {
  const std::lock_guard lock{mutex_};
  return static_cast<std::size_t>(std::count(lines_.begin(), lines_.end(), line));
}

std::vector<std::string> journal::lines() const {
  const std::lock_guard lock{mutex_};
  return lines_;
}

// -- gateway --------------------------------------------------------------------------------------

namespace {

// What a client can make its handler do:
//   "close CODE"     close with that code          "later MS"  a timer with tag MS
//   "flood N BYTES"  N frames at once; on refused_slow it closes with 3008
//   "close now"      close from inside, then send, which must be `gone`
// Everything else is only written down.
class recording_handler final : public socket_handler {
public:
  recording_handler(journal& log, socket_loop& loop, socket_id socket)
      : log_(log), loop_(loop), socket_(socket) {}

  void on_message(std::string_view payload, bool binary) override {
    const std::string text{payload};
    if (text.starts_with("close "))
      loop_.close(socket_, static_cast<std::uint16_t>(std::atoi(text.c_str() + 6)), "as told");
    else if (text.starts_with("later "))
      loop_.call_later(socket_, std::chrono::milliseconds{std::atoi(text.c_str() + 6)},
                       static_cast<std::uint32_t>(std::atoi(text.c_str() + 6)));
    else if (text.starts_with("flood "))
      flood(text);
    log_.add((binary ? "binary " : "message ") + text);
  }
  void on_ping_due() override { log_.add("ping"); }
  void on_pong_due() override { log_.add("pong"); }
  void on_timer(std::uint32_t tag) override { log_.add("timer " + std::to_string(tag)); }
  void on_closed(const socket_closed& why) noexcept override {
    const auto after = loop_.send(socket_, lane::direct, frame::encode(opcode::text, "late"));
    log_.add("closed " + std::to_string(why.code) + (why.by_peer ? " by peer" : " by us")
             + (after == send_result::gone ? "" : " but still open"));
    delete this;
  }

private:
  void flood(const std::string& text) {
    unsigned count = 0;
    unsigned bytes = 0;
    if (std::sscanf(text.c_str(), "flood %u %u", &count, &bytes) != 2)
      return;
    const auto f = frame::encode(opcode::binary, std::string(bytes, 'x'));
    for (unsigned i = 0; i < count; ++i)
      if (loop_.send(socket_, lane::event, f) == send_result::refused_slow) {
        log_.add("refused");
        loop_.close(socket_, 3008, "slow");
        return;
      }
  }

  journal& log_;
  socket_loop& loop_;
  const socket_id socket_;
};

} // namespace

bool recording_gateway::may_enter(std::string_view peer_address) {
  asked.add(std::string{peer_address});
  if (on_enter && !on_enter())
    return false;
  const std::lock_guard lock{mutex_};
  ++inside_;
  return true;
}

void recording_gateway::left(std::string_view peer_address) {
  {
    const std::lock_guard lock{mutex_};
    --inside_;
  }
  log.add("left " + std::string{peer_address});
}

socket_gateway::verdict recording_gateway::judge(const upgrade_request& request) {
  return on_judge ? on_judge(request) : verdict{};
}

socket_handler* recording_gateway::open(socket_loop& loop, socket_id socket,
                                        const upgrade_request& request, std::string_view) {
  log.add("open " + std::string{request.target});
  const std::lock_guard lock{mutex_};
  seats_.push_back({&loop, socket});
  changed_.notify_all();
  return new recording_handler{log, loop, socket};
}

recording_gateway::seat recording_gateway::at(std::size_t n) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, deadline, [&] { return seats_.size() > n; });
  return seats_.at(n);
}

std::size_t recording_gateway::balance() const {
  const std::lock_guard lock{mutex_};
  return inside_;
}

// -- HTTP -----------------------------------------------------------------------------------------

void recording_http::handle(http_request request, http_responder respond) {
  http_response r;
  r.content_type = "text/plain";
  if (request.path() == "/hold") {
    const std::lock_guard lock{mutex_};
    held_.push_back(std::move(respond));
    changed_.notify_all();
    return;
  }
  if (request.path() == "/echo-body")
    r.body = request.body;
  else if (request.path() == "/header")
    r.body = request.header("x-test");
  else
    r.body = request.method + " " + request.target;
  respond(std::move(r));
}

http_responder recording_http::held() {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, deadline, [&] { return !held_.empty(); });
  auto first = held_.at(0);
  held_.erase(held_.begin());
  return first;
}

// -- helpers --------------------------------------------------------------------------------------

net::settings test_settings() {
  net::settings s;
  s.endpoints = {{"127.0.0.1", 0, false}};
  s.loops = 1;
  s.connections_max = 1000; // few enough for one descriptor table
  s.echo = true;
  return s;
}

net::server& serving_fixture::started() {
  server = std::make_unique<net::server>(s, gateway, &http);
  const auto error = server->start();
  REQUIRE(error == "");
  return *server;
}

void on_loop(socket_loop& loop, std::function<void()> task) {
  std::promise<void> done;
  loop.post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::yield();
  }
  return true;
}

std::uint64_t total(const net::server& s, net::counter net::loop_stats::*which) {
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < s.loop_count(); ++i)
    sum += (s.stats(i).*which).value();
  return sum;
}

temporary_certificate::temporary_certificate() {
  auto pattern = (std::filesystem::temp_directory_path() / "argosy-tls-XXXXXX").string();
  directory_ = mkdtemp(pattern.data());
  renew();
}

temporary_certificate::~temporary_certificate() {
  std::filesystem::remove_all(directory_);
}

void temporary_certificate::renew() const {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  static long serial = 0;
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  auto* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  if (auto* file = std::fopen(certificate_file().c_str(), "w"); file != nullptr) {
    PEM_write_X509(file, certificate);
    std::fclose(file);
  }
  if (auto* file = std::fopen(key_file().c_str(), "w"); file != nullptr) {
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
  }
  X509_free(certificate);
  EVP_PKEY_free(key);
}

} // namespace argosy::test
