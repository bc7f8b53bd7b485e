// token: JSON Web Tokens as an application's backend would sign them (HS256, RFC 7519).
import { createHmac } from "node:crypto";

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

export const inSeconds = (seconds) => Math.floor(Date.now() / 1000) + seconds;

/** Signs the claims; the header and the secret can be wrong on purpose. */
export function token(claims, { secret = "secret", header = { alg: "HS256", typ: "JWT" } } = {}) {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
