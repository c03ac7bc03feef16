// One Chromium for the whole run; each visitor has a context of her own, and everything that a browser complains of
// counts: console errors, uncaught exceptions, violations of the content security policy, requests to elsewhere.
import assert from "node:assert/strict";
import { npm } from "../../contract/npm.mjs";

const { chromium } = npm("playwright-core");
const AxeBuilder = npm("@axe-core/playwright").default;

let running;
const launchOptions = {
  executablePath: process.env.CS_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none"],
};
const browser = () => (running ??= chromium.launch(launchOptions));
export const closeBrowser = async () => running && (await running).close();

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
  static async arrive(app, options = {}) {
    return Visitor.in(await (await browser()).newContext(contextOptions(options)), app);
  }

  /// In a browser of her own, with the settings that the folder of its profile has.
  static async arriveWithProfile(app, folder, options = {}) {
    return Visitor.in(await chromium.launchPersistentContext(folder, { ...launchOptions, ...contextOptions(options) }), app);
  }

  static async in(context, app) {
    const visitor = new Visitor();
    visitor.app = app;
    visitor.complaints = [];
    visitor.context = context;
    visitor.context.setDefaultTimeout(10_000);
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
  async press(selector) {
    await Promise.all([this.page.waitForNavigation({ waitUntil: "load" }), this.page.locator(selector).first().click()]);
  }

  async type(code) {
    await this.page.locator("#code").fill(code);
  }

  /// Every rule of WCAG 2.2 A and AA that a machine can judge.
  async assertAccessible(where) {
    const { violations } = await new AxeBuilder({ page: this.page })
      .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
      .analyze();
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

  async leave() {
    await this.context.close();
    assert.deepEqual(this.complaints, []);
  }
}
