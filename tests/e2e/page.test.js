// The demo page in Chromium, served by the demo node as `./dev run` starts it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Window, laptop, launch, phone } from "./harness/browser.js";
import { inRepository, startNode } from "./harness/node.js";
import { until } from "./harness/until.js";

const node = await startNode({ config: "configs/demo.toml", set: { "http.page_dir": inRepository("web/dist"), "cluster.seeds": "" } });
const browser = await launch();
after(async () => {
  await browser.close();
  await node.stop();
});

async function person(t, name, { device = laptop, room = "lobby" } = {}) {
  const window = await Window.person(browser, node, device, room);
  t.after(() => window.page.context().close());
  await window.join(name);
  return window;
}

const publish = (room, data) =>
  fetch(`${node.http}/api/publish`, {
    method: "POST",
    headers: { "X-API-Key": "demo" },
    body: JSON.stringify({ channel: `chat:${room}`, data }),
  });

test("two people talk, and see each other", async (t) => {
  const ada = await person(t, "Ada", { room: "talk" });
  const grace = await person(t, "Grace", { room: "talk", device: phone });
  await ada.sees({ Ada: 1, Grace: 1 });
  await grace.sees({ Ada: 1, Grace: 1 });
  await ada.say("Ahoy");
  await grace.hears(["Ahoy"]);
  await grace.say("<b>Ahoy</b> & good wind");
  for (const window of [ada, grace]) await window.hears(["Ahoy", "<b>Ahoy</b> & good wind"]);
  assert.deepEqual([...ada.complaints, ...grace.complaints], []);
});

test("one drops, misses four messages, and recovers them all", async (t) => {
  const ada = await person(t, "Ada Lovelace");
  const second = await ada.tab();
  const grace = await person(t, "Grace Hopper", { device: phone });
  await ada.sees({ "Ada Lovelace": 2, "Grace Hopper": 1 });
  const texts = ["Morning. The new node is up, and I can see myself twice."];
  await ada.say(texts[0]);
  for (const text of ["Two tabs are one person on two devices.", "Cut your network while I keep talking."]) {
    texts.push(text);
    await grace.say(text);
  }
  await ada.hears(texts);

  await ada.page.getByRole("button", { name: "Cut my network" }).click();
  await ada.line("cut");
  await ada.picture("laptop-cut");
  const missed = ["One: you are gone.", "Two: the room goes on without you.", "Three.", "Four. Come back!"];
  for (const text of missed) await grace.say(text);
  await second.hears([...texts, ...missed]);

  await ada.line("recovered");
  await ada.hears([...texts, ...missed]);
  const verdict = await ada.page.locator("#line-text").textContent();
  assert.equal(verdict, "Recovered 4 messages, none lost.");
  await ada.sees({ "Ada Lovelace": 2, "Grace Hopper": 1 });
  await ada.say("Back, and nothing is missing.");
  await grace.hears([...texts, ...missed, "Back, and nothing is missing."]);
  await takePictures(ada, grace);
  assert.deepEqual([...ada.complaints, ...grace.complaints], []);
});

async function takePictures(ada, grace) {
  await ada.page.mouse.move(0, 0);
  await ada.picture("laptop");
  await ada.page.emulateMedia({ colorScheme: "dark" });
  await ada.picture("laptop-dark");
  await grace.picture("phone");
  for (const view of ["Aboard", "Network"]) {
    await grace.page.getByRole("button", { name: view }).click();
    await grace.picture(`phone-${view.toLowerCase()}`);
  }
}

test("two tabs are one person with two devices", async (t) => {
  const ada = await person(t, "Ada", { room: "tabs" });
  const second = await ada.tab();
  await second.line("connected");
  await ada.sees({ Ada: 2 });
  await second.page.close();
  await ada.sees({ Ada: 1 });
});

test("a reload keeps the person and brings the history back", async (t) => {
  const ada = await person(t, "Ada", { room: "reload" });
  for (const text of ["one", "two", "three"]) await ada.say(text);
  await ada.hears(["one", "two", "three"]);
  await ada.page.reload();
  await ada.line("connected");
  await ada.hears(["one", "two", "three"]);
  await ada.sees({ Ada: 1 });
  assert.equal(await ada.page.locator(".message.mine").count(), 3);
});

test("what one says during a cut is sent when the line is back", async (t) => {
  const ada = await person(t, "Ada", { room: "offline" });
  const grace = await person(t, "Grace", { room: "offline" });
  await ada.page.getByRole("button", { name: "Cut my network" }).click();
  await ada.say("written at sea");
  await grace.hears(["written at sea"]);
  await ada.hears(["written at sea"]);
});

test("the ready-made curl reaches the room", async (t) => {
  const ada = await person(t, "Ada", { room: "curl" });
  const answer = await publish("curl", { text: "Ahoy from curl" });
  assert.equal(answer.status, 200);
  await ada.hears(["Ahoy from curl"]);
});

test("the room is in the address, and can be changed", async (t) => {
  const ada = await person(t, "Ada", { room: "first" });
  await ada.page.getByRole("button", { name: "Room:" }).click();
  await ada.page.getByLabel("Room", { exact: true }).fill("Second");
  await ada.page.getByRole("button", { name: "Join" }).click();
  await until("the address changed", () => ada.page.url().endsWith("#second"));
  await ada.line("connected");
  await publish("second", { text: "here" });
  await ada.hears(["here"]);
});

test("the figures of the node are alive", async (t) => {
  const ada = await person(t, "Ada", { room: "figures" });
  await ada.page.waitForFunction(() => Number(document.getElementById("fig-connections").textContent) >= 1);
  await ada.say("tick");
  await ada.page.waitForFunction(() => document.getElementById("fig-trip").textContent.endsWith("s"));
  const stats = await (await fetch(`${node.http}/stats`)).json();
  for (const key of ["connections", "deliveries_per_s", "latency_p99_ms", "messages_per_s", "uptime_s"]) {
    assert.equal(typeof stats[key], "number", key);
  }
});

test("the page needs nothing from elsewhere and nothing inline", async (t) => {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  const hosts = new Set();
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  const answer = await page.goto(node.http);
  await page.waitForLoadState("networkidle").catch(() => {});
  assert.deepEqual([...hosts], [new URL(node.http).host]);
  const policy = answer.headers()["content-security-policy"] ?? "";
  assert.doesNotMatch(policy, /unsafe/);
  assert.equal(await page.locator("script:not([src]), [style], [onclick]").count(), 0);
});

test("every control has a name, and the page works from the keyboard", async (t) => {
  const ada = await person(t, "Ada", { room: "keys" });
  const nameless = await ada.page.evaluate(() =>
    [...document.querySelectorAll("button, input")].filter(
      (control) => !(control.getAttribute("aria-label") || control.textContent.trim() || control.labels?.length),
    ).length,
  );
  assert.equal(nameless, 0);
  await ada.page.getByLabel("Message", { exact: true }).focus();
  await ada.page.keyboard.type("typed");
  await ada.page.keyboard.press("Tab");
  await ada.page.keyboard.press("Enter");
  await ada.hears(["typed"]);
});
