// Authenticator apps.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, aPhone, anId, anIdentity, totpCode, wrongCode } from "../support/client.mjs";
import { anotherKey, api, server } from "./setup.mjs";

test("authenticator apps", async () => {
  const identity = "person/with a slash?";
  const path = `/v1/subjects/${encodeURIComponent(identity)}/factors`;
  assert.deepEqual((await api.get(path)).data, []);
  const key = { headers: { "Idempotency-Key": "enrol-1" } };
  const body = { type: "totp", name: "Work phone", label: "me", totp: { algorithm: "SHA256", digits: 8, period: 60 } };
  const factor = await api.post(path, body, 201, key);
  assert.deepEqual(await api.post(path, body, 201, key), factor);
  await api.post(path, { type: "totp" }, "422 idempotency_key_reused", key);
  await anotherKey().post(path, body, "422 idempotency_key_reused", key);
  await api.post(path, { type: "fax" }, "422 invalid_field");

  const confirm = `${path}/${factor.id}/confirm`;
  const code = totpCode(factor.secret, 0, body.totp);
  await api.post(confirm, { code: "1" }, "422 invalid_field");
  await api.post(confirm, { code: wrongCode(code) }, "422 wrong_code");
  const confirmKey = { headers: { "Idempotency-Key": "confirm-1" } };
  assert.equal((await api.post(confirm, { code }, 200, confirmKey)).status, "active");
  const { secret, otpauth_uri: link, qr_svg: picture, ...withoutKey } = factor;
  assert.ok(secret && link && picture);
  assert.deepEqual(await api.post(path, body, 201, key), withoutKey, "its key is not shown again");
  await api.post(confirm, { code: wrongCode(code) }, "422 idempotency_key_reused", confirmKey);
  await api.post(confirm, { code }, "409 factor_unusable");
  await api.post(`${path}/${anId("YF")}/confirm`, { code }, "404 not_found");
  assert.deepEqual((await api.get(path)).data.map(({ id, status }) => [id, status]), [[factor.id, "active"]]);

  const held = await api.hold({ subject: { identity }, policy: "totp" });
  const checks = `/v1/transactions/${held.id}/checks`;
  await api.post(checks, { code, factor: "totp" }, "422 wrong_code");  // Its step is spent.
  const next = totpCode(factor.secret, 1, body.totp);
  assert.equal((await api.post(checks, { code: next, factor: factor.id }, 200)).status, "verified");

  const removeKey = { headers: { "Idempotency-Key": "remove-1" } };
  await api.expect(204, "DELETE", `${path}/${factor.id}`, removeKey);
  await api.expect(204, "DELETE", `${path}/${factor.id}`, removeKey);
  await api.expect("422 idempotency_key_reused", "DELETE", `${path}/${factor.id}`, { ...removeKey, raw: "x" });
  await api.expect("404 not_found", "DELETE", `${path}/${factor.id}`);
  assert.deepEqual((await api.get(path)).data, []);
});

test("authenticator apps that failed too often", async () => {
  const identity = anIdentity();
  const factor = await api.authenticator(identity);
  const held = await api.hold({ subject: { identity }, policy: "totp" });
  const checks = `/v1/transactions/${held.id}/checks`;
  const wrong = { code: wrongCode(totpCode(factor.secret)), factor: "totp" };
  for (let i = 0; i < 5; ++i) await api.post(checks, wrong, "422 wrong_code");
  await api.post(checks, wrong, "429 locked");

  const path = `/v1/subjects/${anIdentity()}/factors`;
  const fresh = await api.post(path, { type: "totp" });
  const confirm = `${path}/${fresh.id}/confirm`;
  for (let i = 0; i < 5; ++i) await api.post(confirm, { code: wrongCode(totpCode(fresh.secret)) }, "422 wrong_code");
  await api.post(confirm, { code: totpCode(fresh.secret) }, "429 locked");
});

