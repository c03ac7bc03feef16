// After a step-up the page offers a passkey: to the browser that proved it, as an operation of its own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Visitor } from "../support/browser.mjs";
import { meet } from "../support/world.mjs";

const confirm = "main form button.btn";
const kOffer = '.offer a[href*="add_passkey"]';
const kPolicy = { any_of: ["sms"], enrol: ["webauthn"] };

/// On the page of a transaction that she has just approved by SMS.
const approved = async (visitor, app, person = app.person(), policy = kPolicy, count = 1) => {
  const held = await app.hold({ person, policy });
  await visitor.go(held.verify_url);
  await visitor.press(confirm);
  await visitor.type(await app.code(person.phone, count));
  await visitor.press(confirm);
  return { person, held };
};

const withAuthenticator = async ({ page }) => {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
  });
};

test("a passkey offered after a step-up is made by an operation that asks for a proof of its own", () =>
  meet({ locale: "pt-BR", width: 320 }, async (visitor, app) => {
    const { person } = await approved(visitor, app);
    await withAuthenticator(visitor);
    const buttons = visitor.page.locator(".offer .btn");
    assert.deepEqual(await buttons.allInnerTexts(), ["Criar chave de acesso", "Agora não"]);
    const [offer, decline] = await buttons.evaluateAll((all) => all.map((one) => one.className));
    assert.equal(offer, decline, "of equal weight");
    await visitor.press(kOffer);
    assert.match(await visitor.text(), /já vale nas próximas confirmações[^]*Como segunda confirmação, só daqui a alguns dias/);
    await visitor.press("form.sign button.btn");
    assert.equal(await visitor.page.locator("form[data-passkey]").count(), 0, "what was proved before adds nothing");
    await visitor.press(confirm);
    await visitor.type(await app.code(person.phone, 2));
    await visitor.press(confirm);
    await visitor.press("form[data-passkey=create] button");
    assert.match(await visitor.text(), /Chave de acesso criada/);
    const [factor] = (await app.call("GET", `/v1/subjects/${person.identity}/factors`)).data;
    assert.deepEqual([factor.type, factor.status], ["webauthn", "active"]);
    await approved(visitor, app, person, kPolicy, 3);
    assert.equal(await visitor.page.locator(kOffer).count(), 0, "she has one");
  }));

test("the offer of a passkey is declined, and is not made to whoever has the link alone", () =>
  meet({ locale: "en", width: 320, script: false }, async (visitor, app) => {
    const { held, person } = await approved(visitor, app);
    const thief = await Visitor.arrive(app, { locale: "en", width: 320 });
    await thief.go(held.verify_url);
    assert.match(await thief.text(), /confirmed/i);
    assert.equal(await thief.page.locator(kOffer).count(), 0);
    // By its address an operation begins, and it asks for the person's own proof.
    await thief.go(`${held.verify_url}?way=add_passkey`);
    await thief.press("form.sign button.btn");
    assert.equal(await thief.page.locator("form[data-passkey]").count(), 0);
    await thief.leave();
    await visitor.press(".offer a:has-text('Not now')");
    assert.equal(await visitor.page.locator(kOffer).count(), 0);
    assert.deepEqual((await app.call("GET", `/v1/subjects/${person.identity}/factors`)).data, []);
  }));

test("who said \"not now\" is not asked again in that browser, and goes back to the application", () =>
  meet({ locale: "en", width: 320, script: false }, async (visitor, app) => {
    const { person } = await approved(visitor, app);
    await visitor.press(".offer a:has-text('Not now')");
    await approved(visitor, app, person, kPolicy, 2);
    assert.equal(await visitor.page.locator(kOffer).count(), 0);
    const kept = (await visitor.context.cookies()).find(({ name }) => name.endsWith("cs-later"));
    assert.ok(kept.httpOnly && Math.abs(kept.expires - Date.now() / 1000 - 90 * 86_400) < 86_400, "for 90 days");
    assert.doesNotMatch(kept.value, new RegExp(person.identity), "and it does not say who");
    await approved(visitor, app);
    assert.equal(await visitor.page.locator(kOffer).count(), 1, "somebody else is asked, who uses the same browser");
    const another = await Visitor.arrive(app, { locale: "en", width: 320, script: false });
    await approved(another, app, person, kPolicy, 3);
    assert.equal(await another.page.locator(kOffer).count(), 1);
    await another.leave();
    const back = `${app.url}/healthz`;
    const held = await app.hold({ policy: kPolicy, return_url: back });
    await visitor.go(held.verify_url);
    await visitor.press(confirm);
    await visitor.type(await app.code(held.person.phone, 1));
    await visitor.press(confirm);
    await visitor.page.locator(".offer a:has-text('Not now')").click();
    await visitor.page.waitForURL(back);
  }));

test("no passkey is offered where the policy does not name it", () =>
  meet({ locale: "en", width: 320 }, async (visitor, app) => {
    await approved(visitor, app, app.person(), { any_of: ["sms"] });
    assert.equal(await visitor.page.locator(kOffer).count(), 0);
  }));
