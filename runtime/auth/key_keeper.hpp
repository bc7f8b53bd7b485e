// key_keeper: keeps a verifier's keys fresh, on one thread that sleeps nearly always.
//
// It looks at the JWKS file once a second, fetches the JWKS URL on schedule, and fetches at once
// when a token names an unknown key. The thin shell around key_source and refresh_schedule; made by
// the composition root, which outlives it with the verifier.
#pragma once

#include "runtime/auth/key_source.hpp"
#include "runtime/auth/refresh_schedule.hpp"
#include "runtime/auth/token_verifier.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

namespace argosy::auth {

class key_keeper {
public:
  /// Told what happened, in a sentence, for the log; comes from the keeper's thread.
  using report = std::function<void(bool good, const std::string& sentence)>;
  using fetcher = std::function<outcome<std::string>(const std::stop_token&)>;

  /// `source` has been opened from `config`. Puts the present keys into `verifier`, and begins to
  /// watch if there is a JWKS file or URL. `verifier` must live longer, and verify nothing after
  /// the keeper has gone.
  key_keeper(const auth_config& config, key_source source, token_verifier& verifier, report tell);

  /// As above, with something else in place of HTTP.
  key_keeper(const auth_config& config, key_source source, token_verifier& verifier, report tell,
             fetcher fetch);

  key_keeper(const key_keeper&) = delete;
  key_keeper& operator=(const key_keeper&) = delete;

private:
  bool ask(std::string_view key_id);
  void run(const std::stop_token& stop);
  void look_at_file();
  void look_at_url(const std::stop_token& stop);

  std::string jwks_file_;
  std::string jwks_url_;
  fetcher fetch_;
  report tell_;
  token_verifier& verifier_;
  key_source source_; ///< the thread's own, once it runs
  std::mutex mutex_;  ///< guards the schedule
  std::condition_variable_any changed_;
  refresh_schedule schedule_;
  std::jthread thread_; ///< last: joined first
};

} // namespace argosy::auth
