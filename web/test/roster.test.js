import assert from "node:assert/strict";
import { test } from "node:test";
import { Roster, nameOf } from "../src/roster.js";

const client = (id, user, device, name = user) => ({
  client: id,
  user,
  connInfo: { name, device, kind: "laptop" },
});

test("roster: two tabs are one person with two devices", () => {
  const roster = new Roster();
  roster.reset([client("1", "ada", "d1"), client("2", "ada", "d2"), client("3", "grace", "d3")]);
  assert.deepEqual(
    roster.people("nobody").map(({ user, devices }) => [user, devices.length]),
    [["ada", 2], ["grace", 1]],
  );
});

test("roster: a dropped socket that lingers is no second device", () => {
  const roster = new Roster();
  roster.join(client("1", "ada", "d1"));
  roster.join(client("2", "ada", "d1"));
  assert.equal(roster.people("ada")[0].devices.length, 1);
  roster.leave(client("1", "ada", "d1"));
  assert.equal(roster.people("ada")[0].devices.length, 1);
});

test("roster: oneself comes first, the others by name", () => {
  const roster = new Roster();
  roster.reset([client("1", "u1", "a", "Zoe"), client("2", "u2", "b", "Bea"), client("3", "u3", "c", "Al")]);
  assert.deepEqual(roster.people("u1").map(({ name }) => name), ["Zoe", "Al", "Bea"]);
});

test("roster: names fall back to the user, then to what there is", () => {
  assert.equal(nameOf({ user: "u", connInfo: { name: "Ada" } }), "Ada");
  assert.equal(nameOf({ user: "u" }), "u");
  assert.equal(nameOf({ user: "" }), "anonymous");
  assert.equal(nameOf(undefined), "the API");
});
