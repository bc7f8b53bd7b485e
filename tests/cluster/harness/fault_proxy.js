// fault_proxy: a TCP proxy whose line can be bad: cut silently, reset, slow or narrow.
//
// Picture the telephone exchange of a film: calls go through untouched until the operator pulls a
// plug, and she alone decides whether the callers hear a click (reset) or nothing at all (black
// hole). A line's `weather` is asked for at each chunk, so it changes under connections that stand.
import { once } from "node:events";
import net from "node:net";

/** What a line does: nothing bad, unless said otherwise. */
export const fair = { hole: false, refuse: false, latencyMs: 0, bytesPerSecond: Infinity };

export class FaultProxy {
  #server;
  #lines = new Set();
  #closed = false;

  /**
   * `target` is the port behind. `weather(caller)` says what the line of a caller does; `caller` is
   * what `identify(socket)` made of it when it called. Who cannot be identified is not put through.
   */
  constructor(target, { weather = () => fair, identify = () => "anybody" } = {}) {
    this.target = target;
    this.weather = weather;
    this.identify = identify;
    this.#server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => this.#called(socket));
  }

  get port() {
    return this.#server.address().port;
  }

  async listen(port = 0) {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  /** Something has changed: lines whose weather refuses are reset, those in a hole go on waiting. */
  update() {
    for (const line of this.#lines) line.update();
  }

  close() {
    this.#closed = true;
    this.#server.close();
    for (const line of this.#lines) line.end();
  }

  async #called(socket) {
    socket.on("error", () => {});
    const caller = await this.identify(socket);
    if (caller === undefined || this.#closed) return socket.destroy();
    const line = new Line(socket, this.target, () => this.weather(caller), () => this.#lines.delete(line));
    this.#lines.add(line);
    line.update();
  }
}

/** One connection through the proxy: two sockets, and a pipe each way. */
class Line {
  #front;
  #back = null;
  #pipes = [];
  #broken = false; // an end has hung up
  #over;

  constructor(front, target, weather, over) {
    this.#front = front;
    this.target = target;
    this.weather = weather;
    this.#over = over;
    front.on("close", () => this.#hungUp());
  }

  update() {
    const { refuse, hole } = this.weather();
    if (refuse || (this.#broken && !hole)) return this.reset();
    if (!hole && !this.#back) this.#connect();
    for (const pipe of this.#pipes) pipe.pump();
  }

  /** Both ends hear it at once. */
  reset() {
    this.#over();
    for (const socket of [this.#front, this.#back]) if (socket) breakOff(socket);
    for (const pipe of this.#pipes) pipe.stop();
  }

  /** Both ends close, in whatever state they are. */
  end() {
    this.#over();
    for (const pipe of this.#pipes) pipe.stop();
    this.#front.destroy();
    this.#back?.destroy();
  }

  /** The other end hears of it, too, unless the line lies in a hole: then only when that ends. */
  #hungUp() {
    this.#broken = true;
    this.update();
  }

  #connect() {
    const [front, back] = [this.#front, net.connect({ port: this.target, host: "127.0.0.1", allowHalfOpen: true })];
    this.#back = back;
    back.on("error", () => {});
    back.on("close", () => this.#hungUp());
    back.once("connect", () => {
      this.#pipes = [new Pipe(front, back, this.weather), new Pipe(back, front, this.weather)];
    });
  }
}

// Only a socket at rest is reset: while it is being shut down Node.js (20) would neither reset nor
// close it, and spin.
function breakOff(socket) {
  const atRest = !socket.connecting && !socket.writableEnded && !socket.readableEnded && socket.writableLength === 0;
  if (atRest && !socket.destroyed) socket.resetAndDestroy();
  else socket.destroy();
}

/** One direction: reads a chunk, holds it as long as the weather wants, hands it on, reads again. */
class Pipe {
  #waiting = []; // [the instant at which it is due, bytes]
  #bytes = 0;
  #freeAt = 0; // when the narrow line has carried what it was given
  #ended = false;
  #timer = null;

  constructor(from, to, weather) {
    this.from = from;
    this.to = to;
    this.weather = weather;
    from.on("data", (bytes) => this.#take(bytes));
    from.on("end", () => this.#finish());
    to.on("drain", () => this.pump());
    from.resume();
  }

  #take(bytes) {
    const { latencyMs, bytesPerSecond } = this.weather();
    const now = performance.now();
    this.#freeAt = Math.max(this.#freeAt, now) + (bytes.length * 1000) / bytesPerSecond;
    this.#waiting.push([this.#freeAt + latencyMs, bytes]);
    this.#bytes += bytes.length;
    if (this.#bytes > bufferBytesMax) this.from.pause();
    this.pump();
  }

  #finish() {
    this.#ended = true;
    this.pump();
  }

  stop() {
    clearTimeout(this.#timer);
  }

  pump() {
    this.stop();
    const { hole } = this.weather();
    if (hole) return this.from.pause(); // the sender's kernel fills up, as behind a cut cable
    while (this.#waiting.length && !this.to.writableNeedDrain) {
      const [due, bytes] = this.#waiting[0];
      const ms = due - performance.now();
      if (ms > 0) {
        this.#timer = setTimeout(() => this.pump(), ms);
        break;
      }
      this.#waiting.shift();
      this.#bytes -= bytes.length;
      this.to.write(bytes);
    }
    if (this.#bytes <= bufferBytesMax && this.from.isPaused()) this.from.resume();
    if (this.#ended && !this.#waiting.length) this.to.end();
  }
}

// As much as a socket of the kernel would hold.
const bufferBytesMax = 128 * 1024;
