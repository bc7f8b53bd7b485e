// people: who is aboard, one row per person with a glyph for each device.
import { avatar, byId, make } from "./dom.js";

const glyphs = {
  laptop: "M3.5 4.5h13v8.2h-13zM1.5 15.5h17",
  phone: "M6 2.5h8v15H6zM9 15h2",
};

function glyph(kind) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", glyphs[kind] ?? glyphs.laptop);
  svg.append(path);
  return svg;
}

const counted = (count, one, many) => `${count} ${count === 1 ? one : many}`;

export class People {
  #me;

  constructor(me) {
    this.#me = me;
  }

  show(people) {
    const devices = people.reduce((sum, person) => sum + person.devices.length, 0);
    byId("people-note").textContent =
      `${counted(people.length, "person", "people")} on ${counted(devices, "device", "devices")}`;
    byId("tab-people").textContent = String(people.length);
    byId("roster").replaceChildren(...people.map((person) => this.#row(person)));
  }

  #row({ user, name, devices }) {
    const label = make("span", "name", name);
    if (user === this.#me) label.append(make("span", "you", "you"));
    const glyphBox = make("span", "devices", ...devices.map(glyph));
    glyphBox.setAttribute("role", "img");
    glyphBox.setAttribute("aria-label", counted(devices.length, "device", "devices"));
    const row = make("li", "", avatar(user, name), label, glyphBox);
    row.dataset.user = user;
    row.dataset.devices = String(devices.length);
    return row;
  }
}
