// Passkeys and security keys on the hosted page, in Chromium with its virtual authenticator.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { atLocalhost, enrolHere, enrolSomewhere, kKey, kKeyWithoutPin, kPlatform, kU2f, meetAtLocalhost } from "../support/passkeys.mjs";

const button = "form[data-passkey] button.btn";
const alone = { any_of: ["webauthn"] };
const said = ({ page }, words) => page.locator("[data-passkey-said]").filter({ hasText: words }).waitFor();

/// At the page of a new transaction of hers.
const asked = async (visitor, app, person, policy = alone, changes = {}) => {
  const held = await app.hold({ person, policy, ...changes });
  await visitor.go(atLocalhost(held.verify_url));
  return held;
};

for (const [name, kind, verified] of [
  ["the device's own", kPlatform, true],
  ["the device's own, not discoverable", { ...kPlatform, hasResidentKey: false }, true],
  ["a security key with a PIN", kKey, true],
  ["a security key that keeps passkeys", { ...kKey, hasResidentKey: true }, true],
  ["a security key without a PIN", kKeyWithoutPin, false],
  ["a key that knows only U2F", kU2f, false],
]) {
  test(`a passkey confirms: ${name}`, () =>
    meetAtLocalhost({ locale: "en", width: 360 }, kind, async (visitor, app) => {
      const person = app.person();
      await enrolHere(visitor, app, person);
      const { id } = await asked(visitor, app, person);
      assert.equal(await visitor.page.locator("[data-passkey-said]").innerText(), "", "nothing opens by itself");
      await visitor.press(button);
      assert.match(await visitor.page.innerText("h1"), /Confirmed/);
      const { status, proofs } = await app.call("GET", `/v1/transactions/${id}`);
      assert.deepEqual([status, proofs[0].method, proofs[0].user_verified ?? proofs[0].passkey?.user_verified], ["verified", "webauthn", verified]);
    }));
}

test("showing the page asks for no challenge, and pressing asks for one", () =>
  meetAtLocalhost({ locale: "en" }, kPlatform, async (visitor, app) => {
    const person = app.person();
    await enrolHere(visitor, app, person);
    const asks = [];
    visitor.page.on("request", (request) => request.url().includes("/challenge") && asks.push(request.method()));
    await asked(visitor, app, person);
    await visitor.page.reload();
    assert.deepEqual(asks, []);
    await visitor.page.locator(button).dblclick();
    await visitor.page.waitForURL((url) => !url.pathname.endsWith("/passkey"));
    await visitor.page.locator("h1").filter({ hasText: "Confirmed" }).waitFor();
    assert.deepEqual(asks, ["POST"]);
  }));

/// What the page tells the browser of passkeys.
const hearSignals = (page) =>
  page.addInitScript(() => {
    window.told = [];
    for (const name of ["signalAllAcceptedCredentials", "signalCurrentUserDetails", "signalUnknownCredential"])
      PublicKeyCredential[name] = async (options) => void window.told.push([name, options]);
  });

