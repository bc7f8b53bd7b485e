import assert from "node:assert/strict";
import { test } from "node:test";
import { Fleet, places } from "../src/fleet.js";

const node = (name, more = {}) => ({ name, silent: false, state: "up", fenced: false, connections: 1, shards: 1365, ...more });
const map = (names, room = {}) => ({
  self: "a",
  nodes: names.map((name) => node(name)),
  room: { name: "chat:lobby", owner: "b", members: { a: 2, c: 1 }, ...room },
});

test("fleet: the first look is no news", () => {
  assert.deepEqual(new Fleet().update(map(["a", "b", "c"]), 0), []);
});

test("fleet: who goes, comes back or is new is said once", () => {
  const fleet = new Fleet();
  fleet.update(map(["a", "b", "c"]), 0);
  assert.deepEqual(fleet.update(map(["a", "b"]), 1000), ["Node c is gone"]);
  assert.deepEqual(fleet.update(map(["a", "b"]), 2000), []);
  assert.deepEqual(fleet.update(map(["a", "b", "c", "d"]), 3000), ["Node c is back", "Node d is new"]);
});

test("fleet: who comes to another node is told", () => {
  const fleet = new Fleet();
  fleet.update(map(["a", "b"]), 0);
  assert.deepEqual(fleet.update({ ...map(["b"]), self: "b" }, 1000), ["Node a is gone", "You are on node b now"]);
  assert.deepEqual(fleet.update({ ...map(["b"]), self: "b" }, 2000), []);
});

test("fleet: a room that moves is said", () => {
  const fleet = new Fleet();
  fleet.update(map(["a", "b"]), 0);
  assert.deepEqual(fleet.update(map(["a", "b"], { owner: "a" }), 1000), ["The room moved to node a"]);
  assert.deepEqual(fleet.update(map(["a", "b"], { owner: "" }), 2000), []);
  assert.deepEqual(fleet.update(map(["a", "b"], { owner: "b" }), 3000), ["The room moved to node b"]);
});

test("fleet: the chart names the owner, the interested and oneself", () => {
  const fleet = new Fleet();
  const now = map(["c", "a", "b"]);
  fleet.update(now, 0);
  assert.deepEqual(
    fleet.chart(now).map(({ name, owner, interested, here }) => [name, owner, interested, here]),
    [["a", false, true, true], ["b", true, false, false], ["c", false, true, false]],
  );
});

test("fleet: a wreck stays for a while, then is cleared away", () => {
  const fleet = new Fleet();
  fleet.update(map(["a", "b"]), 0);
  const later = map(["a"]);
  fleet.update(later, 1000);
  assert.deepEqual(fleet.chart(later).map(({ name, state }) => [name, state]), [["a", "up"], ["b", "gone"]]);
  fleet.update(later, 30_000);
  assert.deepEqual(fleet.chart(later).map(({ name }) => name), ["a"]);
});

test("fleet: a silent node keeps what was known of it", () => {
  const fleet = new Fleet();
  fleet.update(map(["a", "b"]), 0);
  const hushed = map(["a"]);
  hushed.nodes.push({ name: "b", silent: true });
  assert.deepEqual(fleet.update(hushed, 1000), []);
  const [, b] = fleet.chart(hushed);
  assert.equal(b.state, "silent");
  assert.equal(b.connections, 1);
});

test("fleet: places stay inside of the box", () => {
  for (const count of [1, 2, 3, 5, 9]) {
    const all = places(count, [280, 170], [40, 40]);
    assert.equal(all.length, count);
    for (const [x, y] of all) assert.ok(x >= 39.9 && x <= 240.1 && y >= 39.9 && y <= 130.1);
  }
});
