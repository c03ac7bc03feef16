// One page fewer, old beside new, a browser that takes no cookies, and digits as people have them on their keyboards.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { kReplacing, wentBy } from "../support/states.mjs";
import { meet, world } from "../support/world.mjs";
import { Visitor } from "../support/browser.mjs";

const confirm = "main form button.btn";
const sms = { policy: { any_of: ["sms"] } };

for (const [locale, channel, said] of [
  ["pt-BR", "whatsapp", /Mandamos pelo WhatsApp, porque por SMS não deu/],
  ["en", "call", /We are calling, because it did not go through by text/],
  ["es", "whatsapp", /Lo enviamos por WhatsApp, porque por SMS no se pudo/],
]) {
  test(`the page says by which channel the code went: ${channel}, ${locale}`, () =>
    meet({ locale }, async (visitor, app) => {
      const held = await wentBy(visitor, app, channel);
      assert.match(await visitor.text(), said);
      // Also where her address still names the channel that could not carry it.
      const { data: contacts } = await app.call("GET", `/v1/subjects/${held.person.identity}/contacts`);
      await visitor.go(`${held.verify_url}?way=${contacts.find((contact) => contact.channel === "sms").id}`);
      assert.match(await visitor.text(), said);
      await visitor.type(await app.code(held.person.phone));
      await visitor.press("main form button.btn");
      assert.equal(await app.status(held.id), "verified");
    }));
}

for (const script of [true, false]) {
  test(`a hold that has sent opens at the code, ${script ? "with" : "without"} scripts`, () =>
    meet({ script, width: 320 }, async (visitor, app) => {
      const { id, verify_url, person, verification } = await app.hold({ ...sms, send: "sms" });
      assert.equal(verification.status, "pending");
      const code = await app.code(person.phone);
      await visitor.go(verify_url);
      assert.equal(await visitor.page.locator("#code").count(), 1);
      assert.match(await visitor.text(), /Enviamos um SMS para/);
      await visitor.page.reload();
      assert.equal((await app.messages(person.phone)).length, 1, "looking at a page sends nothing");
      await visitor.type(code);
      await visitor.press(confirm);
      assert.equal(await app.status(id), "verified");
    }));
}

/// How many lines of text there are in it.
const linesOf = (page, selector) =>
  page.locator(selector).first().evaluate((element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return new Set([...range.getClientRects()].map(({ bottom }) => Math.round(bottom / 12))).size;
  });

for (const [locale, send, what] of [
  ["pt-BR", /^Enviar SMS para …\u2060\d{4}$/, /^Confirmar: /],
  ["en", /^Text the code to …\u2060\d{4}$/, /^Confirm: /],
  ["es", /^Enviar SMS a …\u2060\d{4}$/, /^Confirmar: /],
]) {
  test(`buttons say what they do, and fit: ${locale}`, () =>
    meet({ locale, width: 320 }, async (visitor, app) => {
      const longest = "W".repeat(28);
      const display = { title: longest, amount: { value: "999999999999999.99", currency: "USD" } };
      for (const [changes, said] of [[{}, /Nova conta de repasse$/], [{ display }, new RegExp(`${longest}$`)], [{ display: { ...display, title: `${longest} ${longest}` } }, /USD 999.999.999.999.999.99$/]]) {
        const { verify_url } = await app.hold({ ...sms, ...changes });
        await visitor.go(verify_url);
        assert.match(await visitor.page.innerText(confirm), send);
        assert.equal(await linesOf(visitor.page, confirm), 1);
        await visitor.press(confirm);
        const words = (await visitor.page.innerText(confirm)).replace(/,/g, ".");
        assert.match(words, what);
        assert.match(words, said);
        await visitor.assertFits(words);
        assert.ok(await visitor.page.locator(confirm).evaluate((button) => button.scrollWidth <= button.clientWidth), "nothing sticks out of the button");
      }
    }));
}

