// `argosy bench chaos` itself: it comes to an end, finds no broken promise, and reports all faults.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { program } from "../e2e/harness/node.js";
import { within } from "../e2e/harness/until.js";

test("bench chaos: every fault has its figures, and nothing is skipped in silence", async (t) => {
  const bench = spawn(program, ["bench", "chaos", "--self", "--seconds", "1", "-n", "16", "--json"]);
  t.after(() => bench.kill("SIGKILL"));
  const all = Promise.all([text(bench.stdout), text(bench.stderr), once(bench, "exit")]);
  const [report, complaints, [code]] = await within("the run ends", all, 180_000);
  assert.equal(code, 0, complaints + report);
  const figures = JSON.parse(report);
  for (const fault of ["kill_owner", "kill_gateway", "kill_leader", "pause_1s", "pause_5s", "join_leave"]) {
    assert.ok(figures[`${fault}_acked`] > 0, fault);
    assert.equal(figures[`${fault}_duplicates`], 0, fault);
    t.diagnostic(`${fault}: first ack after ${figures[`${fault}_first_ack_max_ms`]} ms, new view ${figures[`${fault}_new_view_ms`]} ms`);
  }
  assert.equal(figures.kill_gateway_acked_lost, 0);
  assert.equal(figures.kill_gateway_gaps_announced, 0);
  assert.equal(figures.pause_1s_gaps_announced, 0);
});