test("a passkey that was removed meanwhile is told to the browser as unknown, and one that answered wrongly is not", () =>
  meetAtLocalhost({ locale: "en" }, kPlatform, async (visitor, app) => {
    const { page } = visitor;
    await hearSignals(page);
    const person = app.person();
    const id = await enrolHere(visitor, app, person);
    await page.exposeFunction("meanwhile", () => app.call("DELETE", `/v1/subjects/${person.identity}/factors/${id}`));
    const answered = async (changes) => {
      await asked(visitor, app, person, { any_of: ["webauthn", "sms"] });
      await page.evaluate((how) => {
        const submit = HTMLFormElement.prototype.submit;
        HTMLFormElement.prototype.submit = async function () {
          const answer = JSON.parse(this.elements.response.value);
          window.name = answer.id;
          if (how === "wrong") answer.response.signature = answer.response.signature.split("").reverse().join("");
          this.elements.response.value = JSON.stringify(answer);
          if (how === "removed") await window.meanwhile();
          submit.call(this);
        };
      }, changes);
      await visitor.press(button);
      return page.evaluate("window.told");
    };
    assert.deepEqual(await answered("wrong"), []);
    assert.match(await visitor.text(), /wasn't accepted/);
    const told = await answered("removed");
    assert.match(await visitor.text(), /That passkey is not in use here/);
    assert.deepEqual(told, [["signalUnknownCredential", { rpId: "localhost", credentialId: await page.evaluate("window.name") }]]);
  }));

test("with the keyboard alone", () =>
  meetAtLocalhost({ locale: "en" }, kPlatform, async (visitor, app) => {
    const person = app.person();
    await enrolHere(visitor, app, person);
    const { id } = await asked(visitor, app, person);
    for (let i = 0; i < 20 && !(await visitor.page.evaluate((s) => document.activeElement.matches(s), button)); ++i) await visitor.page.keyboard.press("Tab");
    await Promise.all([visitor.page.waitForNavigation({ waitUntil: "load" }), visitor.page.keyboard.press("Enter")]);
    assert.equal(await app.status(id), "verified");
    assert.equal(await visitor.page.evaluate(() => document.activeElement.tagName), "H1", "success is read out");
  }));

test("the policy wants the person verified, and the key cannot", () =>
  meetAtLocalhost({ locale: "en" }, kKeyWithoutPin, async (visitor, app) => {
    const person = app.person();
    await enrolHere(visitor, app, person);
    const { id } = await asked(visitor, app, person, { any_of: ["webauthn", "sms"], user_verification: true });
    assert.match(await visitor.text(), /touching a security key isn't enough/);
    await visitor.page.locator(button).click();
    await said(visitor, /Nothing was confirmed or changed/);
    assert.equal(await app.status(id), "held");
    await visitor.press("a[href*='choose']");
    await visitor.press("button.way");
    await visitor.type(await app.code(person.phone));
    await visitor.press("main form button.btn");
    assert.equal(await app.status(id), "verified");
  }));

test("a closed dialog is no error, and the next press works", () =>
  meetAtLocalhost({ locale: "en" }, kPlatform, async (visitor, app) => {
    const person = app.person();
    await enrolHere(visitor, app, person);
    const { id } = await asked(visitor, app, person);
    await visitor.page.evaluate(() => {
      const real = navigator.credentials.get.bind(navigator.credentials);
      navigator.credentials.get = async () => {
        navigator.credentials.get = real;
        throw new DOMException("closed", "NotAllowedError");
      };
    });
    await visitor.page.locator(button).click();
    await said(visitor, /Nothing was confirmed or changed/);
    assert.doesNotMatch(await visitor.page.title(), /Error/);
    await visitor.press(button);
    assert.equal(await app.status(id), "verified");
  }));

test("a dialog whose time is up", () =>
  meetAtLocalhost({ locale: "en" }, { ...kPlatform, automaticPresenceSimulation: false }, async (visitor, app, { cdp, device }) => {
    const person = app.person();
    await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: device, enabled: true });
    await enrolHere(visitor, app, person);
    await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: device, enabled: false });
    await visitor.page.route("**/challenge*", async (route) => {
      const answer = await route.fetch();
      const { options } = await answer.json();
      await route.fulfill({ response: answer, json: { options: { ...options, timeout: 1000 } } });
    });
    const { id } = await asked(visitor, app, person);
    await visitor.page.locator(button).click();
    await said(visitor, /Continue in the window/);
    await said(visitor, /ran out of time/);
    assert.equal(await app.status(id), "held");
  }));

