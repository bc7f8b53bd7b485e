// Tokens signed by an identity provider, whose keys a node fetches from its JWKS URL and follows when
// they rotate: the published SDK against a real node, and a provider that this file plays.
import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { after, test } from "node:test";
import { startNode } from "./harness/node.js";
import { inSeconds } from "./harness/token.js";
import { until } from "./harness/until.js";
import { Visitor, all } from "./harness/visitor.js";

const kinds = {
  RS256: { pair: () => generateKeyPairSync("rsa", { modulusLength: 2048 }), how: ["sha256", {}] },
  RS512: { pair: () => generateKeyPairSync("rsa", { modulusLength: 2048 }), how: ["sha512", {}] },
  ES256: { pair: () => generateKeyPairSync("ec", { namedCurve: "P-256" }), how: ["sha256", { dsaEncoding: "ieee-p1363" }] },
  EdDSA: { pair: () => generateKeyPairSync("ed25519"), how: [null, {}] },
};

class Signer {
  constructor(alg, kid) {
    Object.assign(this, { alg, kid, ...kinds[alg].pair() });
  }

  get jwk() {
    return { ...this.publicKey.export({ format: "jwk" }), kid: this.kid, alg: this.alg, use: "sig" };
  }

  token(claims) {
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${encode({ alg: this.alg, kid: this.kid, typ: "JWT" })}.${encode(claims)}`;
    const [digest, options] = kinds[this.alg].how;
    const signature = sign(digest, Buffer.from(text), { key: this.privateKey, ...options });
    return `${text}.${signature.toString("base64url")}`;
  }
}

const provider = {
  keys: Object.keys(kinds).map((alg) => new Signer(alg, `first-${alg}`)),
  status: 200,
  asked: 0,
};
const server = http.createServer((_, response) => {
  provider.asked += 1;
  response.writeHead(provider.status, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ keys: provider.keys.map(({ jwk }) => jwk) }));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const node = await startNode({
  set: {
    "auth.hmac_secret": "",
    "auth.jwks_url": `http://127.0.0.1:${server.address().port}/jwks.json`,
    "auth.jwks_refresh_ms": 1000,
    "auth.audience": "fleet",
    "auth.issuer": "https://provider.example",
  },
});
after(async () => {
  await node.stop();
  server.close();
});

const claims = (more = {}) => ({
  sub: "ada", iss: "https://provider.example", aud: ["web", "fleet"], exp: inSeconds(600), ...more,
});

function visitor(t, token) {
  const guest = new Visitor(node, { token });
  t.after(() => guest.leave());
  return guest;
}

async function refused(t, token) {
  const guest = visitor(t, token);
  guest.client.connect();
  assert.equal((await guest.saw("disconnected")).code, 3500);
}

for (const signer of provider.keys) {
  test(`${signer.alg}: a key of the set opens the door`, async (t) => {
    const guest = await visitor(t, signer.token(claims())).connect();
    await guest.enter("chat:jwks");
  });
  test(`${signer.alg}: another key of the same name does not`, (t) =>
    refused(t, new Signer(signer.alg, signer.kid).token(claims())));
}

test("audience and issuer must be ours", async (t) => {
  const [signer] = provider.keys;
  for (const wrong of [{ aud: "shop" }, { aud: undefined }, { iss: "https://other.example" }, { iss: undefined }]) {
    await refused(t, signer.token(claims(wrong)));
  }
});

test("a provider that is down changes nothing", async (t) => {
  provider.status = 503;
  const asked = provider.asked;
  await until("the node has asked again", () => provider.asked > asked + 1);
  await visitor(t, provider.keys[0].token(claims())).connect();
  provider.status = 200;
  assert.match(node.errors, /it answers 503; the keys stay as they were/);
});

test("rotation: the new key opens, who is in stays, the old one is out", async (t) => {
  const [old] = provider.keys;
  const guest = await visitor(t, old.token(claims())).connect();
  const next = new Signer("ES256", "second");
  provider.keys = [next];
  await visitor(t, next.token(claims({ sub: "grace" }))).connect(); // the SDK tries again until it may
  await refused(t, old.token(claims()));
  const sub = await guest.enter("chat:jwks");
  await sub.publish("still here");
  assert.deepEqual(all(guest, "disconnected"), []);
});
