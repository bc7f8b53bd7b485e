// Nodes that do not belong: each is kept out, and the log says why and what to do about it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "../e2e/harness/until.js";
import { Fleet } from "./harness/fleet.js";

const names = ["a", "b", "c"];

/** Waits until the log of one of the nodes says it, and returns the sentence. */
async function says(fleet, nodes, pattern) {
  const found = () => nodes.map((name) => pattern.exec(fleet.log(name))?.[0]).find(Boolean);
  return until(`${nodes} say ${pattern}`, found).catch((error) => {
    const tails = nodes.map((name) => `--- ${name}\n${fleet.log(name).slice(-1500)}`);
    throw new Error(`${error.message}\n${tails.join("\n")}`);
  });
}

async function unharmed(fleet, views) {
  assert.deepEqual(names.map((name) => fleet.views(name).at(-1)), views, "no view has changed");
  const { epoch } = await fleet.publish("a", { channel: "chat:still-here", data: 1 });
  assert.ok(epoch);
}

test("refusals between nodes that trust the network", async (t) => {
  const fleet = await Fleet.start(t, names);
  const views = names.map((name) => fleet.views(name).at(-1));

  await t.test("a node of another cluster", async () => {
    await fleet.start("d", { "cluster.name": "other-fleet" });
    await says(fleet, names, /.*warning.* .*other-fleet.*/);
    await fleet.kill("d");
    await unharmed(fleet, views);
  });

  await t.test("a node whose settings differ", async () => {
    await fleet.start("e", { "client.connections_per_user_max": 7 });
    await says(fleet, ["e"], /.*(warning|error).* .*settings.*differ from those of "[abc]".*/);
    await fleet.kill("e");
    await unharmed(fleet, views);
  });

  await t.test("a second node of the same name", async () => {
    await fleet.start("twin", { "cluster.data_dir": `${fleet.directory}/twin` }, "b");
    await says(fleet, [...names, "twin"], /.*(warning|error).* .*(another node named b |name b belongs to).*/);
    await fleet.kill("twin");
    await unharmed(fleet, views);
  });
});

test("refusals between nodes with certificates", async (t) => {
  const fleet = await Fleet.start(t, names, { secure: true });
  const views = names.map((name) => fleet.views(name).at(-1));
  const foreign = `${fleet.certificates}-foreign`;

  await t.test("a certificate of another authority", async () => {
    fleet.certify("ca", undefined, "test-fleet", foreign);
    fleet.certify("node", "d", "test-fleet", foreign);
    const own = { "cluster.cert_file": join(foreign, "d.crt"), "cluster.key_file": join(foreign, "d.key") };
    await assert.rejects(fleet.start("d", own), /status 2 .*not accepted by the CA .*argosy certs/s);
    await fleet.start("d", { ...own, "cluster.ca_file": join(foreign, "ca.crt") });
    await says(fleet, names, /.*warning.* .*certificate.*/);
    await says(fleet, ["d"], /.*warning.* .*certificate that the cluster's CA does not vouch for.*/);
    await fleet.kill("d");
    await unharmed(fleet, views);
  });

  await t.test("no certificate at all", async () => {
    await fleet.start("e", { "cluster.insecure": true });
    await says(fleet, names, /.*warning.* .*(TLS|certificate|handshake).*/);
    await says(fleet, ["e"], /.*warning.* .*cluster\.insecure.*certificate.*|.*warning.* .*certificate.*cluster\.insecure.*/);
    await fleet.kill("e");
    await unharmed(fleet, views);
  });
});