test("the passkey is not on this device", () =>
  meetAtLocalhost({ locale: "en" }, kPlatform, async (visitor, app) => {
    const person = app.person();
    await enrolSomewhere(app, person);
    const { id } = await asked(visitor, app, person);
    await visitor.page.locator(button).click();
    await said(visitor, /isn't on this device/);
    await visitor.page.locator("details.help summary").click();
    assert.match(await visitor.text(), /scan the QR code/);
    assert.equal(await app.status(id), "held");
  }));

test("of two keys the person takes either", () =>
  meetAtLocalhost({ locale: "en" }, kPlatform, async (visitor, app, { cdp, add, device }) => {
    const person = app.person();
    const first = await enrolHere(visitor, app, person);
    await cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: device });
    await add(kKey);
    const second = await enrolHere(visitor, app, person);
    assert.notEqual(first, second);
    const { id } = await asked(visitor, app, person);
    assert.equal(await visitor.page.locator(button).count(), 1);
    await visitor.press(button);
    assert.equal(await app.status(id), "verified");
  }));

test("a counter that went back confirms, and is in the audit log: synced keys do that without a copy", () =>
  meetAtLocalhost({ locale: "en" }, kPlatform, async (visitor, app, { cdp, device }) => {
    const person = app.person();
    await enrolHere(visitor, app, person);
    await asked(visitor, app, person);
    await visitor.press(button);
    const { credentials: [credential] } = await cdp.send("WebAuthn.getCredentials", { authenticatorId: device });
    await cdp.send("WebAuthn.removeCredential", { authenticatorId: device, credentialId: credential.credentialId });
    await cdp.send("WebAuthn.addCredential", { authenticatorId: device, credential: { ...credential, signCount: 0 } });
    const { id } = await asked(visitor, app, person);
    await visitor.press(button);
    assert.equal(await app.status(id), "verified");
    const { data } = await app.call("GET", "/v1/events?type=factor.counter_fallen");
    assert.equal(data.length, 1, JSON.stringify(data));
  }));

test("a code beside it: the page goes on to what is missing", () =>
  meetAtLocalhost({ locale: "en" }, kPlatform, async (visitor, app) => {
    const person = app.person();
    await enrolHere(visitor, app, person);
    const { id } = await asked(visitor, app, person, { any_of: ["webauthn", "sms"], min_kinds: 2 });
    await visitor.press(button);
    assert.equal(await app.status(id), "held");
    assert.match(await visitor.text(), /First confirmation received/);
    await visitor.press("main form button.btn");
    await visitor.type(await app.code(person.phone));
    await visitor.press("main form button.btn");
    assert.equal(await app.status(id), "verified");
  }));

test("without scripts the page says so and shows the other ways", () =>
  meetAtLocalhost({ locale: "en", script: false }, undefined, async (visitor, app) => {
    const person = app.person();
    await enrolSomewhere(app, person);
    const { id } = await asked(visitor, app, person, { any_of: ["webauthn", "sms"] });
    await visitor.press(button);
    assert.match(await visitor.text(), /needs JavaScript/);
    await visitor.press("button.way");
    await visitor.type(await app.code(person.phone));
    await visitor.press("main form button.btn");
    assert.equal(await app.status(id), "verified");
  }));

