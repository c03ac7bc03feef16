// Devices that are asked by Web Push, through the API alone: what an application's pages and a push service do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { anId, anIdentity, eventually } from "../support/client.mjs";
import { PushDevice } from "../support/push.mjs";
import { anotherKey, api, pushService } from "./setup.mjs";

const factorsOf = (identity) => `/v1/subjects/${encodeURIComponent(identity)}/factors`;
const checks = (id) => `/v1/transactions/${id}/checks`;

/// Somebody with a confirmed device.
const holder = async (identity = anIdentity()) => {
  const device = new PushDevice(pushService);
  const enrolment = await api.post(factorsOf(identity), { type: "push", name: "My phone" });
  const factor = await api.post(`${factorsOf(identity)}/${enrolment.id}/confirm`, device.create(enrolment), 200);
  return { identity, device, enrolment, factor };
};
const heldFor = (identity, changes = {}) => api.hold({ subject: { identity }, policy: "push", ...changes });
const prompt = (id, changes = {}, expected = 201, options = {}) => api.post(`/v1/transactions/${id}/challenges`, { method: "push", ...changes }, expected, options);
const look = (id, name) => api.get(`/v1/transactions/${id}/prompts/${name}`);
const received = (device) =>
  eventually("the notification", () => pushService.received.findLast(({ endpoint }) => endpoint === device.subscription.endpoint));
const other = (number) => (number.endsWith("0") ? number.slice(0, -1) + "1" : number.slice(0, -1) + "0");

test("the number of the asking page, typed on the device, releases", async () => {
  const { identity, device, factor } = await holder();
  assert.equal(factor.status, "active");
  assert.equal(factor.subscribed, true);
  const { id } = await heldFor(identity);
  const asked = await prompt(id);
  assert.equal(asked.devices, 1);

  // What arrives at the device.
  const { text, ttl } = await received(device);
  assert.ok(ttl > 60 && ttl <= 180);
  const { web_push, notification } = JSON.parse(text);
  assert.equal(web_push, 8030);
  assert.equal(notification.navigate, `https://app.example.com/approve#transaction=${id}&prompt=${asked.prompt}`);
  assert.ok(!text.includes(asked.number));
  assert.deepEqual(pushService.faults, []);

  // What its page reads, signs and sends.
  const seen = await look(id, asked.prompt);
  assert.equal(seen.status, "open");
  assert.equal(seen.number, undefined);
  const checked = await api.post(checks(id), device.approve(seen, asked.number), 200);
  assert.equal(checked.status, "verified");
  assert.equal((await look(id, asked.prompt)).status, "approved");
  const shown = await api.get(`/v1/transactions/${id}`);
  assert.deepEqual(shown.proofs.map(({ method }) => method), ["push"]);
  const { receipt } = await api.post(`/v1/transactions/${id}/claim`, undefined, 200);
  const claims = JSON.parse(Buffer.from(receipt.split(".")[1], "base64url"));
  assert.deepEqual(claims.proofs.map(({ method }) => method), ["push"]);
});

test("an application is told by an event how a prompt stands, whenever that changes", async () => {
  const { identity, device } = await holder();
  const { id } = await heldFor(identity);
  const asked = await prompt(id);
  const events = (last, key = api) =>
    key.call("GET", `/v1/transactions/${id}/prompts/${asked.prompt}`, { headers: { Accept: "text/event-stream", ...(last && { "Last-Event-ID": last }) } });
  const told = ({ status, text, headers }) => {
    assert.deepEqual([status, headers["content-type"]], [200, "text/event-stream"]);
    return { event: /^id: (.*)$/m.exec(text)[1], ...JSON.parse(/^data: (.*)$/m.exec(text)[1]) };
  };
  const first = told(await events());
  assert.deepEqual(first, { event: "open-3", ...(await look(id, asked.prompt)) });
  const next = events(first.event);
  await api.post(checks(id), device.approve(first, other(asked.number)), "422 wrong_code");
  assert.equal(told(await next).event, "open-2");
  const last = events("open-2");
  await api.post(checks(id), device.approve(first, asked.number), 200);
  const over = told(await last);
  assert.deepEqual([over.status, over.challenge], ["approved", null]);
  assert.equal((await events(over.event)).status, 204, "and there is nothing more to wait for");
  assert.equal((await events(undefined, anotherKey())).status, 200, "to each key of the account");
  assert.equal((await api.call("GET", `/v1/transactions/${id}/prompts/AAAAAAAAAAAAAAAAAAAAAA`, { headers: { Accept: "text/event-stream" } })).status, 404);
});

