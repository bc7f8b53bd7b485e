// cli_bench: the commands `argosy bench` and, hidden, `argosy bench-client`.
#pragma once

namespace CLI {
class App;
}

namespace argosy::bench {

/// Adds the commands to the program. They end it through CLI::RuntimeError with the exit code: 0
/// for a report without errors, 1 for one with errors or a run that failed, 2 for options that make
/// no sense.
void add_bench_command(CLI::App& app);

} // namespace argosy::bench
