// raw: clients that do not behave, from a WebSocket that says what it likes down to bytes on a TCP
// connection (RFC 6455).
import { once } from "node:events";
import net from "node:net";
import WebSocket from "ws";
import { token } from "./token.js";
import { until, within } from "./until.js";

export const line = (...commands) => commands.map((command) => JSON.stringify(command)).join("\n");

export const connectCommand = (user = "mallory") => ({ id: 1, connect: { token: token({ sub: user }) } });

/** A WebSocket without an SDK on top: `lines` collects what it got, `closed` resolves to its code. */
export class RawClient {
  lines = [];

  constructor(endpoint, options = {}) {
    this.socket = new WebSocket(endpoint, { perMessageDeflate: false, ...options });
    this.socket.on("message", (text) => {
      for (const part of text.toString().split("\n")) this.lines.push(JSON.parse(part));
    });
    this.socket.on("error", () => {});
    this.closed = once(this.socket, "close").then(([code]) => code);
  }

  async open() {
    await within("the socket opens", once(this.socket, "open"));
    return this;
  }

  /** Opens the session too. */
  async connect(user) {
    await this.open();
    this.socket.send(line(connectCommand(user)));
    await this.reply(1);
    return this;
  }

  reply(id) {
    return until(`reply ${id}`, () => this.lines.find((reply) => reply.id === id));
  }

  /** The close code, or the error of the last reply if the connection stays open. */
  async verdict(id) {
    const answered = this.reply(id).then(({ error }) => `error ${error?.code ?? "none"}`);
    answered.catch(() => {});
    return within("a verdict", Promise.race([this.closed, answered]));
  }

  destroy() {
    this.socket.terminate();
  }
}

/** How a node answers to a WebSocket that wants in. */
export const knock = (node) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(node.endpoint);
    const answered = (answer) => {
      resolve(answer);
      socket.terminate();
    };
    socket.once("upgrade", answered);
    socket.once("unexpected-response", (_, answer) => answered(answer));
    socket.on("error", reject);
  });

const handshake = (path) =>
  [
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "",
    "",
  ].join("\r\n");

/** A masked frame, or one with something wrong in it. */
export function frame(payload, { opcode = 1, fin = true, masked = true, reserved = 0, length } = {}) {
  const body = Buffer.from(payload);
  const size = length ?? body.length;
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = masked ? 0x80 : 0;
  const head = Buffer.alloc(size < 126 ? 2 : size < 65536 ? 4 : 10);
  head[0] = first;
  if (size < 126) {
    head[1] = mask | size;
  } else if (size < 65536) {
    head[1] = mask | 126;
    head.writeUInt16BE(size, 2);
  } else {
    head[1] = mask | 127;
    head.writeBigUInt64BE(BigInt(size), 2);
  }
  if (!masked) return Buffer.concat([head, body]);
  const key = Buffer.from([1, 2, 3, 4]);
  return Buffer.concat([head, key, body.map((byte, at) => byte ^ key[at % 4])]);
}

/** A bare TCP connection. */
export class RawSocket {
  received = Buffer.alloc(0);

  constructor(port) {
    this.socket = net.connect(port, "127.0.0.1");
    this.socket.on("error", () => {});
    this.socket.on("data", (bytes) => (this.received = Buffer.concat([this.received, bytes])));
    this.closed = once(this.socket, "close");
  }

  send(bytes) {
    this.socket.write(bytes);
  }

  /** Upgrades, and forgets the answer's header. */
  async upgrade(path = "/connection/websocket") {
    this.send(handshake(path));
    const end = await until("the upgrade", () => {
      const at = this.received.indexOf("\r\n\r\n");
      return at < 0 ? null : at + 4;
    });
    if (!this.received.includes("101")) throw new Error(`no upgrade: ${this.received}`);
    this.received = this.received.subarray(end);
    return this;
  }

  /** The code of the close frame among small frames received, or null. */
  closeCode() {
    for (let at = 0; at + 2 <= this.received.length; ) {
      const opcode = this.received[at] & 15;
      let [size, head] = [this.received[at + 1] & 127, 2];
      if (size === 126) [size, head] = [this.received.readUInt16BE(at + 2), 4];
      else if (size === 127) [size, head] = [Number(this.received.readBigUInt64BE(at + 2)), 10];
      if (opcode === 8) return size < 2 ? 1005 : this.received.readUInt16BE(at + head);
      at += head + size;
    }
    return null;
  }

  destroy() {
    this.socket.destroy();
  }
}
