// crowd: people on all nodes who talk in one room and listen to it, while something goes wrong; in
// the end, what the room promised is held against what they saw.
//
// Speakers are backends: each says numbered words through the server API, one after the other, and
// repeats a word with its idempotency key, through another node, until somebody acknowledges it.
// Listeners are published SDKs that come back by themselves, to any node that lives.
import assert from "node:assert/strict";
import { api, call } from "../../e2e/harness/api.js";
import { until, within } from "../../e2e/harness/until.js";
import { Visitor, saw } from "../../e2e/harness/visitor.js";

const answerMs = 12_000; // for one call; twice what a node may take to say that it cannot
const wordMs = 25_000; // for one word with all its repetitions
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** An endpoint that leads to `home` while that runs, and to the others in turn while it does not. */
export function roaming(fleet, home) {
  let turn = 0;
  let last = null;
  return {
    get endpoint() {
      const node = fleet.nodes[home] ?? Object.values(fleet.nodes)[turn++ % Object.keys(fleet.nodes).length];
      last = node?.endpoint ?? last;
      return last ?? "ws://127.0.0.1:1/";
    },
  };
}

export class Crowd {
  /** `{word, at, acked, offset, epoch, attempts}`: all that was acknowledged, in that order. */
  acks = [];
  /** Refusals by text, and how often each was heard. */
  refusals = new Map();
  listeners = [];
  #talking = true;
  #speakers = [];

  /** `reach`: the nodes that a word which was not taken is repeated through; all, unless said. */
  constructor(fleet, channel, reach = null) {
    Object.assign(this, { fleet, channel, reach });
  }

  static async gather(t, fleet, channel, { speakers = fleet.voters, listeners = fleet.voters, reach = null } = {}) {
    const crowd = new Crowd(fleet, channel, reach);
    t.after(() => crowd.leave());
    for (const home of listeners) await crowd.listen(home);
    for (const home of speakers) crowd.speak(home);
    await crowd.hears("the crowd is heard", 5);
    return crowd;
  }

  async listen(home) {
    const guest = new Visitor(roaming(this.fleet, home), { user: `listener-${home}` });
    const listener = { home, guest, sub: guest.room(this.channel) };
    this.listeners.push(listener);
    await guest.connect();
    listener.sub.subscribe();
    await saw(listener.sub, "subscribed");
  }

  speak(home) {
    this.#speakers.push(this.#talk(home));
    this.#speakers.at(-1).catch(() => {}); // hush() hears of it
  }