test("a wrong number leaves two more, and the third ends the prompt", async () => {
  const { identity, device } = await holder();
  const { id } = await heldFor(identity);
  const asked = await prompt(id);
  const seen = await look(id, asked.prompt);
  for (const left of [2, 1, 0]) {
    const refused = await api.post(checks(id), device.approve(seen, other(asked.number)), "422 wrong_code");
    assert.equal(refused.attempts_left, left);
  }
  assert.equal((await look(id, asked.prompt)).status, "spent");
  await api.post(checks(id), device.approve(seen, asked.number), "422 wrong_response");
  const again = await prompt(id);
  for (let i = 0; i < 2; i++) await api.post(checks(id), device.approve(await look(id, again.prompt), other(again.number)), "422 wrong_code");
  await api.post(checks(id), device.approve(await look(id, again.prompt), again.number), "429 locked");
});

test("whatever else is wrong is one answer, and ends nothing", async () => {
  const person = await holder();
  const thief = await holder();
  const { id } = await heldFor(person.identity);
  const asked = await prompt(id);
  const seen = await look(id, asked.prompt);
  const right = person.device.approve(seen, asked.number);
  const elsewhere = await heldFor(person.identity);
  const seenElsewhere = await look(elsewhere.id, (await prompt(elsewhere.id)).prompt);
  for (const answer of [
    thief.device.approve(seen, asked.number),
    new PushDevice(pushService).approve(seen, asked.number),
    { ...right, number: other(asked.number) },
    { ...right, signature: person.device.sign("something else") },
    { ...right, signature: "AAAA" },
    { ...right, public_key: "AAAA" },
    { ...right, challenge: seenElsewhere.challenge },
    person.device.approve({ prompt: asked.prompt, challenge: seenElsewhere.challenge }, asked.number),
    { ...person.device.deny(seen), signature: right.signature },
  ])
    await api.post(checks(id), answer, "422 wrong_response");
  for (const answer of [
    { ...right, more: 1 }, { ...right, signature: "!" }, { ...right, prompt: 7 }, { ...right, denied: true }, { ...right, number: undefined },
    { ...right, end_user_ip: "nowhere" },
  ])
    await api.post(checks(id), answer, "422 invalid_field");
  await api.post(checks(anId("TX")), right, "404 not_found");
  assert.equal((await api.post(checks(id), right, 200)).status, "verified");
});

test("who refuses denies the transaction, and the device is silent to that address", async () => {
  const { identity, device } = await holder();
  const thief = { end_user_ip: "203.0.113.90" };
  const { id } = await heldFor(identity);
  const asked = await prompt(id, thief);
  const denied = await api.post(checks(id), device.deny(await look(id, asked.prompt)), 200);
  assert.equal(denied.status, "denied");
  assert.equal((await api.get(`/v1/transactions/${id}`)).status, "denied");
  const next = await heldFor(identity);
  const silent = await prompt(next.id, thief, "429 rate_limited");
  assert.ok(silent.retry_after > 3000);
  await prompt(next.id, { end_user_ip: "198.51.100.90" });
  const events = (await api.get("/v1/events?type=push.denied")).data;
  assert.ok(events.some(({ transaction, data }) => transaction === id && data.times === 1));
});

test("three prompts without an answer are the last before another proof", async () => {
  const { identity } = await holder();
  const { id } = await heldFor(identity, { subject: { identity, contacts: [{ channel: "email", address: `${identity}@example.com` }] }, policy: { any_of: ["push", "email"], min_kinds: 2 } });
  const first = await prompt(id);
  const second = await prompt(id);
  assert.equal((await look(id, first.prompt)).status, "replaced");
  await prompt(id);
  const refused = await prompt(id, {}, "429 rate_limited");
  assert.equal(refused.retry_after, undefined);
  assert.notEqual(first.prompt, second.prompt);
});

test("the device in whose browser the asking page is open is not asked", async () => {
  const { identity, device, factor } = await holder();
  const { id } = await heldFor(identity);
  await prompt(id, { asking_factor: factor.id }, "409 factor_unusable");
  await prompt(id, { asking_factor: "mine" }, "422 invalid_field");
  const tablet = await holder(identity);
  const next = await heldFor(identity);
  const asked = await prompt(next.id, { asking_factor: factor.id });
  assert.equal(asked.devices, 1);
  const seen = await look(next.id, asked.prompt);
  await api.post(checks(next.id), device.approve(seen, asked.number), "422 wrong_response");
  await api.post(checks(next.id), tablet.device.approve(seen, asked.number), 200);
});

