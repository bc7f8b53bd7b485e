// dom: the three helpers that every view uses.

/** The element with this id; it is in index.html, so a miss is a bug. */
export const byId = (id) => document.getElementById(id);

/** A new element with a class and children; text is always text, never markup. */
export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** The person's colour, the same on every screen: a hue from the user id. */
export function tint(element, user) {
  let hash = 0;
  for (const char of user) hash = (hash * 31 + char.codePointAt(0)) >>> 0;
  element.style.setProperty("--hue", String(hash % 360));
  return element;
}

export const initials = (name) =>
  name
    .trim()
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0].toUpperCase())
    .join("");

export function avatar(user, name) {
  const disc = tint(make("span", "avatar", initials(name)), user);
  disc.setAttribute("aria-hidden", "true");
  return disc;
}
