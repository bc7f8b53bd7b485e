// api: the server API as a backend calls it, one connection a call, so that no call races with the
// deadline of an idle connection.
import { once } from "node:events";
import http from "node:http";
import { text } from "node:stream/consumers";
import { apiKey } from "./node.js";

/** Calls a method and returns `{status, result, error}`. */
export async function call(node, method, body, key = apiKey) {
  const request = http.request(`${node.http}/api/${method}`, {
    method: "POST",
    agent: false,
    headers: { "Content-Type": "application/json", ...(key && { "X-API-Key": key }) },
  });
  request.end(typeof body === "string" ? body : JSON.stringify(body));
  const [answer] = await once(request, "response");
  const answered = await text(answer);
  return { status: answer.statusCode, ...(answered.startsWith("{") && JSON.parse(answered)) };
}

/** Calls a method that must succeed and returns its result. */
export async function api(node, method, body = {}) {
  const { status, result, error } = await call(node, method, body);
  if (status !== 200 || error) {
    throw new Error(`${method} was refused: status ${status} ${JSON.stringify(error)}`);
  }
  return result;
}
