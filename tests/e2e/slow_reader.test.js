// A reader that stops reading: its queue is bounded, it is closed with 3008, nobody waits for it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { api } from "./harness/api.js";
import { sanitizer, startNode } from "./harness/node.js";
import { RawSocket, connectCommand, frame, line } from "./harness/raw.js";
import { until, within } from "./harness/until.js";
import { Visitor, all, heard } from "./harness/visitor.js";

const outbound = 1 << 20;
const node = await startNode({ set: { "net.outbound_bytes_max": outbound, "http.body_bytes_max": 4 << 20 } });
after(() => node.stop());

const readers = 8;
const chunk = 256 * 1024;
const chunks = 256;

async function sleeper(channel) {
  const socket = await new RawSocket(node.port).upgrade();
  socket.send(frame(line(connectCommand("sleeper"), { id: 2, subscribe: { channel } })));
  await until("the subscription", () => socket.received.includes('"id":2'));
  socket.received = Buffer.alloc(0);
  socket.socket.pause();
  return socket;
}

test("slow readers: bounded memory, close 3008, the others get everything", async (t) => {
  const channel = "plain:heavy";
  const healthy = await new Visitor(node, { user: "healthy" }).connect();
  t.after(() => healthy.leave());
  const sub = await healthy.enter(channel);
  const sleepers = await Promise.all(Array.from({ length: readers }, () => sleeper(channel)));
  t.after(() => sleepers.forEach((socket) => socket.destroy()));
  const clients = async () => (await api(node, "info")).nodes[0].num_clients;
  assert.equal(await clients(), readers + 1);

  const before = await node.residentBytes();
  let peak = before;
  for (let n = 0; n < chunks; n += 1) {
    await api(node, "publish", { channel, data: { n, fill: "x".repeat(chunk) } });
    peak = Math.max(peak, await node.residentBytes());
    await until("the healthy one keeps up", () => heard(sub).length === n + 1);
  }

  assert.deepEqual(heard(sub).map(({ n }) => n), [...Array(chunks).keys()]);
  assert.equal(all(healthy, "connected").length, 1);
  await until("the slow ones are closed", async () => (await clients()) === 1);
  const room = 4 * readers * outbound;
  if (!sanitizer) assert.ok(peak - before < room, `the node grew by ${(peak - before) >> 20} MiB for ${readers} queues of 1 MiB`);
});

test("a slow reader finds out why when it wakes up", async (t) => {
  const channel = "plain:wake";
  const socket = await sleeper(channel);
  t.after(() => socket.destroy());
  const clients = async () => (await api(node, "info")).nodes[0].num_clients;
  const count = await clients();
  for (let n = 0; (await clients()) === count && n < chunks; n += 1) {
    await api(node, "publish", { channel, data: { fill: "x".repeat(chunk) } });
  }
  await until("the reader is given up", async () => (await clients()) === count - 1);
  socket.socket.resume();
  await within("the connection ends", socket.closed);
  const code = socket.closeCode();
  assert.ok(code === 3008 || code === null, `close code ${code}`);
  t.diagnostic(code === null ? "its socket had no room left for the close frame" : "it read close code 3008");
});
