// The server API of a real node, as an application's backend calls it, seen by the published SDK.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { api, call } from "./harness/api.js";
import { startNode } from "./harness/node.js";
import { until } from "./harness/until.js";
import { Visitor, all, heard, saw } from "./harness/visitor.js";

const node = await startNode();
after(() => node.stop());

async function visitor(t, options) {
  const guest = new Visitor(node, options);
  t.after(() => guest.leave());
  return guest.connect();
}

test("key: without the right one nothing is done", async () => {
  for (const key of [null, "wrong", "test-api-ke", "test-api-keyx", "TEST-API-KEY"]) {
    const { status } = await call(node, "publish", { channel: "chat:key", data: 1 }, key);
    assert.ok(status === 401 || status === 403, `status ${status}`);
  }
  assert.equal((await api(node, "history", { channel: "chat:key", limit: 0 })).offset ?? 0, 0);
});

test("publish: reaches subscribers, says where it went, carries tags", async (t) => {
  const sub = await (await visitor(t)).enter("chat:api");
  const { offset, epoch } = await api(node, "publish", { channel: "chat:api", data: { n: 1 }, tags: { k: "v" } });
  const publication = await saw(sub, "publication");
  assert.deepEqual(publication.data, { n: 1 });
  assert.deepEqual(publication.tags, { k: "v" });
  assert.equal(publication.info, undefined);
  assert.equal(offset, publication.offset);
  assert.equal(epoch, (await sub.history({ limit: 0 })).epoch);
});

test("publish: the same idempotency key publishes once", async (t) => {
  const sub = await (await visitor(t)).enter("chat:once");
  const body = { channel: "chat:once", data: "once", idempotency_key: "k1" };
  const [first, second] = [await api(node, "publish", body), await api(node, "publish", body)];
  await api(node, "publish", { channel: "chat:once", data: "end" });
  await until("the end arrived", () => heard(sub).includes("end"));
  assert.deepEqual(heard(sub), ["once", "end"]);
  assert.equal(second.offset, first.offset);
});

test("publish: skip_history is live only", async (t) => {
  const sub = await (await visitor(t)).enter("chat:live");
  await api(node, "publish", { channel: "chat:live", data: "gone", skip_history: true });
  await until("it arrived", () => heard(sub).length === 1);
  assert.deepEqual((await sub.history({ limit: -1 })).publications, []);
});

test("broadcast: one answer for each channel", async (t) => {
  const ada = await visitor(t);
  const subs = [await ada.enter("chat:b1"), await ada.enter("chat:b2")];
  const { responses } = await api(node, "broadcast", { channels: ["chat:b1", "chat:b2", "nowhere:b3"], data: "all" });
  assert.equal(responses.length, 3);
  assert.ok(responses[0].result && responses[1].result);
  assert.equal(responses[2].error.code, 102);
  for (const sub of subs) assert.equal((await saw(sub, "publication")).data, "all");
});

test("presence, presence_stats and channels: who is where", async (t) => {
  await (await visitor(t)).enter("chat:who");
  await (await visitor(t)).enter("chat:who");
  await (await visitor(t, { user: "grace" })).enter("chat:who");
  await until("three are there", async () => (await api(node, "presence_stats", { channel: "chat:who" })).num_clients === 3);
  assert.equal((await api(node, "presence_stats", { channel: "chat:who" })).num_users, 2);
  const { presence } = await api(node, "presence", { channel: "chat:who" });
  assert.deepEqual(Object.values(presence).map(({ user }) => user).sort(), ["ada", "ada", "grace"]);
  const { channels } = await api(node, "channels", {});
  assert.equal(channels["chat:who"].num_clients, 3);
});

test("history and history_remove: what the room remembers, and forgetting it", async () => {
  for (const n of [1, 2, 3]) await api(node, "publish", { channel: "chat:past", data: n });
  const { publications, offset, epoch } = await api(node, "history", { channel: "chat:past", limit: -1 });
  assert.deepEqual(publications.map(({ data }) => data), [1, 2, 3]);
  assert.equal(offset, 3);
  const reverse = await api(node, "history", { channel: "chat:past", limit: 1, reverse: true });
  assert.deepEqual(reverse.publications.map(({ data }) => data), [3]);
  const since = await api(node, "history", { channel: "chat:past", limit: -1, since: { offset: 2, epoch } });
  assert.deepEqual(since.publications.map(({ data }) => data), [3]);
  await api(node, "history_remove", { channel: "chat:past" });
  assert.deepEqual((await api(node, "history", { channel: "chat:past", limit: -1 })).publications ?? [], []);
});

