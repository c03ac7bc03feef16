// One Chromium for the whole run; each visitor has a context of her own, and everything that a browser complains of
// counts: console errors, uncaught exceptions, violations of the content security policy, requests to elsewhere.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { modules, npm } from "../../contract/npm.mjs";

const { chromium } = npm("playwright-core");
// Into the page itself and once for each: @axe-core/playwright brings it in twice and opens a second page, every time.
const axe = readFileSync(`${modules}/axe-core/axe.min.js`, "utf8");
const kTags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let running;
// The shell has the engine of the whole browser, and neither its windows nor its settings: a third of the processor time.
const launchOptions = {
  executablePath: process.env.CS_CHROMIUM ?? "/usr/bin/chromium-headless-shell",
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none"],
};
const browser = () => (running ??= chromium.launch(launchOptions));
/// For what needs its settings: the shell denies all notifications.
let whole;
const wholeBrowser = () => (whole ??= chromium.launch({ ...launchOptions, executablePath: "/usr/bin/chromium" }));
export const closeBrowser = async () => {
  for (const one of [running, whole]) await (await one)?.close();
};

/// `width`, `dark`, `forced`, `script` (false: none), `locale`, and whatever a context takes.
const contextOptions = ({ width = 1280, dark = false, forced = false, script = true, locale = "pt-BR", ...more }) => ({
  viewport: { width, height: width < 600 ? 640 : 800 },
  colorScheme: dark ? "dark" : "light",
  forcedColors: forced ? "active" : "none",
  reducedMotion: "reduce",
  javaScriptEnabled: script,
  locale,
  timezoneId: "America/Sao_Paulo",
  ...more,
});

export class Visitor {
  static async arrive(app, { notified = false, ...options } = {}) {
    return Visitor.in(await (await (notified ? wholeBrowser() : browser())).newContext(contextOptions(options)), app);
  }

  /// In a whole browser of her own, with the settings that the folder of its profile has.
  static async arriveWithProfile(app, folder, options = {}) {
    const whole = { ...launchOptions, executablePath: "/usr/bin/chromium" };
    return Visitor.in(await chromium.launchPersistentContext(folder, { ...whole, ...contextOptions(options) }), app);
  }

  static async in(context, app) {
    const visitor = new Visitor();
    visitor.app = app;
    visitor.complaints = [];
    visitor.context = context;
    visitor.context.setDefaultTimeout(300_000);
    visitor.page = await visitor.open();
    return visitor;
  }

