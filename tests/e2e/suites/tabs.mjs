// Time, history, other tabs, no network: what happens around the page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Visitor } from "../support/browser.mjs";
import { meet } from "../support/world.mjs";

const confirm = "main form button.btn";
const english = { locale: "en" };

const atCode = async (visitor, app, options = {}) => {
  const held = await app.hold({ policy: { any_of: ["sms"] }, ...options });
  await visitor.go(held.verify_url);
  await visitor.press(confirm);
  return { ...held, code: await app.code(held.person.phone) };
};
const heading = (page, words) => page.locator("h1", { hasText: words }).waitFor();

test("what one tab finishes, the other shows", () =>
  meet(english, async (visitor, app) => {
    const { verify_url, code } = await atCode(visitor, app);
    const second = await visitor.open();
    await second.goto(verify_url);
    await visitor.type(code);
    await visitor.press(confirm);
    await heading(second, "Already confirmed");
    const focused = () => second.evaluate(() => document.activeElement.tagName);
    assert.equal(await focused(), "H1", "an end that comes by itself is read out");
    await second.reload();
    assert.equal(await focused(), "BODY", "once");
  }));

test("what another browser finishes shows, too", () =>
  meet(english, async (visitor, app) => {
    const { verify_url, code } = await atCode(visitor, app);
    const other = await Visitor.arrive(app, english);
    await other.go(verify_url);
    await visitor.type(code);
    await visitor.press(confirm);
    await heading(other.page, "Already confirmed");
    await other.leave();
  }));

test("back and refresh show the present state and repeat nothing", () =>
  meet(english, async (visitor, app) => {
    const { id, code } = await atCode(visitor, app);
    await visitor.type(code === "000000" ? "111111" : "000000");
    await visitor.press(confirm);
    await visitor.page.reload();
    await visitor.page.reload();
    const { verifications } = await app.call("GET", `/v1/transactions/${id}`);
    assert.equal(verifications[0].attempts_left ?? 4, 4);
    await visitor.type(code);
    await visitor.press(confirm);
    await visitor.page.goBack();
    await heading(visitor.page, /onfirmed/);
    assert.equal(await app.status(id), "verified");
  }));

test("going back shows no code that was wrong", () =>
  meet(english, async (visitor, app) => {
    const { code } = await atCode(visitor, app);
    const wrong = code === "000000" ? "111111" : "000000";
    await visitor.type(wrong);
    await visitor.press(confirm);
    await Promise.all([visitor.page.waitForNavigation({ waitUntil: "load" }), visitor.page.goBack()]);
    assert.equal(await visitor.page.inputValue("#code"), "");
  }));

test("a page that the browser kept is fetched again when it is shown", () =>
  meet(english, async (visitor, app) => {
    const { code, verify_url } = await atCode(visitor, app);
    const other = await Visitor.arrive(app, { ...english, script: false });
    await other.go(verify_url);
    await other.type(code);
    await other.press(confirm);
    await other.leave();
    await visitor.page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
    await heading(visitor.page, "Already confirmed");
  }));

test("without a network nothing that was typed is lost", () =>
  meet(english, async (visitor, app) => {
    const { id, code } = await atCode(visitor, app);
    visitor.expected = /ERR_INTERNET_DISCONNECTED/;
    await visitor.type(code);
    const notice = visitor.page.locator("[data-offline]");
    assert.ok(await notice.isHidden());
    await visitor.context.setOffline(true);
    await notice.waitFor({ state: "visible" });
    await visitor.context.setOffline(false);
    await notice.waitFor({ state: "hidden" });
    assert.equal(await visitor.page.inputValue("#code"), code);
    await visitor.press(confirm);
    assert.equal(await app.status(id), "verified");
  }));

test("time that runs out is said, each phase once, and then shown", () =>
  meet(english, async (visitor, app) => {
    await visitor.page.clock.install();
    await atCode(visitor, app);
    const says = (role, words) => visitor.page.locator(`[role=${role}]`, { hasText: words }).waitFor({ state: "attached" });
    await visitor.page.clock.fastForward("05:01");
    await visitor.page.clock.runFor(2000);
    await says("status", "5 minutes left.");
    await visitor.page.clock.fastForward("04:10");
    await visitor.page.clock.runFor(2000);
    await says("status", "1 minute left.");
    await visitor.page.clock.fastForward("00:50");
    await visitor.page.clock.runFor(1500);
    await says("alert", "The code has expired.");
  }));

test("a new code is to be had when its time has come", () =>
  meet(english, async (visitor, app) => {
    await visitor.page.clock.install();
    const button = visitor.page.locator("[data-resend-at]");
    const waits = /^New code in 0:\d\d$/;
    let words = "";
    // Where half a minute is over before a slow machine has come here, once more.
    for (let tries = 0; tries < 5 && !waits.test(words); tries++) {
      await atCode(visitor, app);
      await visitor.page.locator("details.help summary").click();
      words = await button.innerText();
    }
    assert.match(words, waits);
    assert.equal(await button.getAttribute("aria-disabled"), "true");
    await visitor.page.clock.fastForward("00:31");
    await visitor.page.clock.runFor(1500);
    assert.equal(await button.innerText(), "Send a new code");
    assert.equal(await button.getAttribute("aria-disabled"), null);
  }));

test("a message's code is filled in and said, and left to the person to send", () =>
  meet(english, async (visitor, app) => {
    await visitor.page.addInitScript(() => {
      window.OTPCredential = class {};
      navigator.credentials.get = () => Promise.resolve({ code: "012345" });
    });
    const { id } = await atCode(visitor, app);
    await visitor.page.locator("[role=status]", { hasText: "Code filled in" }).waitFor({ state: "attached" });
    assert.equal(await visitor.page.inputValue("#code"), "012345");
    assert.equal(await app.status(id), "held");
    assert.match(visitor.page.url(), /\/verify\//);
  }));

test("a key is copied with a button", () =>
  meet({ ...english, permissions: ["clipboard-read", "clipboard-write"] }, async (visitor, app) => {
    const held = await app.hold({ policy: { any_of: ["totp"], trust_on_first_use: true, enrol: ["totp"] }, contacts: false });
    await visitor.go(held.verify_url);
    await visitor.press(confirm);
    await visitor.standStill();
    await visitor.page.locator("[data-copy=key]").click();
    await visitor.page.locator("[data-copy=key]", { hasText: "Copied" }).waitFor();
    const copied = await visitor.page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, await visitor.page.getAttribute("#key", "data-value"));
  }));

test("on to the application by itself, unless the person does anything", () =>
  meet(english, async (visitor, app) => {
    const back = { return_url: `${app.url}/healthz` };
    const first = await atCode(visitor, app, back);
    await visitor.type(first.code);
    await visitor.press(confirm);
    await visitor.page.waitForURL(/healthz/);
    const second = await atCode(visitor, app, back);
    await visitor.type(second.code);
    await visitor.standStill();
    await visitor.press(confirm);
    await visitor.page.keyboard.press("Shift");
    await visitor.page.clock.runFor(5000);
    await heading(visitor.page, "Confirmed");
  }));

test("the policy holds: no script of another's runs, and the run would know", () =>
  meet(english, async (visitor, app) => {
    await visitor.go((await app.hold()).verify_url);
    await visitor.page.evaluate(() => {
      try {
        document.body.append(Object.assign(document.createElement("script"), { textContent: "window.ran = true" }));
      } catch {
        // Trusted types refuse it even earlier.
      }
    });
    assert.equal(await visitor.page.evaluate(() => window.ran), undefined);
    assert.notEqual(visitor.complaints.length, 0);
    visitor.complaints.length = 0;
  }));
