// The admin shell of a real fleet: any node answers for all, and says who does not.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { promisify } from "node:util";
import { api } from "../e2e/harness/api.js";
import { program } from "../e2e/harness/node.js";
import { until } from "../e2e/harness/until.js";
import { Visitor } from "../e2e/harness/visitor.js";
import { Fleet } from "./harness/fleet.js";

const names = ["a", "b", "c"];
const execute = promisify(execFile);

test("the shell of a fleet of three", async (t) => {
  const directory = await mkdtemp(`${tmpdir()}/argosy-shell-`);
  t.after(() => rm(directory, { recursive: true, force: true }));
  const fleet = await Fleet.start(t, names, { set: { "admin.socket": `${directory}/%n.sock` } });

  async function ask(node, command, ...more) {
    const words = ["shell", "--socket", `${directory}/${node}.sock`, "-c", command, "--json"];
    return JSON.parse((await execute(program, [...words, ...more])).stdout);
  }
  const map = async (node, query = "") => (await fetch(`${fleet.nodes[node].http}/map${query}`)).json();

  await t.test("nodes, view, shards and links are the same from each node", async () => {
    for (const name of names) {
      const { nodes, silent } = await ask(name, "nodes");
      assert.deepEqual(silent, []);
      assert.deepEqual(nodes.map((n) => [n.node, n.state, n.fenced]), names.map((n) => [n, "up", "no"]));
      assert.equal(nodes.filter((n) => n.leads === "yes").length, 1);
      const { members } = await ask(name, "view");
      assert.deepEqual(members.map((m) => m.node), names);
      const { shards } = await ask(name, "shards");
      assert.equal(shards.reduce((sum, row) => sum + row.shards, 0), 4096);
      const { links } = await ask(name, "links");
      assert.equal(links.length, 6);
      assert.ok(links.every((link) => link.state === "connected"));
    }
  });

  await t.test("a room, a user and an actor are found from any node", async (t) => {
    const channel = await fleet.roomOf("b");
    const guests = [];
    for (const name of ["a", "c"]) {
      const guest = new Visitor(fleet.nodes[name], { user: "ann" });
      t.after(() => guest.leave());
      await guest.connect();
      await guest.enter(channel);
      guests.push(guest);
    }
    await until("both are seen", async () => {
      const { room, replicas } = await ask("a", `room ${channel}`);
      return room[0]?.owner === "b" && replicas.map((r) => r.node).join() === "a,c";
    });
    const who = await ask("b", "who ann");
    assert.deepEqual(who.connections.map((c) => c.node), ["a", "c"]);
    assert.equal(who.sessions.length, 2);
    const shown = await ask("c", `show default/room/${channel}`);
    assert.ok(shown.facts.every((f) => f.node === "b" && f.kind === "room"));
    const top = await ask("a", "actors replica --top 2");
    assert.equal(top.actors[0].members, 1);

    const drawn = await map("c", `?room=${encodeURIComponent(channel)}`);
    assert.equal(drawn.self, "c");
    assert.deepEqual(drawn.nodes.map((n) => n.name), names);
    assert.equal(drawn.room.owner, "b");
    assert.deepEqual(drawn.room.members, { a: 1, c: 1 });
    const { channels } = await api(fleet.nodes.b, "channels", { pattern: channel });
    assert.equal(channels[channel].num_clients, 2);
  });

  // Paused for so short that nobody takes it for dead.
  async function whilePaused(node, what) {
    return until(`${node} is named`, async () => {
      fleet.nodes[node].signal("SIGSTOP");
      try {
        return await what();
      } finally {
        fleet.nodes[node].signal("SIGCONT");
      }
    });
  }

  await t.test("a node that does not answer in time is named", async () => {
    const { nodes } = await whilePaused("c", async () => {
      const answer = await ask("a", "nodes", "--within", "200");
      return answer.silent.join() === "c" && answer;
    });
    assert.deepEqual(nodes.map((n) => n.node), ["a", "b"]);
    await whilePaused("c", async () => (await map("a")).nodes.some((n) => n.name === "c" && n.silent));
  });
});
