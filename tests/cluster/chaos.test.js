// `argosy bench chaos` itself: it comes to an end, finds no broken promise, and reports all faults.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { program, sanitizer } from "../e2e/harness/node.js";
import { within } from "../e2e/harness/until.js";

/** Runs some faults and returns the figures; the run itself counts a broken promise as an error. */
async function bench(t, faults) {
  const words = ["bench", "chaos", "--self", "--seconds", "1", "-n", "16", "--json", "--fault", faults.join()];
  const run = spawn(program, words);
  t.after(() => run.kill("SIGKILL"));
  const all = Promise.all([text(run.stdout), text(run.stderr), once(run, "exit")]);
  const [report, complaints, [code]] = await within("the run ends", all, 180_000);
  assert.equal(code, 0, complaints + report);
  const figures = JSON.parse(report);
  for (const fault of faults) {
    assert.ok(figures[`${fault}_acked`] > 0, fault);
    assert.equal(figures[`${fault}_duplicates`], 0, fault);
    t.diagnostic(`${fault}: first ack after ${figures[`${fault}_first_ack_max_ms`]} ms, new view ${figures[`${fault}_new_view_ms`]} ms`);
  }
  return figures;
}

test("bench chaos: every fault of a node has its figures, and nothing is skipped in silence", async (t) => {
  const faults = ["kill_owner", "kill_gateway", "kill_leader", "pause_1s", "pause_3s", "pause_5s", "pause_10s", "join_leave"];
  const figures = await bench(t, faults);
  assert.equal(figures.kill_gateway_acked_lost, 0);
  assert.equal(figures.kill_gateway_gaps_announced, 0);
  assert.equal(figures.pause_1s_gaps_announced, 0);
  assert.equal(figures.pause_10s_noticed, 1);
});

test("bench chaos: so has every fault of a line", async (t) => {
  const figures = await bench(t, ["partition", "slow_line"]);
  assert.equal(figures.partition_acked_lost, 0);
  assert.equal(figures.partition_minority_acked_after_fence, 0);
  assert.ok(figures.partition_fenced_ms > 0);
  assert.ok(figures.partition_converged_ms > 0);
  t.diagnostic(`the owner grew by ${figures.flood_owner_grew_mib} MiB over a fair line, by ${figures.slow_line_owner_grew_mib} over a slow one`);
  assert.equal(figures.flood_new_views + figures.slow_line_new_views, 0);
  assert.ok(figures.slow_line_reader_told_of_gaps > 0);
  // 24 MiB may wait for the line, and there are copies. A sanitizer keeps books of its own.
  if (!sanitizer) assert.ok(figures.slow_line_owner_grew_mib < 60);
});

test("bench chaos: a fault that nobody knows is refused, with those that are known", async (t) => {
  const run = spawn(program, ["bench", "chaos", "--self", "--fault", "kill_owner,flood_of_tears"]);
  t.after(() => run.kill("SIGKILL"));
  const all = Promise.all([text(run.stderr), once(run, "exit")]);
  const [complaint, [code]] = await within("it ends", all);
  assert.notEqual(code, 0);
  assert.match(complaint, /--fault.*flood_of_tears.*pause_10s/);
});
