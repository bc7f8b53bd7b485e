// cli_doctor: `argosy doctor`, what this machine limits and how to raise it.
#include "node/cli.hpp"
#include "node/machine.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>

namespace argosy {

void add_doctor_command(CLI::App& app) {
  auto json = std::make_shared<bool>(false);
  auto& command = *app.add_subcommand(
      "doctor", "Say what this machine limits, and the command that raises it; changes nothing");
  command.add_flag("--json", *json, "One JSON object instead of a table");
  command.callback([json] {
    const auto findings = examine_machine();
    const auto text = *json ? to_json(findings) + '\n' : to_text(findings);
    std::fputs(text.c_str(), stdout);
  });
}

} // namespace argosy
