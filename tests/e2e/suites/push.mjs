// Devices on the hosted pages: a browser becomes one, is asked by another, and signs the number that the person types.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { approveBySms, card, openMethods } from "../support/methods_states.mjs";
import { Visitor } from "../support/browser.mjs";
import { approvalPage, becomeDevice, deliver, enrolDevice, enrolHere, meetDevice, received } from "../support/push_device.mjs";
import { meet, world } from "../support/world.mjs";

const alone = { any_of: ["push"] };
const ask = 'form[data-push="ask"] button.btn';
const number = async ({ page }) => (await page.locator("#number [aria-hidden]").innerText()).replace(/\D/g, "");
const other = (right) => (right === "000000" ? "111111" : "000000");
const started = ({ page }) => page.locator('html[data-push="started"]').waitFor();

/// Types it on the device's page, and presses the button.
const answer = async (device, typed) => {
  await started(device);
  await device.page.locator("#code").fill(typed);
  await device.press('form[data-push="approve"] button');
};

/// Somebody who asks at another browser, on the page with the number.
const asking = async (app, person, policy = alone, options = {}) => {
  const visitor = await Visitor.arrive(app, { locale: "en", width: 360, ...options });
  await visitor.page.clock.install();  // So that a test can let time pass.
  const held = await app.hold({ person, policy });
  await visitor.go(`${held.verify_url}?way=push`);
  await visitor.press(ask);
  return { visitor, held };
};

