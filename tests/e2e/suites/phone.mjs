// What trips a person on a telephone: the field out of sight, errors far from it, no way back, another language.
import assert from "node:assert/strict";
import { test } from "node:test";
import { totp } from "../support/app.mjs";
import { kUsual } from "../support/states.mjs";
import { meet } from "../support/world.mjs";

const confirm = "main form button.btn";
const wrong = (right) => (right === "000000" ? "111111" : "000000");
const small = { width: 360 };  // By 640 pixels high.

/// Asked for a code, on a usual page.
const atCode = async (visitor, app, changes = {}) => {
  const held = await app.hold({ ...kUsual(app), ...changes });
  await visitor.go(held.verify_url);
  await visitor.press(confirm);
  return { ...held, code: await app.code(held.person.phone) };
};
const focused = (visitor) => visitor.page.evaluate(() => document.activeElement.tagName);
const back = ".top .back a";


/// Where the page stands when it is there, nothing scrolled by the person.
const isInSight = async (visitor, where, selectors = ["#code", confirm]) => {
  const { height } = visitor.page.viewportSize();
  for (const selector of selectors) {
    const box = await visitor.page.locator(selector).first().boundingBox();
    assert.ok(box.y >= 0 && box.y + box.height <= height, `${where}: ${selector} from ${box.y} to ${box.y + box.height} of ${height}`);
  }
};

for (const locale of ["pt-BR", "en", "es"]) {
  test(`the field and its button are in sight without scrolling, ${locale}`, () =>
    meet({ ...small, locale }, async (visitor, app) => {
      await atCode(visitor, app, { locale });
      await isInSight(visitor, "code");
    }));

  test(`they are in sight after an error, too, ${locale}`, () =>
    meet({ ...small, locale }, async (visitor, app) => {
      const { code } = await atCode(visitor, app, { locale });
      await visitor.type(wrong(code));
      await visitor.press(confirm);
      await isInSight(visitor, "wrong");
      await visitor.type(code.slice(0, 5));
      await visitor.press(confirm);
      await isInSight(visitor, "short");
      const person = app.person();
      await app.enrol(person);
      const both = { ...kUsual(app), locale, person, policy: { any_of: ["sms", "totp"], min_kinds: 2 } };
      await visitor.go((await app.hold(both)).verify_url);
      await visitor.press("form button.way");
      await visitor.type(await app.code(person.phone));
      await visitor.press(confirm);
      await isInSight(visitor, "one more");
    }));

  test(`on its side the code is beside what it approves, ${locale}`, () =>
    meet({ viewport: { width: 640, height: 360 }, locale }, async (visitor, app) => {
      await atCode(visitor, app, { locale });
      await isInSight(visitor, "code", ["#code"]);
      const [facts, sign] = await Promise.all([".facts", ".sign"].map((part) => visitor.page.locator(part).boundingBox()));
      assert.ok(facts.x + facts.width <= sign.x + 1);
      await visitor.assertFits("on its side");
      await visitor.assertWholeWords("on its side");
    }));

  for (const [width, size] of [[320, "100%"], [320, "200%"], [360, "200%"]]) {
    test(`where the code went is one word, ${locale}, ${width} pixels, text at ${size}`, () =>
      meet({ width, locale }, async (visitor, app) => {
        await atCode(visitor, app, { locale });
        const lines = await visitor.page.evaluate((fontSize) => {
          document.documentElement.style.fontSize = fontSize;
          const target = document.querySelector("#code-hint .target");
          const count = () => {
            const range = document.createRange();
            range.selectNodeContents(target);
            return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
          };
          const phone = count();
          target.className = "target mail";  // The longest mask of a mailbox.
          target.textContent = "m•••••@w••••.museum.";
          return [phone, count()];
        }, size);
        assert.deepEqual(lines, [1, 1]);
      }));
  }
}

test("a fact and what it is called stand in one row where they fit, and below each other where not", () =>
  meet(small, async (visitor, app) => {
    await atCode(visitor, app);
    const rows = await visitor.page.locator(".facts div").evaluateAll((all) => all.map((row) => {
      const [label, value] = [...row.children].map((child) => child.getBoundingClientRect());
      return { text: row.innerText, together: value.top < label.bottom };
    }));
    for (const { text, together } of rows) assert.equal(together, !/agência/.test(text), text);
  }));

