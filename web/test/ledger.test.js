import assert from "node:assert/strict";
import { test } from "node:test";
import { Ledger } from "../src/ledger.js";

const started = (offset) => {
  const ledger = new Ledger();
  ledger.start({ epoch: "e", offset });
  return ledger;
};

test("ledger: nothing is missing when every offset came once", () => {
  const ledger = started(7);
  for (const offset of [8, 9, 10]) assert.ok(ledger.note(offset));
  assert.equal(ledger.settle(10), 0);
  assert.deepEqual(ledger.totals(), { seen: 3, duplicates: 0 });
});

test("ledger: counts a hole below what was seen, and one up to where the room stands", () => {
  const ledger = started(0);
  ledger.note(1);
  ledger.note(3);
  assert.equal(ledger.settle(5), 3);
});

test("ledger: a hole is counted once", () => {
  const ledger = started(0);
  ledger.note(2);
  assert.equal(ledger.settle(2), 1);
  ledger.note(3);
  assert.equal(ledger.settle(3), 0);
});

test("ledger: refuses what it has seen", () => {
  const ledger = started(0);
  assert.ok(ledger.note(1));
  assert.ok(!ledger.note(1));
  ledger.note(3);
  assert.ok(!ledger.note(3));
  assert.equal(ledger.totals().duplicates, 2);
});

test("ledger: order does not matter", () => {
  const ledger = started(0);
  for (const offset of [3, 1, 2]) ledger.note(offset);
  assert.equal(ledger.settle(3), 0);
});

test("ledger: a new epoch starts a new count", () => {
  const ledger = started(40);
  ledger.note(41);
  ledger.start({ epoch: "f", offset: 2 });
  assert.ok(ledger.note(3));
  assert.equal(ledger.settle(3), 0);
});
