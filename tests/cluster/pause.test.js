// A real node that stands still (F2). A short pause is nobody's business. After a long one the
// others have gone on without it, and it must not act on what it believed before.
import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "../e2e/harness/api.js";
import { until } from "../e2e/harness/until.js";
import { Crowd } from "./harness/crowd.js";
import { Fleet } from "./harness/fleet.js";

const names = ["a", "b", "c"];
const viewMs = 10_500; // three times the goal of 3.5 s

const lasting = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Stops the processor for a node, for so long; what happens meanwhile is up to the fleet. */
async function stall(fleet, name, ms) {
  fleet.pause(name);
  await lasting(ms); // the length of the fault, not a wait for something
  fleet.resume(name);
}

test("a pause of one second downs nobody and costs nothing acknowledged", async (t) => {
  const fleet = await Fleet.start(t, names);
  for (const owner of names) {
    const crowd = await Crowd.gather(t, fleet, await fleet.roomOf(owner));
    const { no } = fleet.views(owner).at(-1);
    const began = performance.now();
    await stall(fleet, owner, 1_000);
    const acked = await crowd.acknowledged(began + 1_000);
    await crowd.hears("all hear the room again", 5);
    const figures = await crowd.settle();
    t.diagnostic(`${owner} paused 1 s: first ack ${acked.toFixed()} ms after it; ${JSON.stringify(figures)}`);
    for (const name of names) assert.equal(fleet.views(name).at(-1).no, no, `${name} sees no new view`);
    assert.equal(figures.epochs, 1);
    assert.equal(figures.lost, 0);
    assert.equal(figures.gaps, 0);
  }
});

test("after a long pause an owner acknowledges nothing that is no longer its own", async (t) => {
  const fleet = await Fleet.start(t, names);
  const owner = names.find((name) => name !== fleet.leader);
  const others = names.filter((name) => name !== owner);
  const channel = await fleet.roomOf(owner);
  const crowd = await Crowd.gather(t, fleet, channel, { speakers: others, listeners: others });
  const old = crowd.acks[0].epoch;
  const began = performance.now();
  const stalled = stall(fleet, owner, 5_000); // longer than a lease
  // Asked while it stands still, answered when it goes on: by whatever it then believes.
  const late = Array.from({ length: 20 }, (_, n) =>
    call(fleet.nodes[owner], "publish", { channel, data: `late#${n}` }).catch((error) => ({ error })),
  );
  await fleet.agree(others, others, viewMs);
  const viewed = performance.now() - began;
  const acked = await crowd.acknowledged(began);
  await crowd.hears("the others hear the room", 5);
  await stalled;
  const answers = await Promise.all(late);
  const believed = answers.filter(({ result }) => result?.epoch === old);
  assert.deepEqual(believed, [], "acknowledged under the epoch that is over");
  await until("it is fenced or in a view again", async () => {
    const last = fleet.views(others[0]).at(-1);
    return (await fleet.fenced(owner)) || last.members[owner] === "up";
  });
  const figures = await crowd.settle();
  t.diagnostic(
    `${owner} paused: new view after ${viewed.toFixed()} ms, first ack after ${acked.toFixed()} ms; ` +
      `${answers.filter(({ result }) => result).length} of 20 late words taken; ${JSON.stringify(figures)}`,
  );
});
