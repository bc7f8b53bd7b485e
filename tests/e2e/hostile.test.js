// Bad input against a real node: a clear error or the right close code, and nobody else notices.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { api } from "./harness/api.js";
import { startNode } from "./harness/node.js";
import { RawClient, RawSocket, connectCommand, frame, line } from "./harness/raw.js";
import { until, within } from "./harness/until.js";
import { Visitor, all, heard } from "./harness/visitor.js";

const node = await startNode({ set: { "client.stale_timeout_ms": 500, "net.handshake_timeout_ms": 500 } });
after(() => node.stop());

// -- the one who must not notice ---------------------------------------------------------------------

let bystander;
let room;
let said = 0;

before(async () => {
  bystander = await new Visitor(node, { user: "bystander" }).connect();
  room = await bystander.enter("chat:calm");
});
after(() => bystander.leave());

afterEach(async () => {
  await api(node, "publish", { channel: "chat:calm", data: "all is well" });
  said += 1;
  await until("the bystander still hears everything", () => heard(room).length === said);
  assert.equal(all(bystander, "connected").length, 1, "the bystander was never disconnected");
});

function guest(t, options) {
  const client = new RawClient(node.endpoint, options);
  t.after(() => client.destroy());
  return client;
}

function wire(t) {
  const socket = new RawSocket(node.port);
  t.after(() => socket.destroy());
  return socket;
}

// -- before the session ------------------------------------------------------------------------------

const beforeConnect = {
  "no JSON": "hello",
  "half an object": '{"id":1,"connect":{',
  "an array": "[]",
  "a number": "42",
  "a string": '"connect"',
  "null": "null",
  "an empty message": "",
  "an empty line first": `\n${line(connectCommand())}`,
  "another command first": line({ id: 1, publish: { channel: "chat:x", data: 1 } }),
  "a connect without an id": line({ connect: {} }),
  "a connect with id 0": line({ id: 0, connect: {} }),
  "an id that is a string": line({ id: "1", connect: {} }),
  "a negative id": line({ id: -1, connect: {} }),
  "an id past 32 bits": '{"id":99999999999999999999,"connect":{}}',
  "a connect that is a list": line({ id: 1, connect: [] }),
  "a token that is a number": line({ id: 1, connect: { token: 7 } }),
  "NUL bytes": "\0\0\0\0",
  "deep nesting": `${"[".repeat(30000)}${"]".repeat(30000)}`,
  "deep nesting that never ends": '{"a":'.repeat(12000),
};
for (const [what, text] of Object.entries(beforeConnect)) {
  test(`before connect: ${what}`, async (t) => {
    const client = await guest(t).open();
    client.socket.send(text);
    const verdict = await client.verdict(1);
    assert.ok([3500, 3501, "error 107"].includes(verdict), `the verdict was ${verdict}`);
  });
}

test("before connect: silence is closed with 3502", async (t) => {
  const client = await guest(t).open();
  assert.equal(await within("the stale close", client.closed), 3502);
});

// -- within the session ------------------------------------------------------------------------------

const afterConnect = {
  "no JSON": "hello",
  "a second connect": line({ id: 2, connect: {} }),
  "a command without an id": line({ publish: { channel: "chat:x", data: 1 } }),
  "a command without a method": line({ id: 2 }),
  "an unknown method": line({ id: 2, fly: {} }),
  "a channel that is a number": line({ id: 2, subscribe: { channel: 5 } }),
  "an empty channel": line({ id: 2, subscribe: { channel: "" } }),
  "a channel too long": line({ id: 2, subscribe: { channel: `chat:${"x".repeat(300)}` } }),
  "a channel with spaces": line({ id: 2, subscribe: { channel: "chat:a b" } }),
  "a publish without data": line({ id: 2, publish: { channel: "chat:x" } }),
  "a subscribe that is null": line({ id: 2, subscribe: null }),
  "a pong nobody asked for": `{}\n${line({ id: 2, connect: {} })}`,
  "a refresh with nonsense": line({ id: 2, refresh: { token: "x.y.z" } }),
  "bad UTF-8 escapes in data": '{"id":2,"publish":{"channel":"chat:x","data":"\\ud800"}}{',
};
for (const [what, text] of Object.entries(afterConnect)) {
  test(`after connect: ${what}`, async (t) => {
    const client = await guest(t).connect();
    client.socket.send(text);
    const verdict = await client.verdict(2);
    const fair = [3500, 3501, 3502, ...[100, 101, 102, 103, 104, 107, 108].map((code) => `error ${code}`)];
    assert.ok(fair.includes(verdict), `the verdict was ${verdict}`);
  });
}

