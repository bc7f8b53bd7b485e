// fleet: several real nodes in one cluster on this machine; each is killed, paused and started
// again by its own pid, and the lines between them can be cut.
//
// What a node thinks of the fleet is read from its log, whom a room belongs to from the metrics.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { call } from "../../e2e/harness/api.js";
import { inRepository, program, startNode } from "../../e2e/harness/node.js";
import { until } from "../../e2e/harness/until.js";
import { callerOf } from "./callers.js";
import { FaultProxy, fair } from "./fault_proxy.js";

const clusterName = "test-fleet";
const startAttempts = 3;

/**
 * Ports that nobody listens on now; held together until all are known, so that they differ. They lie
 * below those that the kernel hands out to whoever dials.
 */
async function freePorts(count) {
  const servers = [];
  while (servers.length < count) {
    const server = net.createServer().listen(12_000 + Math.floor(Math.random() * 20_000), "127.0.0.1");
    const free = await once(server, "listening").then(() => true, () => false); // it throws on an error
    if (free) servers.push(server);
  }
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => (server.close(), once(server, "close"))));
  return ports;
}

export const viewPattern = / cluster: view (\d+): (.*)$/gm;

export class Fleet {
  /** The nodes that run, by name. */
  nodes = {};
  directory = mkdtempSync(join(tmpdir(), "argosy-fleet-"));
  #ports = {}; // name: {cluster, http, advertised}
  #proxies = {};
  #bad = new Map(); // "a>b": what the line of the caller a to b does
  #logs = {}; // of earlier lives
  #pids = {};
  #rooms = 0; // that were thought of

  /**
   * `voters` are the seeds. `secure`: mutual TLS by certificates of the fleet's own. `proxied`: all
   * that nodes say to each other goes through fault proxies. `paged`: each serves the page, which
   * knows them all. `set` holds further keys.
   */
  constructor(voters, { secure = false, proxied = false, paged = false, set = {} } = {}) {
    Object.assign(this, { voters, secure, proxied, paged, set });
  }

  /** Starts the voters and waits until they are a fleet. It ends with the test, whatever happens. */
  static async start(t, voters, options) {
    for (let attempt = 1; ; ++attempt) {
      const fleet = new Fleet(voters, options);
      try {
        await fleet.#begin();
        t.after(() => fleet.end());
        return fleet;
      } catch (error) {
        await fleet.end();
        // Somebody else may have taken a port between our look and the node's.
        if (attempt === startAttempts || !/cannot listen|in use/i.test(error.message)) throw error;
      }
    }
  }

