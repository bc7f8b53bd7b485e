// nodes: where the nodes of the fleet are, and which of them this page is on.
//
// The page is served by one node and begins there. When no connection comes about, or one ends, the
// next attempt goes to the next node; who has found one stays there.

export class Nodes {
  #origins;
  #at = 0;

  /** `own` is the origin of the node that served the page. */
  constructor(own) {
    this.#origins = [own];
  }

  /** The nodes that the page was told of, as origins, the own one among them or not. */
  learn(origins) {
    const here = this.current;
    this.#origins = [...new Set([...this.#origins, ...origins])];
    this.#at = this.#origins.indexOf(here);
  }

  get current() {
    return this.#origins[this.#at];
  }

  /** `ws://HOST/connection/websocket` of the present node. */
  get endpoint() {
    return `${this.current.replace(/^http/, "ws")}/connection/websocket`;
  }

  /** `/stats` or the like of the present node. */
  url(path) {
    return `${this.current}/${path}`;
  }

  /** The node `origin` let us down. Several complaints about one node are one. */
  failed(origin) {
    if (origin === this.current) this.#at = (this.#at + 1) % this.#origins.length;
  }
}
