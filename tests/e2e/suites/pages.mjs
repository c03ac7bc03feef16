// The job of the hosted pages, whole: what a person does from the link to the receipt.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../contract/support/client.mjs";
import { totp } from "../support/app.mjs";
import { meet } from "../support/world.mjs";

const confirmed = { "pt-BR": /Confirmad/, en: /Confirmed/, es: /Confirmad/ };
const confirm = "main form button.btn";

for (const locale of ["pt-BR", "en", "es"]) {
  for (const script of [true, false]) {
    test(`by SMS, ${locale}, ${script ? "with" : "without"} scripts`, () =>
      meet({ locale, script, width: script ? 320 : 1280 }, async (visitor, app) => {
        const { id, verify_url, person } = await app.hold({ policy: { any_of: ["sms"] } });
        await visitor.go(verify_url);
        assert.equal(await visitor.page.getAttribute("html", "lang"), locale);
        assert.match(await visitor.text(), /Festa Junina Ltda[^]*final 3661/);
        assert.equal((await app.messages(person.phone)).length, 0, "looking at a page sends nothing");
        await visitor.press(confirm);
        const code = await app.code(person.phone);
        await visitor.type(`${code.slice(0, 3)} ${code.slice(3)}`);
        await visitor.press(confirm);
        assert.match(await visitor.page.innerText("h1"), confirmed[locale]);
        assert.equal(await app.status(id), "verified");
      }));
  }
}

/// Codes of three steps in a row are within the window only while the step does not change between them.
const earlyInAStep = async () => {
  const left = 30_000 - (Date.now() % 30_000);
  if (left < 8_000) await sleep(left);
};

for (const script of [true, false]) {
  test(`set up an authenticator app from its picture, then use it, ${script ? "with" : "without"} scripts`, () =>
    meet({ script, locale: "en" }, async (visitor, app) => {
      const person = app.person();
      const policy = { any_of: ["totp"], trust_on_first_use: true, enrol: ["totp"] };
      const first = await app.hold({ person, policy, contacts: false });
      await visitor.go(first.verify_url);
      await visitor.press(confirm);
      const secret = new URL(await visitor.scan()).searchParams.get("secret");
      assert.equal((await visitor.page.innerText("#key")).replace(/\s/g, ""), secret);
      await earlyInAStep();
      await visitor.type(totp(secret, -1));
      await visitor.press(confirm);
      await visitor.type(totp(secret));
      await visitor.press(confirm);
      assert.match(await visitor.page.innerText("h1"), /Confirmed/);
      assert.equal(await app.status(first.id), "verified");

      const second = await app.hold({ person, policy: { any_of: ["totp"] }, contacts: false });
      await visitor.go(second.verify_url);
      await visitor.type(totp(secret, 1));
      await visitor.press(confirm);
      assert.equal(await app.status(second.id), "verified");
    }));
}

test("a number that is chosen among several ways", () =>
  meet({ locale: "en" }, async (visitor, app) => {
    const person = app.person();
    await app.enrol(person);
    const { id, verify_url } = await app.hold({ person });
    await visitor.go(verify_url);
    assert.equal(await visitor.page.locator(".ways li").count(), 2);
    await visitor.press("button.way");
    await visitor.type(await app.code(person.phone));
    await visitor.press(confirm);
    assert.equal(await app.status(id), "verified");
  }));

test("with the keyboard alone", () =>
  meet({ locale: "en" }, async (visitor, app) => {
    const { id, verify_url, person } = await app.hold({ policy: { any_of: ["sms"] } });
    await visitor.go(verify_url);
    const keyboard = visitor.page.keyboard;
    const focused = () => visitor.page.evaluate(() => document.activeElement.matches("main form button.btn, #code, .skip"));
    const tabTo = async (selector) => {
      for (let i = 0; i < 20; ++i) {
        await keyboard.press("Tab");
        if (await visitor.page.evaluate((s) => document.activeElement.matches(s), selector)) return;
      }
      assert.fail(`${selector} cannot be reached`);
    };
    await keyboard.press("Tab");
    assert.ok(await focused(), "the first stop is the way past the header");
    await tabTo(confirm);
    await Promise.all([visitor.page.waitForNavigation(), keyboard.press("Enter")]);
    const code = await app.code(person.phone);
    await tabTo("#code");
    await keyboard.type(code);
    await Promise.all([visitor.page.waitForNavigation(), keyboard.press("Enter")]);
    assert.equal(await app.status(id), "verified");
    assert.equal(await visitor.page.evaluate(() => document.activeElement.tagName), "H1", "success is read out");
  }));

