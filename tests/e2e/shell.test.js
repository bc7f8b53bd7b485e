// The admin shell against a real node: its socket, its commands, and a person at a terminal.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { program, startNode } from "./harness/node.js";
import { until, within } from "./harness/until.js";
import { Visitor } from "./harness/visitor.js";

let directory;
let socket;
let node;

before(async () => {
  directory = await mkdtemp(`${tmpdir()}/argosy-shell-`);
  socket = `${directory}/node.sock`;
  node = await startNode({ set: { "admin.socket": socket, "node.name": "harbour" } });
});

after(async () => {
  await node?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Runs `argosy shell` with these arguments: its exit code and what it printed. */
function shell(arguments_, { input = "", env = {} } = {}) {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      ["shell", ...arguments_],
      { env: { ...process.env, ...env }, timeout: 15_000 },
      (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
    child.stdin.end(input);
  });
}

const run = (command, ...more) => shell(["--socket", socket, "-c", command, ...more]);

async function json(command) {
  const { code, stdout, stderr } = await run(command, "--json");
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** A client of the socket without the shell: lines in, lines out. */
async function raw() {
  const client = connect(socket);
  await within("the socket answers", once(client, "connect"));
  client.on("error", () => {}); // the node may hang up on what it will not read
  const lines = createInterface({ input: client })[Symbol.asyncIterator]();
  return {
    client,
    send: (text) => client.write(text),
    line: async () => (await within("a line comes", lines.next())).value,
  };
}

test("nodes --json is one line that a script can read", async () => {
  const { stdout } = await run("nodes", "--json");
  assert.equal(stdout.trimEnd().split("\n").length, 1);
  const answer = JSON.parse(stdout);
  assert.equal(answer.nodes.length, 1);
  assert.equal(answer.nodes[0].node, "harbour");
  assert.equal(answer.nodes[0].state, "alone");
  assert.equal(answer.nodes[0].shards, 4096);
  assert.deepEqual(answer.silent, []);
});

test("people get a table", async () => {
  const { code, stdout } = await run("nodes");
  assert.equal(code, 0);
  const [head, row] = stdout.split("\n");
  assert.match(head, /^node +state +view +fenced/);
  assert.match(row, /^harbour +alone +0 +no/);
});

test("only the user of the node may open the socket", async () => {
  const found = await stat(socket);
  assert.ok(found.isSocket());
  assert.equal(found.mode & 0o777, 0o600);
});

test("a client is found by its user, its room and its id", async (t) => {
  const guest = new Visitor(node, { user: "ann" });
  t.after(() => guest.leave());
  await guest.connect();
  await guest.enter("chat:lobby");
  const who = await until("ann is online", async () => {
    const answer = await json("who ann");
    return answer.connections.length === 1 && answer;
  });
  assert.equal(who.sessions[0].node, "harbour");
  assert.match(who.connections[0].channels, /chat:lobby/);
  const room = await json("room chat:lobby");
  assert.deepEqual(room.replicas.map((r) => [r.node, r.members]), [["harbour", 1]]);
  assert.equal(room.room[0].owner, "harbour");
  const shown = await json(`show ${who.connections[0].client}`);
  assert.ok(shown.facts.some((f) => f.fact === "user" && f.value === "ann"));
  const actors = await json("actors connection --top 1");
  assert.equal(actors.actors.length, 1);
});

test("what was asked wrongly ends with 2, what failed with 1, each with a sentence", async () => {
  const wrong = await run("actors ship");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /no kind of actor "ship"; kinds are room/);
  const nobody = await shell(["--socket", `${directory}/nobody`, "-c", "nodes"]);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /no node answers at .*nobody.*--socket/);
  const failed = await shell(["--socket", `${directory}/nobody`, "-c", "nodes", "--json"]);
  assert.equal(failed.code, 1);
  assert.match(JSON.parse(failed.stdout).error, /no node answers/);
});

test("lines on standard input are run one by one", async () => {
  const { code, stdout } = await shell(["--socket", socket, "--json"], {
    input: "nodes\n\nview\n",
  });
  assert.equal(code, 0);
  const answers = stdout.trimEnd().split("\n").map(JSON.parse);
  assert.ok(answers[0].nodes);
  assert.ok(answers[1].members);
});

test("the node is found by its configuration", async () => {
  const path = `${directory}/%n.sock`;
  const second = await startNode({ set: { "admin.socket": path, "node.name": "quay" } });
  try {
    const answer = await shell(["--socket", `${directory}/quay.sock`, "-c", "status", "--json"]);
    assert.equal(JSON.parse(answer.stdout).status[0].nodes, 1);
  } finally {
    await second.stop();
  }
  await assert.rejects(stat(`${directory}/quay.sock`), "a node that stops takes its socket away");
});