test("after connect: data nested as deep as a message allows does no harm", async (t) => {
  const client = await guest(t).connect();
  const deep = `${"[".repeat(20000)}${"]".repeat(20000)}`;
  client.socket.send(`{"id":2,"publish":{"channel":"plain:deep","data":${deep}}}`);
  const verdict = await client.verdict(2);
  assert.ok([3501, "error none", "error 107"].includes(verdict), `the verdict was ${verdict}`);
});

test("after connect: a message past the limit is closed with 1009", async (t) => {
  const client = await guest(t).connect();
  client.socket.send(line({ id: 2, publish: { channel: "chat:x", data: "x".repeat(70_000) } }));
  assert.equal(await within("the close", client.closed), 1009);
});

// The room of its own that each user has does not count.
test("after connect: subscribing twice is error 105, to too many channels error 106", async (t) => {
  const client = await guest(t).connect();
  client.socket.send(line({ id: 2, subscribe: { channel: "plain:c0" } }, { id: 3, subscribe: { channel: "plain:c0" } }));
  assert.equal((await client.reply(3)).error.code, 105);
  const more = Array.from({ length: 128 }, (_, n) => ({ id: 10 + n, subscribe: { channel: `plain:m${n}` } }));
  client.socket.send(line(...more));
  assert.ok((await client.reply(136)).subscribe, "the 128th channel is still allowed");
  assert.equal((await client.reply(137)).error.code, 106);
});

test("after connect: a flood of commands is slowed down with error 111 or closed with 3013", async (t) => {
  const client = await guest(t).connect();
  const flood = Array.from({ length: 700 }, (_, n) => ({ id: 2 + n, presence_stats: { channel: "chat:calm" } }));
  client.socket.send(line(...flood.slice(0, 350)));
  client.socket.send(line(...flood.slice(350)));
  const limited = until("a limit", () => client.lines.find(({ error }) => error?.code === 111));
  limited.catch(() => {});
  const verdict = await within("a verdict", Promise.race([limited.then(() => 111), client.closed]));
  assert.ok([111, 3013].includes(verdict), `the verdict was ${verdict}`);
});

// -- frames ------------------------------------------------------------------------------------------

const hello = line(connectCommand());
const frames = {
  "unmasked": [frame(hello, { masked: false }), [1002]],
  "with a reserved bit": [frame(hello, { reserved: 4 }), [1002]],
  "with a reserved opcode": [frame(hello, { opcode: 3 }), [1002]],
  "a continuation of nothing": [frame(hello, { opcode: 0 }), [1002]],
  "a new message inside a message": [Buffer.concat([frame("{", { fin: false }), frame(hello)]), [1002]],
  "a fragmented ping": [frame("x", { opcode: 9, fin: false }), [1002]],
  "a ping of 126 bytes": [frame("x".repeat(126), { opcode: 9 }), [1002]],
  "text that is not UTF-8": [frame(Buffer.from([0x22, 0xff, 0xfe, 0x22])), [1007]],
  "a length of 2^62": [frame("", { length: 2 ** 62 }), [1009, 1002]],
  "a close with one byte": [frame("x", { opcode: 8 }), [1002]],
  "a close with code 1005": [frame(Buffer.from([0x03, 0xed]), { opcode: 8 }), [1002]],
  "binary garbage": [frame(Buffer.from([0, 255, 1, 254, 10, 13]), { opcode: 2 }), [1003, 1007, 3501]],
};
for (const [what, [bytes, codes]] of Object.entries(frames)) {
  test(`frames: ${what}`, async (t) => {
    const socket = await wire(t).upgrade();
    socket.send(bytes);
    await within("the server closes", socket.closed);
    const code = socket.closeCode();
    assert.ok(codes.includes(code), `closed with ${code}`);
  });
}

