// identity: who this browser is, and which of its devices this tab is.
//
// The person lives in localStorage, so every tab of a browser is the same user; the device lives only
// as long as its page, so every tab is a device of its own.

const personKey = "argosy.person";

const randomId = (bytes) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

export const device = {
  id: randomId(6),
  kind: matchMedia("(pointer: coarse)").matches ? "phone" : "laptop",
};

/** The person of this browser: `{user, name}`, or null before the first join. */
export function person() {
  try {
    return JSON.parse(localStorage.getItem(personKey));
  } catch {
    return null;
  }
}

/** Keeps the name; the user id is made once and stays when the name changes. */
export function rename(name) {
  const known = { user: person()?.user ?? `u-${randomId(6)}`, name };
  localStorage.setItem(personKey, JSON.stringify(known));
  return known;
}