test("subscribe and unsubscribe: on behalf of a user, on all devices", async (t) => {
  const devices = [await visitor(t, { user: "cap" }), await visitor(t, { user: "cap" })];
  await api(node, "subscribe", { user: "cap", channel: "chat:push" });
  for (const device of devices) await device.saw("subscribed", ({ channel }) => channel === "chat:push");
  await api(node, "publish", { channel: "chat:push", data: "hello" });
  for (const device of devices) assert.equal((await device.saw("publication")).data, "hello");
  await api(node, "unsubscribe", { user: "cap", channel: "chat:push" });
  for (const device of devices) await device.saw("unsubscribed", ({ channel }) => channel === "chat:push");
  assert.equal((await api(node, "presence_stats", { channel: "chat:push" })).num_clients, 0);
});

test("unsubscribe: ends a subscription that the client made", async (t) => {
  const sub = await (await visitor(t, { user: "mate" })).enter("chat:mate");
  await api(node, "unsubscribe", { user: "mate", channel: "chat:mate" });
  assert.equal((await saw(sub, "unsubscribed")).code, 2000);
});

test("disconnect: a code below 3500 lets the client come back", async (t) => {
  const guest = await visitor(t, { user: "hop" });
  await api(node, "disconnect", { user: "hop", disconnect: { code: 3011, reason: "move" } });
  const { code, reason } = await guest.saw("connecting", (context) => context.code !== 0);
  assert.deepEqual([code, reason], [3011, "move"]);
  await until("it is back", () => all(guest, "connected").length === 2);
});

test("disconnect: a code from 3500 on keeps it away, and only that user", async (t) => {
  const [guest, other] = [await visitor(t, { user: "out" }), await visitor(t, { user: "in" })];
  await api(node, "disconnect", { user: "out" });
  const { code } = await guest.saw("disconnected");
  assert.ok(code >= 3500 && code < 4000, `code ${code}`);
  await other.client.publish("chat:any", 1);
  assert.equal(all(other, "connected").length, 1);
});

test("disconnect: one client of several", async (t) => {
  const [one, two] = [await visitor(t, { user: "pair" }), await visitor(t, { user: "pair" })];
  const { client } = await one.saw("connected");
  await api(node, "disconnect", { user: "pair", client, disconnect: { code: 3503, reason: "this one" } });
  await one.saw("disconnected", ({ code }) => code === 3503);
  assert.equal(two.client.state, "connected");
});

test("personal room: a user's messages reach all devices and nobody else", async (t) => {
  const devices = [await visitor(t, { user: "u1" }), await visitor(t, { user: "u1" })];
  for (const device of devices) await device.saw("subscribed", ({ channel }) => channel === "user:u1");
  await api(node, "publish", { channel: "user:u1", data: "for you" });
  for (const device of devices) assert.equal((await device.saw("publication")).data, "for you");
  const stranger = (await visitor(t, { user: "u2" })).room("user:u1");
  stranger.subscribe();
  assert.equal((await saw(stranger, "unsubscribed")).code, 103);
});

test("info: names the node and counts its clients", async (t) => {
  await visitor(t);
  const { nodes } = await api(node, "info");
  assert.equal(nodes.length, 1);
  assert.equal(nodes[0].name, "e2e");
  assert.ok(nodes[0].num_clients >= 1);
});

test("batch: commands in order, each with its own answer", async () => {
  const { replies } = await call(node, "batch", {
    commands: [
      { publish: { channel: "chat:batch", data: 1 } },
      { publish: { channel: "nowhere:x", data: 1 } },
      { history: { channel: "chat:batch", limit: -1 } },
    ],
  });
  assert.equal(replies.length, 3);
  assert.ok(replies[0].publish);
  assert.equal(replies[1].error.code, 102);
  assert.equal(replies[2].history.publications.length, 1);
});

test("bad requests: a clear error, and the node goes on", async () => {
  const bodies = ["", "{", "[]", "null", '{"channel":1,"data":1}', '{"channel":"chat:x"}', '{"data":1}', '{"channel":"","data":1}', `{"channel":"${"x".repeat(300)}","data":1}`];
  for (const body of bodies) {
    const { status, error } = await call(node, "publish", body);
    assert.ok(status === 400 || error?.code === 107, `${body.slice(0, 40)}: ${status} ${JSON.stringify(error)}`);
  }
  const unknown = await call(node, "no_such_method", {});
  assert.ok(unknown.status === 404 || unknown.error.code === 104);
  await api(node, "publish", { channel: "chat:x", data: 1 });
});
