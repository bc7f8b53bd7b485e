import assert from "node:assert/strict";
import { test } from "node:test";
import { Nodes } from "../src/nodes.js";

const [a, b, c] = ["http://127.0.0.1:8000", "http://127.0.0.1:8001", "http://127.0.0.1:8002"];

test("nodes: a page that was told of none stays on its own", () => {
  const nodes = new Nodes(a);
  nodes.failed(a);
  assert.equal(nodes.current, a);
  assert.equal(nodes.endpoint, "ws://127.0.0.1:8000/connection/websocket");
  assert.equal(new Nodes("https://fleet.example").endpoint, "wss://fleet.example/connection/websocket");
});

test("nodes: from one that fails to the next, round and round, and there it stays", () => {
  const nodes = new Nodes(b);
  nodes.learn([a, b, c]);
  assert.equal(nodes.current, b);
  const seen = [];
  for (let i = 0; i < 4; ++i) {
    nodes.failed(nodes.current);
    seen.push(nodes.current);
  }
  assert.deepEqual(seen, [a, c, b, a]);
  assert.equal(nodes.url("stats"), `${a}/stats`);
});

test("nodes: who complains about a node that was left already moves nobody", () => {
  const nodes = new Nodes(a);
  nodes.learn([a, b]);
  nodes.failed(a);
  nodes.failed(a);
  assert.equal(nodes.current, b);
});
