// fleet: what the page knows of the nodes, from one look at /map to the next.
//
// A node that is gone from the map stays on the chart for a while, as a wreck, so that one sees what
// happened; what changed between two looks comes out as sentences for the log.

const wreckMs = 20_000;

export class Fleet {
  #nodes = new Map();
  #owner = "";
  #self = "";

  /** Takes a map as the node answers it; `now` in ms. Gives the sentences of what changed. */
  update(map, now) {
    const news = [];
    const first = this.#nodes.size === 0;
    const present = new Map(map.nodes.map((node) => [node.name, node]));
    for (const [name, node] of present) {
      const known = this.#nodes.get(name);
      if (!first && !node.silent && (!known || known.gone)) news.push(`Node ${name} is ${known ? "back" : "new"}`);
      const seen = node.silent ? { ...known?.node, ...node } : node;
      this.#nodes.set(name, { node: seen, gone: false, at: now });
    }
    for (const [name, known] of this.#nodes) {
      if (present.has(name)) continue;
      if (!known.gone) {
        news.push(`Node ${name} is gone`);
        this.#nodes.set(name, { ...known, gone: true, at: now });
      } else if (now - known.at > wreckMs) {
        this.#nodes.delete(name);
      }
    }
    if (this.#self && map.self !== this.#self) news.push(`You are on node ${map.self} now`);
    this.#self = map.self;
    const owner = map.room?.owner ?? "";
    if (this.#owner && owner && owner !== this.#owner) news.push(`The room moved to node ${owner}`);
    if (owner) this.#owner = owner;
    return news;
  }

  /** The chart: nodes by name, each with its place in the room's traffic. */
  chart(map) {
    const members = map.room?.members ?? {};
    return [...this.#nodes.entries()]
      .map(([name, { node, gone }]) => ({
        name,
        gone,
        silent: Boolean(node.silent),
        here: name === map.self,
        owner: !gone && name === map.room?.owner,
        interested: !gone && name in members,
        members: members[name] ?? 0,
        connections: node.connections ?? 0,
        shards: node.shards ?? 0,
        state: gone ? "gone" : node.silent ? "silent" : node.fenced ? "fenced" : node.state,
      }))
      .sort((a, b) => a.name.localeCompare(b.name));
  }
}

/** Places for so many nodes in a box: the corners of a polygon, the first on top; two lie abreast. */
export function places(count, [width, height], [marginX, marginY]) {
  const [cx, cy] = [width / 2, height / 2];
  if (count === 1) return [[cx, cy]];
  const begin = count === 2 ? Math.PI : -Math.PI / 2;
  return Array.from({ length: count }, (_, i) => {
    const angle = begin + (2 * Math.PI * i) / count;
    return [cx + Math.cos(angle) * (cx - marginX), cy + Math.sin(angle) * (cy - marginY)];
  });
}
