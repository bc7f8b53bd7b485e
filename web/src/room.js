// room: one visit to one room with the published Centrifuge SDK.
//
// Turns the SDK's callbacks into the few facts that the page shows, given as `on.<fact>`:
//   line({state, reason})                        connecting, catching (up), connected, refused
//   message({offset, info, data, live})          once each, in any order
//   people(roster)                               whenever somebody comes or goes
//   recovered({count, missing, duplicates, ms})  after a drop that the room's history could mend
//   reloaded()                                   after one that it could not
import { Centrifuge } from "centrifuge";
import { Ledger } from "./ledger.js";
import { Roster } from "./roster.js";

const namespace = "chat";
const historyLimit = 100;

export class Room {
  #client;
  #sub;
  #ledger = new Ledger();
  #roster = new Roster();
  #on;
  #droppedAt = null;

  constructor({ name, person, device, nodes, network, on }) {
    this.#on = on;
    this.#client = new Centrifuge(nodes.endpoint, {
      websocket: network.Socket,
      networkEventTarget: network,
      data: {
        user: person.user,
        info: { name: person.name, device: device.id, kind: device.kind },
      },
      name: "argosy-page",
      minReconnectDelay: 250,
      maxReconnectDelay: 4000,
    });
    this.#sub = this.#client.newSubscription(`${namespace}:${name}`, {
      recoverable: true,
      positioned: true,
      joinLeave: true,
    });
    this.#watchLine();
    this.#watchRoom();
  }

  enter() {
    this.#sub.subscribe();
    this.#client.connect();
  }

  leave() {
    this.#client.disconnect();
  }

  /** Resolves when the server has the message; it is shown when it comes back as a publication. */
  async say(data) {
    await this.#sub.publish(data);
  }

  #watchLine() {
    this.#client
      .on("connecting", ({ code, reason }) => {
        if (code !== 0) this.#droppedAt ??= performance.now();
        this.#on.line({ state: "connecting", reason: code === 0 ? "" : reason });
      })
      .on("connected", () => {
        this.#on.line({ state: this.#droppedAt === null ? "connecting" : "catching" });
      })
      .on("disconnected", ({ code, reason }) => {
        if (code !== 0) this.#on.line({ state: "refused", reason: `${reason} (${code})` });
      });
  }

  #watchRoom() {
    this.#sub
      .on("subscribed", (context) => this.#entered(context))
      .on("publication", ({ offset, info, data }) => this.#heard({ offset, info, data, live: true }))
      .on("join", ({ info }) => this.#seenPeople(() => this.#roster.join(info)))
      .on("leave", ({ info }) => this.#seenPeople(() => this.#roster.leave(info)))
      .on("unsubscribed", ({ code, reason }) => {
        if (code !== 0) this.#on.line({ state: "refused", reason: `${reason} (${code})` });
      });
  }

  #seenPeople(change) {
    change();
    this.#on.people(this.#roster);
  }

  // The SDK delivers recovered publications right after this call, so the books are closed one turn
  // later.
  #entered({ recovered, wasRecovering, streamPosition }) {
    const dropped = this.#droppedAt;
    this.#droppedAt = null;
    if (recovered) {
      const before = this.#ledger.totals();
      setTimeout(() => this.#balance(streamPosition.offset, before, dropped));
    } else {
      if (streamPosition) this.#ledger.start(streamPosition);
      this.#on.line({ state: "connected" });
      if (wasRecovering) this.#on.reloaded();
      this.#loadHistory();
    }
    this.#loadPeople();
  }

  #balance(offset, before, dropped) {
    const { seen, duplicates } = this.#ledger.totals();
    this.#on.recovered({
      count: seen - before.seen,
      missing: this.#ledger.settle(offset),
      duplicates: duplicates - before.duplicates,
      ms: dropped === null ? 0 : performance.now() - dropped,
    });
  }

  #heard({ offset, info, data, live }) {
    if (live && offset !== undefined && !this.#ledger.note(offset)) return;
    this.#on.message({ offset, info, data, live });
  }

  async #loadHistory() {
    try {
      const { publications } = await this.#sub.history({ limit: historyLimit, reverse: true });
      for (const publication of publications.reverse()) this.#heard({ ...publication, live: false });
    } catch (error) {
      complain(error);
    }
  }

  async #loadPeople() {
    try {
      const { clients } = await this.#sub.presence();
      this.#seenPeople(() => this.#roster.reset(Object.values(clients)));
    } catch (error) {
      complain(error);
    }
  }
}

// A connection that drops meanwhile asks again by itself, and a room without history or presence is a
// room all the same.
function complain(error) {
  console.info("argosy:", error.message ?? error);
}
