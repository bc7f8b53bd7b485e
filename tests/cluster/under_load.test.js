// A whole fleet while everything happens at once: a crowd talks in a room of each node, people come
// and go, backends call, a load generator fills rooms, one node leaves and one is killed, and both
// come back. What counts is that rooms keep what they promise, that nodes end cleanly and, in a
// sanitizer's build, that the sanitizer says nothing (harness/node.js fails the test if it does).
// Nodes have several loops and scheduler threads, whatever the machine has.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { call } from "../e2e/harness/api.js";
import { program } from "../e2e/harness/node.js";
import { within } from "../e2e/harness/until.js";
import { Visitor } from "../e2e/harness/visitor.js";
import { Crowd, roaming } from "./harness/crowd.js";
import { Fleet } from "./harness/fleet.js";

const names = ["a", "b", "c"];
const [stays, leaves, dies] = names;
const patience = 120_000;
const set = {
  "net.loops": 2,
  "runtime.scheduler_threads": 2,
  "client.commands_per_second": 0,
};
const roomOf = (n) => `chat:lounge-${n % 7}`;

/** A refusal may be what a fleet that changes has to say; that all ends well is seen elsewhere. */
const whatever = () => null;

async function visit(fleet, who, n) {
  const guest = new Visitor(roaming(fleet, names[who % names.length]), { user: `user-${who % 4}` });
  try {
    await guest.connect();
    const subs = [roomOf(who + n), roomOf(who + n + 1)].map((room) => guest.room(room, { joinLeave: true }));
    for (const sub of subs) sub.subscribe();
    await Promise.all(subs.map((sub) => within("a place in the room", sub.ready())));
    for (let i = 0; i < 5; ++i) await subs[0].publish({ who, n, i });
    await Promise.all([subs[0].presence(), subs[1].presenceStats(), subs[0].history({ limit: 5 })]);
    if (n % 2 === 0) guest.pull();
  } finally {
    guest.leave();
  }
}

async function backend(fleet, n) {
  const node = fleet.nodes[stays];
  const room = roomOf(n);
  const user = `user-${n % 4}`;
  await call(node, "broadcast", { channels: [room, roomOf(n + 1), `user:${user}`], data: n });
  await call(node, "presence", { channel: room });
  await call(node, "history", { channel: room, limit: 3 });
  if (n % 5 === 0) await call(node, "disconnect", { user });
  for (const other of Object.values(fleet.nodes))
    await fetch(`${other.http}/metrics`).then((answer) => answer.text(), whatever);
}

/** `what(n)` for one number after the other, until `done()`. */
async function again(done, what) {
  let times = 0;
  for (; !done(); ++times) await what(times).catch(whatever);
  return times;
}

async function load(node) {
  const options = ["rooms", "-n", "60", "--seconds", "3", "--bare-seconds", "0", "--namespace", "plain", "--json"];
  const bench = spawn(program, ["bench", ...options, "--secret", "secret", "--port", node.port, "--pid", node.pid]);
  const [report, complaints, [code]] = await Promise.all([text(bench.stdout), text(bench.stderr), once(bench, "exit")]);
  assert.equal(code, 0, complaints);
  assert.ok(JSON.parse(report).deliveries_per_s > 0);
}

test("under load: a node leaves, one is killed, both come back, and all end cleanly", async (t) => {
  const fleet = await Fleet.start(t, names, { secure: true, set });
  const [channels, crowds] = [[], []];
  for (const owner of names) channels.push(await fleet.roomOf(owner));
  for (const channel of channels) crowds.push(await Crowd.gather(t, fleet, channel));
  let over = false;
  const busy = [0, 1, 2, 3, 4, 5].map((who) => again(() => over, (n) => visit(fleet, who, n)));
  busy.push(again(() => over, (n) => backend(fleet, n)));
  const hear = async (what) => {
    for (const crowd of crowds) await crowd.hears(what, 3);
  };

  await t.test("a load generator on one of them", () => within("the load is over", load(fleet.nodes[stays]), patience));

  await t.test("one leaves and comes back", async () => {
    await fleet.stop(leaves);
    await fleet.agree(names.filter((name) => name !== leaves), undefined, patience);
    await hear("the rooms go on without it");
    await fleet.start(leaves);
    await fleet.agree(names, undefined, patience);
    await hear("the rooms go on with it");
  });

  await t.test("one is killed and comes back", async () => {
    await fleet.kill(dies);
    await fleet.agree(names.filter((name) => name !== dies), undefined, patience);
    await hear("the rooms go on without it");
    await fleet.start(dies);
    await fleet.agree(names, undefined, patience);
    await hear("the rooms go on with it");
  });

  await t.test("rooms kept what they promise", async () => {
    over = true;
    const [calls, ...visits] = (await within("everybody is done", Promise.all(busy), patience)).reverse();
    t.diagnostic(`${visits.reduce((sum, times) => sum + times)} visits, ${calls} rounds of calls`);
    for (const crowd of crowds) t.diagnostic(`${crowd.channel}: ${JSON.stringify(await crowd.settle())}`);
  });

  await t.test("all end cleanly", async () => {
    for (const name of names) {
      assert.equal(await fleet.metric(name, "argosy_actor_failures_total"), 0, name);
      await fleet.stop(name);
    }
  });
});