  async #talk(home) {
    for (let n = 1; this.#talking; ++n) {
      await this.#say(home, `${home}#${n}`);
      await pause(10);
    }
  }

  async #say(home, word) {
    const began = performance.now();
    const body = { channel: this.channel, data: word, idempotency_key: word };
    for (let attempts = 1; ; ++attempts) {
      const node = (attempts === 1 && this.fleet.nodes[home]) || this.#anybody(attempts);
      const answer = node && (await this.#ask(node, body));
      if (answer?.result) {
        this.acks.push({ word, home, at: began, acked: performance.now(), attempts, ...answer.result });
        return;
      }
      if (performance.now() - began > wordMs) throw new Error(`nobody takes ${word}: ${[...this.refusals.keys()]}`);
      await pause(25);
    }
  }

  #anybody(turn) {
    const nodes = this.reach ? this.reach.map((name) => this.fleet.nodes[name]) : Object.values(this.fleet.nodes);
    return nodes[turn % nodes.length];
  }

  /** An answer of any kind; a node that is gone answers by its absence, one that hangs does not. */
  async #ask(node, body) {
    try {
      const answer = await within(`an answer of node ${node.pid} to a publish`, call(node, "publish", body), answerMs);
      if (answer.error) this.#refused(`${answer.error.code}: ${answer.error.message}`);
      return answer;
    } catch (error) {
      if (!["ECONNREFUSED", "ECONNRESET", "EPIPE"].includes(error.code)) throw error;
      this.#refused(error.code);
      return null;
    }
  }

  /** How many refusals were heard in all. */
  get refused() {
    return [...this.refusals.values()].reduce((sum, count) => sum + count, 0);
  }

  #refused(why) {
    this.refusals.set(why, (this.refusals.get(why) ?? 0) + 1);
  }

  // -- waiting ------------------------------------------------------------------------------------

  /** Waits until every listener has received some more. */
  async hears(what, more = 1, listeners = this.listeners) {
    const count = ({ sub }) => sub.diary.filter(([event]) => event === "publication").length;
    const before = listeners.map(count);
    await until(what, () => listeners.every((listener, at) => count(listener) >= before[at] + more), wordMs);
  }

  /** Milliseconds from `instant` to the first acknowledgement of a word that began after it. */
  firstAckAfter(instant, where = () => true) {
    const ack = this.acks.find((ack) => ack.at >= instant && where(ack));
    return ack && ack.acked - instant;
  }

  async acknowledged(instant, where) {
    return until("a word is acknowledged", () => this.firstAckAfter(instant, where), wordMs);
  }

  /** All speakers finish their word. */
  async hush() {
    this.#talking = false;
    await Promise.all(this.#speakers);
  }

  leave() {
    this.#talking = false;
    for (const { guest } of this.listeners) guest.leave();
  }

  // -- what was promised --------------------------------------------------------------------------

  /**
   * Ends the talk and checks what always holds: nobody skipped or got anything twice in silence, all
   * listeners catch up, and what was acknowledged under the epoch that still stands is in the
   * history, once and at its place. Returns figures.
   */
  async settle() {
    await this.hush();
    const top = await this.#history();
    const books = this.listeners.map((listener) => () => read(listener));
    await until("all listeners stand where the room stands", () =>
      books.every((book) => book().epoch === top.epoch && book().offset === top.offset),
    ).catch((error) => {
      throw new Error(`${error.message}: the room at ${top.epoch}:${top.offset}, ${this.#places()}`);
    });
    const places = new Map(top.publications.map(({ offset, data }) => [offset, data]));
    const oldest = Math.min(...places.keys());
    for (const { word, epoch, offset } of this.acks) {
      if (epoch === top.epoch && offset >= oldest) assert.equal(places.get(offset), word, `what stands at ${offset}`);
    }
    assert.equal(new Set(places.values()).size, places.size, "a word is remembered twice");
    for (const home of new Set(this.acks.map((ack) => ack.home))) this.#inOrder(home);
    const heard = new Set(books.flatMap((book) => [...book().words]));
    return {
      acked: this.acks.length,
      lost: this.acks.filter(({ word, epoch }) => epoch !== top.epoch && !heard.has(word)).length,
      epochs: new Set(this.acks.map(({ epoch }) => epoch)).size,
      gaps: books.reduce((sum, book) => sum + book().gaps, 0),
      repeated: this.acks.filter(({ attempts }) => attempts > 1).length,
      refusals: Object.fromEntries(this.refusals),
    };
  }

  /** What one speaker said one after the other entered the room in that order. */
  #inOrder(home) {
    const last = new Map(); // by epoch
    for (const { word, epoch, offset } of this.acks.filter((ack) => ack.home === home)) {
      assert.ok(offset > (last.get(epoch) ?? 0), `${word} entered epoch ${epoch} before what was said before it`);
      last.set(epoch, offset);
    }
  }

  /** Read through a node that is in the fleet; one that is fenced tells what it remembers. */
  async #history() {
    let turn = 0;
    return until("a node tells the history", async () => {
      const names = Object.keys(this.fleet.nodes);
      const name = names[turn++ % names.length];
      if (await this.fleet.fenced(name)) return null;
      const node = this.fleet.nodes[name];
      const { status, error } = await call(node, "history", { channel: this.channel, limit: 0 });
      return status === 200 && !error ? wholeHistory(node, this.channel) : null;
    });
  }

  #places() {
    return this.listeners.map((listener) => (({ epoch, offset }) => `${listener.home} at ${epoch}:${offset}`)(read(listener))).join(", ");
  }
}

/** All that the room remembers; one answer holds a part of it. */
async function wholeHistory(node, channel) {
  const top = await api(node, "history", { channel, limit: 0 });
  const publications = [];
  for (let offset = 0; offset < top.offset; offset = publications.at(-1).offset) {
    const part = await api(node, "history", { channel, limit: 100, since: { offset, epoch: top.epoch } });
    if (!part.publications?.length) break;
    publications.push(...part.publications);
  }
  return { ...top, publications };
}

/** Goes through a listener's diary, and fails at the first place where something was silent. */
function read({ home, sub }) {
  const book = { epoch: null, offset: 0, gaps: 0, words: new Set() };
  for (const [event, context] of sub.diary) {
    if (event === "subscribed") {
      const { epoch, offset } = context.streamPosition;
      if (context.recovered) {
        book.epoch = epoch; // it goes on from the one before: what was missed follows
      } else {
        if (book.epoch) ++book.gaps;
        Object.assign(book, { epoch, offset });
      }
    } else if (event === "publication") {
      assert.equal(context.offset, book.offset + 1, `listener ${home} in epoch ${book.epoch}, ${context.data}`);
      book.offset = context.offset;
      book.words.add(context.data);
    }
  }
  return book;
}
