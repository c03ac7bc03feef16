// The development inbox, as the person who integrates Countersign uses it.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { PushDevice } from "../../contract/support/push.mjs";
import { enrolHere, letSubscribe, pushService } from "../support/push_device.mjs";
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
    await visitor.standStill();
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
      assert.match(await visitor.text(), /can't receive our messages/);
    }));
}

test("messages that take their time are not there at once", () =>
  meet(english, async (visitor, app) => {
    await visitor.go("/dev/inbox");
    await visitor.press('button[name=delay][value="on"]');
    assert.equal(await visitor.page.getAttribute('button[name=delay][value="on"]', "aria-pressed"), "true");
    const held = await app.hold({ policy: { any_of: ["sms"] } });
    await app.call("POST", `/v1/transactions/${held.id}/verifications`, { channel: "sms" });
    await visitor.press('button[name=delay][value="off"]');
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

const webhooks = async (work) => {
  const seen = [];
  const receiver = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(seen.push(request.url) === 1 ? 500 : 204).end());
  });
  await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  try {
    await work(`http://127.0.0.1:${receiver.address().port}/hook`);
  } finally {
    receiver.close();
    receiver.closeAllConnections();
  }
};

const until = async (what, look) => {
  for (const deadline = Date.now() + 300_000; ; ) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(what);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
const timeline = async (app, id) => (await (await fetch(`${app.url}/dev/timeline.json?id=${id}`)).json()).entries;

for (const script of [true, false]) {
  test(`calls, messages and webhooks of a transaction stand beside each other, in order (${script ? "live" : "without scripts"})`, () =>
    meet({ ...english, script }, async (visitor, app) =>
      webhooks(async (hook) => {
        const endpoint = await app.call("POST", "/v1/webhook_endpoints", { url: `${hook}?key=hidden`, events: ["transaction.verified"] });
        try {
          const { id, code } = await send(app);
          await visitor.go(`/dev/inbox?t=${id}`);
          const wrong = code === "000000" ? "111111" : "000000";
          await assert.rejects(app.call("POST", `/v1/transactions/${id}/checks`, { code: wrong }));
          await app.call("POST", `/v1/transactions/${id}/checks`, { code });
          await until("no second attempt", async () => (await timeline(app, id)).filter(({ kind, outcome }) => kind === "webhook" && outcome === "204").length === 1);
          const entries = await timeline(app, id);
          for (const { kind, by, to, delivery, outcome } of entries) {
            assert.equal(by !== null && outcome === null, kind === "event", kind);
            assert.equal(to, kind === "webhook" ? hook.replace("http://", "") : null);
            assert.ok(kind === "webhook" ? /^WD[0-9a-f]{32}$/.test(delivery) : delivery === null, delivery);
          }
          assert.ok(!JSON.stringify(entries).includes("hidden"));
          if (!script) await visitor.page.reload();
          await visitor.page.locator(".timeline .of-webhook.good").waitFor();
          const lines = await visitor.page.locator(".timeline li").allInnerTexts();
          const at = (pattern) => {
            const found = lines.findIndex((line) => pattern.test(line));
            assert.ok(found >= 0, `${pattern} in ${lines.join("\n")}`);
            return found;
          };
          const order = [
            at(/API call POST \/v1\/transactions 201[^]*request \w+/), at(new RegExp(`API call POST /v1/transactions/${id}/verifications 201`)),
            at(/Message sms by inbox sent/), at(/checks 422 wrong_code/), at(/checks 200/), at(/Event transaction.verified by api:SK/),
            at(/Webhook transaction.verified to 127\.0\.0\.1:\d+\/hook 500 attempt 1[^]*delivery WD/), at(/Webhook transaction.verified to \S+ 204 attempt 2/),
          ];
          assert.deepEqual(order, [...order].sort((a, b) => a - b), lines.join("\n"));
          // The same beside the message.
          await visitor.go(`/dev/inbox?q=tx:${id}`);
          assert.match(await visitor.page.innerText(".message .timeline"), /checks 200/);
        } finally {
          await app.call("DELETE", `/v1/webhook_endpoints/${endpoint.id ?? endpoint.endpoint.id}`);
        }
      })));
}

test("what people do on their page is in the timeline, and the link that opens it is not", () =>
  meet(english, async (visitor, app) => {
    const held = await app.hold({ policy: { any_of: ["sms"] } });
    await visitor.go(held.verify_url);
    await visitor.press("main form button");
    await visitor.go(`/dev/inbox?t=${held.id}`);
    assert.match(await visitor.page.innerText(".timeline"), /Hosted page POST \/verify\/\{link\}\/send 303/);
    assert.ok(!(await visitor.page.content()).includes(held.verify_url.split(".").pop()));
  }));

test("a code by the Verify v2 API has a timeline too", () =>
  meet(english, async (visitor, app) => {
    const { account_sid, auth_token, service_sid } = app.server.credentials;
    const { phone } = app.person();
    const made = await fetch(`${app.url}/v2/Services/${service_sid}/Verifications`, {
      method: "POST", headers: { Authorization: `Basic ${btoa(`${account_sid}:${auth_token}`)}` }, body: new URLSearchParams({ To: phone, Channel: "sms" }),
    });
    assert.equal(made.status, 201);
    await app.code(phone);
    await visitor.go(`/dev/inbox?q=to:${phone.slice(1)}`);
    assert.match(await visitor.page.innerText(".timeline"), /POST \/v2\/Services\/\{service\}\/Verifications 201/);
  }));

test("an e-mail is shown with its subject and all of its text", () =>
  meet(english, async (visitor, app) => {
    const address = "maria.souza+preview@example.com";
    const held = await app.hold({ subject: { identity: app.person().identity, contacts: [{ channel: "email", address }] }, policy: { any_of: ["email"], email_alone: true } });
    await app.call("POST", `/v1/transactions/${held.id}/verifications`, { channel: "email" });
    const code = await app.code(address);
    const [message] = await app.messages(address);
    await visitor.go(`/dev/inbox?q=tx:${held.id}`);
    const letter = visitor.page.locator("[aria-label='Preview of the e-mail']");
    assert.equal(await letter.locator(".subject").innerText(), message.subject);
    assert.ok(message.subject.includes(code));
    assert.equal(await letter.locator(".text").innerText(), message.body);
  }));

for (const script of [true, false]) {
  test(`an outage of the provider is played: what it refuses, the page says at once (${script ? "with" : "without"} scripts)`, () =>
    meet({ ...english, script }, async (visitor, app) => {
      try {
        await visitor.go("/dev/inbox");
        await visitor.press('button[name=outage][value="refuses"]');
        assert.match(await visitor.page.innerText(".banner"), /The provider is down/);
        const held = await app.hold({ policy: { any_of: ["sms"] } });
        await visitor.go(held.verify_url);
        await visitor.press("main form button");
        await until("no fault", async () => (await timeline(app, held.id)).find(({ kind, outcome }) => kind === "message" && outcome === "failed"));
        await visitor.page.reload();
        assert.match(await visitor.text(), /couldn't send it just now|can't receive our messages/i);
        assert.match(await visitor.text(), /If one has reached you/);
        assert.doesNotMatch(await visitor.text(), /We sent/, "it does not say both");
        await visitor.go(`/dev/inbox?t=${held.id}`);
        assert.match(await visitor.page.innerText(".timeline"), /Message sms by inbox failed[^]*simulated_refusal/);
        await visitor.press('button[name=outage][value="none"]');
        assert.equal(await visitor.page.locator(".banner .note").count(), 0);
        const next = await send(app);
        assert.match(next.code, /^\d{6}$/);
      } finally {
        await app.outage("none");
      }
    }));
}

test("while it fails a message is tried again, and arrives when it is over", () =>
  meet(english, async (visitor, app) => {
    try {
      await app.outage("fails");
      const person = app.person();
      const held = await app.hold({ person, policy: { any_of: ["sms"] } });
      await app.call("POST", `/v1/transactions/${held.id}/verifications`, { channel: "sms" });
      await visitor.go(`/dev/inbox?t=${held.id}`);
      await visitor.page.locator(".timeline .of-message", { hasText: /queued[^]*attempts[^]*simulated_outage[^]*next/ }).waitFor();
      assert.equal((await app.messages(person.phone)).length, 0);
      await app.outage("none");
      assert.match(await until("it does not arrive", async () => (await app.messages(person.phone))[0]?.code), /^\d{6}$/);
    } finally {
      await app.outage("none");
    }
  }));

test("another site's form switches nothing", () =>
  meet(english, async (_, app) => {
    for (const path of ["provider", "delay", "report"]) {
      const response = await fetch(`${app.url}/dev/inbox/${path}`, { method: "POST", headers: { "Sec-Fetch-Site": "cross-site" }, body: new URLSearchParams({ outage: "fails", delay: "on" }) });
      assert.equal(response.status, 403, path);
    }
    const inbox = await (await fetch(`${app.url}/dev/inbox`)).text();
    assert.match(inbox, /value="none" aria-pressed="true"/);
    assert.match(inbox, /value="off" aria-pressed="true"/);
  }));

test("what a message, a subject or a transaction is called runs nothing", () =>
  meet(english, async (visitor, app) => {
    const evil = `"><img src=x onerror=alert(1)><script>alert(1)</script>`;
    const address = "eve@example.com";
    const held = await app.hold({
      type: "x.y", display: { title: evil, payee: evil, lines: [{ label: "<b>l</b>", value: evil }] },
      subject: { identity: app.person().identity, contacts: [{ channel: "email", address }] }, policy: { any_of: ["email"], email_alone: true },
    });
    await app.call("POST", `/v1/transactions/${held.id}/verifications`, { channel: "email" });
    await app.code(address);
    visitor.page.on("dialog", (dialog) => (visitor.complaints.push(`ran: ${dialog.message()}`), dialog.dismiss()));
    for (const path of [`/dev/inbox?q=to:eve`, `/dev/inbox?q=${encodeURIComponent(evil)}`, `/dev/inbox?t=${held.id}`, `/dev/inbox?t=${encodeURIComponent(evil)}`]) {
      await visitor.go(path);
      assert.equal(await visitor.page.locator("main img, main script, header img").count(), 0, path);
    }
    await visitor.go("/dev/inbox?q=to:eve");
    assert.ok((await visitor.page.innerText(".letter")).includes("<img"), "shown as it is");
  }));

test("a phone receives pushes: one opens the page of the device, and none goes to a push service of the Internet", () =>
  meet(english, async (visitor, app) => {
    const person = app.person();
    await letSubscribe(visitor);
    const own = await enrolHere(visitor, app, person);
    const path = `/v1/subjects/${person.identity}/factors`;
    const subscribe = (key) => ({ ...(service.subscribe(key)), endpoint: "https://fcm.googleapis.com/fcm/send/secret" });
    const service = await pushService();
    const real = new PushDevice({ subscribe });
    const enrolment = await app.call("POST", path, { type: "push", name: "A developer's Chrome" });
    await app.call("POST", `${path}/${enrolment.id}/confirm`, real.create(enrolment));
    await visitor.go("/dev/inbox");
    const held = await app.hold({ person, policy: { any_of: ["push"] } });
    const { number, devices } = await app.call("POST", `/v1/transactions/${held.id}/challenges`, { method: "push" });
    assert.equal(devices, 2);
    // By itself, without a reload.
    const pushes = visitor.page.locator("section:has(#pushes) li");
    const kept = pushes.filter({ hasText: enrolment.id });
    assert.match(await kept.innerText(), /not sent to fcm\.googleapis\.com/);
    const open = pushes.filter({ hasText: own });
    assert.doesNotMatch(await open.innerText(), /not sent|secret/);
    assert.ok(!(await visitor.page.innerText("section:has(#pushes)")).includes(number), "a notification does not say the number");
    const [page] = await Promise.all([visitor.context.waitForEvent("page"), open.locator("a").click()]);
    await page.locator('html[data-push="started"]').waitFor();
    await page.locator("#code").fill(number);
    await page.locator('form[data-push="approve"] button').click();
    await page.locator("h1", { hasText: "Approved" }).waitFor();
    assert.equal(await app.status(held.id), "verified");
    await page.close();
  }));
