// browser: headless Chromium, and the page as a person uses it.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const flags = [
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export const laptop = { viewport: { width: 1280, height: 800 } };
export const phone = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  colorScheme: "dark",
};

/** Chromium refuses its sandbox to root, as which CI runs. */
export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: process.getuid() === 0 ? ["--no-sandbox", ...flags] : flags,
  });

/** One window: a page object that remembers every complaint of its page. */
export class Window {
  complaints = [];

  constructor(page, url) {
    this.page = page;
    this.url = url;
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
  }

  /** A person: a browser context of their own, so that nothing is shared with others. */
  static async person(browser, node, device = laptop, room = "lobby") {
    const context = await browser.newContext({ locale: "en-GB", ...device });
    const window = new Window(await context.newPage(), `${node.http}/#${room}`);
    await window.page.goto(window.url);
    return window;
  }

  /** One more tab of the same person. */
  async tab() {
    const window = new Window(await this.page.context().newPage(), this.url);
    await window.page.goto(this.url);
    return window;
  }

  async join(name) {
    await this.page.getByLabel("Your name").fill(name);
    await this.page.getByRole("button", { name: "Join" }).click();
    await this.line("connected");
  }

  line(state) {
    return this.page.waitForSelector(`body[data-line="${state}"]`);
  }

  async say(text) {
    await this.page.getByLabel("Message", { exact: true }).fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** Waits until the conversation is exactly these texts, in this order. */
  hears(texts) {
    return this.page.waitForFunction(
      (wanted) => {
        const shown = [...document.querySelectorAll("#messages .message:not(.pending) .text")];
        return JSON.stringify(shown.map((text) => text.textContent)) === wanted;
      },
      JSON.stringify(texts),
    );
  }

  /** Waits until these people are aboard: `{name: devices}`. */
  sees(people) {
    return this.page.waitForFunction(
      (wanted) => {
        const rows = [...document.querySelectorAll("#roster li")].map((row) => [
          row.querySelector(".name").firstChild.textContent,
          Number(row.dataset.devices),
        ]);
        return JSON.stringify(Object.fromEntries(rows.sort())) === wanted;
      },
      JSON.stringify(Object.fromEntries(Object.entries(people).sort())),
    );
  }

  /** Keeps a picture for people to look at. */
  async picture(name) {
    const directory = process.env.ARGOSY_PICTURES;
    if (!directory) return;
    mkdirSync(directory, { recursive: true });
    await this.page.screenshot({ path: join(directory, `${name}.png`), animations: "disabled" });
  }
}
