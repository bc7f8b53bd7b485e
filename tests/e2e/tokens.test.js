// The published SDK against a real node: tokens that are good, bad, expired and renewed.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startNode } from "./harness/node.js";
import { inSeconds, token } from "./harness/token.js";
import { until } from "./harness/until.js";
import { Visitor, all, saw } from "./harness/visitor.js";

const node = await startNode({ set: { "client.refresh_grace_ms": 3000 } });
after(() => node.stop());

function visitor(t, options) {
  const guest = new Visitor(node, options);
  t.after(() => guest.leave());
  return guest;
}

/** A token source that counts how often it was asked. */
function source(claims) {
  const ask = async (context) => {
    ask.count += 1;
    return token(claims(ask.count, context));
  };
  ask.count = 0;
  return ask;
}

const refused = {
  "with another secret": token({ sub: "ada" }, { secret: "guess" }),
  "with no signature": `${token({ sub: "ada" }).split(".").slice(0, 2).join(".")}.`,
  "with algorithm none": token({ sub: "ada" }, { header: { alg: "none", typ: "JWT" } }),
  "with an unknown algorithm": token({ sub: "ada" }, { header: { alg: "HS1", typ: "JWT" } }),
  "with a changed payload": token({ sub: "ada" }).replace(/\.[^.]+\./, `.${Buffer.from('{"sub":"root"}').toString("base64url")}.`),
  "that is not yet valid": token({ sub: "ada", nbf: inSeconds(3600) }),
  "whose subject is a number": token({ sub: 42 }),
  "that is no token": "not a token",
  "that is only dots": "..",
};
for (const [what, bad] of Object.entries(refused)) {
  test(`connect: a token ${what} ends it, and the client stays away`, async (t) => {
    const guest = visitor(t, { token: bad });
    guest.client.connect();
    const { code } = await guest.saw("disconnected");
    assert.equal(code, 3500);
  });
}

test("connect: without a token nobody gets in", async (t) => {
  const guest = visitor(t, { token: undefined });
  guest.client.connect();
  const { code } = await guest.saw("disconnected");
  assert.ok([3500, 3501, 101].includes(code), `closed with ${code}`);
});

test("connect: an expired token is renewed at once", async (t) => {
  const getToken = source((count) => ({ sub: "ada", exp: inSeconds(count === 1 ? -5 : 3600) }));
  const guest = visitor(t, { getToken });
  await guest.connect();
  assert.equal(getToken.count, 2);
  assert.deepEqual(all(guest, "disconnected"), []);
});

test("refresh: a connection outlives its first token", async (t) => {
  const getToken = source((count) => ({ sub: "ada", exp: inSeconds(count === 1 ? 2 : 3600) }));
  const guest = await visitor(t, { getToken }).connect();
  const sub = await guest.enter("chat:refresh");
  const end = Date.now() + 3500;
  await until("the first token is long over", () => Date.now() > end);
  await sub.publish("still here");
  assert.equal(getToken.count, 2);
  assert.equal(all(guest, "connected").length, 1);
});

test("refresh: a client that brings no new token is closed with 3005", async (t) => {
  const getToken = source((count) => ({ sub: "ada", exp: inSeconds(count === 1 ? 2 : 3600) }));
  const guest = visitor(t, {
    getToken: async () => {
      if (getToken.count === 1) return new Promise(() => {}); // a backend that does not answer
      return getToken();
    },
  });
  await guest.connect();
  const { code } = await guest.saw("connecting", (context) => context.code !== 0);
  assert.equal(code, 3005);
});

test("subscribe: a private channel opens with its own token only", async (t) => {
  const guest = await visitor(t).connect();
  const mine = await guest.enter("$chat:mine", {
    getToken: source(() => ({ sub: "ada", channel: "$chat:mine", info: { role: "captain" } })),
  });
  const { clients } = await mine.presence();
  assert.deepEqual(Object.values(clients)[0].chanInfo, { role: "captain" });
  for (const claims of [{ sub: "ada", channel: "$chat:other" }, { sub: "grace", channel: "$chat:wrong" }]) {
    const sub = guest.room("$chat:wrong", { token: token(claims) });
    sub.subscribe();
    assert.equal((await saw(sub, "unsubscribed")).code, 103);
    guest.client.removeSubscription(sub);
  }
  const bare = guest.room("$chat:bare");
  bare.subscribe();
  assert.equal((await saw(bare, "unsubscribed")).code, 103);
  assert.equal(guest.client.state, "connected");
});

test("subscribe: an expired subscription token is renewed", async (t) => {
  const guest = await visitor(t).connect();
  const getToken = source((count, { channel }) => ({
    sub: "ada",
    channel,
    exp: inSeconds(count === 1 ? -5 : 3600),
  }));
  await guest.enter("$chat:late", { getToken });
  assert.equal(getToken.count, 2);
});

test("sub_refresh: a subscription outlives its first token", async (t) => {
  const guest = await visitor(t).connect();
  const getToken = source((count, { channel }) => ({
    sub: "ada",
    channel,
    exp: inSeconds(count === 1 ? 2 : 3600),
  }));
  const sub = await guest.enter("$chat:long", { getToken });
  const end = Date.now() + 3500;
  await until("the first token is long over", () => Date.now() > end);
  assert.equal(getToken.count, 2);
  assert.equal(sub.state, "subscribed");
  assert.equal(all(sub, "subscribed").length, 1);
});

test("identity: what a client says of itself does not make it somebody", async (t) => {
  const guest = await visitor(t, { user: "ada", data: { user: "root", info: { name: "root" } } }).connect();
  const sub = await guest.enter("chat:identity");
  const [entry] = Object.values((await sub.presence()).clients);
  assert.equal(entry.user, "ada");
  assert.equal(entry.connInfo, undefined);
});

test("insecure mode: the user is whoever the client says", async (t) => {
  const open = await startNode({ config: "configs/insecure.toml" });
  const guest = new Visitor(open, { token: undefined, data: { user: "ada", info: { name: "Ada" } } });
  t.after(async () => {
    guest.leave();
    await open.stop();
  });
  await guest.connect();
  const sub = await guest.enter("history:room");
  const [entry] = Object.values((await sub.presence()).clients);
  assert.equal(entry.user, "ada");
  assert.deepEqual(entry.connInfo, { name: "Ada" });
});
