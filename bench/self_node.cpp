#include "bench/self_node.hpp"

#include "bench/child_process.hpp"
#include "bench/self_signed.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <stdexcept>
#include <unistd.h>

namespace argosy::bench {

namespace {

constexpr std::chrono::seconds start_patience{20};
constexpr std::chrono::seconds stop_patience{10};

// Tokens are checked, so that users are real; within that everything is allowed and nothing is
// limited.
constexpr std::string_view config_text = R"(# written by argosy bench; a node for one load test
[http]
address = "127.0.0.1"
port = 0
[net]
pending_handshakes_max = 4096
[client]
commands_per_second = 0
personal_rooms = false
[auth]
hmac_secret = "argosy-bench-load-test-secret-0123456789"
[api]
insecure = true
[log]
level = "warn"
[channel]
allow_subscribe_for_client = true
allow_publish_for_client = true
allow_publish_for_subscriber = true
publish_per_second = 0
[[namespace]]
name = "here"
presence = true
allow_subscribe_for_client = true
allow_publish_for_client = true
allow_publish_for_subscriber = true
publish_per_second = 0
[[namespace]]
name = "history"
presence = true
history_size = 100
history_ttl_ms = 300000
force_recovery = true
allow_subscribe_for_client = true
allow_publish_for_client = true
allow_publish_for_subscriber = true
publish_per_second = 0
)";

std::uint16_t port_in(std::string_view line, std::string_view key) {
  const auto at = line.find("\"" + std::string(key) + "\":");
  std::uint16_t port = 0;
  if (at != std::string_view::npos) {
    const auto digits = line.find_first_of("0123456789", at + key.size() + 3);
    if (digits != std::string_view::npos)
      std::from_chars(line.data() + digits, line.data() + line.size(), port);
  }
  return port;
}

} // namespace

std::string_view self_node::config() noexcept {
  return config_text;
}

std::string_view self_node::secret() noexcept {
  return "argosy-bench-load-test-secret-0123456789";
}

self_node::self_node(const std::vector<std::string>& settings, bool with_tls) {
  std::string pattern = std::filesystem::temp_directory_path() / "argosy-bench-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("cannot make a directory for the node's config");
  directory_ = pattern;
  std::vector<std::string> arguments{own_binary(), "node", "--config", write_config(with_tls)};
  for (const auto& setting : settings)
    arguments.insert(arguments.end(), {"--set", setting});
  int output[2];
  if (::pipe2(output, O_CLOEXEC) != 0)
    throw std::runtime_error("cannot make a pipe for the node's output");
  pid_ = spawn(arguments, {{output[1], STDOUT_FILENO}});
  ::close(output[1]);
  try {
    await_ports(output[0]);
  } catch (...) {
    ::close(output[0]);
    reap(pid_, std::chrono::milliseconds(0));
    std::filesystem::remove_all(directory_);
    throw;
  }
  ::close(output[0]);
}

self_node::~self_node() {
  ::kill(pid_, SIGTERM);
  reap(pid_, stop_patience);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string self_node::write_config(bool with_tls) const {
  const auto path = directory_ + "/node.toml";
  std::ofstream file(path);
  file << config_text;
  if (with_tls) {
    const auto cert = directory_ + "/cert.pem", key = directory_ + "/key.pem";
    write_self_signed(cert, key);
    file << "[tls]\nenabled = true\nport = 0\ncert_file = \"" << cert << "\"\nkey_file = \"" << key
         << "\"\n";
  }
  return path;
}

void self_node::await_ports(int output) {
  const auto deadline = std::chrono::steady_clock::now() + start_patience;
  std::string text;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd readable{.fd = output, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) <= 0)
      throw std::runtime_error("the node did not say that it listens within 20 s; it said: "
                               + text);
    std::array<char, 4096> buffer;
    const auto got = ::read(output, buffer.data(), buffer.size());
    if (got <= 0)
      throw std::runtime_error("the node ended at its start; see its message above");
    text.append(buffer.data(), static_cast<std::size_t>(got));
    const auto event = text.find("\"listening\"");
    if (event == std::string::npos || text.find('\n', event) == std::string::npos)
      continue;
    http_port_ = port_in(text, "http_port");
    tls_port_ = port_in(text, "tls_port");
    return;
  }
}

} // namespace argosy::bench
