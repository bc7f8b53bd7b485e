// RFC 6455 and RFC 7692 from outside, against /echo of a real node: the case groups of the
// Autobahn testsuite (framing, pings, reserved bits, opcodes, fragments, UTF-8, closing, sizes,
// compression), with bytes that no library would send. docs/operations.md says how to run the suite
// itself.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, test } from "node:test";
import WebSocket from "ws";
import { startNode } from "./harness/node.js";
import { RawSocket, frame } from "./harness/raw.js";
import { until, within } from "./harness/until.js";

const messageMax = 16 << 20;
const node = await startNode({
  set: {
    "net.echo": true,
    "net.compression": true,
    "net.message_bytes_max": messageMax,
    "net.outbound_bytes_max": 2 * messageMax,
  },
});
after(() => node.stop());

const [continuation, text, binary, closing, ping, pong] = [0, 1, 2, 8, 9, 10];

const part = (opcode, payload) => frame(payload, { opcode, fin: false });
const last = (opcode, payload) => frame(payload, { opcode });
const goodbye = (code = 1000, reason = "") => {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return last(closing, Buffer.concat([head, Buffer.from(reason)]));
};

/** `bytes` in pieces of `size`. */
const chopped = (bytes, size = 1) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );

/** A message in fragments of `size`. */
const fragments = (opcode, payload, size) =>
  chopped(Buffer.from(payload), size).map((piece, n, all) =>
    frame(piece, { opcode: n ? continuation : opcode, fin: n === all.length - 1 }),
  );

/** The frames that arrived whole, as [opcode, payload]. The server must not mask, fragment or reserve. */
function* framesIn(bytes) {
  for (let at = 0; at + 2 <= bytes.length; ) {
    let [size, head] = [bytes[at + 1], 2];
    if (size === 126) [size, head] = [bytes.readUInt16BE(at + 2), 4];
    else if (size === 127) [size, head] = [Number(bytes.readBigUInt64BE(at + 2)), 10];
    assert.ok(size < 128 || head > 2, "a server does not mask");
    if (at + head + size > bytes.length) return;
    assert.equal(bytes[at] & 0xf0, 0x80, "whole, and no bit reserved");
    yield [bytes[at] & 15, bytes.subarray(at + head, at + head + size)];
    at += head + size;
  }
}

async function open(t) {
  const socket = await new RawSocket(node.port).upgrade("/echo");
  t.after(() => socket.destroy());
  socket.socket.setNoDelay(true);
  return socket;
}

/** Sends `writes` one by one, waits for the end of the connection, and returns what came. */
async function conversation(t, writes) {
  const socket = await open(t);
  for (const bytes of writes) {
    const room = socket.socket.write(bytes) || once(socket.socket, "drain");
    await within("room to write", Promise.race([room, socket.closed]));
  }
  await within("the server closes", socket.closed);
  return [...framesIn(socket.received)];
}

const shown = ([opcode, payload]) =>
  `${opcode}:${payload.length > 200 ? `${payload.length} bytes` : payload.toString("latin1")}`;

/** Expects these frames and then a close frame with `code`. */
async function expectEcho(t, writes, expected, code = 1000) {
  const got = await conversation(t, writes);
  const [opcode, end] = got.pop();
  assert.deepEqual(got.map(shown), expected.map(([kind, payload]) => shown([kind, Buffer.from(payload)])));
  got.forEach(([, payload], n) => assert.ok(payload.equals(Buffer.from(expected[n][1]))));
  assert.equal(opcode, closing);
  assert.equal(end.readUInt16BE(0), code);
}

/** Expects a failure with `code`; what was right before it may be answered. */
async function expectFailure(t, writes, code, before = []) {
  const got = await conversation(t, writes);
  const [opcode, payload] = got.pop();
  assert.equal(opcode, closing);
  assert.equal(payload.readUInt16BE(0), code);
  const allowed = before.map(([kind, said]) => shown([kind, Buffer.from(said)]));
  for (const one of got) assert.ok(allowed.includes(shown(one)), shown(one));
}

// -- 1 framing ---------------------------------------------------------------------------------------

