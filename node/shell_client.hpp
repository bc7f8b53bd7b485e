// shell_client: the shell's end of the admin socket: a line goes out, a line comes back.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace argosy {

class shell_client {
public:
  explicit shell_client(std::string path) : path_(std::move(path)) {}
  ~shell_client();
  shell_client(const shell_client&) = delete;
  shell_client& operator=(const shell_client&) = delete;

  /// The answer to `line`, connecting first where that is needed. Waits for at most `patience`.
  /// Whatever goes wrong is an answer, too: `{"error":"…"}`.
  std::string ask(std::string_view line, std::chrono::milliseconds patience);

private:
  std::string connect();
  bool send(std::string_view line);
  std::string receive(std::chrono::milliseconds patience);
  void close();

  std::string path_;
  int fd_ = -1;
};

} // namespace argosy
