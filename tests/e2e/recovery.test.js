// The published SDK against a real node: sockets that drop, and what comes back.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { api } from "./harness/api.js";
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

const upTo = (count) => [...Array(count).keys()];
const publish = (channel, n) => api(node, "publish", { channel, data: n });

test("recovery: what was said during a cut arrives once and in order", async (t) => {
  const ada = await visitor(t);
  const sub = await ada.enter("chat:cut");
  await publish("chat:cut", 0);
  await until("the first arrived", () => heard(sub).length === 1);
  ada.pull();
  await saw(sub, "subscribing");
  for (const n of [1, 2, 3, 4]) await publish("chat:cut", n);
  ada.plug();
  const { wasRecovering, recovered } = await saw(sub, "subscribed", (context) => context.wasRecovering);
  assert.deepEqual({ wasRecovering, recovered }, { wasRecovering: true, recovered: true });
  await until("all arrived", () => heard(sub).length >= 5);
  assert.deepEqual(heard(sub), upTo(5));
});

test("recovery: a storm of cuts under constant load loses and repeats nothing", async (t) => {
  const total = 400;
  const cuts = 8;
  const ada = await visitor(t);
  const sub = await ada.enter("chat:storm");
  let next = 0;
  const talking = (async () => {
    for (; next < total; next += 1) await publish("chat:storm", next);
  })();
  for (let cut = 1; cut <= cuts; cut += 1) {
    await until("some more was said", () => next >= (total / (cuts + 1)) * cut);
    ada.pull();
    ada.plug();
    await until("the client is back", () => all(sub, "subscribed").length === cut + 1);
  }
  await talking;
  await until("all arrived", () => heard(sub).length >= total);
  assert.deepEqual(heard(sub), upTo(total));
  assert.ok(all(sub, "subscribed").slice(1).every(({ recovered }) => recovered));
});

test("recovery: nothing missed is a recovery too", async (t) => {
  const ada = await visitor(t);
  const sub = await ada.enter("chat:quiet");
  ada.pull();
  ada.plug();
  const { recovered, hasRecoveredPublications } = await saw(sub, "subscribed", (c) => c.wasRecovering);
  assert.deepEqual([recovered, hasRecoveredPublications], [true, false]);
});

test("recovery: who missed more than the room remembers is told so", async (t) => {
  const ada = await visitor(t);
  const sub = await ada.enter("small:past");
  ada.pull();
  await saw(sub, "subscribing");
  for (const n of upTo(5)) await publish("small:past", n);
  ada.plug();
  const { recovered } = await saw(sub, "subscribed", (context) => context.wasRecovering);
  assert.equal(recovered, false);
  await publish("small:past", 5);
  await until("the live one arrived", () => heard(sub).includes(5));
  assert.deepEqual(heard(sub), [5], "no hole is handed out as if it were whole");
});

test("recovery: since a known position, on the first subscribe", async (t) => {
  const [ada, grace] = [await visitor(t), await visitor(t, { user: "grace" })];
  const first = await ada.enter("chat:since");
  for (const n of upTo(4)) await first.publish(n);
  const { epoch } = await first.history({ limit: 0 });
  const sub = await grace.enter("chat:since", { since: { offset: 2, epoch } });
  await until("the rest arrived", () => heard(sub).length === 2);
  assert.deepEqual(heard(sub), [2, 3]);
  const late = grace.client.newSubscription("chat:other", { since: { offset: 2, epoch: "wrong" } });
  late.diary = [];
  late.on("subscribed", (context) => late.diary.push(["subscribed", context]));
  late.subscribe();
  assert.equal((await saw(late, "subscribed")).recovered, false);
});

test("recovery: server-side subscriptions catch up too", async (t) => {
  const ada = await visitor(t, { claims: { channels: ["chat:served"] } });
  await ada.saw("subscribed");
  await publish("chat:served", 0);
  await ada.saw("publication");
  ada.pull();
  await ada.saw("connecting", ({ code }) => code !== 0);
  for (const n of [1, 2]) await publish("chat:served", n);
  ada.plug();
  await until("all arrived", () => heard(ada).length >= 3);
  assert.deepEqual(heard(ada), [0, 1, 2]);
  assert.ok(all(ada, "subscribed").at(-1).recovered);
});

test("presence: a cut connection is gone from the room, and back after it returns", async (t) => {
  const [ada, grace] = [await visitor(t), await visitor(t, { user: "grace" })];
  const sub = await grace.enter("chat:flap");
  await ada.enter("chat:flap");
  const present = async () => (await sub.presenceStats()).numUsers;
  await until("both are there", async () => (await present()) === 2);
  ada.pull();
  await until("one is there", async () => (await present()) === 1);
  ada.plug();
  await until("both are there again", async () => (await present()) === 2);
});

test("restart: clients come back to a new node and learn that the room is new", async (t) => {
  let mortal = await startNode();
  const { port } = mortal;
  const ada = new Visitor(mortal);
  t.after(async () => {
    ada.leave();
    await mortal.stop();
  });
  await ada.connect();
  const sub = await ada.enter("chat:restart");
  await sub.publish("before");
  await mortal.stop();
  const { code } = await ada.saw("connecting", (context) => context.code !== 0);
  assert.ok(code < 3500, `${code} lets the client come back`);
  mortal = await startNode({ set: { "http.port": port } });
  const { recovered } = await saw(sub, "subscribed", (context) => context.wasRecovering);
  assert.equal(recovered, false);
  await sub.publish("after");
  await until("the new publication arrived", () => heard(sub).includes("after"));
});
