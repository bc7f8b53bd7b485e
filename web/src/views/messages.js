// messages: the conversation, in the room's order.
//
// A message appears once: history, live and recovered publications meet at their offset, and one's
// own message, shown at once as pending, meets its publication at the id it was sent with.
import { nameOf } from "../roster.js";
import { avatar, byId, make } from "./dom.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const nearEnd = 80;

const textOf = (data) => (typeof data?.text === "string" ? data.text : JSON.stringify(data));

export class Messages {
  #list = byId("messages");
  #scroll = byId("scroll");
  #empty = byId("empty");
  #me;
  #byOffset = new Map();
  #pending = new Map();

  constructor(me) {
    this.#me = me;
  }

  clear() {
    this.#byOffset.clear();
    this.#pending.clear();
    this.#list.replaceChildren();
    this.#empty.hidden = false;
  }

  /** Shows one publication; returns the moment at which it was sent, if it was ours and pending. */
  show({ offset, info, data, live }) {
    const sent = this.#resolvePending(data?.id);
    if (offset !== undefined && this.#byOffset.has(offset)) return null;
    const user = info?.user ?? "";
    const at = data?.at ?? (live ? Date.now() : null);
    const item = this.#build({ user, name: nameOf(info), text: textOf(data), at });
    if (live && sent === null) item.classList.add("fresh");
    this.#place(item, offset);
    return sent;
  }

  /** Shows one's own message before the server has it. */
  showPending({ id, text, at }, name) {
    const item = this.#build({ user: this.#me, name, text, at });
    item.classList.add("pending");
    this.#pending.set(id, { item, sent: performance.now() });
    this.#append(item);
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  /** The message could not be delivered; a click tries again. */
  showFailed(id, retry) {
    const pending = this.#pending.get(id);
    if (!pending) return;
    const button = make("button", "retry", "Not sent. Try again");
    button.type = "button";
    button.addEventListener("click", () => {
      button.remove();
      retry();
    });
    pending.item.append(button);
  }

  #resolvePending(id) {
    const pending = this.#pending.get(id);
    if (!pending) return null;
    this.#pending.delete(id);
    pending.item.remove();
    return pending.sent;
  }

  #build({ user, name, text, at }) {
    const mine = user !== "" && user === this.#me;
    const item = make("li", mine ? "message mine" : "message");
    item.dataset.user = user;
    item.addEventListener("animationend", () => item.classList.remove("fresh"), { once: true });
    const head = make("p", "author", name);
    if (at) {
      const time = make("time", "", clock.format(at));
      time.dateTime = new Date(at).toISOString();
      head.append(time);
    }
    item.append(avatar(user, name), head, make("p", "text", text));
    return item;
  }

  // Offsets nearly always grow, so the search from the end stops at once.
  #place(item, offset) {
    const stuck = this.#isAtEnd();
    if (offset === undefined) {
      this.#append(item);
    } else {
      this.#byOffset.set(offset, item);
      item.dataset.offset = offset;
      let after = this.#list.lastElementChild;
      while (after && !(Number(after.dataset.offset) < offset)) after = after.previousElementSibling;
      if (after) after.after(item);
      else this.#list.prepend(item);
      this.#regroup(item);
      this.#regroup(item.nextElementSibling);
      this.#empty.hidden = true;
    }
    if (stuck) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  #append(item) {
    this.#list.append(item);
    this.#regroup(item);
    this.#empty.hidden = true;
  }

  #isAtEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
    return scrollHeight - scrollTop - clientHeight < nearEnd;
  }

  // Only the first of several messages in a row carries its author.
  #regroup(item) {
    if (!item) return;
    const before = item.previousElementSibling;
    item.classList.toggle("follows", before?.dataset.user === item.dataset.user);
  }
}