test("an error stands at the field, is told with it, and names the window", () =>
  meet({ ...small, locale: "en" }, async (visitor, app) => {
    const { code } = await atCode(visitor, app);
    assert.match(await visitor.page.title(), /^Enter the code – /);
    await visitor.type(wrong(code));
    await visitor.press(confirm);
    assert.match(await visitor.page.title(), /^Error: That code is incorrect or has expired – /);
    const field = await visitor.page.locator("#code").boundingBox();
    const error = await visitor.page.locator("#code-error").boundingBox();
    assert.ok(field.y - (error.y + error.height) < 24, "right above the field");
    const told = await visitor.page.locator("#code").evaluate((input) =>
      input.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id).textContent).join(" "));
    assert.match(told, /^Error: That code is incorrect[^]*We sent a text/);
    assert.equal(await visitor.page.inputValue("#code"), "", "a whole code is not said again");
  }));

for (const script of [true, false]) {
  test(`a code that is too short stays, and travels in no address, ${script ? "with" : "without"} scripts`, () =>
    meet({ ...small, locale: "en", script }, async (visitor, app) => {
      const { id, code, verify_url } = await atCode(visitor, app);
      const asked = [];
      visitor.page.on("request", (request) => asked.push(request.url()));
      await visitor.type(code.slice(0, 5));
      await visitor.press(confirm);
      assert.equal(await visitor.page.inputValue("#code"), code.slice(0, 5));
      const cookies = await visitor.context.cookies();
      assert.ok(!JSON.stringify([asked, cookies]).includes(code.slice(0, 5)));
      if (script) {
        assert.ok(visitor.page.url().startsWith(verify_url) && !visitor.page.url().includes("/check"), visitor.page.url());
        await visitor.page.locator(".note a").click();
        const selected = await visitor.page.locator("#code").evaluate((input) => input.selectionEnd - input.selectionStart);
        assert.equal(selected, 5, "the next key replaces it");
        await visitor.page.reload();
        assert.equal(await visitor.page.inputValue("#code"), "", "a reload is a fresh page");
      }
      await visitor.type(code);
      await visitor.press(confirm);
      assert.equal(await app.status(id), "verified");
      if (script) {
        await visitor.page.goBack();
        await visitor.page.locator("h1", { hasText: /onfirmed/ }).waitFor();
      }
    }));
}

test("the way back is on every page, and nothing is refused by it", () =>
  meet({ ...small, locale: "en" }, async (visitor, app) => {
    const held = await atCode(visitor, app);
    const places = [];
    const look = async (where) => {
      const box = await visitor.page.locator(back).boundingBox();
      assert.ok(box && box.height >= 24, where);
      assert.match(await visitor.page.innerText(back), /Back to /, where);
      assert.equal(await visitor.page.locator(`${back}:is(.btn, .bad)`).count(), 0, where);
      places.push(`${Math.round(box.x)} ${Math.round(box.y)}`);
    };
    await look("code");
    await visitor.press(".notme a");
    await look("deny");
    await visitor.press(back);
    assert.match(visitor.page.url(), /healthz/);
    assert.equal(await app.status(held.id), "held");
    await visitor.go(held.verify_url);
    for (let i = 0; i < 5; ++i) {
      await visitor.type(wrong(held.code));
      await visitor.press(confirm);
    }
    assert.match(await visitor.page.innerText("h1"), /Too many attempts/);
    await look("locked");
    await visitor.press(".notme a");
    await visitor.press(confirm);
    await look("denied");
    const none = await app.hold({ ...kUsual(app), policy: { any_of: ["totp"] }, contacts: false });
    await visitor.go(none.verify_url);
    await look("blocked");
    const policy = { any_of: ["totp"], trust_on_first_use: true, enrol: ["totp"] };
    await visitor.go((await app.hold({ ...kUsual(app), policy, contacts: false })).verify_url);
    await look("enrolment");
    await visitor.press(confirm);
    await look("the key");
    const person = app.person();
    await app.enrol(person);
    await visitor.go((await app.hold({ ...kUsual(app), person, policy: { any_of: ["sms", "totp"] } })).verify_url);
    await look("choose");
    assert.equal(new Set(places).size, 1, `one place: ${places}`);
  }));

test("after what the person did, the heading of the end is read out", () =>
  meet({ ...small, locale: "en" }, async (visitor, app) => {
    const { verify_url } = await atCode(visitor, app);
    await visitor.press(".notme a");
    await visitor.press(confirm);
    assert.equal(await focused(visitor), "H1");
    assert.match(await visitor.page.title(), /^Request declined – /);
    await visitor.go(verify_url);
    assert.equal(await focused(visitor), "BODY", "a visit later begins at the top");
    const locked = await atCode(visitor, app);
    for (let i = 0; i < 5; ++i) {
      await visitor.type(wrong(locked.code));
      await visitor.press(confirm);
    }
    assert.equal(await focused(visitor), "H1");
    const done = await atCode(visitor, app, { policy: { any_of: ["sms"], enrol: ["totp"] } });
    await visitor.type(done.code);
    await visitor.press(confirm);
    assert.equal(await focused(visitor), "H1");
    assert.match(await visitor.page.title(), /^Confirmed – /);
  }));

