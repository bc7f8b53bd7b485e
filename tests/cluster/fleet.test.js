// Three real nodes over mutual TLS: whoever asks, and wherever, gets the same answer.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { test } from "node:test";
import { api } from "../e2e/harness/api.js";
import { until } from "../e2e/harness/until.js";
import { Visitor, all, heard } from "../e2e/harness/visitor.js";
import { Fleet } from "./harness/fleet.js";

const names = ["a", "b", "c"];

test("a fleet of three over mutual TLS", async (t) => {
  const fleet = await Fleet.start(t, names, { secure: true });
  const { a, b, c } = fleet.nodes;

  async function visitor(t, node, options) {
    const guest = new Visitor(node, options);
    t.after(() => guest.leave());
    return guest.connect();
  }

  await t.test("probes go as datagrams, and a stranger's are counted and come to nothing", async () => {
    const probes = (what) => fleet.metric("a", `argosy_cluster_probes_total{what="${what}"}`);
    await until("probes are heard", async () => (await probes("heard")) > 0);
    const socket = createSocket("udp4");
    const send = (bytes) => new Promise((sent) => socket.send(bytes, fleet.clusterPort("a"), "127.0.0.1", sent));
    for (let n = 0; n < 20; ++n) await send(randomBytes(1 + n * 20));
    const refused = async () => (await probes("malformed")) + (await probes("forged"));
    await until("they are counted", async () => (await refused()) >= 20);
    socket.close();
  });

  await t.test("rooms: subscribe on a, publish on b, API on c, whoever owns them", async (t) => {
    const [ada, bob] = [await visitor(t, a), await visitor(t, b, { user: "bob" })];
    for (const owner of names) {
      const channel = await fleet.roomOf(owner);
      const sub = await ada.enter(channel);
      await bob.client.publish(channel, { from: "b" });
      await api(c, "publish", { channel, data: { from: "c" } });
      await until("both arrived", () => heard(sub).length === 2);
      assert.deepEqual(heard(sub), [{ from: "b" }, { from: "c" }]);
      assert.deepEqual(all(sub, "publication").map(({ offset }) => offset), [1, 2]);
    }
  });

  await t.test("rooms: one message to each interested node, however many listen there", async (t) => {
    const channel = await fleet.roomOf("a", "plain");
    const here = await Promise.all(["u", "v", "w"].map((user) => visitor(t, b, { user })));
    const subs = await Promise.all(here.map((guest) => guest.enter(channel)));
    const sent = () => fleet.metric("a", "argosy_fans_total");
    const before = await sent();
    for (let n = 0; n < 10; ++n) await api(c, "publish", { channel, data: n });
    await until("all arrived", () => subs.every((sub) => heard(sub).length === 10));
    assert.equal((await sent()) - before, 10);
  });

  await t.test("history and presence are the same from each node", async (t) => {
    const channel = await fleet.roomOf("c");
    for (const [n, name] of names.entries()) {
      const guest = await visitor(t, fleet.nodes[name], { user: `user-${n}` });
      const sub = await guest.enter(channel);
      await sub.publish(n);
    }
    const histories = await Promise.all(names.map((name) => api(fleet.nodes[name], "history", { channel, limit: 10 })));
    assert.deepEqual(histories[0].publications.map(({ data }) => data), [0, 1, 2]);
    for (const history of histories) assert.deepEqual(history, histories[0]);
    for (const name of names) {
      await until(`${name} sees all three`, async () => {
        const { presence } = await api(fleet.nodes[name], "presence", { channel });
        return Object.values(presence).map(({ user }) => user).sort().join() === "user-0,user-1,user-2";
      });
      const { num_users } = await api(fleet.nodes[name], "presence_stats", { channel });
      assert.equal(num_users, 3);
    }
  });

  await t.test("users: a message reaches the devices on all nodes, once", async (t) => {
    const devices = await Promise.all(names.map((name) => visitor(t, fleet.nodes[name], { user: "eve" })));
    const got = (device) => all(device, "publication").map(({ data }) => data);
    for (const [n, name] of names.entries()) await api(fleet.nodes[name], "publish", { channel: "user:eve", data: n });
    await until("all devices have all", () => devices.every((device) => got(device).length >= 3));
    for (const device of devices) assert.deepEqual(got(device).sort(), [0, 1, 2]);
  });

  await t.test("users: a disconnect from any node ends all their sessions", async (t) => {
    const devices = await Promise.all(names.map((name) => visitor(t, fleet.nodes[name], { user: "mallory" })));
    await api(b, "disconnect", { user: "mallory" });
    for (const device of devices) await device.saw("disconnected", ({ code }) => code === 3503);
  });

  await t.test("recovery: a client that moves to another node resumes where it was", async (t) => {
    const channel = await fleet.roomOf("b");
    let at = a;
    const ada = await visitor(t, { get endpoint() { return at.endpoint; } });
    const sub = await ada.enter(channel);
    await api(a, "publish", { channel, data: 1 });
    await until("it arrived", () => heard(sub).length === 1);
    at = c;
    ada.pull();
    for (const n of [2, 3]) await api(a, "publish", { channel, data: n });
    ada.plug();
    await until("the rest arrived", () => heard(sub).length >= 3);
    assert.deepEqual(heard(sub), [1, 2, 3]);
    assert.ok(all(sub, "subscribed").at(-1).recovered);
  });

  await t.test("all nodes end cleanly", async () => {
    for (const name of names) await fleet.stop(name);
    for (const name of names) assert.doesNotMatch(fleet.log(name), / error | critical /, name);
  });
});