test("an error is read out, and the field is a step away", () =>
  meet({ locale: "en" }, async (visitor, app) => {
    const { verify_url, person } = await app.hold({ policy: { any_of: ["sms"] } });
    await visitor.go(verify_url);
    await visitor.press(confirm);
    const code = await app.code(person.phone);
    await visitor.type(code === "000000" ? "111111" : "000000");
    await visitor.press(confirm);
    assert.match(await visitor.page.title(), /^Error: /);
    assert.equal(await visitor.page.evaluate(() => document.activeElement.id), "note");
    assert.equal(await visitor.page.getAttribute("#code", "aria-invalid"), "true");
    await visitor.type(code);
    await visitor.press(confirm);
    assert.match(await visitor.page.innerText("h1"), /Confirmed/);
  }));

test("the person who did not ask for it refuses", () =>
  meet({ locale: "en", width: 320 }, async (visitor, app) => {
    const { id, verify_url } = await app.hold();
    await visitor.go(verify_url);
    await visitor.press(".notme a");
    assert.equal(await app.status(id), "held", "asking changes nothing");
    await visitor.press(confirm);
    assert.match(await visitor.page.innerText("h1"), /declined/);
    assert.equal(await app.status(id), "denied");
  }));

test("one double click is one guess", () =>
  meet({ locale: "en" }, async (visitor, app) => {
    const { id, verify_url, person } = await app.hold({ policy: { any_of: ["sms"] } });
    await visitor.go(verify_url);
    await visitor.press(confirm);
    const code = await app.code(person.phone);
    await visitor.type(code === "000000" ? "111111" : "000000");
    await Promise.all([visitor.page.waitForNavigation(), visitor.page.locator(confirm).first().dblclick()]);
    const { verifications } = await app.call("GET", `/v1/transactions/${id}`);
    assert.equal(verifications[0].attempts_left ?? 4, 4);
  }));


/// Approved once by SMS, then given an app by the application: the app waits.
const withAWaitingApp = async (app) => {
  const person = app.person();
  const first = await app.hold({ person });
  await app.call("POST", `/v1/transactions/${first.id}/verifications`, { channel: "sms" });
  await app.call("POST", `/v1/transactions/${first.id}/checks`, { code: await app.code(person.phone) });
  await app.enrol(person);
  // From when it counts is known once somebody was told of it.
  await eventually("the notice", async () => {
    const { sources } = await app.call("GET", `/v1/subjects/${person.identity}`);
    return sources.find(({ kind }) => kind === "authenticator").standing.counts_from ?? undefined;
  });
  return person;
};

test("what does not count yet comes last, leads nowhere and is not called the safer way", () =>
  meet({ locale: "en" }, async (visitor, app) => {
    await visitor.go((await app.hold({ person: await withAWaitingApp(app) })).verify_url);
    const ways = await visitor.page.locator(".ways li").allInnerTexts();
    assert.match(ways[0], /^Text message/);
    assert.match(ways[1], /^Authenticator app[^]*for requests made on or after/i);
    assert.doesNotMatch(ways.join(), /safest|safer|most secure/i);
    assert.equal(await visitor.page.locator(".ways li:last-child :is(a, button)").count(), 0);
  }));

test("a person whose proof was lost reads that, and not that the site canceled", () =>
  meet({ locale: "en" }, async (visitor, app) => {
    const person = app.person();
    await app.enrol(person);
    const held = await app.hold({ person, policy: { any_of: ["sms", "totp"], min_kinds: 2 } });
    await app.call("POST", `/v1/transactions/${held.id}/verifications`, { channel: "sms" });
    await app.call("POST", `/v1/transactions/${held.id}/checks`, { code: await app.code(person.phone) });
    const [contact] = (await app.call("GET", `/v1/subjects/${person.identity}/contacts`)).data;
    await app.call("DELETE", `/v1/subjects/${person.identity}/contacts/${contact.id}`);
    await visitor.go(held.verify_url);
    assert.match(await visitor.page.innerText("main"), /no longer counts[^]*Nothing was changed/);
  }));

test("an app is added in the language of the page", () =>
  meet({ locale: "pt-BR" }, async (visitor, app) => {
    const person = app.person();
    await visitor.go((await app.hold({ person, policy: { any_of: ["sms"], enrol: ["totp"] } })).verify_url);
    await visitor.press(confirm);
    await visitor.type(await app.code(person.phone));
    await visitor.press(confirm);
    await visitor.press('.offer a[href*="enrol"]');
    assert.match(await visitor.page.innerText("main"), /Voltar/);
    await visitor.press(confirm);
    assert.match(await visitor.page.innerText("main"), /Novo aplicativo autenticador/);
    await visitor.press(confirm);
    await visitor.type(await app.code(person.phone, 2));
    await visitor.press(confirm);
    await visitor.press(confirm);
    await visitor.type(totp((await visitor.page.innerText("#key")).replace(/\s/g, "")));
    await visitor.press(confirm);
    assert.match(await visitor.page.innerText("h1"), /Aplicativo ativado/);
  }));
