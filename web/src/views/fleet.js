// fleet: the live chart of the nodes: who owns the room, who carries it, who is gone.
import { Fleet, places } from "../fleet.js";
import { byId, make } from "./dom.js";

const everyMs = 1000;
const size = [280, 168];
const margin = [46, 34];
const svgNamespace = "http://www.w3.org/2000/svg";

function draw(tag, attributes, ...children) {
  const element = document.createElementNS(svgNamespace, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

const radius = ({ connections }) => 11 + Math.min(9, Math.sqrt(connections));

function caption(node) {
  if (node.state !== "up") return node.state;
  return plural(node.connections, "connection");
}

function ship(node, [x, y]) {
  const r = radius(node);
  const classes = ["ship", node.state, node.owner ? "owner" : "", node.here ? "here" : ""];
  const parts = [draw("circle", { r })];
  if (node.owner) parts.unshift(draw("circle", { r: r + 5, class: "ring" }));
  parts.push(draw("text", { class: "ship-name", dy: "0.35em" }, node.name.slice(0, 3)));
  parts.push(draw("text", { class: "ship-caption", y: r + 17 }, caption(node)));
  parts.push(draw("title", {}, [
    `node ${node.name}`, node.state, node.here ? "you are here" : "", node.owner ? "owns this room" : "",
    plural(node.connections, "connection"), `${node.shards} of 4096 shards`,
  ].filter(Boolean).join(", ")));
  return draw("g", { class: classes.filter(Boolean).join(" "), transform: `translate(${x} ${y})`, "data-node": node.name }, ...parts);
}

export class FleetChart {
  #fleet = new Fleet();
  #nodes;
  #room = () => "";
  #note = () => {};

  /** `room()` gives the channel that is looked at; `note(text)` takes what changed. */
  constructor({ nodes, room, note }) {
    this.#nodes = nodes;
    this.#room = room;
    this.#note = note;
  }

  start() {
    const tick = async () => {
      if (!document.hidden) await this.#ask();
      setTimeout(tick, everyMs);
    };
    tick();
  }

  async #ask() {
    try {
      const answer = await fetch(this.#nodes.url(`map?room=${encodeURIComponent(this.#room())}`), { cache: "no-store" });
      if (answer.ok) this.#show(await answer.json());
    } catch {
      // The panel of this node's figures says that it does not answer.
    }
  }

  #show(map) {
    for (const text of this.#fleet.update(map, performance.now())) this.#note(text);
    const nodes = this.#fleet.chart(map);
    byId("fleet").hidden = nodes.length < 2;
    const at = places(nodes.length, size, margin);
    const owner = nodes.findIndex((node) => node.owner);
    const ways = nodes.flatMap((node, i) => {
      if (owner < 0 || i === owner || !node.interested) return [];
      const [[x1, y1], [x2, y2]] = [at[owner], at[i]];
      return [draw("line", { class: "way", x1, y1, x2, y2 })];
    });
    byId("fleet-chart").replaceChildren(...ways, ...nodes.map((node, i) => ship(node, at[i])));
    byId("fleet-note").replaceChildren(...this.#sentence(nodes, map));
  }

  #sentence(nodes, map) {
    const up = nodes.filter((node) => node.state === "up").length;
    const of = nodes.length === up ? plural(up, "node") : `${up} of ${plural(nodes.length, "node")} up`;
    const owner = map.room?.owner;
    return [`${of}, you are on ${map.self}`, ...(owner ? [". The room lives on ", make("strong", "", owner), "."] : ["."])];
  }
}
