// The published SDK against a real node: the everyday commands.
import assert from "node:assert/strict";
import { after, test } from "node:test";
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

test("connect: the client gets an id of its own", async (t) => {
  const [ada, grace] = [await visitor(t), await visitor(t, { user: "grace" })];
  const [a, b] = [await ada.saw("connected"), await grace.saw("connected")];
  assert.match(a.client, /^[0-9a-f-]{36}$/);
  assert.notEqual(a.client, b.client);
  assert.equal(a.transport, "websocket");
});

test("publish: subscribers receive it, the sender too", async (t) => {
  const [ada, grace] = [await visitor(t), await visitor(t, { user: "grace" })];
  const mine = await ada.enter("chat:publish");
  const hers = await grace.enter("chat:publish");
  await mine.publish({ text: "ahoy", nested: [1, { é: "ü \u2028 \" \\" }] });
  for (const sub of [mine, hers]) {
    const { data, info, offset } = await saw(sub, "publication");
    assert.deepEqual(data, { text: "ahoy", nested: [1, { é: "ü \u2028 \" \\" }] });
    assert.equal(info.user, "ada");
    assert.equal(info.client, (await ada.saw("connected")).client);
    assert.equal(offset, 1);
  }
});

test("publish: order is the same for everybody", async (t) => {
  const guests = await Promise.all(["a", "b", "c"].map((user) => visitor(t, { user })));
  const subs = await Promise.all(guests.map((guest) => guest.enter("chat:order")));
  await Promise.all(
    subs.flatMap((sub, who) => Array.from({ length: 30 }, (_, n) => sub.publish({ who, n }))),
  );
  await until("all 90 arrived", () => subs.every((sub) => heard(sub).length === 90));
  for (const sub of subs) assert.deepEqual(heard(sub), heard(subs[0]));
  assert.deepEqual(all(subs[0], "publication").map(({ offset }) => offset), [...Array(90).keys()].map((n) => n + 1));
});

test("publish: works without a subscription, and not after unsubscribe", async (t) => {
  const [ada, grace] = [await visitor(t), await visitor(t, { user: "grace" })];
  const sub = await grace.enter("plain:news");
  await ada.client.publish("plain:news", { n: 1 });
  await until("the first arrived", () => heard(sub).length === 1);
  sub.unsubscribe();
  await saw(sub, "unsubscribed", ({ code }) => code === 0);
  const again = await ada.enter("plain:news");
  await ada.client.publish("plain:news", { n: 2 });
  await until("the second arrived elsewhere", () => heard(again).length === 1);
  assert.deepEqual(heard(sub), [{ n: 1 }]);
});

test("presence: one entry per connection, with its info", async (t) => {
  const info = { name: "Ada" };
  const guests = [
    await visitor(t, { user: "ada", claims: { info } }),
    await visitor(t, { user: "ada", claims: { info } }),
    await visitor(t, { user: "grace" }),
  ];
  const [first] = await Promise.all(guests.map((guest) => guest.enter("chat:presence")));
  const { clients } = await until("all three are present", async () => {
    const presence = await first.presence();
    return Object.keys(presence.clients).length === 3 && presence;
  });
  const users = Object.values(clients).map(({ user }) => user).sort();
  assert.deepEqual(users, ["ada", "ada", "grace"]);
  const me = clients[(await guests[0].saw("connected")).client];
  assert.deepEqual(me.connInfo, info);
  assert.deepEqual(await first.presenceStats(), { numClients: 3, numUsers: 2 });
});

test("presence: somebody who leaves is gone, and an empty room says zero", async (t) => {
  const [ada, grace] = [await visitor(t), await visitor(t, { user: "grace" })];
  const sub = await ada.enter("chat:leaving");
  await grace.enter("chat:leaving");
  await until("two are there", async () => (await sub.presenceStats()).numClients === 2);
  grace.leave();
  await until("one is there", async () => (await sub.presenceStats()).numClients === 1);
  assert.deepEqual(await ada.client.presenceStats("chat:nobody"), { numClients: 0, numUsers: 0 });
});

test("join and leave: told to those who asked", async (t) => {
  const [ada, grace, deaf] = await Promise.all(
    ["ada", "grace", "deaf"].map((user) => visitor(t, { user })),
  );
  const sub = await ada.enter("chat:joins", { joinLeave: true });
  const silent = await deaf.enter("chat:joins");
  await grace.enter("chat:joins");
  const joined = await saw(sub, "join", ({ info }) => info.user === "grace");
  assert.equal(joined.info.client, (await grace.saw("connected")).client);
  grace.leave();
  await saw(sub, "leave", ({ info }) => info.user === "grace");
  assert.deepEqual(all(silent, "join"), []);
});

test("history: position, limit, since and reverse", async (t) => {
  const ada = await visitor(t);
  const sub = await ada.enter("chat:history");
  for (let n = 1; n <= 5; n += 1) await sub.publish({ n });
  const numbers = async (options) => (await sub.history(options)).publications.map(({ data }) => data.n);
  const { epoch, offset, publications } = await sub.history({ limit: 0 });
  assert.equal(offset, 5);
  assert.notEqual(epoch, "");
  assert.deepEqual(publications, []);
  assert.deepEqual(await numbers({ limit: -1 }), [1, 2, 3, 4, 5]);
  assert.deepEqual(await numbers({ limit: 2 }), [1, 2]);
  assert.deepEqual(await numbers({ limit: 2, since: { offset: 2, epoch } }), [3, 4]);
  assert.deepEqual(await numbers({ limit: 2, reverse: true }), [5, 4]);
  await assert.rejects(sub.history({ limit: 1, since: { offset: 1, epoch: "wrong" } }), { code: 112 });
});

test("errors: each has its code, and the connection goes on", async (t) => {
  const ada = await visitor(t);
  const expect = (code, promise) => assert.rejects(promise, (error) => error.code === code);
  await expect(102, ada.client.publish("nowhere:x", {}));
  await expect(103, ada.client.publish("closed:x", {}));
  await expect(108, ada.client.history("plain:x", { limit: 1 }));
  await expect(108, ada.client.presence("plain:x"));
  await assert.rejects(ada.client.rpc("anything", {}), ({ code }) => code === 104 || code === 108);
  const refused = ada.room("closed:x");
  refused.subscribe();
  assert.equal((await saw(refused, "unsubscribed")).code, 103);
  assert.equal(ada.client.state, "connected");
});

test("caps: a token opens what the namespace keeps closed", async (t) => {
  const claims = { caps: [{ channels: ["closed:*"], match: "wildcard", allow: ["sub", "pub", "hst", "prs"] }] };
  const ada = await visitor(t, { claims });
  const sub = await ada.enter("closed:x");
  await sub.publish({ n: 1 });
  await saw(sub, "publication");
  assert.equal((await sub.history({ limit: -1 })).publications.length, 1);
});