test("a repeated request asks nobody twice, and has the number while the prompt is open", async () => {
  const { identity, device } = await holder();
  const { id } = await heldFor(identity);
  const key = { headers: { "Idempotency-Key": `prompt-${id}` } };
  const asked = await prompt(id, {}, 201, key);
  assert.deepEqual(await prompt(id, {}, 201, key), asked);
  await api.post(checks(id), device.approve(await look(id, asked.prompt), asked.number), 200);
  const { number, ...rest } = asked;
  assert.match(number, /^[0-9]{6}$/);
  assert.deepEqual(await prompt(id, {}, 201, key), rest);
  await anotherKey().post(`/v1/transactions/${id}/challenges`, { method: "push" }, "422 idempotency_key_reused", key);
  await api.get(`/v1/transactions/${id}/prompts/${"x".repeat(22)}`, "404 not_found");
  await api.get(`/v1/transactions/${anId("TX")}/prompts/${asked.prompt}`, "404 not_found");
});

test("an enrolment is answered once, by its own answer", async () => {
  const identity = anIdentity();
  const path = factorsOf(identity);
  const enrolment = await api.post(path, { type: "push" });
  const device = new PushDevice(pushService);
  const confirm = `${path}/${enrolment.id}/confirm`;
  const answer = device.create(enrolment);
  await api.post(confirm, { code: "123456" }, "409 factor_unusable");
  await api.post(confirm, { ...answer, more: 1 }, "422 invalid_field");
  await api.post(confirm, { ...answer, public_key: "AAAA" }, "422 invalid_field");
  await api.post(confirm, { ...answer, subscription: { ...answer.subscription, endpoint: "ftp://x.example/" } }, "422 invalid_field");
  await api.post(confirm, { ...answer, subscription: { ...answer.subscription, keys: { p256dh: "AAAA", auth: "AAAA" } } }, "422 invalid_field");
  await api.post(`${path}/${anId("YF")}/confirm`, answer, "404 not_found");
  await api.post(confirm, answer, 200);
  await api.post(confirm, answer, "409 factor_unusable");
  const second = await api.post(path, { type: "push" });
  await api.post(`${path}/${second.id}/confirm`, device.create(second), "422 wrong_response");
  await api.post(path, { type: "push", label: "no" }, "422 invalid_field");
  await api.post(path, { type: "push", service: "mails" }, "422 channel_unavailable");
});

test("a subscription that is over is told, and renewed with the device's key", async () => {
  const { identity, device, factor, enrolment } = await holder();
  const path = `${factorsOf(identity)}/${factor.id}/subscription`;
  pushService.devices.get(device.subscription.endpoint).over = true;
  await prompt((await heldFor(identity)).id);
  await eventually("the end of the subscription", async () =>
    ((await api.get(factorsOf(identity))).data[0].subscribed ? undefined : true));
  await prompt((await heldFor(identity)).id, {}, "409 factor_unusable");

  await api.post(path, { ...device.renew(factor.id, enrolment.server_key), signed_at: 1 }, "422 wrong_response");
  await api.post(path, new PushDevice(pushService).renew(factor.id, enrolment.server_key), "422 wrong_response");
  await api.post(path, {}, "422 invalid_field");
  const key = { headers: { "Idempotency-Key": `renew-${factor.id}` } };
  const renewed = await api.post(path, device.renew(factor.id, enrolment.server_key), 200, key);
  assert.equal(renewed.subscribed, true);
  await anotherKey().post(path, device.renew(factor.id, enrolment.server_key), "422 idempotency_key_reused", key);
  await api.post(`${factorsOf(identity)}/${anId("YF")}/subscription`, device.renew(factor.id, enrolment.server_key), "404 not_found");
  const waiting = await api.post(factorsOf(identity), { type: "push" });
  await api.post(`${factorsOf(identity)}/${waiting.id}/subscription`, device.renew(waiting.id, enrolment.server_key), "409 factor_unusable");

  await api.post(path, device.renew(factor.id, enrolment.server_key), 200);
  await prompt((await heldFor(identity)).id);
  await received(device);
});

test("where the policy or the transaction does not want it, nobody is asked", async () => {
  const { identity, device, factor } = await holder();
  const totp = await api.hold({ subject: { identity }, policy: "totp" });
  await prompt(totp.id, {}, "422 method_not_in_policy");
  const { id } = await heldFor(identity);
  const asked = await prompt(id);
  const seen = await look(id, asked.prompt);
  await api.post(checks(totp.id), device.approve(seen, asked.number), "422 method_not_in_policy");
  await api.post(`/v1/transactions/${id}/cancel`, undefined, 200);
  await prompt(id, {}, "409 transaction_not_held");
  await api.post(checks(id), device.approve(seen, asked.number), "409 transaction_not_held");
  await api.expect(204, "DELETE", `${factorsOf(identity)}/${factor.id}`);
  await prompt((await heldFor(identity)).id, {}, "409 factor_unusable");
  // She is known by her telephone, and the device comes later.
  const { subject } = await api.verified();
  await holder(subject.identity);
  await prompt((await heldFor(subject.identity)).id, {}, "409 source_does_not_count");
});
