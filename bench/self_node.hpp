// self_node: a node of our own for `argosy bench --self`: started from this same binary with a
// throw-away config on free ports, stopped by its pid.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace argosy::bench {

class self_node {
public:
  /// Starts `argosy node` and waits (20 s at most) for its line
  /// `{"event":"listening","http_port":N,"tls_port":M}`. `settings` are passed on as --set. Throws
  /// std::runtime_error with what the node said last.
  self_node(const std::vector<std::string>& settings, bool with_tls);

  /// SIGTERM, and SIGKILL to a node that has not ended after 10 s; removes the config.
  ~self_node();
  self_node(const self_node&) = delete;
  self_node& operator=(const self_node&) = delete;

  pid_t pid() const noexcept { return pid_; }
  std::uint16_t http_port() const noexcept { return http_port_; }
  std::uint16_t tls_port() const noexcept { return tls_port_; }

  /// What its file of configuration says, but for TLS.
  static std::string_view config() noexcept;

  /// The secret that its connection tokens are signed with.
  static std::string_view secret() noexcept;

  /// The namespace whose channels have presence, and the one that has history too.
  static constexpr std::string_view presence_namespace = "here";

private:
  std::string write_config(bool with_tls) const;
  void await_ports(int output);

  std::string directory_;
  pid_t pid_ = -1;
  std::uint16_t http_port_ = 0;
  std::uint16_t tls_port_ = 0;
};

} // namespace argosy::bench
