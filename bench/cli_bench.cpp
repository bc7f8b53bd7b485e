#include "bench/cli_bench.hpp"

#include "bench/client_process.hpp"
#include "bench/scenario.hpp"
#include "bench/target.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace argosy::bench {

namespace {

using scenario_function = bench_report (*)(const bench_options&);

const std::map<std::string, scenario_function>& scenarios() {
  static const std::map<std::string, scenario_function> table{
      {"idle", run_idle}, {"fanout", run_fanout}, {"rooms", run_rooms},  {"connect", run_connect},
      {"tls", run_tls},   {"chaos", run_chaos},   {"spread", run_spread}};
  return table;
}

int run(const bench_options& options) {
  try {
    const auto report = scenarios().at(options.scenario)(options);
    const auto text = options.json ? to_json(report) + "\n" : to_text(report);
    std::fputs(text.c_str(), stdout);
    return report.errors == 0 ? 0 : 1;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "argosy bench: %s\n", failure.what());
    return 1;
  }
}

void end_with(int code) {
  if (code != 0)
    throw CLI::RuntimeError(code);
}

void add_load_options(CLI::App& command, bench_options& o) {
  const auto positive = CLI::Range(1U, 100'000'000U);
  const auto some = CLI::Range(0.001, 1e8);
  command
      .add_option("scenario", o.scenario,
                  "idle: memory of quiet connections; fanout: one room of N; rooms: many small "
                  "rooms; connect: newcomers; tls: fanout and newcomers over TLS; chaos: a "
                  "fleet whose nodes die, stand still, come and go, are cut in two or have a slow "
                  "line; spread: a room whose listeners are on 1 to 8 nodes")
      ->check(CLI::IsMember({"idle", "fanout", "rooms", "connect", "tls", "chaos", "spread"}))
      ->capture_default_str();
  command
      .add_option("-n,--connections", o.connections,
                  "Clients [fanout 10000, idle 100000, rooms 1000, connect 15000, tls 5000, chaos "
                  "48, spread 1600]")
      ->check(positive);
  command
      .add_option("--seconds", o.seconds,
                  "Length of each measuring phase; chaos: of coming and going")
      ->check(CLI::Range(0.1, 600.0))
      ->capture_default_str();
  command.add_option("--timeout", o.timeout_s, "Seconds for all clients to get in")
      ->check(some)
      ->capture_default_str();
  command.add_option("--payload", o.payload_bytes, "Bytes of a publication's data")
      ->check(CLI::Range(34, 60'000))
      ->capture_default_str();
  command
      .add_option("--room-size", o.room_size, "Members of a room in idle and rooms; 1: a room each")
      ->check(positive)
      ->capture_default_str();
  command.add_option("--window", o.window, "fanout: publications in flight when saturated")
      ->check(positive)
      ->capture_default_str();
  command
      .add_option("--rate", o.rate,
                  "Publications a second in the paced phase [half of what is possible]")
      ->check(some);
  command.add_option("--publish-by", o.publish_by, "fanout: how publications get in")
      ->check(CLI::IsMember({"api", "connection"}))
      ->capture_default_str();
  command.add_option("--namespace", o.name_space,
                     "Use channels of this namespace; a --self node has `here` (presence) and "
                     "`history` (presence, history, recovery)");
  command
      .add_option("--processes", o.processes,
                  "Client processes at least; more where the descriptor limit demands it")
      ->check(positive)
      ->capture_default_str();
  command
      .add_option("--bare-seconds", o.bare_seconds,
                  "Length of the bare send() loop, half before and half after; 0: none")
      ->check(CLI::Range(0.0, 60.0))
      ->capture_default_str();
}

void add_chaos_options(CLI::App& command, bench_options& o) {
  command.add_option("--fault", o.faults, "chaos: only these, by commas or one option each [all]")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember(chaos_faults()));
}

void add_server_options(CLI::App& command, bench_options& o) {
  auto* self =
      command.add_flag("--self", o.self, "Start a node for this run and stop it afterwards");
  command
      .add_option("--set", o.settings, "With --self: key=value for the node, as in `argosy node`")
      ->allow_extra_args(false)
      ->needs(self);
  command.add_option("--target", o.target, "Kind of server: " + target_names())
      ->capture_default_str();
  command
      .add_option("--dialect", o.dialect,
                  "How clients speak to it: json (Centrifuge), or capnp, Argosy's binary "
                  "subprotocol argosy.capnp.1")
      ->check(CLI::IsMember({"json", "capnp"}))
      ->capture_default_str();
  command.add_option("--host", o.host, "IPv4 address of the server")->capture_default_str();
  command.add_option("--port", o.port, "Its plain port")->excludes(self)->capture_default_str();
  command.add_option("--tls-port", o.tls_port, "Its TLS port, for the tls scenario")
      ->excludes(self);
  command.add_option("--pid", o.pid, "Its process, whose CPU and memory to measure")
      ->excludes(self);
  command.add_option("--api-key", o.api_key, "Key of its server API");
  command
      .add_option("--secret", o.secret,
                  "HS256 secret: each client brings a token of its own. Without: no tokens")
      ->excludes(self);
  command.add_flag("--json", o.json, "Print one JSON object instead of a table");
}

} // namespace

void add_bench_command(CLI::App& app) {
  auto options = std::make_shared<bench_options>();
  auto* bench = app.add_subcommand(
      "bench", "Measure what a connection, a delivery and a newcomer cost a server");
  bench->footer("Example: argosy bench fanout -n 10000 --self --json\n"
                "Progress goes to the standard error, the report to the standard output.");
  add_load_options(*bench, *options);
  add_chaos_options(*bench, *options);
  add_server_options(*bench, *options);
  bench->callback([options] { end_with(run(*options)); });

  auto* client = app.add_subcommand("bench-client", "The clients of one process of argosy bench");
  client->group("");
  client->callback([] { end_with(run_client_process()); });
}

} // namespace argosy::bench