test("frames: one byte at a time is still a session", async (t) => {
  const socket = await wire(t).upgrade();
  socket.socket.setNoDelay();
  for (const byte of frame(line(connectCommand("slowpoke")))) socket.send(Buffer.from([byte]));
  await until("the reply", () => socket.received.includes('"connect":{'));
});

test("frames: a message in a thousand fragments with pings in between is still a session", async (t) => {
  const socket = await wire(t).upgrade();
  const text = line({ ...connectCommand("patchwork"), padding: "x".repeat(850) });
  const parts = [...text].map((char, at) => frame(char, { opcode: at === 0 ? 1 : 0, fin: at === text.length - 1 }));
  socket.send(Buffer.concat(parts.flatMap((part, at) => (at > 0 && at % 100 === 0 ? [frame("p", { opcode: 9 }), part] : [part]))));
  await until("the reply", () => socket.received.includes('"connect":{'));
});

// -- HTTP --------------------------------------------------------------------------------------------

const requests = {
  "garbage": ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 no HTTP at all\r\n\r\n", /^(HTTP\/1\.1 400|$)/],
  "an upgrade without a key": ["GET /connection/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n", /^HTTP\/1\.1 4\d\d/],
  "an upgrade of an old version": ["GET /connection/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", /^HTTP\/1\.1 4\d\d/],
  "no upgrade where one is due": ["GET /connection/websocket HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", /^HTTP\/1\.1 426 .*upgrade: websocket/s],
  "a path that climbs": ["GET /../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", /^HTTP\/1\.1 4\d\d/],
  "an encoded path that climbs": ["GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", /^HTTP\/1\.1 4\d\d/],
  "a header past the limit": [`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"y".repeat(40_000)}\r\n\r\n`, /^(HTTP\/1\.1 4\d\d|$)/],
  "a body past the limit": [`POST /api/publish HTTP/1.1\r\nHost: x\r\nX-API-Key: test-api-key\r\nContent-Length: 99999999999\r\n\r\n`, /^(HTTP\/1\.1 4\d\d|$)/],
  "an unknown path": ["GET /nothing/here HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", /^HTTP\/1\.1 404/],
};
for (const [what, [text, answer]] of Object.entries(requests)) {
  test(`HTTP: ${what}`, async (t) => {
    const socket = wire(t);
    socket.send(Buffer.from(text, "latin1"));
    const ended = socket.closed.then(() => true);
    await within("an answer or the end", Promise.race([ended, until("an answer", () => socket.received.length > 0)]));
    assert.match(socket.received.toString("latin1"), answer);
    assert.ok(!socket.received.includes("root:"), "no file of the machine was given away");
  });
}

test("HTTP: a request that never ends is cut off", async (t) => {
  const socket = wire(t);
  socket.send("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  await within("the deadline", socket.closed);
});

// -- many --------------------------------------------------------------------------------------------

test("many: two hundred clients that vanish in the middle of things leave nothing behind", async () => {
  const connections = async () => (await api(node, "info")).nodes[0].num_clients;
  const before = await connections();
  await Promise.all(
    Array.from({ length: 200 }, async (_, n) => {
      const socket = new RawSocket(node.port);
      await socket.upgrade();
      const text = frame(line(connectCommand(`ghost${n}`), { id: 2, subscribe: { channel: "chat:ghosts" } }));
      socket.send(n % 2 ? text : text.subarray(0, text.length - (n % 40)));
      if (n % 2) await until("a reply", () => socket.received.length > 0);
      socket.destroy();
    }),
  );
  await until("all are forgotten", async () => (await connections()) === before);
  assert.equal((await api(node, "presence_stats", { channel: "chat:ghosts" })).num_clients, 0);
});

test("the node is alive and has nothing to complain about", () => {
  assert.ok(node.alive);
  assert.doesNotMatch(node.errors, /sanitizer|assert|terminate|exception/i);
});