for (const opcode of [text, binary]) {
  for (const size of [0, 125, 126, 127, 128, 65535, 65536]) {
    test(`1: opcode ${opcode}, ${size} bytes`, (t) =>
      expectEcho(t, [last(opcode, "*".repeat(size)), goodbye()], [[opcode, "*".repeat(size)]]));
  }
  test(`1: opcode ${opcode}, 65536 bytes in writes of 997`, (t) =>
    expectEcho(t, [...chopped(last(opcode, "*".repeat(65536)), 997), goodbye()], [[opcode, "*".repeat(65536)]]));
}

// -- 2 pings and pongs -------------------------------------------------------------------------------

for (const payload of ["", "hello", Buffer.from([0, 0xff, 0xfe, 0xfd]), "x".repeat(125)]) {
  test(`2: a ping of ${payload.length} bytes comes back`, (t) =>
    expectEcho(t, [last(ping, payload), goodbye()], [[pong, payload]]));
}
test("2: a ping of 126 bytes is an error", (t) => expectFailure(t, [last(ping, "x".repeat(126))], 1002));
test("2: a ping byte by byte", (t) =>
  expectEcho(t, [...chopped(last(ping, "x".repeat(125))), goodbye()], [[pong, "x".repeat(125)]]));
test("2: pongs that nobody asked for are passed over", (t) =>
  expectEcho(t, [last(pong, ""), last(pong, "why"), last(ping, "so"), goodbye()], [[pong, "so"]]));
test("2: ten pings, ten pongs, in order", (t) => {
  const names = Array.from({ length: 10 }, (_, n) => `ping ${n}`);
  return expectEcho(t, [...names.map((name) => last(ping, name)), goodbye()], names.map((name) => [pong, name]));
});

// -- 3 reserved bits, 4 opcodes ----------------------------------------------------------------------

for (let reserved = 1; reserved < 8; reserved += 1) {
  for (const opcode of [text, ping, closing]) {
    test(`3: reserved bits ${reserved} with opcode ${opcode}`, (t) => {
      const bad = frame("bad", { opcode, reserved });
      return expectFailure(t, [last(text, "fine"), bad, last(ping, "late")], 1002, [[text, "fine"]]);
    });
  }
}
for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
  for (const payload of ["", "payload"]) {
    test(`4: opcode ${opcode}, ${payload.length} bytes`, (t) =>
      expectFailure(t, [last(text, "fine"), last(opcode, payload), last(ping, "late")], 1002, [[text, "fine"]]));
  }
}

// -- 5 fragmentation ---------------------------------------------------------------------------------

const two = [part(text, "fragment1"), last(continuation, "fragment2")];
for (const opcode of [ping, pong, closing]) {
  test(`5: opcode ${opcode} may not come in fragments`, (t) =>
    expectFailure(t, [part(opcode, "ab"), last(continuation, "cd")], 1002));
}
test("5: two fragments make a message", (t) => expectEcho(t, [...two, goodbye()], [[text, "fragment1fragment2"]]));
test("5: two fragments in one write", (t) =>
  expectEcho(t, [Buffer.concat([...two, goodbye()])], [[text, "fragment1fragment2"]]));
test("5: two fragments byte by byte", (t) =>
  expectEcho(t, [...chopped(Buffer.concat(two)), goodbye()], [[text, "fragment1fragment2"]]));
test("5: empty fragments", (t) =>
  expectEcho(t, [part(text, ""), part(continuation, ""), last(continuation, ""), goodbye()], [[text, ""]]));
test("5: a ping between fragments is answered at once", async (t) => {
  const socket = await open(t);
  socket.send(Buffer.concat([part(text, "a"), part(continuation, "b"), last(ping, "one")]));
  await until("the first pong", () => [...framesIn(socket.received)].map(shown).join() === "10:one");
  socket.send(Buffer.concat([part(continuation, "c"), last(ping, "two"), last(continuation, "d"), goodbye()]));
  await within("the server closes", socket.closed);
  assert.deepEqual([...framesIn(socket.received)].map(shown).slice(0, 3), ["10:one", "10:two", "1:abcd"]);
});
for (const fin of [true, false]) {
  test(`5: a continuation of nothing, fin ${fin}`, (t) =>
    expectFailure(t, [frame("x", { opcode: continuation, fin }), last(text, "late")], 1002));
  test(`5: a continuation of a message that is complete, fin ${fin}`, (t) =>
    expectFailure(t, [...two, frame("x", { opcode: continuation, fin })], 1002, [[text, "fragment1fragment2"]]));
}
test("5: a new message inside a message", (t) => expectFailure(t, [part(text, "a"), last(text, "b")], 1002));

