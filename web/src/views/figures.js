// figures: what the node says of itself, asked once a second while somebody looks.
import { byId } from "./dom.js";

const everyMs = 1000;
const samples = 60;
const [width, height] = [240, 48];

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

function latency(ms) {
  if (ms < 1) return `${(ms * 1000).toFixed(0)} µs`;
  return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

const spans = [
  ["d", 86400],
  ["h", 3600],
  ["min", 60],
];

function duration(seconds) {
  const [unit, size] = spans.find(([, size]) => seconds >= size) ?? ["s", 1];
  return `${Math.floor(seconds / size)} ${unit}`;
}

export class Figures {
  #rates = [];
  #nodes;

  constructor(nodes) {
    this.#nodes = nodes;
  }

  start() {
    const tick = async () => {
      if (!document.hidden) await this.#ask();
      setTimeout(tick, everyMs);
    };
    tick();
  }

  /** The round trip of one's own last message. */
  showTrip(ms) {
    byId("fig-trip").textContent = latency(ms);
  }

  async #ask() {
    try {
      const answer = await fetch(this.#nodes.url("stats"), { cache: "no-store" });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      this.#show(await answer.json());
    } catch {
      byId("node-note").textContent = "the node does not answer";
    }
  }

  #show({ connections, deliveries_per_s, latency_p99_ms, uptime_s }) {
    byId("fig-connections").textContent = whole.format(connections);
    byId("fig-deliveries").textContent = whole.format(deliveries_per_s);
    // 0 says that nothing was delivered lately: what was true before stays on show.
    if (latency_p99_ms > 0) byId("fig-p99").textContent = latency(latency_p99_ms);
    byId("node-note").textContent = `up for ${duration(uptime_s)}`;
    this.#rates = [...this.#rates, deliveries_per_s].slice(-samples);
    this.#draw();
  }

  #draw() {
    const peak = Math.max(1, ...this.#rates);
    const points = this.#rates.map((rate, index) => {
      const x = width - (this.#rates.length - 1 - index) * (width / (samples - 1));
      return `${x.toFixed(1)} ${(height - 3 - (rate / peak) * (height - 8)).toFixed(1)}`;
    });
    const line = `M${points.join("L")}`;
    const first = points[0].split(" ")[0];
    byId("spark-line").setAttribute("d", line);
    byId("spark-area").setAttribute("d", `${line}V${height}H${first}Z`);
  }
}
