// The program as one types it: what is asked wrongly ends with 2 and one sentence that names it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Certificate } from "./harness/certificate.js";
import { inRepository, program } from "./harness/node.js";

const directory = mkdtempSync(join(tmpdir(), "argosy-cli-"));
after(() => rmSync(directory, { recursive: true }));

const run = (...words) => spawnSync(program, words, { encoding: "utf8", timeout: 15_000, cwd: inRepository("") });
const check = (...sets) => run("node", "--check-config", ...sets.flatMap((set) => ["--set", set]));

for (const [words, named] of [
  [["nonsense"], "nonsense"],
  [[], "subcommand"],
  [["node", "--nope"], "--nope"],
  [["node", "spare"], "spare"],
  [["bench", "nope"], "nope"],
  [["bench", "-n", "-1"], "-1"],
  [["bench", "--self", "--port", "1"], "--port"],
  [["certs"], "subcommand"],
  [["node", "--config", "/nowhere.toml"], "/nowhere.toml"],
  [["token"], "--secret"],
  [["shell", "--within", "0"], "--within"],
]) {
  test(`asked wrongly: argosy ${words.join(" ")}`, () => {
    const { status, stdout, stderr } = run(...words);
    assert.equal(status, 2);
    assert.equal(stdout, "");
    assert.ok(stderr.includes(named), stderr);
    assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
  });
}

test("help is there for every subcommand, and the version is said", () => {
  assert.match(run("--version").stdout, /^argosy \d+\.\d+\.\d+\n$/);
  for (const subcommand of ["node", "shell", "token", "doctor", "certs", "bench"]) {
    assert.ok(run("--help").stdout.includes(`  ${subcommand} `));
    const { status, stdout } = run(subcommand, "--help");
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`^.+\\nUsage: argosy ${subcommand} `));
  }
});

test("the configurations that come with the program are good", () => {
  for (const config of ["node", "demo", "insecure"]) {
    const { status, stdout, stderr } = run("node", "--config", `configs/${config}.toml`, "--name", "a", "--check-config");
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "the configuration is good\n");
  }
});

// Once only a start found out, on the machine that was to be restarted.
test("--check-config reads the files that a configuration names", (t) => {
  const broken = join(directory, "broken");
  writeFileSync(broken, "no key");
  const certificate = new Certificate();
  t.after(() => certificate.remove());
  certificate.renew("localhost");
  const tls = ["tls.enabled=true", `tls.cert_file=${certificate.cert}`];
  const cluster = ["node.name=a", 'cluster.seeds=["a=127.0.0.1:7100"]'];
  for (const [sets, key] of [
    [[`auth.jwks_file=${broken}`], "auth.jwks_file"],
    [[`auth.public_key_files=["${broken}"]`], "auth.public_key_files"],
    [[...tls, `tls.key_file=${broken}`], "tls.key_file"],
    [["tls.enabled=true", "tls.cert_file=/nowhere.pem", `tls.key_file=${certificate.key}`], "tls.cert_file"],
    [[...cluster, "cluster.ca_file=/nowhere", "cluster.cert_file=/nowhere", "cluster.key_file=/nowhere"], "cluster.ca_file"],
    [[...cluster, "cluster.insecure=true", `cluster.secret_file=${broken}`], "cluster.secret_file"],
  ]) {
    const { status, stderr } = check(...sets);
    assert.equal(status, 2, key);
    assert.match(stderr, new RegExp(`^argosy: \`${key}\` (names|is) "[^"]+", which [^\n]+\n$`));
  }
  assert.equal(check(...tls, `tls.key_file=${certificate.key}`).status, 0);
});
