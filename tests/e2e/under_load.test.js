// A whole node while everything happens at once: people come and go, talk, ask who is here, a
// backend calls, a load generator fills rooms, certificates are read again. What counts is that the
// node stays up and ends cleanly, and, in a sanitizer's build, that the sanitizer says nothing.
// The node has three loops and three scheduler threads, whatever the machine has.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { api } from "./harness/api.js";
import { Certificate } from "./harness/certificate.js";
import { program, startNode } from "./harness/node.js";
import { RawClient, line } from "./harness/raw.js";
import { within } from "./harness/until.js";
import { Visitor } from "./harness/visitor.js";

const patience = 90_000;
const people = 12;
const visits = 8;

const guests = [];

/** A few rooms for all, so that their members, owners and trackers meet on all threads. */
const roomOf = (n) => `history:room-${n % 5}`;

async function visit(node, who, n) {
  const guest = new Visitor(node, { token: "", data: { user: `user-${who % 4}` } });
  guests.push(guest);
  await guest.connect();
  const rooms = [roomOf(who + n), roomOf(who + n + 1)];
  const [first, second] = await Promise.all(rooms.map((room) => guest.enter(room, { joinLeave: true })));
  for (let i = 0; i < 10; ++i) await first.publish({ who, n, i });
  await guest.client.publish(`user:user-${(who + 1) % 4}`, { ahoy: who });
  await Promise.all([first.presence(), second.presenceStats(), first.history({ limit: 5 })]);
  second.unsubscribe();
  if (n % 2 === 0) guest.pull();
  guest.leave();
}

/** A session over TLS. */
async function shake(node) {
  const client = await new RawClient(node.secure, { rejectUnauthorized: false }).open();
  client.socket.send(line({ id: 1, connect: {} }));
  await client.reply(1);
  return client;
}

async function backend(node, n) {
  const room = roomOf(n);
  await api(node, "publish", { channel: room, data: { n } });
  await api(node, "broadcast", { channels: [room, roomOf(n + 1)], data: n });
  await api(node, "batch", { commands: [{ presence: { channel: room } }, { history: { channel: room, limit: 3 } }] });
  const command = { user: `user-${n % 4}`, channel: `history:from-backend-${n}` }; // nobody else's
  await api(node, "subscribe", command);
  await api(node, "unsubscribe", command);
  await api(node, "channels");
  await api(node, "info");
  await fetch(`${node.http}/metrics`).then((answer) => answer.text());
  await fetch(`${node.http}/stats`).then((answer) => answer.text());
  node.signal("SIGHUP"); // while others shake hands
  const secure = await Promise.all([shake(node), shake(node)]);
  secure.forEach((client) => client.destroy());
}

async function load(node) {
  const options = ["rooms", "-n", "100", "--seconds", "3", "--bare-seconds", "0", "--namespace", "history", "--json"];
  const bench = spawn(program, ["bench", ...options, "--port", node.port, "--pid", node.pid]);
  const [report, complaints, [code]] = await Promise.all([text(bench.stdout), text(bench.stderr), once(bench, "exit")]);
  assert.equal(code, 0, complaints);
  return JSON.parse(report);
}

test("under load: a node stays up and ends cleanly", async (t) => {
  const certificate = new Certificate();
  certificate.renew("localhost");
  t.after(() => certificate.remove());
  const { key, cert } = certificate;
  const tls = { "tls.enabled": true, "tls.port": 0, "tls.cert_file": cert, "tls.key_file": key };
  const set = { ...tls, "net.loops": 3, "runtime.scheduler_threads": 3, "log.level": "warn" };
  const node = await startNode({ config: "configs/insecure.toml", set });
  t.after(() => node.stop("SIGKILL"));
  t.after(() => guests.forEach((guest) => guest.leave()));
  const crowd = Array.from({ length: people }, async (_, who) => {
    for (let n = 0; n < visits; ++n) await visit(node, who, n);
  });
  const calls = (async () => {
    for (let n = 0; n < visits; ++n) await backend(node, n);
  })();
  const [report] = await within("everything is done", Promise.all([load(node), calls, ...crowd]), patience);
  assert.ok(report.deliveries_per_s > 0);
  assert.match(await fetch(`${node.http}/metrics`).then((answer) => answer.text()), /^argosy_actor_failures_total 0$/m);
  await node.stop();
});