// -- 6 UTF-8 -----------------------------------------------------------------------------------------

const bytes = (hex) => Buffer.from(hex, "hex");
const valid = ["", "hello$world", "κόσμε", "Hello-µ@ßöäüàá-UTF-8!!", bytes("00"), bytes("7f"),
  bytes("c280"), bytes("dfbf"), bytes("e0a080"), bytes("ed9fbf"), bytes("ee8080"), bytes("efbfbd"), bytes("efbfbf"),
  bytes("f0908080"), bytes("f48fbfbf"), bytes("efb790"), bytes("f09fbfbe")];
const invalid = ["80", "bf", "80bf80", "c0", "c020", "e080", "f08080", "f8888080", "fc84808080", "df", "efbf", "f7bfbf",
  "fe", "ff", "fefeffff", "c0af", "e080af", "f08080af", "c1bf", "e09fbf", "f08fbfbf", "c080", "f8888080af", "eda080",
  "edafbf", "edb080", "edbfbf", "eda080edb080", "f4908080", "f7bfbfbf", "fc8480808080", "cebae1bdb9eda080656469746564"];
for (const good of valid.map((v) => Buffer.from(v))) {
  test(`6: valid: ${good.toString("hex")}`, async (t) => {
    await expectEcho(t, [last(text, good), goodbye()], [[text, good]]);
    if (good.length > 1) await expectEcho(t, [...fragments(text, good, 1), goodbye()], [[text, good]]);
  });
}
for (const bad of invalid) {
  test(`6: invalid: ${bad}`, async (t) => {
    const payload = Buffer.concat([Buffer.from("before "), bytes(bad)]);
    await expectFailure(t, [last(text, payload)], 1007);
    await expectFailure(t, fragments(text, payload, 1), 1007);
    await expectFailure(t, chopped(last(text, payload)), 1007);
    await expectEcho(t, [last(binary, payload), goodbye()], [[binary, payload]]);
  });
}
test("6: invalid text is refused before its message is complete", async (t) => {
  await expectFailure(t, [part(text, "κόσμε"), part(continuation, bytes("f4908080"))], 1007);
  await expectFailure(t, [part(text, "κόσμε"), part(continuation, bytes("f490"))], 1007);
});
test("6: and before its frame is", async (t) => {
  const unfinished = last(text, Buffer.concat([Buffer.from("κόσμε"), bytes("f4908080"), Buffer.from("edited")]));
  await expectFailure(t, [unfinished.subarray(0, -6)], 1007);
});

// -- 7 closing ---------------------------------------------------------------------------------------

test("7: a message before the close is answered", (t) => expectEcho(t, [last(text, "hi"), goodbye()], [[text, "hi"]]));
for (const [what, late] of Object.entries({
  "a second close": goodbye(),
  "a ping": last(ping, "late"),
  "a message": last(text, "late"),
  "the rest of a message": last(continuation, "late"),
})) {
  test(`7: ${what} after the close is passed over`, (t) =>
    expectEcho(t, [Buffer.concat([part(text, "x"), goodbye(), late])], []));
}
test("7: a close without a code is answered with 1000", (t) => expectEcho(t, [last(closing, "")], []));
test("7: a close with half a code", (t) => expectFailure(t, [last(closing, "x")], 1002));
test("7: a reason of 123 bytes, and no more", async (t) => {
  await expectEcho(t, [goodbye(1000, "x".repeat(123))], []);
  await expectFailure(t, [goodbye(1000, "x".repeat(124))], 1002);
});
test("7: a reason that is no UTF-8 (Beast says 1002, 1007 would do as well)", (t) =>
  expectFailure(t, [last(closing, Buffer.concat([bytes("03e8"), bytes("cebaeda080")]))], 1002));
