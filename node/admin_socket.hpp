// admin_socket: the UNIX socket of the admin shell: one JSON request a line, one JSON answer a
// line.
//
// Picture a counter with a few windows: at each, one question at a time, and who does not take the
// answer is sent away after a while. It has a thread of its own, so neither clients nor the work of
// the node wait for it. Only the user of the process may open it (mode 0600).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace argosy {

class admin_socket {
public:
  /// Answers a line by calling `respond` once, from any thread, now or later.
  using desk = std::function<void(std::string_view line, std::function<void(std::string)> respond)>;

  static constexpr std::size_t request_bytes_max = 16 << 10;
  static constexpr std::size_t clients_max = 32;

  explicit admin_socket(desk answers);
  ~admin_socket();
  admin_socket(const admin_socket&) = delete;
  admin_socket& operator=(const admin_socket&) = delete;

  /// Listens at `path`. A socket that was left behind there is replaced. "" or one sentence: where
  /// another process listens, or something else is in the way.
  [[nodiscard]] std::string start(const std::string& path);

  /// Closes all and takes the file away. Idempotent.
  void stop();

  bool running() const noexcept { return thread_.joinable(); }

private:
  class counter;

  std::shared_ptr<counter> counter_; ///< shared with answers that are under way
  std::thread thread_;
  std::string path_;
};

} // namespace argosy
