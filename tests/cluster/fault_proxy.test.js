// The fault proxy itself: a test that needs a bad line must get one.
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { until, within } from "../e2e/harness/until.js";
import { FaultProxy, fair } from "./harness/fault_proxy.js";

/** A server that says back what it hears, a proxy before it, and a caller. */
async function call(t, weather = {}) {
  const sockets = [];
  const echo = net.createServer((socket) => sockets.push(socket.on("error", () => {}).pipe(socket)));
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  let now = { ...fair, ...weather };
  const proxy = await new FaultProxy(echo.address().port, { weather: () => now }).listen();
  const caller = net.connect(proxy.port, "127.0.0.1").on("error", () => {});
  const heard = [];
  const line = {
    caller,
    sockets,
    text: () => Buffer.concat(heard).toString(),
    closed: new Promise((resolve) => caller.once("close", resolve)),
    becomes(weather) {
      now = { ...fair, ...weather };
      proxy.update();
    },
  };
  caller.on("data", (bytes) => heard.push(bytes));
  t.after(() => {
    caller.destroy();
    proxy.close();
    echo.close();
    sockets.forEach((socket) => socket.destroy());
  });
  await once(caller, "connect");
  return line;
}

test("fault_proxy: in fair weather all bytes pass, and the end of them", async (t) => {
  const line = await call(t);
  const text = "ahoy ".repeat(200_000);
  line.caller.end(text);
  await within("the line closes", line.closed);
  assert.equal(line.text(), text);
});

test("fault_proxy: a black hole is silence, and what was said comes later", async (t) => {
  const line = await call(t);
  line.caller.write("one");
  await until("one came back", () => line.text() === "one");
  line.becomes({ hole: true });
  line.caller.write("two");
  const other = await call(t); // its answers pass the same event loop, later than ours would
  other.caller.write("elsewhere");
  await until("others are heard", () => other.text() === "elsewhere");
  assert.equal(line.text(), "one");
  assert.equal(line.caller.destroyed, false);
  line.becomes({});
  await until("two came back", () => line.text() === "onetwo");
});

test("fault_proxy: who hangs up in a black hole is heard only after it", async (t) => {
  const line = await call(t);
  line.caller.write("one");
  await until("one came back", () => line.text() === "one");
  line.becomes({ hole: true });
  line.caller.resetAndDestroy();
  await within("the caller is gone", line.closed);
  assert.equal(line.sockets[0].destroyed, false);
  line.becomes({});
  await until("the other end hears it", () => line.sockets[0].destroyed);
});

test("fault_proxy: a reset is heard at once, and nobody gets through", async (t) => {
  const line = await call(t);
  line.caller.write("one");
  await until("one came back", () => line.text() === "one");
  line.becomes({ refuse: true });
  await within("the line is reset", line.closed);
  await until("the other end hears it", () => line.sockets[0].destroyed);
});

test("fault_proxy: latency is waited each way, and a narrow line takes its time", async (t) => {
  const [far, narrow] = [await call(t, { latencyMs: 60 }), await call(t, { bytesPerSecond: 50_000 })];
  const began = performance.now();
  far.caller.write("one");
  narrow.caller.write("x".repeat(10_000));
  await until("one came back", () => far.text() === "one");
  assert.ok(performance.now() - began >= 119);
  await until("all came back", () => narrow.text().length === 10_000);
  assert.ok(performance.now() - began >= 390);
});
