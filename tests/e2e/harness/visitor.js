// visitor: the published SDK with a diary, and with a network cable that can be pulled.
import { Centrifuge } from "centrifuge";
import WebSocket from "ws";
import { token } from "./token.js";
import { until, within } from "./until.js";

const nowhere = "ws://127.0.0.1:1/";

// One message per task, as in a browser. Without it `ws` hands over several in one go, and the SDK,
// which chains its work on promises, then takes a live publication before the recovered ones.
const likeBrowsers = { allowSynchronousEvents: false };

export class Visitor {
  /** What happened, oldest first: `[event, context]`. */
  diary = [];
  #socket = null;
  #unplugged = false;

  /**
   * `node.endpoint` is read at each attempt to connect, so it may lead elsewhere each time. Options
   * go to the SDK; without `token` or `getToken` in them, `user` gets a token.
   */
  constructor(node, { user = "ada", claims = {}, ...options } = {}) {
    const visitor = this;
    const identity =
      "token" in options || options.getToken ? {} : { token: token({ sub: user, ...claims }) };
    this.client = new Centrifuge(node.endpoint, {
      minReconnectDelay: 50,
      maxReconnectDelay: 200,
      ...identity,
      ...options,
      websocket: class extends WebSocket {
        constructor() {
          super(visitor.#unplugged ? nowhere : node.endpoint, likeBrowsers);
          visitor.#socket = this;
        }
      },
    });
    this.#record(this.client, clientEvents, this.diary);
  }

  /** A subscription with its own diary; does not subscribe yet. */
  room(channel, options) {
    const sub = this.client.newSubscription(channel, options);
    sub.diary = [];
    this.#record(sub, roomEvents, sub.diary);
    return sub;
  }

  async connect() {
    this.client.connect();
    await within("the client connects", this.client.ready());
    return this;
  }

  /** A subscription that is in place. */
  async enter(channel, options) {
    const sub = this.room(channel, options);
    sub.subscribe();
    await within(`the client subscribes to ${channel}`, sub.ready());
    return sub;
  }

  /** Destroys the TCP connection without a word and lets no new one through. */
  pull() {
    this.#unplugged = true;
    this.#socket.terminate();
  }

  plug() {
    this.#unplugged = false;
  }

  /** The first entry of the diary with this name, once it is there. */
  saw(event, matching = () => true) {
    return saw(this, event, matching);
  }

  leave() {
    this.client.disconnect();
  }

  #record(emitter, events, diary) {
    for (const event of events) emitter.on(event, (context) => diary.push([event, context]));
  }
}

const clientEvents = [
  "connecting", "connected", "disconnected", "message", "error",
  "subscribed", "subscribing", "unsubscribed", "publication", "join", "leave",
];
const roomEvents = ["subscribing", "subscribed", "unsubscribed", "publication", "join", "leave", "error"];

export async function saw(owner, event, matching = () => true) {
  const entry = await until(`${event} was seen`, () =>
    owner.diary.find(([name, context]) => name === event && matching(context)),
  );
  return entry[1];
}

export const all = (owner, event) =>
  owner.diary.filter(([name]) => name === event).map(([, context]) => context);

/** The data of all publications that a subscription received, in order. */
export const heard = (sub) => all(sub, "publication").map(({ data }) => data);