  async #begin() {
    if (this.secure) {
      this.certify("ca");
      writeFileSync(this.secret, randomBytes(32).toString("hex"));
    }
    await this.prepare(this.voters);
    await Promise.all(this.voters.map((name) => this.start(name)));
    await this.agree(this.voters);
  }

  /** Gives nodes their ports, certificates and proxies, before any of them starts. */
  async prepare(names) {
    const ports = await freePorts(names.length * 3);
    for (const name of names) {
      const [cluster, advertised, http] = [ports.pop(), ports.pop(), ports.pop()];
      this.#ports[name] = { cluster, advertised: this.proxied ? advertised : cluster, http: this.paged ? http : 0 };
      if (this.secure) this.certify("node", name);
      if (!this.proxied) continue;
      this.#proxies[name] = await new FaultProxy(cluster, {
        identify: (socket) => callerOf(socket, this.#pids),
        weather: (caller) => this.#bad.get(`${caller}>${name}`) ?? this.#bad.get(`${name}>${caller}`) ?? fair,
      }).listen(advertised);
    }
  }

  clusterPort(name) {
    return this.#ports[name].cluster;
  }

  certify(what, name, cluster = clusterName, directory = this.certificates) {
    const who = name ? ["--name", name] : [];
    execFileSync(program, ["certs", what, "--cluster", cluster, ...who, "--out", directory], { stdio: "ignore" });
    return directory;
  }

  get certificates() {
    return join(this.directory, "certs");
  }

  /** The file of the secret by which probes are authenticated. */
  get secret() {
    return join(this.certificates, "probes.secret");
  }

  /** What `--set` tells a node of this fleet. */
  settings(name) {
    const { cluster, advertised, http } = this.#ports[name];
    const seeds = this.voters.map((voter) => `${voter}=127.0.0.1:${this.#ports[voter].advertised}`);
    const files = join(this.certificates, "%n");
    return {
      "log.level": "info",
      "http.port": http,
      "cluster.name": clusterName,
      "cluster.seeds": JSON.stringify(seeds),
      "cluster.address": "127.0.0.1",
      "cluster.port": cluster,
      ...(!this.voters.includes(name) && { "cluster.advertise": `127.0.0.1:${advertised}` }),
      "cluster.data_dir": join(this.directory, "data"),
      ...(this.secure
        ? {
            "cluster.ca_file": join(this.certificates, "ca.crt"),
            "cluster.cert_file": `${files}.crt`,
            "cluster.key_file": `${files}.key`,
            "cluster.secret_file": this.secret,
          }
        : { "cluster.insecure": true }),
      ...(this.paged && {
        "auth.insecure": true,
        "http.page_dir": inRepository("web/dist"),
        "http.page_nodes": JSON.stringify(this.voters.map((voter) => `http://127.0.0.1:${this.#ports[voter].http}`)),
      }),
      ...this.set,
    };
  }

  /** Starts a node, or starts it again at the addresses it had; `set` changes single keys. */
  async start(name, set = {}, as = name) {
    if (!this.#ports[name]) await this.prepare([name]);
    const node = await startNode({
      set: { ...this.settings(name), ...set },
      options: ["--name", as],
      spawned: (pid) => (this.#pids[name] = pid),
    });
    this.#ports[name].http = node.port;
    this.nodes[name] = node;
    return node;
  }

  async kill(name) {
    await this.nodes[name].kill();
    this.#forget(name);
  }

  async stop(name) {
    await this.nodes[name].stop();
    this.#forget(name);
  }

  #forget(name) {
    this.#logs[name] = this.log(name);
    delete this.nodes[name];
  }

  pause(name) {
    this.nodes[name].signal("SIGSTOP");
  }

  resume(name) {
    this.nodes[name].signal("SIGCONT");
  }

  // -- what nodes say -----------------------------------------------------------------------------

  /** All that a node wrote in all of its lives. */
  log(name) {
    return (this.#logs[name] ?? "") + (this.nodes[name]?.errors ?? "");
  }

  /** All views that a node of this life has acted by: `{no, members: {name: state}}`. */
  views(name) {
    return [...this.nodes[name].errors.matchAll(viewPattern)].map(([, no, text]) => ({
      no: Number(no),
      members: Object.fromEntries(text.split(", ").map((member) => member.split(" "))),
    }));
  }

  /** Waits until nodes (all that run) act by one view, in which exactly `members` are up. */
  async agree(members, nodes = Object.keys(this.nodes), ms = undefined) {
    const wanted = JSON.stringify([...members].sort());
    const agrees = (view) =>
      view && JSON.stringify(Object.keys(view.members).sort()) === wanted && Object.values(view.members).every((state) => state === "up");
    await until(
      `${nodes} act by one view of ${members}`,
      () => {
        const views = nodes.map((name) => this.views(name).at(-1));
        return views.every((view) => agrees(view) && view.no === views[0].no);
      },
      ms,
    ).catch((error) => {
      const logs = nodes.map((name) => `--- ${name}\n${this.log(name)}`).join("\n");
      throw new Error(`${error.message}\n${logs}`);
    });
    return this.views(nodes[0]).at(-1);
  }

  /** The node whose log says last that it presides over the views. */
  get leader() {
    const said = Object.entries(this.nodes).map(([name, node]) => {
      const terms = [...node.errors.matchAll(/ cluster: this node leads, term (\d+)/g)].map(([, term]) => Number(term));
      return [Math.max(0, ...terms), name];
    });
    return said.sort(([one], [two]) => two - one)[0][1];
  }

  async metric(name, metric) {
    const page = await fetch(`${this.nodes[name].http}/metrics`).then((answer) => answer.text());
    return Number(new RegExp(`^${metric} (\\S+)$`, "m").exec(page)[1]);
  }

  /** How many of the 4096 shards each node owns, once the sum of them is right: `{name: shards}`. */
  async shards() {
    const names = Object.keys(this.nodes);
    return until("every shard has one owner", async () => {
      const owned = await Promise.all(names.map((name) => this.metric(name, "argosy_cluster_shards_owned")));
      const all = owned.reduce((sum, shards) => sum + shards, 0);
      return all === 4096 && Object.fromEntries(names.map((name, at) => [name, owned[at]]));
    });
  }

  /** Whether the node has no lease, and so acknowledges nothing. */
  async fenced(name) {
    return (await this.metric(name, "argosy_cluster_fenced")) === 1;
  }

  /** Publishes through a node; where it says "not now", as it may just after a new view, again. */
  async publish(name, body) {
    return until(`${name} takes a publication`, async () => {
      const { result, error } = await call(this.nodes[name], "publish", body);
      if (error && error.code !== 100) throw new Error(`publish was refused: ${JSON.stringify(error)}`);
      return result;
    });
  }

  /**
   * The node that a new room belongs to: the one that counts what is published there. Asked while
   * nobody else publishes.
   */
  async ownerOf(channel) {
    const names = Object.keys(this.nodes);
    const count = () => Promise.all(names.map((name) => this.metric(name, "argosy_publications_total")));
    const before = await count();
    await this.publish(names[0], { channel, data: "whose is this room?", skip_history: true });
    const after = await count();
    const counted = names.filter((_, at) => after[at] > before[at]);
    if (counted.length > 1) throw new Error(`${counted} count a publication: who else publishes?`);
    return counted[0];
  }

  /** A new room of the namespace that belongs to the node. */
  async roomOf(name, space = "chat") {
    for (let tries = 0; tries < 100; ++tries) {
      const channel = `${space}:room-${++this.#rooms}`;
      if ((await this.ownerOf(channel)) === name) return channel;
    }
    throw new Error(`none of 100 rooms belongs to ${name}`);
  }

  // -- the lines between nodes --------------------------------------------------------------------

  /** Makes the line between two nodes bad in both directions, whoever calls whom. */
  worsen(one, two, weather) {
    this.#bad.set(`${one}>${two}`, { ...fair, ...weather });
    this.#bad.delete(`${two}>${one}`);
    this.#update();
  }

  /** No line between the two sides lets anything through; nobody hears a thing. */
  part(side, others) {
    for (const one of side) for (const other of others) this.#bad.set(`${one}>${other}`, { ...fair, hole: true });
    this.#update();
  }

  heal() {
    this.#bad.clear();
    this.#update();
  }

  #update() {
    for (const proxy of Object.values(this.#proxies)) proxy.update();
  }

  async end() {
    for (const node of Object.values(this.nodes)) if (node.alive) await node.kill();
    for (const proxy of Object.values(this.#proxies)) proxy.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
