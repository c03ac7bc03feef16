// Where the fraud rules would have another kind of proof before a message, a page may have it for a proof of work.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Server } from "../contract/support/server.mjs";
import { App } from "./support/app.mjs";
import { Visitor, closeBrowser } from "./support/browser.mjs";

const countries = ["PT", "ES", "FR", "DE", "IT", "AR"];
const numbers = ["+35191234567", "+3461234567", "+3361234567", "+491511234567", "+39312345678", "+549112345678"];
const confirm = "main form button.btn";
const config = `[limits]\nsends_per_ip = "10000 per 10m"\n[risk]\npumping = "on"\nexpected = { BR = 1000, ${countries.map((country) => `${country} = 1000`).join(", ")} }\n`;

const server = await Server.start({ config });
const app = new App(server);
after(async () => {
  await closeBrowser();
  await server.stop();
});

const holdFor = (identity, phone) => app.hold({ person: { identity, phone }, policy: { any_of: ["sms"] } });
const pageName = (visitor) => visitor.page.getAttribute("body", "data-page");
/// Asks for codes to one country after the other, until the page has her work. Answers the person who is asked for it.
const makeUneasy = async (visitor, last) => {
  for (const [i, number] of numbers.entries()) {
    const held = await holdFor(`traveller-${last}-${i}`, `${number}${last}`);
    await visitor.go(held.verify_url);
    await visitor.page.locator(confirm).first().click();
    await visitor.page.waitForLoadState("load");
    await visitor.page.locator('body:not([data-page="send"])').waitFor();
    if ((await app.messages(held.person.phone)).length === 0) return held;
  }
  return assert.fail("nobody was asked for work");
};

test("without scripts nothing is sent before the wait is over, and who has proved her number is never asked", async () => {
  const visitor = await Visitor.arrive(app, { script: false, locale: "en" });
  const person = { identity: "known", phone: "+5511987654321" };
  const first = await app.hold({ person, policy: { any_of: ["sms"] } });
  await visitor.go(first.verify_url);
  await visitor.press(confirm);
  await visitor.type(await app.code(person.phone));
  await visitor.press(confirm);
  const stranger = await makeUneasy(visitor, 1);
  assert.equal(await pageName(visitor), "work");
  assert.match(await visitor.text(), /little work to do[^]*Press the button from \d/);
  await visitor.press(confirm);
  assert.equal(await pageName(visitor), "work");
  assert.equal((await app.messages(stranger.person.phone)).length, 0);
  const sentBefore = (await app.messages(person.phone)).length;
  const again = await app.hold({ person, policy: { any_of: ["sms"] } });
  await visitor.go(again.verify_url);
  await visitor.press(confirm);
  assert.equal(await pageName(visitor), "code");
  assert.equal((await app.messages(person.phone)).length, sentBefore + 1);
  await visitor.leave();
});

test("a browser works, and goes on by itself", async () => {
  const visitor = await Visitor.arrive(app, { locale: "en" });
  for (const [i, number] of numbers.entries()) {
    const held = await holdFor(`worker-${i}`, `${number}2`);
    await visitor.go(held.verify_url);
    const worked = visitor.page.waitForRequest((request) => request.method() === "POST" && (request.postData() ?? "").includes("work=ey"), { timeout: 0 }).then(() => true, () => false);
    await visitor.page.locator(confirm).first().click();
    await visitor.page.locator('body[data-page="code"]').waitFor();
    await app.code(held.person.phone);
    const was = await Promise.race([worked, visitor.page.evaluate(() => false)]);
    if (was) return visitor.leave();
  }
  return assert.fail("nobody was asked for work");
});