test("inside an app without WebAuthn the page leads to the browser", () =>
  meetAtLocalhost({ locale: "en", permissions: ["clipboard-read", "clipboard-write"] }, undefined, async (visitor, app) => {
    const person = app.person();
    await enrolSomewhere(app, person);
    await visitor.context.addInitScript(() => delete window.PublicKeyCredential);
    const held = await asked(visitor, app, person, { any_of: ["webauthn", "sms"] });
    assert.equal(await visitor.page.locator(button).isVisible(), false);
    assert.match(await visitor.text(), /open it in your device's browser/);
    await visitor.page.locator("[data-copy]").click();
    await visitor.hasCopied(atLocalhost(held.verify_url));
    assert.ok(await visitor.page.locator("a[href*='choose']").isVisible());
  }));

test("two tabs: what one confirms, the other shows", () =>
  meetAtLocalhost({ locale: "en" }, kPlatform, async (visitor, app) => {
    const person = app.person();
    await enrolHere(visitor, app, person);
    const held = await asked(visitor, app, person);
    const other = await visitor.open();
    await other.goto(atLocalhost(held.verify_url), { waitUntil: "load" });
    await visitor.press(button);
    await other.locator("h1").filter({ hasText: /onfirmed/ }).waitFor();
  }));

test("a page that became stale while it was open says it at the press", () =>
  meetAtLocalhost({ locale: "en" }, kPlatform, async (visitor, app) => {
    const person = app.person();
    await enrolHere(visitor, app, person);
    await asked(visitor, app, person);
    visitor.expected = /409/;
    await visitor.page.locator("form[data-passkey] input[name=t]").evaluate((field) => (field.value = "x"));
    await visitor.press(button);
    assert.match(await visitor.text(), /open for too long/);
    await visitor.press(button);
    assert.match(await visitor.page.innerText("h1"), /Confirmed/);
  }));

/// A form of the page as somebody sends it who has the link and a cookie, and no browser.
const stranger = async (url) => {
  const page = await fetch(url);
  const cookie = page.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
  const [, t] = /name="t" value="([^"]+)"/.exec(await page.text());
  const post = (action, fields = {}) =>
    fetch(`${url}/${action}`, { method: "POST", headers: { cookie }, body: new URLSearchParams({ t, ...fields }), redirect: "manual" });
  const challenge = async () => (await post("challenge")).json();
  const answer = (response, more = {}) => post("passkey", { response: JSON.stringify(response), ...more });
  return { post, challenge, answer };
};

test("another transaction's answer, another person's passkey, a replay and a second submission confirm nothing", () =>
  meetAtLocalhost({ locale: "en" }, undefined, async (visitor, app) => {
    const person = app.person();
    const device = await enrolSomewhere(app, person);
    const first = await app.hold({ person, policy: alone });
    const second = await app.hold({ person, policy: alone });
    const [at1, at2] = [await stranger(first.verify_url), await stranger(second.verify_url)];
    // Signed for the first, sent to the second; spends nothing of the second.
    const mine = device.get((await at1.challenge()).options);
    const open = (await at2.challenge()).options;
    await at2.answer(mine);
    assert.equal(await app.status(second.id), "held");
    // Another person's passkey at this page.
    const other = await enrolSomewhere(app, app.person());
    await at2.answer(other.get({ ...open }));
    assert.equal(await app.status(second.id), "held");
    // Without user presence, and forged.
    await at1.answer(device.get((await at1.challenge()).options, { flags: 4 }));
    await at1.answer(device.get((await at1.challenge()).options, { forged: true }));
    assert.equal(await app.status(first.id), "held");
    // Right, twice: the second is the same submission.
    device.count += 1;
    const right = device.get((await at1.challenge()).options);
    const [one, two] = [await at1.answer(right), await at1.answer(right)];
    assert.deepEqual([one.status, two.status], [303, 303]);
    assert.equal(await app.status(first.id), "verified");
    const { proofs } = await app.call("GET", `/v1/transactions/${first.id}`);
    assert.equal(proofs.length, 1);
    await at2.answer(right);
    assert.equal(await app.status(second.id), "held");
  }));

