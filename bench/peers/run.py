#!/usr/bin/env python3
"""Ask Argosy and its peers the same questions, one after the other, and print the answers side by side.

    bench/peers/run.py [--binary build/release/argosy] [--scenarios fanout,rooms,idle,connect] [--out FILE]

Each server is started fresh for each question, on a free port of 127.0.0.1 with a config made from the
template beside this script, and stopped by its own pid. A peer that is not installed is left out with a
sentence: nginx and libnginx-mod-nchan, nats-server from Debian; Centrifugo is built with `go` from its
module when a Go toolchain is there. Every figure comes with the bare send() loop of its own run:
compare ratios, not nanoseconds.
"""

import argparse
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SECRET = "bench-peers-secret"
CENTRIFUGO = "v5.4.9"
START_SECONDS = 20
QUESTIONS = {  # scenario -> arguments that all servers get
    "idle": ["-n", "15000", "--seconds", "2"],
    "fanout": ["-n", "10000"],
    "rooms": ["-n", "1000"],
    "connect": ["-n", "10000"],
}


def say(text):
    print(text, file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def build_centrifugo():
    """The path of a Centrifugo binary, built once into build/peers, or None and a sentence."""
    binary = ROOT / "build" / "peers" / "centrifugo"
    if binary.exists():
        return binary
    if not shutil.which("go"):
        return say("centrifugo: left out, there is no Go toolchain")
    module = binary.parent / "module"
    module.mkdir(parents=True, exist_ok=True)
    package = "github.com/centrifugal/centrifugo/v5"
    (module / "go.mod").write_text(f"module peers\n\ngo 1.22\n\nrequire {package} {CENTRIFUGO}\n")
    (module / "tools.go").write_text(f'//go:build tools\n\npackage peers\n\nimport _ "{package}"\n')
    say(f"centrifugo: building {CENTRIFUGO}, some minutes")
    try:
        subprocess.run(["go", "build", "-mod=mod", "-o", str(binary), package], cwd=module, check=True,
                       timeout=1200, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failure:
        said = (failure.stderr or b"").decode(errors="replace").strip().splitlines()
        return say(f"centrifugo: left out, it does not build: {said[-1] if said else failure}")
    return binary


class Peer:
    """A server that runs between __enter__ and __exit__."""

    def __init__(self, name, template, command, extra=()):
        self.name, self.template, self.command, self.extra = name, template, command, list(extra)

    def __enter__(self):
        self.dir = tempfile.TemporaryDirectory(prefix="argosy-peers-")
        self.port = free_port()
        config = pathlib.Path(self.dir.name) / self.template.removesuffix(".in")
        values = {"@DIR@": self.dir.name, "@PORT@": self.port, "@PORT2@": free_port(), "@SECRET@": SECRET}
        text = (HERE / self.template).read_text()
        for key, value in values.items():
            text = text.replace(key, str(value))
        config.write_text(text)
        self.log = open(pathlib.Path(self.dir.name) / "output", "w+")
        self.process = subprocess.Popen([*self.command, str(config)], stdout=self.log, stderr=self.log)
        self.await_port()
        return self

    def await_port(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        self.log.seek(0)
        said = self.log.read()[-400:]
        self.__exit__()
        raise RuntimeError(f"{self.name} did not start: {said}")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.dir.cleanup()

    def arguments(self, scenario):
        presence = ["--namespace", "here"] if self.name == "centrifugo" and scenario == "idle" else []
        return ["--target", self.name, "--port", str(self.port), "--pid", str(self.process.pid),
                *self.extra, *presence]


def peers(wanted):
    found = []
    if "nchan" in wanted:
        if shutil.which("nginx", path="/usr/sbin:" + os.environ["PATH"]) and \
                pathlib.Path("/usr/lib/nginx/modules/ngx_nchan_module.so").exists():
            found.append(Peer("nchan", "nginx.conf.in", ["/usr/sbin/nginx", "-c"]))
        else:
            say("nchan: left out, nginx with libnginx-mod-nchan is not installed")
    if "nats" in wanted:
        if shutil.which("nats-server"):
            found.append(Peer("nats", "nats.conf.in", ["nats-server", "-c"], ["--publish-by", "connection"]))
        else:
            say("nats: left out, nats-server is not installed")
    if "centrifugo" in wanted:
        if binary := build_centrifugo():
            found.append(Peer("centrifugo", "centrifugo.json.in", [str(binary), "--config"],
                              ["--secret", SECRET]))
    return found


def ask(binary, scenario, arguments):
    """One run of `argosy bench`; its report, or None and a sentence."""
    command = [binary, "bench", scenario, *QUESTIONS[scenario], *arguments, "--json"]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, timeout=400)
        return json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError) as failure:
        return say(f"{scenario} {arguments}: no report ({type(failure).__name__})")


def table(reports):
    columns = [("server", "server"), ("connections", "connections"),
               ("user_bytes_per_connection", "user B/conn"), ("deliveries_per_s", "deliveries/s"),
               ("server_cpu_ns_per_delivery", "CPU ns/delivery"), ("bare_send_ns", "bare send ns"),
               ("ratio_to_bare_send", "ratio"), ("latency", "p50 / p99 / p99.9 ms"),
               ("subscribe_cpu_us", "CPU us/newcomer"), ("errors", "errors")]
    for r in reports:
        p = r["latency_ms"]
        r["latency"] = None if p["p50"] is None else f'{p["p50"]:g} / {p["p99"]:g} / {p["p999"]:g}'
    columns = [c for c in columns if any(r.get(c[0]) is not None for r in reports)]
    cell = lambda v: "" if v is None else f"{v:,}" if isinstance(v, (int, float)) else str(v)
    lines = ["| " + " | ".join(title for _, title in columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(cell(r.get(key)) for key, _ in columns) + " |" for r in reports]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / "build" / "release" / "argosy"))
    parser.add_argument("--scenarios", default="fanout,rooms,idle,connect")
    parser.add_argument("--servers", default="argosy,nchan,nats,centrifugo")
    parser.add_argument("--out", help="also append each report to this file, one JSON object a line")
    options = parser.parse_args()
    servers = options.servers.split(",")
    others = peers(servers)
    for scenario in options.scenarios.split(","):
        reports = []
        if "argosy" in servers:
            reports.append(ask(options.binary, scenario, ["--self"]))
        for peer in others:
            try:
                with peer:
                    reports.append(ask(options.binary, scenario, peer.arguments(scenario)))
            except RuntimeError as failure:
                say(str(failure))
        reports = [r for r in reports if r]
        if options.out:
            with open(options.out, "a") as out:
                out.writelines(json.dumps(r) + "\n" for r in reports)
        if reports:
            print(f"\n### {scenario}\n\n{table(reports)}", flush=True)


if __name__ == "__main__":
    main()
