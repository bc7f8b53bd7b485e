// main: wires the page together. The room is in the address, the person in this browser.
import { device, person, rename } from "./identity.js";
import { Network } from "./network.js";
import { Nodes } from "./nodes.js";
import { Room } from "./room.js";
import { byId } from "./views/dom.js";
import { Figures } from "./views/figures.js";
import { FleetChart } from "./views/fleet.js";
import { askToJoin } from "./views/join.js";
import { Line } from "./views/line.js";
import { Messages } from "./views/messages.js";
import { People } from "./views/people.js";

const cutMs = 3000;
const lobby = "lobby";

const nodes = new Nodes(location.origin);
const network = new Network(nodes);
const line = new Line();
const figures = new Figures(nodes);
const fleet = new FleetChart({
  nodes,
  room: () => `chat:${roomInAddress()}`,
  note: (text) => line.note(text),
});
let visit = null;

const roomInAddress = () => decodeURIComponent(location.hash.slice(1)).toLowerCase() || lobby;
const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

// -- one visit -------------------------------------------------------------------------------------

function recoveredText({ count, missing, duplicates }) {
  if (missing) return `Recovered ${plural(count, "message")}, ${missing} lost.`;
  if (duplicates) return `Recovered ${plural(count, "message")}, ${duplicates} came twice.`;
  if (count === 0) return "Back, and nothing was said meanwhile: none lost.";
  return `Recovered ${plural(count, "message")}, none lost.`;
}

const lineChanged = ({ state, reason }) => {
  if (state === "connecting" && network.down) return;
  line.show(state, reason);
};

function enter(me, name) {
  const messages = new Messages(me.user);
  const people = new People(me.user);
  messages.clear();
  const room = new Room({
    name,
    person: me,
    device,
    nodes,
    network,
    on: {
      line: lineChanged,
      message: (publication) => {
        const sent = messages.show(publication);
        if (sent !== null) figures.showTrip(performance.now() - sent);
      },
      people: (roster) => people.show(roster.people(me.user)),
      recovered: (outcome) => {
        const text = recoveredText(outcome);
        line.showRecovered(text, outcome);
      },
      reloaded: () => {
        messages.clear();
        line.note("Away too long to resume: history reloaded");
      },
    },
  });
  room.enter();
  return { me, name, room, messages };
}

function moveTo(me, name) {
  visit?.room.leave();
  byId("room-name").textContent = name;
  document.title = `${name} · Argosy`;
  visit = enter(me, name);
}

// -- what a person can do --------------------------------------------------------------------------

function join() {
  askToJoin({
    name: person()?.name ?? "",
    room: roomInAddress(),
    done: ({ name, room }) => {
      const me = rename(name);
      if (room !== roomInAddress()) history.pushState(null, "", `#${room}`);
      moveTo(me, room);
    },
  });
}

async function deliver({ room, messages }, message) {
  try {
    await room.say(message);
  } catch {
    messages.showFailed(message.id, () => deliver({ room, messages }, message));
  }
}

function say(event) {
  event.preventDefault();
  const input = byId("text");
  const text = input.value.trim();
  if (!text || !visit) return;
  input.value = "";
  const message = { text, id: `${device.id}-${performance.now().toFixed(1)}`, at: Date.now() };
  visit.messages.showPending(message, visit.me.name);
  deliver(visit, message);
}

function cut() {
  const begin = performance.now();
  network.cut();
  line.show("cut");
  line.note("Network cut");
  const timer = setInterval(() => {
    const share = (performance.now() - begin) / cutMs;
    line.progress(Math.min(1, share));
    if (share < 1) return;
    clearInterval(timer);
    line.progress(0);
    network.mend();
  }, 40);
}

function look(view) {
  document.body.dataset.view = view;
  for (const tab of document.querySelectorAll("[data-goto]")) {
    tab.setAttribute("aria-pressed", String(tab.dataset.goto === view));
  }
}

// -- start -----------------------------------------------------------------------------------------

byId("composer").addEventListener("submit", say);
byId("cut").addEventListener("click", cut);
byId("room-button").addEventListener("click", join);
for (const tab of document.querySelectorAll("[data-goto]")) {
  tab.addEventListener("click", () => look(tab.dataset.goto));
}
addEventListener("hashchange", () => visit && moveTo(visit.me, roomInAddress()));

/** A page from elsewhere, or an older node, has no such file: then there is one node. */
async function learnNodes() {
  try {
    nodes.learn((await (await fetch("page.json")).json()).nodes);
  } catch (error) {
    console.info("argosy:", error.message ?? error);
  }
}

line.show("idle");
learnNodes();
figures.start();
fleet.start();
if (person()) moveTo(person(), roomInAddress());
else join();