test("several shells at once, and one that never reads holds up nobody", async () => {
  const stuck = await raw();
  stuck.client.pause();
  for (let i = 0; i < 2_000; ++i) stuck.send('{"command":"nodes"}\n');
  const [one, two] = [await raw(), await raw()];
  one.send('{"command":"nodes"}\n');
  two.send('{"command":"view"}\n');
  assert.ok(JSON.parse(await one.line()).nodes);
  assert.ok(JSON.parse(await two.line()).members);
  for (const c of [stuck, one, two]) c.client.destroy();
});

test("garbage is answered with a sentence, and the connection goes on", async () => {
  const { client, send, line } = await raw();
  for (const garbage of ["\n", "nodes\n", "{}\n", '{"command":"drop tables"}\n', "\x00\xff\n"]) {
    send(garbage);
    assert.ok(JSON.parse(await line()).error, JSON.stringify(garbage));
  }
  send('{"command":"no');
  send('des"}\n{"command":"view"}\n');
  assert.ok(JSON.parse(await line()).nodes);
  assert.ok(JSON.parse(await line()).members);
  send("x".repeat(64 * 1024));
  assert.match(JSON.parse(await line()).error, /too long/);
  await within("the node hangs up", once(client, "close"));
  assert.ok((await json("nodes")).nodes);
});

test("a path where another node listens is refused, one that was left behind is taken", async () => {
  await assert.rejects(startNode({ set: { "admin.socket": socket } }), (error) => {
    assert.match(error.message, /status 2/);
    assert.match(error.message, /`admin.socket` is ".*", where another process listens/);
    return true;
  });
  assert.ok((await json("nodes")).nodes, "the first one still answers");

  const path = `${directory}/left.sock`;
  const killed = await startNode({ set: { "admin.socket": path } });
  await killed.stop("SIGKILL");
  assert.ok((await stat(path)).isSocket());
  const next = await startNode({ set: { "admin.socket": path } });
  const answer = await shell(["--socket", path, "-c", "nodes", "--json"]);
  assert.equal(JSON.parse(answer.stdout).nodes.length, 1);
  await next.stop();

  await assert.rejects(
    startNode({ set: { "admin.socket": program } }),
    /`admin.socket` is ".*", where something else is/,
  );
});

/** `argosy shell` at a terminal of its own. */
class Terminal {
  #said = "";
  #read = 0;

  constructor(home) {
    this.child = spawn("script", ["-qec", `"${program}" shell --socket "${socket}"`, "/dev/null"], {
      env: { ...process.env, HOME: home, TERM: "xterm", COLUMNS: "200" },
    });
    this.ended = once(this.child, "exit");
    this.child.stdout.setEncoding("utf8").on("data", (text) => (this.#said += text));
  }

  type(keys) {
    this.child.stdin.write(keys);
  }

  /** Waits for `pattern` in what came since the last call. */
  async sees(pattern) {
    await until(`the terminal shows ${pattern}: ${JSON.stringify(this.#said)}`, () => {
      const found = pattern.exec(this.#said.slice(this.#read));
      if (found) this.#read += found.index + found[0].length;
      return found;
    });
  }
}

test("a person has completion and history", async () => {
  const home = await mkdtemp(`${directory}/home-`);
  const first = new Terminal(home);
  await first.sees(/argosy> /);
  first.type("no\t");
  await first.sees(/des /); // libedit draws what has changed
  first.type("\r");
  await first.sees(/harbour +alone/);
  await first.sees(/argosy> /);
  first.type("s\t\t"); // several begin so
  await first.sees(/status +shards +show/);
  first.type("\x15"); // the line is wiped
  first.type("\x1b[A\r"); // up: the line before
  await first.sees(/harbour +alone/);
  first.type("nonsense\r");
  await first.sees(/there is no command "nonsense"; help lists them/);
  first.type("quit\r");
  await within("the session ends", first.ended);

  assert.match(await readFile(`${home}/.argosy_history`, "utf8"), /^nodes/m);
  const second = new Terminal(home);
  await second.sees(/argosy> /);
  second.type("\x1b[A\x1b[A\r"); // the last line was "quit"
  await second.sees(/there is no command "nonsense"/);
  second.type("help\r");
  await second.sees(/actors KIND \[--top N\]/);
  second.type("\x04"); // end of input
  await within("the session ends", second.ended);
});
