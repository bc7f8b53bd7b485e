// kill -9 of real nodes (F1): of the room's owner, of a gateway with clients, of the leader of the
// views. Clients come back by themselves, and what is said afterwards reaches everybody.
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../e2e/harness/until.js";
import { all } from "../e2e/harness/visitor.js";
import { Crowd } from "./harness/crowd.js";
import { Fleet } from "./harness/fleet.js";

const names = ["a", "b", "c"];
// The goal is a view within a second of a kill; this machine may be three times slower.
const viewMs = 3_000;

/** Kills a node while a crowd talks; checks what always holds, and reports. */
async function kill(t, fleet, victim, channel, patience) {
  const others = names.filter((name) => name !== victim);
  const crowd = await Crowd.gather(t, fleet, channel);
  const began = performance.now();
  await fleet.kill(victim);
  await fleet.agree(others, others, patience);
  const viewed = performance.now() - began;
  const acked = await crowd.acknowledged(began);
  await crowd.hears("all hear the room again", 5);
  const back = performance.now() - began;
  const figures = await crowd.settle();
  t.diagnostic(
    `${victim} killed: new view after ${viewed.toFixed()} ms, first ack of a new word after ${acked.toFixed()} ms, ` +
      `all listeners served after ${back.toFixed()} ms; ${JSON.stringify(figures)}`,
  );
  await fleet.start(victim);
  await fleet.agree(names);
  return { crowd, figures };
}

test("kill -9", async (t) => {
  const fleet = await Fleet.start(t, names);

  // First, while nobody is fresh: a voter that has just restarted does not vote for two seconds.
  await t.test("of the leader of the views: the others elect one", async (t) => {
    const { leader } = fleet;
    const { figures } = await kill(t, fleet, leader, await fleet.roomOf(names.find((name) => name !== leader)), viewMs);
    assert.equal(figures.lost, 0);
  });

  const [owner, gateway] = names.filter((name) => name !== fleet.leader);

  await t.test("of a room's owner: another one takes over", async (t) => {
    const { figures } = await kill(t, fleet, owner, await fleet.roomOf(owner), viewMs);
    assert.equal(figures.epochs, 2, "the room goes on in one new epoch");
    assert.equal(figures.gaps, 0, "everybody resumed");
  });

  await t.test("of a gateway: its clients resume elsewhere, and the room goes on", async (t) => {
    const { crowd, figures } = await kill(t, fleet, gateway, await fleet.roomOf(owner), viewMs);
    assert.equal(figures.epochs, 1, "the room did not move");
    assert.equal(figures.lost, 0);
    assert.equal(figures.gaps, 0);
    const cut = crowd.listeners.find(({ home }) => home === gateway);
    assert.ok(all(cut.sub, "subscribed").at(-1).recovered);
  });

  await t.test("of two nodes: the one that is left is fenced and acknowledges nothing", async (t) => {
    const channel = await fleet.roomOf(owner);
    const crowd = await Crowd.gather(t, fleet, channel, { speakers: [owner], listeners: [owner] });
    const others = names.filter((name) => name !== owner);
    const began = performance.now();
    for (const name of others) await fleet.kill(name);
    await until("it is fenced", () => fleet.fenced(owner));
    const fenced = performance.now();
    const refused = crowd.refused;
    await until("it refuses", () => crowd.refused >= refused + 10);
    const asked = performance.now();
    assert.deepEqual(crowd.acks.filter(({ acked }) => acked > fenced && acked < asked), []);
    for (const name of others) await fleet.start(name);
    await fleet.agree(names);
    await crowd.hears("the room goes on", 3);
    t.diagnostic(`fenced after ${(fenced - began).toFixed()} ms; ${JSON.stringify(await crowd.settle())}`);
  });
});