test("whoever has the link alone gets challenges and nothing by them; the page of no link gets none", () =>
  meetAtLocalhost({ locale: "en" }, undefined, async (visitor, app) => {
    const person = app.person();
    const device = await enrolSomewhere(app, person);
    const held = await app.hold({ person, policy: alone });
    const { post } = await stranger(held.verify_url);
    const another = await stranger((await app.hold({ person: app.person() })).verify_url);
    assert.equal((await fetch(`${held.verify_url}/challenge`, { method: "POST", body: new URLSearchParams({ t: "x" }) })).status, 409);
    assert.equal((await fetch(`${held.verify_url}x/challenge`, { method: "POST", body: new URLSearchParams({ t: "x" }) })).status, 404);
    assert.equal((await another.post("challenge")).status, 409, "she has no passkey that counts");
    // An honest page that holds a challenge, and a flood from elsewhere through the application.
    const page = await stranger(held.verify_url);
    const { options } = await page.challenge();
    for (let i = 0; i < 20; ++i)
      await app.call("POST", `/v1/transactions/${held.id}/challenges`, { method: "webauthn", end_user_ip: "198.51.100.7" });
    await page.answer(device.get(options));
    assert.equal(await app.status(held.id), "verified");
    assert.equal((await post("challenge")).status, 409, "it is over");
  }));

test("the page and its styles are under 14 KB, its scripts under 10 KB", () =>
  meetAtLocalhost({ locale: "en" }, undefined, async (visitor, app) => {
    const person = app.person();
    await enrolSomewhere(app, person);
    const held = await app.hold({ person, policy: { any_of: ["webauthn", "sms"] } });
    const weigh = async (url) => gzipSync(Buffer.from(await (await fetch(new URL(url, app.url))).arrayBuffer())).length;
    const page = await (await fetch(held.verify_url)).text();
    const all = (pattern) => Promise.all([...page.matchAll(pattern)].map(([, url]) => weigh(url)));
    const sum = (sizes) => sizes.reduce((a, b) => a + b, 0);
    const scripts = await all(/<script src="([^"]+)"/g);
    assert.equal(scripts.length, 2, "the script for passkeys is here");
    assert.ok(sum(scripts) < 10 * 1024, `${sum(scripts)} bytes of scripts`);
    const seen = gzipSync(page).length + sum(await all(/<link rel="stylesheet" href="([^"]+)"/g));
    assert.ok(seen < 14 * 1024, `${seen} bytes of page and styles`);
    const other = await (await fetch((await app.hold()).verify_url)).text();
    assert.equal([...other.matchAll(/<script src=/g)].length, 1, "and on no other page");
  }));

test("it comes first where there are others, and not at all where the policy or a sent code says so", () =>
  meetAtLocalhost({ locale: "en" }, undefined, async (visitor, app) => {
    const both = { any_of: ["webauthn", "sms"] };
    const asks = async (person, policy, more = {}) =>
      (await (await fetch((await app.hold({ person, policy, ...more })).verify_url)).text()).includes("data-passkey=");
    const [bound, synced] = [app.person(), app.person()];
    await enrolSomewhere(app, bound);
    await enrolSomewhere(app, synced, { flags: 13 });  // It says that it can be copied.
    assert.equal(await asks(bound, both), true);
    assert.equal(await asks(bound, both, { send: "sms" }), false, "a code is on its way");
    assert.equal(await asks(bound, { ...both, device_bound: true }), true);
    assert.equal(await asks(synced, both), true);
    assert.equal(await asks(synced, { ...both, device_bound: true }), false);
    assert.equal(await asks(bound, { any_of: ["sms"] }), false);
    assert.equal(await asks(app.person(), both), false, "she has none");
  }));

test("an operation is approved by the passkey: it adds an app", () =>
  meetAtLocalhost({ locale: "en" }, kPlatform, async (visitor, app) => {
    const person = app.person();
    await enrolHere(visitor, app, person);
    await asked(visitor, app, person, { any_of: ["webauthn"], enrol: ["totp"] });
    await visitor.press(button);
    await visitor.press(".offer a");
    const [link] = await Promise.all([
      visitor.page.waitForResponse((answer) => answer.status() === 303),
      visitor.press("main form button.btn"),
    ]);
    // The operation's address is that of public_url, which the browser of this test knows as localhost.
    assert.match(link.headers().location, /\/verify\/TX/);
    await visitor.press(button);
    await visitor.press("main form button.btn");
    assert.ok(await visitor.page.locator("#key").isVisible());
  }));
