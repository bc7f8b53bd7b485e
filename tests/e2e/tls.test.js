// TLS on a real node, with a certificate made for the occasion.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import tls from "node:tls";
import { Certificate } from "./harness/certificate.js";
import { startNode } from "./harness/node.js";
import { RawClient, line } from "./harness/raw.js";
import { until, within } from "./harness/until.js";

const certificate = new Certificate();
const { key, cert } = certificate;

certificate.renew("first");
const node = await startNode({
  set: { "tls.enabled": true, "tls.port": 0, "tls.cert_file": cert, "tls.key_file": key },
});
after(async () => {
  await node.stop();
  certificate.remove();
});

async function client(t, user, url = node.secure) {
  const guest = new RawClient(url, { rejectUnauthorized: false });
  t.after(() => guest.destroy());
  return guest.connect(user);
}

/** Shakes hands and returns the socket: what was agreed on, and whose certificate it was. */
async function shake(t, options = {}) {
  const socket = tls.connect({ port: node.tlsPort, host: "127.0.0.1", rejectUnauthorized: false, ...options });
  t.after(() => socket.destroy());
  await within("the handshake", new Promise((resolve, reject) => {
    socket.on("secureConnect", resolve);
    socket.on("error", reject);
  }));
  return socket;
}

test("tls: a session over wss, beside a plain one, in the same room", async (t) => {
  const [secure, plain] = [await client(t, "ada"), await client(t, "grace", node.endpoint)];
  secure.socket.send(line({ id: 2, subscribe: { channel: "chat:tls" } }));
  plain.socket.send(line({ id: 2, subscribe: { channel: "chat:tls" } }));
  await Promise.all([secure.reply(2), plain.reply(2)]);
  plain.socket.send(line({ id: 3, publish: { channel: "chat:tls", data: "x".repeat(60_000) } }));
  const push = await until("the publication", () => secure.lines.find((reply) => reply.push?.pub));
  assert.equal(push.push.pub.data.length, 60_000);
});

test("tls: the certificate is verified by who knows it", async (t) => {
  const socket = await shake(t, { ca: readFileSync(cert), rejectUnauthorized: true, servername: "localhost" });
  assert.ok(socket.authorized);
});

for (const version of ["TLSv1.2", "TLSv1.3"]) {
  test(`tls: speaks ${version}`, async (t) => {
    const socket = await shake(t, { minVersion: version, maxVersion: version });
    assert.equal(socket.getProtocol(), version);
  });
}

test("tls: refuses what is older than 1.2", async (t) => {
  await assert.rejects(shake(t, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }));
});

test("tls: plain HTTP on the TLS port harms nobody", async (t) => {
  await assert.rejects(fetch(`http://127.0.0.1:${node.tlsPort}/health`));
  await client(t, "after");
});

test("tls: SIGHUP brings a new certificate, and open sessions stay", async (t) => {
  const before = await client(t, "stays");
  certificate.renew("second");
  process.kill(node.pid, "SIGHUP");
  await until("the new certificate is shown", async () => {
    const socket = await shake(t);
    return socket.getPeerCertificate().subject.CN === "second";
  });
  before.socket.send(line({ id: 9, publish: { channel: "chat:tls", data: 1 } }));
  assert.equal((await before.reply(9)).error, undefined);
});
