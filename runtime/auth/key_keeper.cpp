#include "runtime/auth/key_keeper.hpp"

#include "runtime/auth/http_fetch.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace argosy::auth {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t document_bytes_max = 256 << 10;
constexpr std::chrono::seconds file_interval{1};
constexpr std::chrono::hours idle{1};

key_keeper::fetcher over_http(const auth_config& config) {
  return [url = config.jwks_url, timeout = config.jwks_timeout](const std::stop_token& stop) {
    return fetch(url, timeout, document_bytes_max, stop);
  };
}

} // namespace

key_keeper::key_keeper(const auth_config& config, key_source source, token_verifier& verifier,
                       report tell)
    : key_keeper(config, std::move(source), verifier, std::move(tell), over_http(config)) {
}

key_keeper::key_keeper(const auth_config& config, key_source source, token_verifier& verifier,
                       report tell, fetcher fetch)
    : jwks_file_(config.jwks_file), jwks_url_(config.jwks_url), fetch_(std::move(fetch)),
      tell_(std::move(tell)), verifier_(verifier), source_(std::move(source)),
      schedule_(config.jwks_refresh) {
  verifier_.replace_keys(source_.keys());
  if (!jwks_url_.empty())
    verifier_.on_unknown_key([this](std::string_view key_id) { return ask(key_id); });
  if (!jwks_url_.empty() || !jwks_file_.empty())
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

bool key_keeper::ask(std::string_view key_id) {
  const std::lock_guard guard{mutex_};
  const bool soon = schedule_.ask(key_id, clock::now());
  if (soon)
    changed_.notify_one();
  return soon;
}

void key_keeper::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    look_at_file();
    look_at_url(stop);
    std::unique_lock lock{mutex_};
    auto wake = clock::now() + (jwks_file_.empty() ? clock::duration{idle} : file_interval);
    if (!jwks_url_.empty())
      wake = std::min(wake, schedule_.due());
    changed_.wait_until(lock, stop, wake,
                        [&] { return !jwks_url_.empty() && schedule_.due() < wake; });
  }
}

void key_keeper::look_at_file() {
  const auto read = source_.poll_file();
  if (!read)
    return tell_(false, "auth.jwks_file " + jwks_file_ + " " + read.why().sentence
                            + "; the keys stay as they were");
  if (*read) {
    verifier_.replace_keys(source_.keys());
    tell_(true, "auth.jwks_file " + jwks_file_ + " was read anew");
  }
}

void key_keeper::look_at_url(const std::stop_token& stop) {
  if (jwks_url_.empty())
    return;
  {
    const std::lock_guard guard{mutex_};
    if (clock::now() < schedule_.due())
      return;
    schedule_.started(clock::now());
  }
  auto document = fetch_(stop);
  const auto taken =
      document ? source_.take_document(std::move(*document)) : outcome<std::size_t>{document.why()};
  if (taken)
    verifier_.replace_keys(source_.keys());
  {
    const std::lock_guard guard{mutex_};
    schedule_.finished(clock::now(), bool(taken));
  }
  if (taken)
    tell_(true, "auth.jwks_url gave " + std::to_string(*taken) + " keys");
  else if (!stop.stop_requested())
    tell_(false, taken.why().sentence + "; the keys stay as they were");
}

} // namespace argosy::auth