test("authenticators that sleep, contacts that are slowed, checks that are limited", async () => {
  const frugal = new Client(server, "frugal");
  const identity = anIdentity();
  const phone = aPhone();
  const factor = await frugal.authenticator(identity);
  const held = await frugal.hold({ subject: { identity, contacts: [{ channel: "sms", address: phone }] } });
  const checks = `/v1/transactions/${held.id}/checks`;
  const wrong = { code: wrongCode(totpCode(factor.secret)), factor: "totp" };
  await frugal.post(checks, wrong, "422 wrong_code");
  await frugal.post(checks, wrong, "409 factor_unusable");
  await frugal.post(`/v1/transactions/${held.id}/verifications`, { channel: "sms" });
  await frugal.post(checks, { code: wrongCode(await frugal.code(phone)) }, "422 wrong_code");
  await frugal.post(`/v1/transactions/${held.id}/verifications`, { channel: "sms" }, "429 resend_too_soon");
  const [contact] = (await frugal.get(`/v1/subjects/${identity}/contacts`)).data;
  await frugal.expect(204, "POST", `/v1/subjects/${identity}/contacts/${contact.id}/unlock`);

  const single = new Client(server, "single");
  const person = anIdentity();
  const confirmed = await single.authenticator(person);
  const second = await single.hold({ subject: { identity: person } });
  await single.post(`/v1/transactions/${second.id}/checks`, { code: totpCode(confirmed.secret), factor: "totp" }, "429 rate_limited");
  const path = `/v1/subjects/${person}/factors`;
  const unconfirmed = await single.post(path, { type: "totp" });
  await single.post(`${path}/${unconfirmed.id}/confirm`, { code: "123456" }, "429 rate_limited");
});

test("a subject has 100 factors at most", async () => {
  const path = `/v1/subjects/${anIdentity()}/factors`;
  for (let i = 0; i < 100; ++i) await api.post(path, { type: "totp" });
  await api.post(path, { type: "totp" }, "409 too_many_factors");
  await api.post(path.replace("/factors", "/additions"), { method: "totp" }, "409 too_many_factors");
});

test("recovery codes", async () => {
  const identity = anIdentity();
  const phone = aPhone();
  const subject = { identity, contacts: [{ channel: "sms", address: phone }] };
  const policy = { any_of: ["sms", "totp", "recovery_code"], min_kinds: 2, enrol: ["totp", "recovery_code"] };
  const before = await api.hold({ subject, policy });
  const path = `/v1/subjects/${identity}/factors`;
  const key = { headers: { "Idempotency-Key": `codes-${identity}` } };
  const made = await api.post(path, { type: "recovery_codes" }, 201, key);
  assert.equal(new Set(made.codes).size, 10);
  assert.deepEqual(await api.post(path, { type: "recovery_codes" }, 201, key), made, "they are shown until they are saved");
  await api.post(path, { type: "recovery_codes", label: "me" }, "422 invalid_field");
  const confirm = `${path}/${made.id}/confirm`;
  await api.post(confirm, { code: made.codes[0] }, "422 invalid_field");
  const factor = await api.post(confirm, {}, 200);
  assert.deepEqual([factor.type, factor.status, factor.codes_left, factor.renew], ["recovery_codes", "active", 10, false]);
  const { codes, ...withoutCodes } = made;
  assert.deepEqual(await api.post(path, { type: "recovery_codes" }, 201, key), withoutCodes, "they are not shown again");
  await api.post(confirm, {}, "409 factor_unusable");

  const held = await api.hold({ subject, policy });
  const checkOf = ({ id }) => `/v1/transactions/${id}/checks`;
  await api.post(checkOf(before), { code: codes[9], factor: "recovery_code" }, "409 source_does_not_count");
  const alone = await api.post(checkOf(held), { code: codes[0], factor: "recovery_code" }, 200);
  assert.equal(alone.status, "held");
  await api.post(checkOf(held), { code: codes[0], factor: "recovery_code" }, "422 wrong_code");
  await api.post(`/v1/transactions/${held.id}/verifications`, { channel: "sms" });
  assert.equal((await api.post(checkOf(held), { code: await api.code(phone) }, 200)).status, "verified");
  assert.deepEqual((await api.get(path)).data.map(({ id, codes_left: left }) => [id, left]), [[made.id, 9]]);
  const { proofs } = await api.get(`/v1/transactions/${held.id}`);
  assert.deepEqual(proofs.map(({ method }) => method).sort(), ["recovery_code", "sms"]);

  // However it is typed, and by the id of the set.
  const again = await api.hold({ subject, policy });
  const typed = codes[1].toLowerCase().replaceAll("-", " ").replaceAll("0", "o");
  await api.post(checkOf(again), { code: "7K3QM", factor: made.id }, "422 invalid_field");
  await api.post(checkOf(again), { code: typed, factor: made.id }, 200);
  const named = await api.hold({ subject, policy: "totp" });
  await api.post(checkOf(named), { code: codes[2], factor: "recovery_code" }, "422 method_not_in_policy");

  const asked = await api.post(`/v1/subjects/${identity}/additions`, { method: "recovery_code" }, 201);
  assert.match(asked.verify_url, /\/verify\/TX/);
  await api.post(`/v1/subjects/${identity}/additions`, { method: "sms" }, "422 invalid_field");
  await api.expect(204, "DELETE", `${path}/${made.id}?reason=removed`);
  assert.deepEqual((await api.get(path)).data, []);
});