  /// One more tab.
  async open() {
    const page = await this.context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error" && !this.expected?.test(message.text())) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(`uncaught: ${error}`));
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== new URL(this.app.url).origin) this.complaints.push(`asked ${request.url()}`);
    });
    return page;
  }

  go(url) {
    return this.page.goto(url.startsWith("/") ? this.app.url + url : url, { waitUntil: "load" });
  }

  /// The words that the page shows.
  text() {
    return this.page.locator("main").innerText();
  }

  /// Presses what leads to another page, and waits for that.
  /// What a reader sees in the QR code of the page.
  async scan() {
    const picture = await this.page.locator(".qr").screenshot();
    return execFileSync("zbarimg", ["--quiet", "--raw", "--nodbus", "-"], { input: picture, encoding: "utf8" }).trim();
  }
  async press(selector) {
    await Promise.all([this.page.waitForNavigation({ waitUntil: "load" }), this.page.locator(selector).first().click()]);
  }

  /// Once these words are in the clipboard.
  async hasCopied(words) {
    await this.page.waitForFunction(async (wanted) => (await navigator.clipboard.readText()) === wanted, words);
  }

  /// The page's time stands from now on: what it shows for seconds stays, however slow the machine is.
  async standStill() {
    await this.page.clock.install();
    await this.page.clock.pauseAt(Date.now() + 60_000);
  }

  async type(code) {
    await this.page.locator("#code").fill(code);
  }

  /// Every rule of WCAG 2.2 A and AA that a machine can judge.
  async assertAccessible(where) {
    assert.equal(this.page.frames().length, 1, `${where}: frames are not judged`);
    if (!(await this.page.evaluate("Boolean(window.axe)"))) await this.page.evaluate(axe);
    const violations = await this.page.evaluate(async (tags) => {
      const { violations, passes } = await window.axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] });
      if (passes.length === 0) throw new Error("no rule was judged");
      return violations;
    }, kTags);
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) => html + " " + (any[0]?.message ?? "")).join("\n   ")}`);
    assert.deepEqual(found, [], where);
  }

  /// Nothing to scroll to sideways, and nothing that sticks out and is cut off.
  async assertFits(where) {
    const [has, needs] = await this.page.evaluate(() => [
      document.documentElement.clientWidth,
      Math.max(document.documentElement.scrollWidth, document.body.scrollWidth),
    ]);
    assert.ok(needs <= has, `${where}: ${needs} pixels in a window of ${has}`);
  }

  /// Accessible, and nothing to scroll to sideways: narrow in light and in forced colours, wide in dark. `also` looks at
  /// either width.
  async assertLooks(name, also = async () => {}) {
    await this.assertAccessible(`${name}, narrow, light`);
    await this.assertFits(`${name}, narrow`);
    await also(`${name}, narrow`);
    await this.page.emulateMedia({ forcedColors: "active" });
    await this.assertAccessible(`${name}, forced colours`);
    await this.page.emulateMedia({ forcedColors: "none", colorScheme: "dark" });
    await this.page.setViewportSize({ width: 1280, height: 800 });
    await this.assertAccessible(`${name}, wide, dark`);
    await this.assertFits(`${name}, wide`);
    await also(`${name}, wide`);
  }

  /// No word is cut off, runs over another, or sticks out of the window; a field shows all that it may be asked for.
  async assertWholeWords(where) {
    const faults = await this.page.evaluate(() => {
      const found = [];
      const words = [];
      const hidden = (element) => element.closest(".vh, [hidden], details:not([open]) > :not(summary), svg");
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (!node.data.trim() || hidden(node.parentElement)) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const rect of range.getClientRects()) words.push({ text: node.data.trim().slice(0, 40), rect });
        for (let box = node.parentElement; box !== document.body; box = box.parentElement) {
          const clips = getComputedStyle(box).overflowX !== "visible";
          if (clips && box.scrollWidth > box.clientWidth + 1) found.push(`cut: ${node.data.trim()}`);
        }
      }
      const right = document.documentElement.clientWidth;
      for (const { text, rect } of words) if (rect.left < -1 || rect.right > right + 1) found.push(`outside: ${text}`);
      for (const [i, a] of words.entries())
        for (const b of words.slice(i + 1)) {
          const across = Math.min(a.rect.right, b.rect.right) - Math.max(a.rect.left, b.rect.left);
          const down = Math.min(a.rect.bottom, b.rect.bottom) - Math.max(a.rect.top, b.rect.top);
          if (across > 2 && down > 3) found.push(`over each other: ${a.text} | ${b.text}`);
        }
      for (const target of document.querySelectorAll("main .target")) {
        const range = document.createRange();
        range.selectNodeContents(target);
        if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) found.push(`broken: ${target.innerText}`);
      }
      for (const field of document.querySelectorAll("input.code")) {
        const typed = field.value;
        field.value = field.matches(".letters") ? "WWWWW-WWWWW-WWWWW" : "8".repeat(field.matches(".long") ? 8 : 6);
        if (field.scrollWidth > field.clientWidth + 1) found.push(`too narrow: ${field.scrollWidth} in ${field.clientWidth}`);
        field.value = typed;
      }
      return found;
    });
    assert.deepEqual(faults, [], where);
  }

  /// What is pressed is at least 24 by 24 pixels large (WCAG 2.2, 2.5.8), the main things 44 high.
  async assertTargets(where) {
    const small = await this.page.evaluate(() =>
      [...document.querySelectorAll("a, button, summary, input:not([type=hidden])")]
        .filter((element) => element.checkVisibility() && !element.closest(".vh"))
        .map((element) => ({ element, box: element.getBoundingClientRect() }))
        .filter(({ element, box }) => box.width < 24 || box.height < (element.matches(".btn, .way, .code, .text") ? 44 : 24))
        .map(({ element, box }) => `${element.outerHTML.slice(0, 80)}: ${Math.round(box.width)}x${Math.round(box.height)}`));
    assert.deepEqual(small, [], where);
  }

  async leave() {
    await this.context.close();
    assert.deepEqual(this.complaints, []);
  }
}
