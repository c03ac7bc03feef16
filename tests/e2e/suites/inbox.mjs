// The development inbox, as the person who integrates Countersign uses it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { meet } from "../support/world.mjs";

const english = { locale: "en" };
const rows = (visitor) => visitor.page.locator(".list [data-id]");

const send = async (app, person = app.person()) => {
  const held = await app.hold({ person, policy: { any_of: ["sms"] } });
  await app.call("POST", `/v1/transactions/${held.id}/verifications`, { channel: "sms" });
  return { ...held, code: await app.code(person.phone) };
};

test("a message shows up by itself, and its code is a click away", () =>
  meet({ ...english, permissions: ["clipboard-read", "clipboard-write"] }, async (visitor, app) => {
    const person = app.person();
    await visitor.go(`/dev/inbox?q=to:${person.phone.slice(1)}`);
    assert.match(await visitor.text(), /No m/);
    const { code } = await send(app, person);
    await rows(visitor).first().waitFor();
    await visitor.page.locator("[data-code]").first().click();
    await visitor.page.locator("[data-code]", { hasText: "Copied" }).waitFor();
    assert.equal(await visitor.page.evaluate(() => navigator.clipboard.readText()), code);
    assert.match(await visitor.page.innerText(".message"), /GSM-7[^]*septets of 160[^]*Origin-bound line[^]*Links\s+none/);
  }));

test("search narrows it down while typing", () =>
  meet(english, async (visitor, app) => {
    const [one, two] = [await send(app), await send(app)];
    await visitor.go("/dev/inbox");
    await visitor.page.fill("#q", `tx:${one.id}`);
    await visitor.page.locator(".list", { hasText: one.person.phone }).waitFor();
    await visitor.page.locator(".list", { hasText: two.person.phone }).waitFor({ state: "detached" });
    assert.equal(await rows(visitor).count(), 1);
    assert.equal(new URL(visitor.page.url()).searchParams.get("q"), `tx:${one.id}`);
  }));

for (const script of [true, false]) {
  test(`a network's refusal is simulated, ${script ? "with" : "without"} scripts`, () =>
    meet({ ...english, script }, async (visitor, app) => {
      const { person, verify_url } = await send(app);
      await visitor.go(`/dev/inbox?q=${encodeURIComponent(`to:${person.phone}`)}`);
      await visitor.press('button[value="failed"]');
      assert.match(await visitor.page.innerText(".message .meta"), /failed/);
      assert.equal(await visitor.page.locator("button[name=report]").count(), 0, "once");
      await visitor.go(verify_url);
      assert.match(await visitor.text(), /does not take our messages/);
    }));
}

test("messages that take their time are not there at once", () =>
  meet(english, async (visitor, app) => {
    await visitor.go("/dev/inbox");
    await visitor.press('form[action$="delay"] button');
    assert.equal(await visitor.page.getAttribute('form[action$="delay"] button', "aria-pressed"), "true");
    const held = await app.hold({ policy: { any_of: ["sms"] } });
    await app.call("POST", `/v1/transactions/${held.id}/verifications`, { channel: "sms" });
    await visitor.press('form[action$="delay"] button');
    assert.equal((await app.messages(held.person.phone)).length, 0);
  }));

test("another site's form is refused", () =>
  meet(english, async (_, app) => {
    const response = await fetch(`${app.url}/dev/inbox/delete`, { method: "POST", headers: { Origin: "http://elsewhere.example" } });
    assert.equal(response.status, 403);
  }));

test("all can be deleted, and the empty page says how to begin", () =>
  meet(english, async (visitor, app) => {
    await send(app);
    await visitor.go("/dev/inbox");
    visitor.page.on("dialog", (dialog) => dialog.accept());
    await visitor.press('form[action$="delete"] button');
    assert.match(await visitor.text(), /No messages yet[^]*curl -s http/);
    await visitor.assertAccessible("the empty inbox");
  }));
