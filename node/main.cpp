// main: the program and its subcommands.
#include "bench/cli_bench.hpp"
#include "node/cli.hpp"
#include "node/version.hpp"

#include <CLI/CLI.hpp>

#include <string>

namespace {

constexpr int asked_wrongly = 2;

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Argosy: a clustered actor-model runtime for WebSocket fleets", "argosy"};
  app.set_version_flag("--version", std::string{"argosy "} + argosy::version_text);
  app.require_subcommand(1);
  argosy::add_node_command(app);
  argosy::add_shell_command(app);
  argosy::add_token_command(app);
  argosy::add_doctor_command(app);
  argosy::add_certs_command(app);
  argosy::bench::add_bench_command(app);
  app.failure_message([&](const CLI::App*, const CLI::Error& e) {
    const bool unknown = app.get_subcommands().empty() && argc > 1;
    return "argosy: " + (unknown ? std::string{argv[1]} + " is no subcommand" : e.what())
           + "; --help lists what there is\n";
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    const bool said_by_itself = e.get_name() == "RuntimeError"; // a subcommand that has run
    return code == 0 || said_by_itself ? code : asked_wrongly;
  }
  return 0;
}
