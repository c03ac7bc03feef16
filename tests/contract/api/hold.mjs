// POST /v1/transactions.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, aHold, aPhone, anIdentity, wrongCode } from "../support/client.mjs";
import { api, server } from "./setup.mjs";

test("hold", async () => {
  const key = { headers: { "Idempotency-Key": "hold-1" } };
  const body = aHold();
  const first = await api.post("/v1/transactions", body, 201, key);
  assert.deepEqual(await api.post("/v1/transactions", body, 201, { headers: { "Idempotency-Key": '"hold-1"' } }), first);
  await api.post("/v1/transactions", { ...body, payload: null }, "422 idempotency_key_reused", key);
  await api.post("/v1/transactions", { ...aHold(), policy: "nonsense" }, "422 unknown_policy");
  await api.post("/v1/transactions", { ...aHold(), expires_in: 29 }, "422 invalid_field");
  const crowded = { title: "t", amount: { value: "999999999999999.99", currency: "BRL" }, short: "x".repeat(60) };
  await api.post("/v1/transactions", { ...aHold(), display: crowded }, "422 short_line_too_long");
  const contacts = [{ channel: "sms", address: "+551133334444" }];
  await api.post("/v1/transactions", { ...aHold(), subject: { identity: "x", contacts } }, "422 address_refused");
  await api.hold({ policy: { any_of: ["totp", "sms"], min_kinds: 2, enrol: ["totp"], contact_quiet_seconds: 60 }, metadata: { a: [1] }, locale: "pt-BR" });
  await api.hold({ policy: null, service: null, return_url: null, locale: null, expires_in: null, metadata: null, payload: null });
});

test("hold and send at once", async () => {
  const key = { headers: { "Idempotency-Key": "hold-send-1" } };
  const phone = aPhone();
  const body = { ...aHold(), subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] }, send: "sms", end_user_ip: "203.0.113.7" };
  const held = await api.post("/v1/transactions", body, 201, key);
  const code = await api.code(phone);
  assert.deepEqual(await api.post("/v1/transactions", body, 201, key), held);
  const shown = await api.get(`/v1/transactions/${held.id}`);
  assert.deepEqual(shown.verifications.map(({ id, sends, to }) => [id, sends, to]), [[held.verification.id, 1, held.verification.to]]);
  assert.equal((await api.get(`/dev/inbox.json?to=${encodeURIComponent(phone)}`)).length, 1, "a repetition sends nothing");
  assert.equal((await api.post(`/v1/transactions/${held.id}/checks`, { code }, 200)).status, "verified");
  assert.equal((await api.hold({ send: null })).verification, undefined);

  const refused = (changes, expected, client = api) => client.post("/v1/transactions", { ...body, ...changes }, expected);
  await refused({ send: "pigeon" }, "422 invalid_field");
  await refused({ end_user_ip: "x" }, "422 invalid_field");
  await refused({ send: "email" }, "422 method_not_in_policy");
  await refused({ send: "call" }, "422 channel_unavailable");
  await refused({ send: "whatsapp" }, "422 no_contact");
  const fresh = { ...body.subject, contacts: [{ channel: "email", address: "zoe@example.com" }] };
  await refused({ subject: fresh, send: "email", policy: { any_of: ["sms", "email"] } }, "409 source_does_not_count");
  const { data } = await api.get(`/v1/transactions?subject=${body.subject.identity}`);
  assert.deepEqual(data.map(({ id }) => id), [held.id], "what is refused is not held");

  const spent = { ...aHold(), subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: aPhone() }] }, send: "sms" };
  const frugal = new Client(server, "frugal");
  await frugal.post("/v1/transactions", spent);
  await frugal.post("/v1/transactions", spent, "429 rate_limited");
});

test("hold and send to a line that is guessed at", async () => {
  const subject = { identity: anIdentity(), contacts: [{ channel: "sms", address: aPhone() }] };
  const held = await api.hold({ subject, send: "sms" });
  const code = await api.code(subject.contacts[0].address);
  for (let i = 0; i < 5; ++i) await api.post(`/v1/transactions/${held.id}/checks`, { code: wrongCode(code) }, "422 wrong_code");
  await api.post("/v1/transactions", { ...aHold(), subject, send: "sms" }, "429 locked");

  const slow = new Client(server, "slow"); // After one wrong code, where others have a hundred.
  const hers = { identity: anIdentity(), contacts: [{ channel: "sms", address: aPhone() }] };
  const first = await slow.hold({ subject: hers, send: "sms" });
  await slow.post(`/v1/transactions/${first.id}/checks`, { code: wrongCode(await slow.code(hers.contacts[0].address)) }, "422 wrong_code");
  await slow.hold({ subject: hers, send: "sms" });
  await slow.post("/v1/transactions", { ...aHold(), subject: hers, send: "sms" }, "429 resend_too_soon");
});

test("codes and numbers as people paste them", async () => {
  const arabic = (text) => text.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)));
  for (const typed of [(code) => arabic(code), (code) => `\u2066${code.slice(0, 3)}\u2011${code.slice(3)}\u2069`, (code) => `\u00a0${code}\u200b`]) {
    const phone = aPhone();
    const subject = { identity: anIdentity(), contacts: [{ channel: "sms", address: `\u202a${arabic(phone)}\u202c` }] };
    const held = await api.hold({ subject, send: "sms" });
    await api.post(`/v1/transactions/${held.id}/checks`, { code: typed(await api.code(phone)) }, 200);
  }
});
