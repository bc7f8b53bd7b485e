// A fleet that changes under load: all nodes are restarted one after the other (F12), and nodes
// join and leave (F20). Rooms move with all they have: nothing is lost, skipped or begun anew.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Crowd } from "./harness/crowd.js";
import { Fleet } from "./harness/fleet.js";

const names = ["a", "b", "c"];

test("a rolling restart of all nodes under load", async (t) => {
  const fleet = await Fleet.start(t, names);
  const [channels, crowds] = [[], []];
  for (const owner of names) channels.push(await fleet.roomOf(owner));
  for (const channel of channels) crowds.push(await Crowd.gather(t, fleet, channel));
  const began = performance.now();
  for (const name of names) {
    await fleet.stop(name);
    await fleet.agree(names.filter((other) => other !== name));
    await fleet.start(name);
    await fleet.agree(names);
    for (const crowd of crowds) await crowd.hears(`the room goes on after ${name}`, 5);
  }
  const took = performance.now() - began;
  for (const crowd of crowds) {
    const figures = await crowd.settle();
    t.diagnostic(`${crowd.channel}: all restarted in ${took.toFixed()} ms; ${JSON.stringify(figures)}`);
    assert.deepEqual([figures.lost, figures.epochs, figures.gaps], [0, 1, 0]);
  }
});

test("nodes join and leave under load", async (t) => {
  const fleet = await Fleet.start(t, names);
  await fleet.start("d");
  await fleet.agree([...names, "d"]);
  const channels = [await fleet.roomOf("d"), await fleet.roomOf("a")]; // one moves, one stays
  await fleet.stop("d");
  await fleet.agree(names);
  const crowds = [];
  for (const channel of channels) crowds.push(await Crowd.gather(t, fleet, channel));
  const before = await fleet.shards();
  for (let round = 0; round < 3; ++round) {
    await fleet.start("d");
    await fleet.agree([...names, "d"]);
    const now = await fleet.shards();
    assert.ok(now.d > 4096 / 4 - 150 && now.d < 4096 / 4 + 150, `d owns ${now.d} shards`);
    for (const name of names) assert.ok(now[name] < before[name], "only d wins shards");
    const taken = (how) => fleet.metric("d", `argosy_cluster_shards_taken_total\\{how="${how}"\\}`);
    assert.deepEqual([await taken("pulled"), await taken("salvaged")], [now.d, 0], "with all that was in them");
    for (const crowd of crowds) await crowd.hears("the room goes on after a join", 5);
    await fleet.stop("d");
    await fleet.agree(names);
    assert.deepEqual(await fleet.shards(), before, "all get back what they had");
    for (const crowd of crowds) await crowd.hears("the room goes on after a departure", 5);
  }
  const [moved, stayed] = [await crowds[0].settle(), await crowds[1].settle()];
  t.diagnostic(`moved: ${JSON.stringify(moved)}; stayed: ${JSON.stringify(stayed)}`);
  for (const { lost, epochs, gaps } of [moved, stayed]) assert.deepEqual([lost, epochs, gaps], [0, 1, 0]);
});
