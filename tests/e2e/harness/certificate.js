// certificate: a self-signed one for this machine, and its key, as files in a directory of their own.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class Certificate {
  #directory = mkdtempSync(join(tmpdir(), "argosy-tls-"));
  key = join(this.#directory, "key.pem");
  cert = join(this.#directory, "cert.pem");

  /** Writes a new certificate and key into the same files. */
  renew(name) {
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", this.key,
        "-out", this.cert],
      { stdio: "ignore" },
    );
  }

  remove() {
    rmSync(this.#directory, { recursive: true });
  }
}
