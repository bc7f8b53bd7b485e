// api: the server API as a backend calls it.
import { apiKey } from "./node.js";

/** Calls a method and returns `{status, result, error}`. */
export async function call(node, method, body, key = apiKey) {
  const answer = await fetch(`${node.http}/api/${method}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(key && { "X-API-Key": key }) },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, ...(text.startsWith("{") && JSON.parse(text)) };
}

/** Calls a method that must succeed and returns its result. */
export async function api(node, method, body = {}) {
  const { status, result, error } = await call(node, method, body);
  if (status !== 200 || error) {
    throw new Error(`${method} was refused: status ${status} ${JSON.stringify(error)}`);
  }
  return result;
}
