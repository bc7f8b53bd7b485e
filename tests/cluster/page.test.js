// The demo page over a fleet: two people on two nodes talk, and a node that dies is seen to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Window, laptop, launch } from "../e2e/harness/browser.js";
import { inRepository } from "../e2e/harness/node.js";
import { until } from "../e2e/harness/until.js";
import { Fleet } from "./harness/fleet.js";

const names = ["a", "b", "c"];

test("the page charts the fleet", async (t) => {
  const fleet = await Fleet.start(t, names, {
    set: { "auth.insecure": true, "http.page_dir": inRepository("web/dist") },
  });
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
});
