// network: the WebSocket of this page behind a switch that can be thrown.
//
// A browser offers no way to pull its own cable, so this does what a pulled cable does to a client:
// the live socket dies at once, with no close frame read (code 1006), and every new attempt fails
// until the network is back. It also leads each attempt to the node whose turn it is. The SDK on top
// is the published one and knows nothing of either.

// The node goes away; it says so.
const leaving = new Set([1001, 3001]);

const abnormal = { code: 1006, reason: "", wasClean: false };

class SeverableSocket {
  #socket = null;

  constructor(network, nodes) {
    this.onopen = this.onmessage = this.onerror = this.onclose = null;
    if (network.down) {
      queueMicrotask(() => this.#fail());
      return;
    }
    const origin = nodes.current;
    this.#socket = new WebSocket(nodes.endpoint);
    this.#socket.onopen = (event) => this.onopen?.(event);
    this.#socket.onmessage = (event) => this.onmessage?.(event);
    this.#socket.onerror = (event) => this.onerror?.(event);
    this.#socket.onclose = (event) => {
      if (!event.wasClean || leaving.has(event.code)) nodes.failed(origin);
      this.onclose?.(event);
    };
  }

  get readyState() {
    return this.#socket?.readyState ?? WebSocket.CLOSED;
  }

  send(data) {
    this.#socket?.send(data);
  }

  close() {
    this.#socket?.close();
  }

  sever() {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = null;
    socket.onopen = socket.onmessage = socket.onerror = socket.onclose = null;
    socket.close();
    this.#fail();
  }

  #fail() {
    this.onerror?.(new Event("error"));
    this.onclose?.(abnormal);
  }
}

/** Also the SDK's event target for `online`, so that it comes back as soon as the cut is mended. */
export class Network extends EventTarget {
  down = false;
  #live = null;

  /** `nodes` says where the next attempt goes. */
  constructor(nodes) {
    super();
    const network = this;
    /** The WebSocket constructor to hand to the SDK. */
    this.Socket = class extends SeverableSocket {
      constructor() {
        super(network, nodes);
        network.#live = this;
      }
    };
    for (const name of ["online", "offline"]) {
      addEventListener(name, () => this.down || this.dispatchEvent(new Event(name)));
    }
  }

  cut() {
    this.down = true;
    this.#live?.sever();
  }

  mend() {
    this.down = false;
    this.dispatchEvent(new Event("online"));
  }
}