test("a success that offers something does not leave by itself", () =>
  meet({ ...small, locale: "en" }, async (visitor, app) => {
    const held = await atCode(visitor, app, { policy: { any_of: ["sms"], enrol: ["totp"] } });
    await visitor.page.clock.install();
    await visitor.type(held.code);
    await visitor.press(confirm);
    await visitor.page.clock.runFor(60_000);
    assert.match(await visitor.page.innerText(".offer"), /authenticator app/);
    assert.match(visitor.page.url(), /verify/);
    await visitor.press(".offer a");
    assert.match(await visitor.text(), /first confirm with what you already use/);
  }));

for (const cookies of [true, false]) {
  test(`the language that was chosen holds through forms and the setting up of an app, ${cookies ? "and at a later visit" : "also where cookies of it are dropped"}`, () =>
    meet({ ...small, locale: "en" }, async (visitor, app) => {
      const person = app.person();
      const { page } = visitor;
      const isSpanish = async (where) => {
        assert.equal(await page.getAttribute("html", "lang"), "es", where);
        if (!cookies) await visitor.context.clearCookies({ name: "cs-lang" });
      };
      const held = await app.hold({ ...kUsual(app), person, locale: "pt-BR", policy: { any_of: ["sms"], enrol: ["totp"] } });
      await visitor.go(held.verify_url);
      assert.equal(await page.getAttribute("html", "lang"), "pt-BR");
      await visitor.press('.lang a[hreflang="es"]');
      await isSpanish("chosen");
      await visitor.press(confirm);
      await isSpanish("sent");
      const code = await app.code(person.phone);
      await visitor.type(code.slice(0, 3));
      await visitor.press(confirm);
      await isSpanish("too short");
      await visitor.type(code);
      await visitor.press(confirm);
      await isSpanish("done");
      await visitor.press(".offer a");
      await isSpanish("offer");
      await visitor.press(confirm);
      await isSpanish("the operation");
      await visitor.press(confirm);
      await visitor.type(await app.code(person.phone, 2));
      await visitor.press(confirm);
      await isSpanish("approved");
      await visitor.press(confirm);
      await isSpanish("the key");
      await visitor.type(totp((await page.innerText("#key")).replace(/\s/g, "")));
      await visitor.press(confirm);
      await isSpanish("added");
      await visitor.press("main .row a.btn");
      await isSpanish("and back");
      if (cookies) {
        await visitor.go(held.verify_url);
        await isSpanish("a later visit");
      }
    }));
}

test("words of the application are read in their own language, names in their own direction", () =>
  meet({ ...small, locale: "en" }, async (visitor, app) => {
    const display = { ...kUsual(app).display, payee: "شركة المسرح (2026)" };
    await atCode(visitor, app, { locale: "pt-BR", display });
    const tongue = (selector) => visitor.page.locator(selector).first().evaluate((element) => element.closest("[lang]").lang);
    assert.equal(await tongue("h1 bdi"), "pt-BR");
    await visitor.press('.lang a[hreflang="en"]');
    assert.equal(await tongue("h1 bdi"), "pt-BR");
    assert.equal(await tongue(".facts dd bdi"), "pt-BR");
    assert.equal(await tongue(".facts dt"), "en");
    assert.equal(await tongue(".lede"), "en");
    const payee = visitor.page.locator(".facts dd bdi").first();
    assert.equal(await payee.evaluate((element) => getComputedStyle(element).direction), "rtl");
    assert.equal(await payee.evaluate((element) => getComputedStyle(element.parentElement).direction), "ltr");
  }));

test("another way is spoken of where there is one", () =>
  meet({ ...small, locale: "en" }, async (visitor, app) => {
    const alone = await atCode(visitor, app);
    await app.report(alone.person.phone, "opted_out");
    await visitor.page.reload();
    assert.match(await visitor.text(), /can't receive our messages/);
    assert.doesNotMatch(await visitor.text(), /another way/);
    const person = app.person();
    await app.enrol(person);
    const held = await app.hold({ ...kUsual(app), person, policy: { any_of: ["sms", "totp"] } });
    await visitor.go(held.verify_url);
    await visitor.press("button.way");
    await app.code(person.phone);
    await app.report(person.phone, "opted_out");
    await visitor.page.reload();
    assert.match(await visitor.text(), /can't receive our messages[^]*You can also confirm another way/);
    assert.equal(await visitor.page.locator("details a", { hasText: "another way" }).count(), 1);
  }));
