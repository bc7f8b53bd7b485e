// node: one real Argosy process per test file, on a free port, stopped by its own pid.
//
// ARGOSY_BIN names the program under test; ctest sets it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { within } from "./until.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
export const sanitizer = process.env.ARGOSY_SANITIZE ?? ""; // that the program was built with
export const program = process.env.ARGOSY_BIN ?? `${root}build/release/argosy`;

export const apiKey = "test-api-key";
export const inRepository = (path) => root + path;

/** What the program says when it was built with a sanitizer that has found something. */
const finding = /^(=+\d*=*)?(ERROR|WARNING): \w+Sanitizer|: runtime error: /m;

/**
 * Starts a node with a configuration of this repository; `set` overrides single keys, `options` are
 * further words of the command line; `spawned` gets the pid at once.
 */
export async function startNode({ config = "tests/e2e/node.toml", set = {}, options = [], spawned } = {}) {
  const keys = { "http.port": 0, "admin.socket": "off", ...set };
  const overrides = Object.entries(keys).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  const words = ["node", "--config", root + config, ...options, ...overrides];
  const node = new Node(spawn(program, words, { cwd: root }));
  spawned?.(node.pid);
  try {
    await within("the node says that it listens", node.ready);
  } catch (error) {
    if (node.alive) node.signal("SIGKILL");
    throw error;
  }
  return node;
}

class Node {
  #child;
  #errors = "";
  #exit;

  constructor(child) {
    this.#child = child;
    this.pid = child.pid;
    this.#exit = once(child, "exit");
    child.stderr.setEncoding("utf8").on("data", (text) => (this.#errors += text));
    child.once("close", () => this.#sanitized());
    this.ready = this.#listening();
  }

  get http() {
    return `http://127.0.0.1:${this.port}`;
  }

  get endpoint() {
    return `ws://127.0.0.1:${this.port}/connection/websocket`;
  }

  get secure() {
    return `wss://127.0.0.1:${this.tlsPort}/connection/websocket`;
  }

  get alive() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What the node wrote to its standard error so far. */
  get errors() {
    return this.#errors;
  }

  async residentBytes() {
    const status = await readFile(`/proc/${this.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)[1]) * 1024;
  }

  signal(name) {
    process.kill(this.pid, name);
  }

  /** Gives it no chance to say goodbye. */
  async kill() {
    if (this.alive) process.kill(this.pid, "SIGKILL");
    await within("the node is dead", this.#exit);
  }

  /** Asks for the end and waits for it; anything but a clean exit is an error. */
  async stop(signal = "SIGTERM") {
    if (this.alive) process.kill(this.pid, signal);
    try {
      const [code] = await within("the node ends", this.#exit);
      if (code !== 0 && signal === "SIGTERM") {
        throw new Error(`the node ended with status ${code}:\n${this.#errors}`);
      }
    } catch (error) {
      if (this.alive) process.kill(this.pid, "SIGKILL");
      throw error;
    }
  }

  /** A finding fails the test file, however the node ended. */
  #sanitized() {
    if (!finding.test(this.#errors)) return;
    process.exitCode = 1;
    process.stderr.write(`node ${this.pid}, which a sanitizer complained of, wrote:\n${this.#errors}`);
  }

  async #listening() {
    const lines = createInterface({ input: this.#child.stdout });
    const ended = this.#exit.then(([code]) => {
      throw new Error(`the node ended with status ${code} at its start:\n${this.#errors}`);
    });
    const said = new Promise((resolve) => {
      lines.on("line", (line) => {
        if (line.includes('"event":"listening"')) resolve(JSON.parse(line));
      });
    });
    const { http_port, tls_port } = await Promise.race([said, ended]);
    this.port = http_port;
    this.tlsPort = tls_port;
    ended.catch(() => {});
  }
}