test("a browser becomes a device on the page of methods, and approves what another browser asks", () =>
  meetDevice({ locale: "en", width: 360, notified: true }, async (device, app) => {
    const person = app.person();
    await app.hold({ person });
    await openMethods(device, app, person);
    await device.press("button[value=push]");
    await approveBySms(device, app, person);
    assert.equal(await device.page.evaluate("Notification.permission"), "granted");
    await becomeDevice(device);
    assert.match(await device.text(), /Device added/);
    const [factor] = (await app.call("GET", `/v1/subjects/${person.identity}/factors`)).data;
    assert.deepEqual([factor.type, factor.name, factor.status, factor.subscribed], ["push", "My phone", "active", true]);
    await openMethods(device, app, person);
    assert.match(await card(device, "My phone").innerText(), /Gets notifications/);

    // A repeat of the telephone that added it: it counts in its place. [STD-4]
    const { visitor, held } = await asking(app, person, { any_of: ["push", "sms"] });
    const digits = await number(visitor);
    assert.match(digits, /^\d{6}$/);
    assert.equal(await visitor.page.locator("#number .vh").innerText(), digits.split("").join(" "), "one by one for the ear");
    const message = await received(device);
    const shown = await deliver(device, message);
    assert.equal(shown.length, 1);
    const words = JSON.stringify(shown);
    assert.ok(!words.includes(digits) && !/Festa Junina|12[.,]480|3661/.test(words), "a lock screen tells nothing");

    // The press on the notification opens its page, and no page of elsewhere.
    const opened = await device.context.serviceWorkers()[0].evaluate(async () => {
      const opens = [];
      self.clients.openWindow = async (url) => void opens.push(url);
      for (const notification of await self.registration.getNotifications()) {
        self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
        await self.registration.showNotification("x", { data: { navigate: "https://elsewhere.example/" } });
        const [foreign] = await self.registration.getNotifications();
        self.dispatchEvent(new NotificationEvent("notificationclick", { notification: foreign }));
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
      return opens;
    });
    assert.deepEqual(opened, [JSON.parse(message.text).notification.navigate]);

    await device.go(approvalPage(app, message));
    const text = await device.text();
    assert.ok(text.indexOf("It wasn't me") < text.indexOf("Festa Junina"), "refusing comes first");
    assert.match(text, /Requested on[^]*From the same network as this device/);
    assert.ok(!(await device.page.content()).includes(digits), "and the number is not here");
    await started(device);
    await device.page.locator("#code").fill("12");
    await device.page.locator('form[data-push="approve"] button').click();
    await device.page.locator("[data-push-said]").filter({ hasText: "6 digits" }).waitFor();
    await answer(device, other(digits));
    assert.match(await device.text(), /Wrong number[^]*2 attempts left/i);
    await visitor.page.locator("#note").filter({ hasText: /wrong number was typed[^]*2 attempts left/i }).waitFor();
    assert.equal(await number(visitor), digits, "the number stays");
    // As a telephone's keyboard may write it.
    await answer(device, `${digits.slice(0, 3)} ${digits.slice(3)}`);
    assert.match(await device.text(), /Approved/);
    await visitor.page.locator("h1").filter({ hasText: "Confirmed" }).waitFor();
    const { status, proofs } = await app.call("GET", `/v1/transactions/${held.id}`);
    assert.deepEqual([status, proofs.map(({ method }) => method)], ["verified", ["push"]]);
    await visitor.leave();
  }));

test("who did not start it refuses, and the page that asked says so", () =>
  meetDevice({ locale: "en", width: 320 }, async (device, app) => {
    const person = app.person();
    await enrolHere(device, app, person);
    const { visitor, held } = await asking(app, person);
    await device.go(approvalPage(app, await received(device)));
    await started(device);
    await device.page.keyboard.press("Tab");
    for (let i = 0; i < 12 && !(await device.page.locator('form[data-push="deny"] button').evaluate((b) => b === document.activeElement)); ++i)
      await device.page.keyboard.press("Tab");
    await Promise.all([device.page.waitForNavigation({ waitUntil: "load" }), device.page.keyboard.press("Enter")]);
    assert.match(await device.text(), /You declined/);
    await visitor.page.locator("h1").filter({ hasText: "declined" }).waitFor();
    assert.equal(await app.status(held.id), "denied");
    await visitor.leave();
  }));

test("a browser that is the only device asks nobody: it would confirm itself", () =>
  meetDevice({ locale: "en", width: 320 }, async (device, app) => {
    const person = app.person();
    await enrolHere(device, app, person);
    const held = await app.hold({ person, policy: { any_of: ["push", "sms"] } });
    await device.go(held.verify_url);
    await device.press('a.way[href*="push"]');
    await device.press(ask);
    assert.match(await device.text(), /No other device/);
    assert.equal(await device.page.locator('button.way, a.way:not([href*="push"])').count(), 1, "and the other way is here");
    // With another one beside it only that one is asked.
    const second = await enrolDevice(app, person, "Tablet");
    const next = await app.hold({ person, policy: alone });
    await device.go(`${next.verify_url}?way=push`);
    await device.press(ask);
    await received(second);
    await device.go(approvalPage(app, await received(second)));
    await device.page.locator("[data-push-nokey]:not([hidden])").waitFor();
    assert.ok(await device.page.locator('form[data-push="approve"] button').isDisabled());
  }));

test("a prompt that is over says why, and the number is for the browser alone that asked", () =>
  meetDevice({ locale: "en", width: 320 }, async (device, app) => {
    const person = app.person();
    await enrolHere(device, app, person);
    const { visitor, held } = await asking(app, person);
    const first = await received(device);
    const thief = await Visitor.arrive(app, { locale: "en", width: 320 });
    await thief.go(`${held.verify_url}?way=push`);
    assert.equal(await thief.page.locator("#number").count(), 0);
    assert.match(await thief.text(), /open in another window/);
    await thief.leave();
    // Without an answer for a while the page offers what else there is.
    assert.ok(!(await visitor.page.locator("[data-show-at]").isVisible()));
    await visitor.page.clock.fastForward(20_000);
    await visitor.page.locator("[data-show-at]:not([hidden])").waitFor();
    await visitor.page.locator("details.help summary").click();
    await visitor.press("details.help form button");
    const digits = await number(visitor);
    const second = await received(device, 2);
    await device.go(approvalPage(app, first));
    assert.match(await device.text(), /newer request/);
    await device.go(approvalPage(app, second));
    for (let i = 0; i < 3; ++i) await answer(device, other(digits));
    assert.match(await device.text(), /Too many wrong numbers/);
    await visitor.page.locator("#note").filter({ hasText: "Too many wrong numbers" }).waitFor();
    await visitor.leave();
    await device.page.goto(`${app.url}/approve/${held.id}.AAAAAAAAAAAAAAAAAAAAAA`);
    device.complaints.length = 0;  // The browser says that there is no such page.
    assert.match(await device.page.innerText("h1"), /link doesn't work/);
  }));

test("without scripts no device is offered, and a form without its script asks nobody", () =>
  meet({ locale: "en", width: 320, script: false }, async (visitor, app) => {
    const person = app.person();
    await enrolDevice(app, person);
    const held = await app.hold({ person, policy: { any_of: ["push", "sms"] } });
    await visitor.go(held.verify_url);
    assert.deepEqual(await visitor.page.locator(".ways li:visible b").allInnerTexts(), ["Text message"]);
    await visitor.go(`${held.verify_url}?way=push`);
    assert.match(await visitor.text(), /turn on JavaScript/);
    assert.ok(!(await visitor.page.locator(ask).isVisible()));
  }));

test("after a step-up a device is offered beside \"not now\", of equal weight; a second key of the same browser is refused", () =>
  meetDevice({ locale: "en", width: 320, notified: true }, async (device, app) => {
    const person = app.person();
    const approve = async (count) => {
      const held = await app.hold({ person, policy: { any_of: ["sms"], enrol: ["push"] } });
      await device.go(held.verify_url);
      await device.press("main form button.btn");
      await device.type(await app.code(person.phone, count));
      await device.press("main form button.btn");
    };
    await approve(1);
    const buttons = device.page.locator("[data-push-offer] .btn");
    assert.deepEqual(await buttons.allInnerTexts(), ["Add this device", "Not now"]);
    assert.equal(new Set(await buttons.evaluateAll((all) => all.map(({ className }) => className))).size, 1);
    await device.press('.offer a[href*="add_device"]');
    await device.press("form.sign button.btn");
    await approveBySms(device, app, person, 2);
    await becomeDevice(device, "");
    assert.match(await device.text(), /Device added/);
    // A link of the application leads to the same operation.
    const { verify_url } = await app.call("POST", `/v1/subjects/${person.identity}/additions`, { method: "push" });
    await device.go(app.url + new URL(verify_url).pathname);
    await approveBySms(device, app, person, 3);
    await device.page.locator('form[data-push="enrol"] button').click();
    await device.page.locator("[data-push-said]").filter({ hasText: "already" }).waitFor();
  }));

for (const [name, words, stub] of [
  ["blocked", /Notifications are blocked/, () => Object.defineProperty(Notification, "permission", { get: () => "denied" })],
  ["unsupported", /can't get notifications/, () => delete window.PushManager],
  ["an iPhone", /Add to Home Screen/, () => { delete window.PushManager; navigator.standalone = false; }],
  ["inside an app", /opened inside an app/, () => Object.defineProperty(navigator, "userAgent", { get: () => "Mozilla/5.0 Instagram 300.0" })],
]) {
  test(`a browser that cannot be a device says why: ${name}`, () =>
    meetDevice({ locale: "en", width: 320 }, async (device, app) => {
      const person = app.person();
      await device.context.addInitScript(stub);
      await app.hold({ person });
      const held = await app.hold({ person, policy: { any_of: ["sms"], enrol: ["push"] } });
      await device.go(`${held.verify_url}?way=add_device`);
      assert.match(await device.text(), words);
      assert.ok(!(await device.page.locator("[data-push-able]").isVisible()));
      const manifest = await (await fetch(new URL(await device.page.locator("link[rel=manifest]").getAttribute("href"), app.url))).json();
      assert.deepEqual([manifest.display, manifest.scope], ["standalone", "/"]);
      // From the home screen the same page opens.
      await device.go(manifest.start_url);
      assert.equal(new URL(device.page.url()).pathname, new URL(held.verify_url).pathname);
      assert.match(await device.text(), words);
    }));
}

test("a subscription that the browser changed is told with the key that it still has, and nobody is asked", () =>
  meetDevice({ locale: "en", width: 320, notified: true }, async (device, app) => {
    const person = app.person();
    const id = await enrolHere(device, app, person);
    const before = device.subscription.endpoint;
    // Its clock is two hours fast.
    await device.page.addInitScript(() => {
      const now = Date.now;
      Date.now = () => now() + 7_200_000;
    });
    device.subscription = undefined;  // Over; the next page notices.
    const renewed = device.page.waitForResponse((response) => response.url().endsWith("/approve/renew"));
    await device.go("/approve/");
    assert.equal((await renewed).status(), 204);
    assert.notEqual(device.subscription.endpoint, before);
    const { visitor } = await asking(app, person);
    await received(device);
    await visitor.leave();
    // One that signs a time of its own, and has a wrong one, is told so, and does not forget its key as one that was removed does.
    const late = await enrolDevice(app, person, "Tablet");
    const post = async (body) => {
      const { endpoint, keys } = body.subscription;
      const form = new URLSearchParams({ factor: late.id, public_key: body.public_key, signed_at: body.signed_at, endpoint, ...keys, signature: body.signature });
      return (await fetch(`${app.url}/approve/renew`, { method: "POST", body: form })).status;
    };
    const { server_key } = await (await fetch(`${app.url}/approve/key`)).json();
    const seconds = Math.floor(Date.now() / 1000);
    assert.equal(await post(late.renew(late.id, server_key, seconds - 3600)), 409);
    assert.equal(await post(late.renew(late.id, server_key)), 204);
    // Somebody else's key renews nothing.
    const body = new URLSearchParams({ factor: id, public_key: "BA", signed_at: "1", endpoint: "https://push.example/", p256dh: "BA", auth: "AA", signature: "AA" });
    assert.equal((await fetch(`${app.url}/approve/renew`, { method: "POST", body })).status, 400);
    await app.call("DELETE", `/v1/subjects/${person.identity}/factors/${id}`);
    device.subscription = undefined;
    device.expected = /404/;
    const gone = device.page.waitForResponse((response) => response.url().endsWith("/approve/renew"));
    await device.go("/approve/");
    assert.equal((await gone).status(), 404);
    await device.page.locator("html[data-push=started]").waitFor();
  }));

test("the worker is of /approve/ alone, keeps no page, and the pages that register it stay strict", async () => {
  const { app } = await world();
  const worker = await fetch(`${app.url}/approve/worker.js`);
  assert.match(worker.headers.get("content-type"), /javascript/);
  assert.equal(worker.headers.get("service-worker-allowed"), null, "no wider scope than its folder");
  assert.equal(worker.headers.get("content-security-policy"), "default-src 'none'; connect-src 'self'");
  assert.doesNotMatch(await worker.text(), /caches|"fetch"/);
  const person = app.person();
  await enrolDevice(app, person);
  const { verify_url } = await app.hold({ person, policy: { any_of: ["push", "sms"] } });
  const page = await fetch(`${verify_url}?way=push`);
  assert.match(page.headers.get("content-security-policy"), /default-src 'none'; script-src 'self';[^]*trusted-types countersign-worker$/);
  const text = await page.text();
  const weigh = async (url) => gzipSync(Buffer.from(await (await fetch(new URL(url, app.url))).arrayBuffer())).length;
  const sum = async (pattern) => (await Promise.all([...text.matchAll(pattern)].map(([, url]) => weigh(url)))).reduce((a, b) => a + b, 0);
  const scripts = await sum(/<script src="([^"]+)"/g);
  assert.ok(scripts < 10 * 1024, `${scripts} bytes of scripts`);
  const seen = gzipSync(text).length + (await sum(/<link rel="stylesheet" href="([^"]+)"/g));
  assert.ok(seen < 14 * 1024, `${seen} bytes of page and styles`);
  assert.match((await fetch(verify_url)).headers.get("content-security-policy"), /trusted-types 'none'$/, "and no other page");
});
