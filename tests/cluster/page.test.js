// The demo page over a fleet: two people on two nodes talk, a node that dies is seen to, and who was
// on it goes on with another one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Window, laptop, launch } from "../e2e/harness/browser.js";
import { until } from "../e2e/harness/until.js";
import { Fleet } from "./harness/fleet.js";

const names = ["a", "b", "c"];

test("the page charts the fleet", async (t) => {
  const fleet = await Fleet.start(t, names, { paged: true });
  const browser = await launch();
  t.after(() => browser.close());
  const room = (await fleet.roomOf("b")).replace("chat:", "");
  const [ada, grace] = await Promise.all(
    ["a", "b"].map((name) => Window.person(browser, fleet.nodes[name], laptop, room)),
  );
  await ada.join("Ada");
  await grace.join("Grace");
  await ada.sees({ Ada: 1, Grace: 1 });
  await ada.say("Ahoy from a");
  await grace.hears(["Ahoy from a"]);

  const ships = (window) =>
    window.page.$$eval("#fleet-chart .ship", (all) => all.map((ship) => [ship.dataset.node, ship.getAttribute("class")]));
  await until("Ada sees three ships", async () => (await ships(ada)).length === 3);
  assert.match(await ada.page.textContent("#fleet-note"), /^3 nodes, you are on a\. The room lives on b\.$/);
  assert.deepEqual(
    (await ships(ada)).map(([name, looks]) => [name, looks]),
    [["a", "ship up here"], ["b", "ship up owner"], ["c", "ship up"]],
  );
  await until("the way from b to a is drawn", async () => (await ada.page.$$("#fleet-chart .way")).length === 1);
  await ada.picture("fleet");

  await fleet.kill("c");
  await ada.page.waitForSelector('#fleet-chart .ship.gone[data-node="c"]');
  assert.match(await ada.page.textContent("#log"), /Node c is gone/);
  await ada.picture("fleet-without-c");
  await grace.say("and on we go");
  await ada.hears(["Ahoy from a", "and on we go"]);

  // The node that Ada's page came from.
  await fleet.start("c");
  await fleet.agree(names);
  await fleet.kill("a");
  await grace.say("where is Ada?");
  await ada.line("recovered");
  await ada.hears(["Ahoy from a", "and on we go", "where is Ada?"]);
  await until("Ada sees where she is", async () =>
    /^2 of 3 nodes up, you are on [bc]\./.test(await ada.page.textContent("#fleet-note")));
  assert.match(await ada.page.textContent("#log"), /You are on node [bc] now/);
  assert.match(await ada.page.textContent("#node-note"), /^up for/, "the figures are those of the new node");
  await ada.picture("moved");
  await ada.say("here, on another one");
  await grace.hears(["Ahoy from a", "and on we go", "where is Ada?", "here, on another one"]);
  await ada.sees({ Ada: 1, Grace: 1 });
});
