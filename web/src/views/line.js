// line: the state of one's own connection, in words, and what happened on it lately.
import { byId, make } from "./dom.js";

const logLength = 6;
const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

const texts = {
  idle: ["not connected", "Not connected yet."],
  connecting: ["connecting", "Looking for the node."],
  connected: ["connected", "One WebSocket to this node. Cut it and see what you miss: nothing."],
  cut: ["network cut", "The socket is gone. The room goes on without you."],
  catching: ["catching up", "Back. Asking for what was missed."],
  recovered: ["recovered", ""],
  refused: ["refused", ""],
};

export class Line {
  #state = "idle";

  get state() {
    return this.#state;
  }

  /** `detail` replaces the standing sentence of the state. */
  show(state, detail) {
    const [word, sentence] = texts[state];
    this.#state = state;
    document.body.dataset.line = state;
    byId("state-text").textContent = word;
    byId("line-text").textContent = detail || sentence;
    byId("cut").disabled = state !== "connected" && state !== "recovered";
  }

  showRecovered(text, { count, missing, ms }) {
    this.show("recovered", text);
    byId("state-text").textContent = `${count} recovered, ${missing} lost`;
    this.note(`Back after ${(ms / 1000).toFixed(1)} s: ${count} recovered, ${missing} lost`);
  }

  /** How much of the cut is over, 0 to 1. */
  progress(share) {
    byId("line-fill").style.setProperty("transform", `scaleX(${share})`);
  }

  note(text) {
    const now = new Date();
    const time = make("time", "", clock.format(now));
    time.dateTime = now.toISOString();
    const log = byId("log");
    log.prepend(make("li", "", time, " ", text));
    while (log.children.length > logLength) log.lastElementChild.remove();
  }
}
