// cli: the subcommands of `argosy`, each added to the command line by its own file.
//
// A subcommand runs from its callback and ends the program with CLI::RuntimeError{code} when it
// fails: 1 = it did not work, 2 = it was asked wrongly. main() adds them all.
#pragma once

namespace CLI {
class App;
}

namespace argosy {

/// `argosy node`: runs a node until it gets SIGTERM or SIGINT; SIGHUP reloads the certificate.
void add_node_command(CLI::App& app);

/// `argosy token`: mints a connection or subscription token, for trying things.
void add_token_command(CLI::App& app);

/// `argosy doctor`: what this machine limits, and the command that raises it.
void add_doctor_command(CLI::App& app);

/// `argosy certs`: an authority and node certificates for the cluster port, for trying things.
void add_certs_command(CLI::App& app);

/// `argosy shell`: looks into a running node and its fleet, over the admin socket.
void add_shell_command(CLI::App& app);

} // namespace argosy