for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]) {
  test(`7: close code ${code} comes back`, (t) => expectEcho(t, [goodbye(code)], [], code));
}
for (const code of [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999]) {
  test(`7: close code ${code} is an error`, (t) => expectFailure(t, [goodbye(code)], 1002));
}

// -- 9 and 10 sizes ----------------------------------------------------------------------------------

for (const opcode of [text, binary]) {
  for (const size of [256 << 10, 4 << 20, messageMax]) {
    test(`9: opcode ${opcode}, ${size} bytes`, (t) =>
      expectEcho(t, [last(opcode, Buffer.alloc(size, "*")), goodbye()], [[opcode, Buffer.alloc(size, "*")]]));
  }
  for (const size of [64, 4096, 1 << 20]) {
    test(`9: opcode ${opcode}, 4 MiB in fragments of ${size}`, (t) => {
      const whole = Buffer.alloc(4 << 20, "+");
      return expectEcho(t, [Buffer.concat(fragments(opcode, whole, size)), goodbye()], [[opcode, whole]]);
    });
  }
}
test("9: a message of one byte too much", async (t) => {
  await expectFailure(t, [last(binary, Buffer.alloc(messageMax + 1))], 1009);
  await expectFailure(t, fragments(binary, Buffer.alloc(messageMax + 1), messageMax), 1009);
});
test("10: 65536 bytes in fragments of 1300", (t) =>
  expectEcho(t, [...fragments(text, "*".repeat(65536), 1300), goodbye()], [[text, "*".repeat(65536)]]));

// -- 12 and 13 compression ---------------------------------------------------------------------------

const words = Buffer.from(Array.from({ length: 20000 }, (_, n) => `line ${n} of ${(n * n) % 977}\n`).join(""));
const noise = Buffer.from(Array.from({ length: 140000 }, (_, n) => ((n * 2654435761) >>> 13) & 0xff));

async function deflating(t, offer) {
  const socket = new WebSocket(`ws://127.0.0.1:${node.port}/echo`, {
    perMessageDeflate: { threshold: 0, ...offer },
    maxPayload: 64 << 20,
  });
  t.after(() => socket.terminate());
  await within("the socket opens", once(socket, "open"));
  return socket;
}

async function comesBack(socket, payload, size) {
  const answer = once(socket, "message");
  const pieces = chopped(payload, size);
  pieces.forEach((piece, n) => socket.send(piece, { binary: true, fin: n === pieces.length - 1 }));
  const [got] = await within("the echo", answer);
  assert.ok(payload.equals(got));
}

for (const [what, offer] of Object.entries({
  "the default offer": {},
  "no context takeover by the server": { serverNoContextTakeover: true },
  "no context takeover by either": { serverNoContextTakeover: true, clientNoContextTakeover: true },
  "a server window of 15 bits": { serverMaxWindowBits: 15 },
  "a client window of 9 bits": { clientMaxWindowBits: 9 },
})) {
  test(`12, 13: ${what}`, async (t) => {
    const socket = await deflating(t, offer);
    assert.match(socket.extensions, /^permessage-deflate/);
    for (const data of [words, noise]) {
      for (const size of [16, 1024, 8192, 65536, 131072]) {
        for (let n = 0; n < 5; n += 1) {
          const payload = data.subarray(n * 64, n * 64 + size);
          await comesBack(socket, payload, payload.length);
          await comesBack(socket, payload, Math.max(16, size >> 6));
        }
      }
    }
    socket.close(1000);
    assert.equal((await within("the close", once(socket, "close")))[0], 1000);
  });
}
test("13: a server window of 9 bits is declined, and messages go uncompressed", async (t) => {
  const socket = await deflating(t, { serverMaxWindowBits: 9 });
  assert.equal(socket.extensions, "");
  await comesBack(socket, words.subarray(0, 8192), 8192);
});
test("12: what inflates beyond the limit is closed with 1009", async (t) => {
  const socket = await deflating(t, {});
  socket.on("error", () => {});
  socket.send(Buffer.alloc(messageMax + 1), { binary: true });
  assert.equal((await within("the close", once(socket, "close")))[0], 1009);
});
