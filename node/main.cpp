// main: the program and its subcommands.
#include "bench/cli_bench.hpp"
#include "node/cli.hpp"
#include "node/version.hpp"

#include <CLI/CLI.hpp>

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
  CLI11_PARSE(app, argc, argv);
  return 0;
}
