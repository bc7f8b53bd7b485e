// `argosy node`: reads the configuration, runs a node until it is told to stop.
#include "node/cli.hpp"
#include "node/named_files.hpp"
#include "node/node.hpp"
#include "runtime/config/dump.hpp"
#include "runtime/config/load.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <signal.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace argosy {

namespace {

struct node_options {
  std::string file;
  std::string name;
  std::vector<std::string> overrides;
  bool check_only = false;
  bool dump_only = false;
  bool insecure_cluster = false;
};

constexpr int bad_configuration = 2;

/// Blocks the signals we wait for in every thread that is started later.
sigset_t block_signals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int s : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&wanted, s);
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return wanted;
}

void start_log(const std::string& level) {
  auto log = spdlog::stderr_logger_mt("argosy");
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
  log->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(log));
}

/// Until the node has handed over what it owns, for so long at most. Another signal ends it at
/// once.
void hand_over(node& leaver, const sigset_t& signals, std::chrono::milliseconds at_most) {
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  leaver.leave();
  constexpr timespec pause{0, 20'000'000};
  while (!leaver.left()) {
    if (std::chrono::steady_clock::now() >= deadline)
      return spdlog::warn(
          "what this node owns was not taken over within `cluster.leave_timeout_ms` "
          "({} ms); the others go on with what they have",
          at_most.count());
    const int received = sigtimedwait(&signals, nullptr, &pause);
    if (received == SIGTERM || received == SIGINT)
      return;
  }
}

int run_until_signal(node_config config) {
  const auto signals = block_signals();
  start_log(config.log.level);
  const auto address = config.http.address;
  const auto leave_timeout = config.cluster.leave_timeout;
  node running{std::move(config)};
  if (const auto problem = running.start(); !problem.empty()) {
    std::fprintf(stderr, "argosy: %s\n", problem.c_str());
    return bad_configuration;
  }
  std::printf("{\"event\":\"listening\",\"http_port\":%u,\"tls_port\":%u,\"cluster_port\":%u,"
              "\"pid\":%d}\n",
              unsigned{running.http_port()}, unsigned{running.tls_port()},
              unsigned{running.cluster_port()}, int{getpid()});
  std::fflush(stdout);
  const bool is_ipv6 = address.find(':') != std::string::npos; // RFC 3986 section 3.2.2
  spdlog::info("listening on http://{}:{}", is_ipv6 ? "[" + address + "]" : address,
               running.http_port());
  for (;;) {
    int received = 0;
    sigwait(&signals, &received);
    if (received != SIGHUP)
      break;
    const auto problem = running.reload();
    if (problem.empty())
      spdlog::info("certificate and key are reloaded");
    else
      spdlog::error("{}", problem);
  }
  const auto refusal = running.refusal();
  spdlog::info("stopping");
  if (refusal.empty() && leave_timeout.count() > 0)
    hand_over(running, signals, leave_timeout);
  running.stop();
  if (refusal.empty())
    return 0;
  std::fprintf(stderr, "argosy: the cluster does not take this node: %s\n", refusal.c_str());
  return bad_configuration;
}

int run_node(const node_options& options) {
  auto overrides = options.overrides;
  if (!options.name.empty())
    overrides.push_back("node.name=" + options.name);
  if (options.insecure_cluster)
    overrides.push_back("cluster.insecure=true");
  auto loaded = config::load(options.file, overrides);
  if (loaded.problems.empty() && options.check_only)
    loaded.problems = problems_of_files(loaded.config);
  for (const auto& problem : loaded.problems)
    std::fprintf(stderr, "argosy: %s\n", problem.c_str());
  if (!loaded.problems.empty())
    return bad_configuration;
  if (options.dump_only)
    std::fputs(config::dump(loaded.config).c_str(), stdout);
  else if (options.check_only)
    std::puts("the configuration is good");
  else
    return run_until_signal(std::move(loaded.config));
  return 0;
}

} // namespace

void add_node_command(CLI::App& app) {
  auto options = std::make_shared<node_options>();
  auto* command = app.add_subcommand("node", "Run a node");
  command->add_option("-c,--config", options->file,
                      "TOML file; every key is explained in configs/node.toml");
  command->add_option("--name", options->name, "Name of this node (node.name)");
  command
      ->add_option("--set", options->overrides,
                   "Override one key, as in http.port=9000; repeatable")
      ->take_all();
  command->add_flag("--insecure-cluster", options->insecure_cluster,
                    "No TLS between nodes (cluster.insecure); loopback and trusted networks only");
  command->add_flag("--check-config", options->check_only,
                    "Only say whether the configuration is good, and the files it names");
  command->add_flag("--dump-config", options->dump_only,
                    "Only print every key with its meaning and effective value");
  command->callback([options] {
    if (const int code = run_node(*options); code != 0)
      throw CLI::RuntimeError{code};
  });
}

} // namespace argosy