for (const [locale, before, now] of [["pt-BR", "Antes:", "Agora:"], ["en", "Before:", "Now:"], ["es", "Antes:", "Ahora:"]]) {
  test(`old beside new: ${locale}`, () =>
    meet({ locale, width: 1280 }, async (visitor, app) => {
      const { verify_url } = await app.hold({ ...sms, ...kReplacing });
      await visitor.go(verify_url);
      const { page } = visitor;
      const dd = page.locator(".facts .swap dd").first();
      assert.equal((await dd.textContent()).replace("→ ", ""), `${before} Bradesco final 1234 ${now} Itaú final 3661`);
      const seen = await page.locator("main").ariaSnapshot();
      assert.match(seen, /deletion: Bradesco final 1234/);
      assert.match(seen, /insertion: Itaú final 3661/);
      assert.match(await page.locator("del").first().evaluate((old) => getComputedStyle(old).textDecorationLine), /line-through/);
      const boxes = () => Promise.all(["del", "ins"].map((name) => page.locator(`.facts ${name}`).first().boundingBox()));
      const [oldWide, newWide] = await boxes();
      assert.ok(newWide.x >= oldWide.x + oldWide.width && Math.abs(newWide.y - oldWide.y) < 4, "side by side where wide");
      await page.setViewportSize({ width: 320, height: 640 });
      const [oldNarrow, newNarrow] = await boxes();
      assert.ok(newNarrow.y >= oldNarrow.y + oldNarrow.height - 2, "one above the other where narrow");
      await visitor.assertFits("old beside new");
    }));
}

/// A visitor whose browser refuses all cookies, as its settings can say.
const refuseCookies = async (work, { script = true } = {}) => {
  const { app } = await world();
  const folder = mkdtempSync(join(tmpdir(), "countersign-no-cookies-"));
  mkdirSync(join(folder, "Default"));
  writeFileSync(join(folder, "Default/Preferences"), JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }));
  const visitor = await Visitor.arriveWithProfile(app, folder, { script, width: 360 });
  try {
    await work(visitor, app);
    await visitor.leave();
  } finally {
    await visitor.context.close().catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  }
};

for (const script of [true, false]) {
  test(`cookies are blocked: the page says so and how to go on, ${script ? "with" : "without"} scripts`, () =>
    refuseCookies(async (visitor, app) => {
      const { id, verify_url, person } = await app.hold({ ...sms, send: "sms" });
      const code = await app.code(person.phone);
      await visitor.go(verify_url);
      assert.doesNotMatch(await visitor.text(), /cookies/);
      for (let i = 0; i < 6; ++i) {
        await visitor.type(code);
        await visitor.press(confirm);
        assert.match(await visitor.text(), /Seu navegador está bloqueando cookies[^]*Permita cookies para localhost:\d+/);
        assert.equal(await visitor.page.locator("#code").count(), 1);
      }
      if (script) assert.equal(await visitor.page.evaluate(() => document.activeElement.id), "note", "it is read out");
      assert.deepEqual(await visitor.context.cookies(), []);
      const shown = await app.call("GET", `/v1/transactions/${id}`);
      assert.equal(shown.status, "held");
      assert.equal(shown.verifications[0].attempts_left, 5, "no guess is counted");

      // Another browser, with the address that the first one shows.
      await meet({}, async (other) => {
        await other.go(visitor.page.url());
        assert.doesNotMatch(await other.text(), /cookies/);
        await other.type(code);
        await other.press(confirm);
        assert.equal(await app.status(id), "verified");
      });
    }, { script }));
}

const kScripts = { Arabic: 0x660, Persian: 0x6f0, Devanagari: 0x966, Bengali: 0x9e6, Thai: 0xe50, "full-width": 0xff10 };
for (const [name, zero] of Object.entries(kScripts)) {
  test(`a code typed in ${name} digits`, () =>
    meet({ locale: "en" }, async (visitor, app) => {
      const { id, verify_url, person } = await app.hold({ ...sms, send: "sms" });
      const code = await app.code(person.phone);
      await visitor.go(verify_url);
      await visitor.type(code.replace(/\d/g, (digit) => String.fromCharCode(zero + Number(digit))));
      await visitor.press(confirm);
      assert.equal(await app.status(id), "verified");
    }));
}

test("a code with what a paste brings along", () =>
  meet({ locale: "en" }, async (visitor, app) => {
    for (const paste of [(c) => `\u202a${c}\u202c`, (c) => `\u2067${c.slice(0, 3)}\u2011${c.slice(3)}\u2069`, (c) => `${c.slice(0, 2)}\u00ad${c.slice(2)}\u200b`, (c) => `\ufeff${c.slice(0, 3)}\u00a0${c.slice(3)}`]) {
      const { id, verify_url, person } = await app.hold({ ...sms, send: "sms" });
      await visitor.go(verify_url);
      await visitor.type(paste(await app.code(person.phone)));
      await visitor.press(confirm);
      assert.equal(await app.status(id), "verified");
    }
  }));
