// A fleet of five in two halves (F4): three nodes here, and there two with the leader of the views
// and the owner of a room. One side goes on; the other acknowledges nothing once its lease is over;
// in the end there is one history. Rooms are told by way of relays.
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, call } from "../e2e/harness/api.js";
import { knock } from "../e2e/harness/raw.js";
import { until } from "../e2e/harness/until.js";
import { Crowd } from "./harness/crowd.js";
import { Fleet } from "./harness/fleet.js";

const names = ["a", "b", "c", "d", "e"];
const fenceMs = 9_600; // three times the lease with its margin
const viewMs = 15_000; // an election, then the detection, three times slower than they should be

test("a partition of three and two", async (t) => {
  const fleet = await Fleet.start(t, names, { proxied: true, set: { "cluster.relay_above": 1 } });
  const { leader } = fleet;
  const minority = [leader, names.find((name) => name !== leader)];
  const majority = names.filter((name) => !minority.includes(name));
  const channel = await fleet.roomOf(minority[1]);
  const old = (await api(fleet.nodes[leader], "history", { channel, limit: 0 })).epoch;
  const crowd = await Crowd.gather(t, fleet, channel, { speakers: majority, listeners: majority, reach: majority });

  const cut = performance.now();
  fleet.part(majority, minority);
  const fenced = async () => (await fleet.fenced(minority[0])) && (await fleet.fenced(minority[1]));
  const sinceTheCut = () => performance.now() - cut;
  const [after, viewed] = await Promise.all([
    until("the minority is fenced", fenced, fenceMs).then(sinceTheCut),
    fleet.agree(majority, majority, viewMs).then(sinceTheCut),
  ]);
  const acked = await crowd.acknowledged(cut);
  await crowd.hears("the majority goes on", 5, crowd.listeners);
  t.diagnostic(
    `fenced after ${after.toFixed()} ms, new view after ${viewed.toFixed()} ms, ` +
      `the majority acknowledges after ${acked.toFixed()} ms`,
  );

  await t.test("the minority acknowledges nothing, and says so", async () => {
    const answers = await Promise.all(minority.map((name) => call(fleet.nodes[name], "publish", { channel, data: "lost?" })));
    for (const { result, error } of answers) {
      assert.equal(result, undefined);
      assert.equal(error.code, 100);
    }
  });

  await t.test("only the majority is ready for newcomers", async () => {
    const health = (name, path) => fetch(`${fleet.nodes[name].http}/health/${path}`);
    for (const name of minority) {
      const ready = await health(name, "ready");
      assert.equal(ready.status, 503);
      assert.deepEqual(await ready.json(), { live: true, ready: false, reason: "fenced" });
      assert.equal((await health(name, "live")).status, 200, "it is not to be restarted for that");
    }
    for (const name of majority) assert.equal((await health(name, "ready")).status, 200);
  });

  await t.test("and only the majority lets newcomers in", async () => {
    for (const name of minority) {
      const answer = await knock(fleet.nodes[name]);
      assert.equal(answer.statusCode, 503);
      assert.equal(answer.headers["retry-after"], "1");
    }
    for (const name of majority) assert.equal((await knock(fleet.nodes[name])).statusCode, 101);
  });

  await t.test("what the majority says is a history of its own", async () => {
    const { epoch } = await api(fleet.nodes[majority[0]], "history", { channel, limit: 0 });
    assert.notEqual(epoch, old);
  });

  await t.test("after the end of it there is one fleet and one history", async (t) => {
    const healed = performance.now();
    fleet.heal();
    // A node that was given up comes back as a new one: by itself, or when it is started again.
    for (const name of minority) await fleet.stop(name);
    for (const name of minority) await fleet.start(name);
    await fleet.agree(names);
    t.diagnostic(`one fleet ${(performance.now() - healed).toFixed()} ms after the cut was mended`);
    for (const name of names) await until(`${name} is ready`, async () => (await fetch(`${fleet.nodes[name].http}/health/ready`)).ok);
    for (const name of minority) await crowd.listen(name);
    await crowd.hears("everybody hears the room", 5);
    t.diagnostic(JSON.stringify(await crowd.settle()));
    const histories = await Promise.all(
      names.map((name) => api(fleet.nodes[name], "history", { channel, limit: 100, reverse: true })),
    );
    for (const history of histories) assert.deepEqual(history, histories[0]);
  });
});
