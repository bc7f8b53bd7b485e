// `argosy shell`: asks a running node about itself and its fleet, once or in a session.
#include "actors/admin/shell_answer.hpp"
#include "actors/admin/shell_desk.hpp"
#include "actors/admin/shell_syntax.hpp"
#include "actors/gateway/api_params.hpp"
#include "node/admin_path.hpp"
#include "node/cli.hpp"
#include "node/node_name.hpp"
#include "node/shell_client.hpp"
#include "node/shell_terminal.hpp"
#include "runtime/config/load.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

namespace argosy {

namespace {

struct shell_options {
  std::string socket;
  std::string config;
  std::string name;
  std::string command;
  bool json = false;
  std::uint32_t within_ms = 2'000;
};

constexpr int failed = 1;
constexpr int asked_wrongly = 2;

/// How long after the node's own deadline the shell goes on waiting.
constexpr std::chrono::milliseconds grace{5'000};

int complain(const std::string& sentence, int code) {
  std::fprintf(stderr, "argosy: %s\n", sentence.c_str());
  return code;
}

/// The socket of the node that is meant, or a sentence.
std::string find_socket(const shell_options& options, std::string& path) {
  path = options.socket;
  if (!path.empty())
    return {};
  if (!options.config.empty()) {
    std::vector<std::string> overrides;
    if (!options.name.empty())
      overrides.push_back("node.name=" + options.name);
    const auto loaded = config::load(options.config, overrides);
    if (!loaded.problems.empty())
      return loaded.problems.front();
    path = admin_path_of(loaded.config);
    return path.empty() ? "`admin.socket` is \"off\" in " + options.config
                              + ", so that node has no shell; give it a path and start it again"
                        : std::string{};
  }
  if (!options.name.empty()) {
    path = default_admin_path(options.name);
    return {};
  }
  const auto known = known_admin_paths();
  if (known.size() == 1) {
    path = known.front();
    return {};
  }
  std::string list;
  for (const auto& one : known)
    list += " " + one;
  return known.empty()
             ? "no node of this user is found here; name its socket with --socket, or its file of "
               "configuration with --config"
             : "more than one node is here; choose one with --name or --socket:" + list;
}

class shell {
public:
  shell(const shell_options& options, std::string path)
      : options_(options), node_(std::move(path)) {}

  /// The exit code.
  int run(const std::string& line);
  void talk();
  int read_lines();

private:
  std::string ask(const shell_request& request) {
    return node_.ask(shell_line(request, options_.within_ms),
                     std::chrono::milliseconds{options_.within_ms} + grace);
  }
  std::vector<std::string> node_names();

  const shell_options& options_;
  shell_client node_;
};

int help(const shell_request& request) {
  const auto about = request.argument("command");
  if (about.empty()) {
    std::fputs(help_text().c_str(), stdout);
    return 0;
  }
  const auto* command = find_command(about);
  if (command == nullptr)
    return complain("there is no command \"" + std::string{about} + "\"; help lists them",
                    asked_wrongly);
  std::fputs(help_text(*command).c_str(), stdout);
  return 0;
}

int shell::run(const std::string& line) {
  const auto read = read_command_line(line);
  if (const auto* sentence = std::get_if<std::string>(&read))
    return complain(*sentence, asked_wrongly);
  const auto& request = std::get<shell_request>(read);
  if (request.command == "help")
    return help(request);
  const auto answer = ask(request);
  const auto shown = lay_out(answer);
  if (options_.json)
    std::printf("%s\n", answer.c_str());
  else if (!shown.error)
    std::fputs(shown.text.c_str(), stdout);
  std::fflush(stdout);
  if (!shown.error)
    return 0;
  return options_.json ? failed : complain(shown.text.substr(0, shown.text.size() - 1), failed);
}

std::vector<std::string> shell::node_names() {
  std::vector<std::string> out;
  if (const auto answer = api_params::parse(ask({"view", {}})))
    for (const auto& row : answer->list("members"))
      if (const auto member = api_params::parse(row))
        out.push_back(member->text("node"));
  return out;
}

std::string history_file() {
  const char* home = std::getenv("HOME");
  return home == nullptr || *home == 0 ? std::string{} : std::string{home} + "/.argosy_history";
}

void shell::talk() {
  std::printf("help lists the commands, Tab completes them, quit ends.\n");
  std::fflush(stdout);
  std::vector<std::string> nodes;
  bool asked = false;
  run_terminal({.prompt = "argosy> ",
                .history_file = history_file(),
                .complete =
                    [&](const std::string& line) {
                      if (!std::exchange(asked, true))
                        nodes = node_names();
                      return completions(line, nodes);
                    },
                .run =
                    [&](const std::string& line) {
                      if (line == "quit" || line == "exit")
                        return false;
                      run(line);
                      return true;
                    }});
}

// A script on standard input: the worst exit code counts.
int shell::read_lines() {
  int code = 0;
  for (std::string line; std::getline(std::cin, line);)
    if (line.find_first_not_of(" \t\r") != std::string::npos)
      code = std::max(code, run(line));
  return code;
}

int run_shell(const shell_options& options) {
  std::string path;
  if (const auto problem = find_socket(options, path); !problem.empty())
    return complain(problem, failed);
  shell here{options, std::move(path)};
  if (!options.command.empty())
    return here.run(options.command);
  if (::isatty(STDIN_FILENO) == 0)
    return here.read_lines();
  here.talk();
  return 0;
}

} // namespace

void add_shell_command(CLI::App& app) {
  auto options = std::make_shared<shell_options>();
  auto* command =
      app.add_subcommand("shell", "Look into a running node and its fleet; `help` lists how");
  command->add_option("-c,--command", options->command, "Run one command and end");
  command->add_flag("--json", options->json, "Print answers as JSON, one a line");
  command->add_option("--socket", options->socket, "The node's admin socket (admin.socket)");
  command->add_option("--config", options->config, "The node's TOML file, to find its socket");
  command->add_option("--name", options->name, "The node's name, to find its socket");
  command
      ->add_option("--within", options->within_ms,
                   "Milliseconds to wait for the other nodes; who is late is named")
      ->check(CLI::Range(1, 30'000));
  command->callback([options] {
    if (const int code = run_shell(*options); code != 0)
      throw CLI::RuntimeError{code};
  });
}

} // namespace argosy
