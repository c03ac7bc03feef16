// Goes through every operation, with success and with every error that can be brought about from outside, and holds each
// answer against docs/openapi.yaml. The last test says what was left out.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Client, aHold, aPhone, anId, anIdentity, eventually, totpCode, wrongCode } from "./support/client.mjs";
import { check, covered, operation, operations, promised } from "./support/contract.mjs";
import { Wire, exchange } from "./support/http.mjs";
import { Server } from "./support/server.mjs";
import { Twilio, accountSid, authToken, signature, verifyServiceSid } from "./support/twilio.mjs";

// What only broken machinery brings about; the tests of faults do.
// One code an hour to object with comes after a hundred wrong ones, and those take days.
const unreachable = /^(?!readyz).* (500 internal_error|503 overloaded|503 store_unavailable)$|^readyz 503 store_unavailable$|^metrics 401|^start_objection 429 resend_too_soon$/;

let twilio;
let server;
let api;
let expiring;

const config = () => `
trusted_proxies = ["127.0.0.1"]
[policies.default]
any_of = ["sms", "call", "whatsapp", "totp"]
[policies.totp]
any_of = ["totp"]
[providers.verify]
type = "twilio_verify"
account_sid = "${accountSid}"
service_sid = "${verifyServiceSid}"
base_url = "${twilio.url}"
[providers.texts]
type = "twilio_messaging"
account_sid = "${accountSid}"
from = "+15005550006"
base_url = "${twilio.url}"
[[accounts]]
name = "default"
[[accounts]]
name = "denied"
ip_deny = ["192.0.2.0/24"]
[[accounts]]
name = "single"
[accounts.limits]
sends_max = 1
checks_per_account = "1 per 10m"
failures_disable_at = 1
[[accounts]]
name = "frugal"
[accounts.limits]
sends_per_contact = "1 per 10m"
failures_disable_at = 1
[[accounts]]
name = "slow"
[accounts.limits]
failures_disable_at = 1
[[services]]
name = "default"
channels = {sms = "inbox", whatsapp = "inbox", email = "inbox"}
[[services]]
name = "verify"
channels = {sms = "verify"}
[[services]]
name = "texts"
channels = {sms = "texts"}
${["denied", "single", "frugal", "slow"].map((name) => `[[services]]\naccount = "${name}"\nname = "for-${name}"\nchannels = {sms = "inbox"}`).join("\n")}
`;

before(async () => {
  twilio = await Twilio.start();
  const secrets = `[providers.verify]\nauth_token = "${authToken}"\n[providers.texts]\nauth_token = "${authToken}"\n`;
  server = await Server.start({ config: config(), secrets, keys: ["default", "default#2", "default#vouch", "denied", "single", "frugal", "slow"] });
  api = new Client(server);
  // The shortest life that a hold can have. What remains of it passes while the other tests run.
  expiring = await api.hold({ expires_in: 30 });
});
after(async () => {
  await server?.stop();
  await twilio?.stop();
});

/// Another API key of the same account.
const anotherKey = () => new Client(server, "default#2");

/// A path of the operation that fits its form, and names nothing that is there.
const somePath = (id) =>
  operation(id).path.replace(/\{(\w+)\}/g, (_, name) => {
    if (name === "identity") return "nobody";
    if (name === "delivery") return anId("WD");
    return anId({ factors: "YF", contacts: "CT", bindings: "YB", objections: "OB", webhook_endpoints: "WE" }[/(factors|contacts|bindings|objections|webhook_endpoints)\/\{id\}/.exec(operation(id).path)?.[1]] ?? "TX");
  });
const authenticated = operations.filter((o) => o.isAuthenticated);
const takesJson = (o) => o.definition.requestBody !== undefined;
const needsBody = (o) => takesJson(o) && o.definition.requestBody.required;
const takesKey = (o) => o.ownParameters.some(({ value }) => value.name === "Idempotency-Key");

test("what every operation refuses", async (t) => {
  for (const o of authenticated) {
    await t.test(o.id, async () => {
      const path = somePath(o.id);
      const raw = takesJson(o) ? "{}" : undefined;
      const refuses = (expected, options) => api.expect(expected, o.method, options.path ?? path, { raw, ...options });
      for (const authorization of [undefined, "Bearer", "Bearer nonsense", `Basic ${api.key}`, `Bearer ${anId("SK")}.${"0".repeat(48)}`]) {
        await refuses("401 unauthorized", { headers: { Authorization: authorization }, from: `198.51.100.${authenticated.indexOf(o)}` });
      }
      await refuses("401 unauthorized", { headers: { Authorization: Array(2).fill(`Bearer ${api.key}`) }, from: `198.51.100.${authenticated.indexOf(o)}` });
      await new Client(server, "denied").expect("403 address_not_allowed", o.method, path, { raw, from: "192.0.2.7" });
      await refuses("400 malformed_query", { path: `${path}?limit=%FF` });
      await refuses("400 malformed_query", { path: `${path}?subject=%00` });
      await refuses("422 invalid_field", { path: `${path}?nonsense=1` });
      if (takesKey(o)) {
        const body = needsBody(o) ? raw : undefined;
        await refuses("400 invalid_idempotency_key", { raw: body, headers: { "Idempotency-Key": "" } });
        await refuses("400 invalid_idempotency_key", { raw: body, headers: { "Idempotency-Key": "k".repeat(256) } });
        await refuses("400 invalid_idempotency_key", { raw: body, headers: { "Idempotency-Key": ["a", "b"] } });
      }
      if (!takesJson(o)) return;
      await refuses("415 unsupported_media_type", { type: "text/plain" });
      await refuses("415 unsupported_media_type", { headers: { "Content-Type": undefined } });
      await refuses("400 malformed_json", { raw: "{" });
      await refuses("400 duplicate_name", { raw: '{"a":1,"a":1}' });
      await refuses("400 number_out_of_range", { raw: '{"a":9007199254740992}' });
      await refuses("400 nested_too_deep", { raw: `{"a":${"[".repeat(40)}${"]".repeat(40)}}` });
      await refuses("400 not_an_object", { raw: "[]" });
      await refuses("413 body_too_large", { raw: `{"a":"${"x".repeat(256 * 1024)}"}` });
      const caller = path.startsWith("/v1/test/") ? new Client(server, "test") : api;
      const unknown = await caller.call(o.method, path, { raw: '{"nonsense":1}' });
      assert.ok(["invalid_field", "not_found"].includes(unknown.code), unknown.text);
    });
  }
});

test("thirty failed authentications of one address are answered, more are not", async () => {
  const from = "203.0.113.9";
  const tries = await Promise.all(Array.from({ length: 31 }, () => api.call("GET", "/v1/events", { headers: { Authorization: undefined }, from })));
  assert.deepEqual(tries.map(({ status }) => status).sort(), [...Array(30).fill(401), 429]);
  for (const o of authenticated) await api.expect("429 rate_limited", o.method, somePath(o.id), { headers: { Authorization: undefined }, from });
  await api.expect(200, "GET", "/v1/events", { from });
});

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

test("show and list transactions", async () => {
  const subject = { identity: anIdentity() };
  const display = { title: "Título ✓", payee: "Zoë", amount: { value: "0.10", currency: "EUR" }, lines: [{ label: "a", value: "" }, { label: "b", value: "می\u200cخواهم", previous: "👨\u200d👩\u200d👧" }] };
  const ids = [];
  for (let i = 0; i < 3; ++i) {
    ids.unshift((await api.hold({ subject, display, metadata: { i }, return_url: "https://app.example.com/back" })).id);
    await setTimeout(2); // the order of one millisecond is nobody's promise
  }
  const shown = await api.get(`/v1/transactions/${ids[0]}`);
  assert.deepEqual([shown.display, shown.metadata, shown.subject], [display, { i: 2 }, subject]);
  const receives = (line, expected) => api.post("/v1/transactions", { ...aHold(), display: { title: "t", lines: [line] } }, expected);
  await receives({ label: "a", value: "b", previous: null }, 201);
  await receives({ label: "a", value: "b", previous: "c\u202ed" }, "422 invalid_field");
  await receives({ label: "a", value: "", previous: "" }, 201);
  await receives({ label: "a", value: "", previous: "b" }, "422 invalid_field");
  await receives({ label: "a", value: "b", previous: "c".repeat(201) }, "422 invalid_field");
  await receives({ label: "a", value: "final 36\u200c61" }, "422 invalid_field");
  await api.get(`/v1/transactions/${anId("TX")}`, "404 not_found");
  const query = `subject=${subject.identity}&status=held&limit=2`;
  const page = await api.get(`/v1/transactions?${query}`);
  const rest = await api.get(`/v1/transactions?${query}&cursor=${page.next_cursor}`);
  assert.deepEqual([...page.data, ...rest.data].map(({ id }) => id), ids);
  assert.equal(rest.next_cursor, null);
  const [newest, , oldest] = await Promise.all(ids.map((id) => api.get(`/v1/transactions/${id}`)));
  const between = (range) => api.get(`/v1/transactions?subject=${subject.identity}&${range}`).then(({ data }) => data.map(({ id }) => id));
  assert.ok(!(await between(`until=${newest.created_at}`)).includes(newest.id));
  assert.deepEqual(await between(`since=${oldest.created_at}&until=2100-01-01T00:00:00Z`), ids);
  assert.deepEqual(await between("since=2100-01-01T00:00:00Z"), []);
  assert.deepEqual(await between("type=payout&claimed=false"), ids);
  assert.deepEqual(await between("type=payou"), []);
  const wrongs = ["status=holding", "cursor=1", "limit=1&limit=1", "since=yesterday", "until=2026-02-30T00:00:00Z", "type=", "type=a%20b", "claimed=1"];
  for (const wrong of ["limit=0", "limit=201", "limit=x", ...wrongs]) {
    await api.get(`/v1/transactions?${wrong}`, "422 invalid_field");
  }
});

test("cancel", async () => {
  const { id } = await api.hold();
  const path = `/v1/transactions/${id}/cancel`;
  const key = { headers: { "Idempotency-Key": "cancel-1" } };
  await api.post(path, undefined, 200, key);
  await api.post(path, undefined, 200, key);
  await api.post(path, {}, "422 idempotency_key_reused", key);
  await api.post(path, {}, "409 transaction_not_held");
  await api.post(`/v1/transactions/${anId("TX")}/cancel`, undefined, "404 not_found");
  const claimed = await api.verified();
  await api.post(`/v1/transactions/${claimed.id}/claim`, undefined, 200);
  await api.post(`/v1/transactions/${claimed.id}/cancel`, undefined, "409 already_claimed");
});

test("start a verification", async () => {
  const phone = aPhone();
  const subject = { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] };
  const { id } = await api.hold({ subject });
  const path = `/v1/transactions/${id}/verifications`;
  const key = { headers: { "Idempotency-Key": "start-1" } };
  const started = await api.post(path, { channel: "sms" }, 201, key);
  assert.deepEqual(await api.post(path, { channel: "sms" }, 201, key), started);
  await api.post(path, { channel: "sms", contact: phone }, "422 idempotency_key_reused", key);
  await api.post(path, { channel: "sms" }, "429 resend_too_soon");
  await api.post(path, { channel: "email" }, "422 method_not_in_policy");
  await api.post(path, { channel: "call" }, "422 channel_unavailable");
  await api.post(path, { channel: "whatsapp" }, "422 no_contact");
  await api.post(path, { channel: "sms", contact: anId("CT") }, "422 no_contact");
  await api.post(path, { channel: "sms", contact: "+551133334444" }, "422 address_refused");
  await api.post(`/v1/transactions/${anId("TX")}/verifications`, { channel: "sms" }, "404 not_found");
  await api.post(`/v1/transactions/${id}/cancel`, undefined, 200);
  await api.post(path, { channel: "sms" }, "409 transaction_not_held");
  const shown = await api.get(`/v1/transactions/${id}`);
  assert.equal(shown.verifications[0].status, "canceled");
});

test("limits of sending", async () => {
  for (const [account, expected] of [["single", "429 sends_exhausted"], ["frugal", "429 rate_limited"]]) {
    const client = new Client(server, account);
    const subject = { identity: anIdentity(), contacts: [{ channel: "sms", address: aPhone() }] };
    const first = await client.hold({ subject });
    await client.post(`/v1/transactions/${first.id}/verifications`, { channel: "sms", end_user_ip: "203.0.113.77" });
    const second = account === "single" ? first : await client.hold({ subject });
    await client.post(`/v1/transactions/${second.id}/verifications`, { channel: "sms" }, expected);
  }
});

test("check codes of messages", async () => {
  const phone = aPhone();
  const { id } = await api.hold({ subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] } });
  const path = `/v1/transactions/${id}/checks`;
  await api.post(path, { code: "123456", verification: anId("VE") }, "409 no_verification");
  const started = await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
  const code = await api.code(phone);
  await api.post(path, { code: "12345" }, "422 invalid_field");
  for (let left = 4; left >= 0; --left) {
    const wrong = await api.post(path, { code: wrongCode(code), verification: started.id, end_user_ip: "2001:db8::1" }, "422 wrong_code");
    assert.equal(wrong.attempts_left, left);
  }
  await api.post(path, { code }, "409 attempts_exhausted");
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" }, "429 locked");
  await api.post(`/v1/transactions/${id}/cancel`, undefined, 200);
  await api.post(path, { code }, "409 transaction_not_held");
  await api.post(`/v1/transactions/${anId("TX")}/checks`, { code }, "404 not_found");
  const onlySms = await api.hold({ policy: { any_of: ["sms"] } });
  await api.post(`/v1/transactions/${onlySms.id}/checks`, { code }, "422 method_not_in_policy");
});

test("check codes that Twilio Verify made", async () => {
  const phone = aPhone();
  const subject = { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] };
  const { id } = await api.hold({ service: "verify", subject });
  const path = `/v1/transactions/${id}/checks`;
  twilio.holdsBack = true;
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
  await api.post(path, { code: twilio.rightCode }, "409 not_sent_yet");
  await eventually("the call of Twilio", () => twilio.waiting.at(0));
  twilio.release();
  const isTaken = async () => ((await api.call("POST", path, { body: { code: "111111" } })).code === "wrong_code" ? true : undefined);
  await eventually("the verification's SID", isTaken);
  twilio.isDown = true;
  await api.post(path, { code: twilio.rightCode }, "503 provider_unavailable");
  twilio.isDown = false;
  await api.post(path, { code: twilio.rightCode }, 200);
});

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
  await api.post(path, { type: "webauthn" }, "422 invalid_field");

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
});

test("contacts", async () => {
  const path = `/v1/subjects/${anIdentity()}/contacts`;
  assert.deepEqual((await api.get(path)).data, []);
  const key = { headers: { "Idempotency-Key": "contact-1" } };
  const body = { channel: "sms", address: aPhone() };
  const contact = await api.post(path, body, 201, key);
  assert.ok(!contact.address.includes(body.address.slice(3, 9)), contact.address);
  assert.deepEqual(await api.post(path, body, 201, key), contact);
  assert.deepEqual(await api.post(path, body), contact);
  await api.post(path, { ...body, channel: "call" }, "422 idempotency_key_reused", key);
  await api.post(path, { channel: "email", address: "nobody" }, "422 invalid_field");
  await api.post(path, { channel: "sms", address: "+551133334444" }, "422 address_refused");
  await api.post(path, { channel: "email", address: "zoe@example.com" });
  assert.equal((await api.get(path)).data.length, 2);
  const other = { headers: { "Idempotency-Key": "contact-2" } };
  await api.expect(204, "POST", `${path}/${contact.id}/unlock`, other);
  await api.expect("422 idempotency_key_reused", "POST", `${path}/${contact.id}/unlock`, { ...other, raw: "x" });
  await api.expect(204, "DELETE", `${path}/${contact.id}`, key);
  await api.expect("422 idempotency_key_reused", "DELETE", `${path}/${contact.id}`, { ...key, raw: "x" });
  await api.expect("404 not_found", "DELETE", `${path}/${contact.id}`);
  await api.expect("404 not_found", "POST", `${path}/${contact.id}/unlock`);
});

test("the whole list of contacts, imports, and who may vouch", async () => {
  const path = `/v1/subjects/${anIdentity()}/contacts`;
  const [first, second] = [aPhone(), aPhone()].map((address) => ({ channel: "sms", address }));
  const email = { channel: "email", address: "ana@example.com" };
  const key = { headers: { "Idempotency-Key": "put-1" } };
  const put = (body, expected, options) => api.expect(expected, "PUT", path, { body, ...options });
  await put({ contacts: [first, email], founding_until: new Date(Date.now() + 86_400_000).toISOString() }, 200, key);
  await put({ contacts: [first] }, "422 idempotency_key_reused", key);
  await put({ contacts: [first], verified_at: "2026-01-01T00:00:00Z" }, "409 has_history");
  await put({ contacts: [{ channel: "sms", address: "+551133334444" }] }, "422 address_refused");
  await put({ contacts: [email, second] }, 200);
  const left = (await api.get(path)).data;
  assert.deepEqual(left.map(({ channel, standing }) => [channel, standing.counted]).sort(), [["email", "founding"], ["sms", "founding"]]);
  await api.post(path, { ...first, verified_at: "2026-01-01T00:00:00Z" }, "409 has_history");
  await api.post(path, { ...first, vouch: true }, "403 may_not_vouch");
  await api.post(path, { ...first, replaces: anId("CT") }, "422 invalid_field");
});

test("what does not count for a transaction says from when it does", async () => {
  const identity = anIdentity();
  const { id } = await api.hold({ subject: { identity } });
  const contact = await api.post(`/v1/subjects/${identity}/contacts`, { channel: "sms", address: aPhone() });
  const start = await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms", contact: contact.id }, "409 source_does_not_count");
  assert.ok(Date.parse(start.counts_from) >= Date.parse(contact.known_since));
  const factors = `/v1/subjects/${identity}/factors`;
  const factor = await api.post(factors, { type: "totp" });
  await api.post(`${factors}/${factor.id}/confirm`, { code: totpCode(factor.secret), vouch: true }, "403 may_not_vouch");
  await api.post(`${factors}/${factor.id}/confirm`, { code: totpCode(factor.secret) }, 200);
  await api.post(`${factors}/${factor.id}/vouch`, undefined, "403 may_not_vouch");
  const support = new Client(server, "default#vouch");
  const vouch = { headers: { "Idempotency-Key": `vouch-${factor.id}` } };
  assert.equal((await support.post(`${factors}/${factor.id}/vouch`, undefined, 200, vouch)).id, factor.id);
  await support.post(`${factors}/${factor.id}/vouch`, {}, "422 idempotency_key_reused", vouch);
  await support.post(`${factors}/${anId("YF")}/vouch`, undefined, "404 not_found");
  const unconfirmed = await api.post(factors, { type: "totp" });
  await support.post(`${factors}/${unconfirmed.id}/vouch`, undefined, "409 factor_unusable");
  await api.post(`/v1/transactions/${id}/checks`, { code: totpCode(factor.secret, 1), factor: factor.id }, "409 source_does_not_count");
  for (const what of [`contacts/${contact.id}`, `factors/${factor.id}`]) {
    const key = { headers: { "Idempotency-Key": what } };
    await api.post(`/v1/subjects/${identity}/${what}/suspect`, undefined, 204, key);
    await api.post(`/v1/subjects/${identity}/${what}/suspect`, {}, "422 idempotency_key_reused", key);
  }
  const [suspected] = (await api.get(`/v1/subjects/${identity}/contacts`)).data;
  assert.equal(suspected.standing.why_not, "not_told");
  for (const what of [`contacts/${anId("CT")}`, `factors/${anId("YF")}`]) await api.post(`/v1/subjects/${identity}/${what}/suspect`, undefined, "404 not_found");
});

test("what was proved by something that is lost before the claim", async () => {
  const { id } = await api.verified();
  const { subject, proofs } = await api.get(`/v1/transactions/${id}`);
  assert.equal(proofs[0].counted, "founding");
  const contacts = `/v1/subjects/${encodeURIComponent(subject.identity)}/contacts`;
  const [contact] = (await api.get(contacts)).data;
  await api.expect("422 invalid_field", "DELETE", `${contacts}/${contact.id}?reason=stolen`);
  await api.expect(204, "DELETE", `${contacts}/${contact.id}?reason=lost`);
  const transaction = `/v1/transactions/${id}`;
  const lost = await api.get(transaction);
  assert.deepEqual([lost.status, lost.end_reason], ["canceled", "proof_voided"]);
  await api.post(`${transaction}/claim`, undefined, "409 proof_voided");
  await api.post(`${transaction}/ack`, { fencing_token: "x".repeat(24) }, "409 proof_voided");
  await api.post(`${transaction}/cancel`, undefined, "409 proof_voided");
  await api.post(`${transaction}/give_up`, undefined, "409 proof_voided");
  await api.post(`${transaction}/verifications`, { channel: "sms" }, "409 proof_voided");
  await api.post(`${transaction}/checks`, { code: "123456" }, "409 proof_voided");
});

test("a subject with all its sources, objections and erasure", async () => {
  const identity = anIdentity();
  const path = `/v1/subjects/${identity}`;
  await api.get(path, "404 not_found");
  const phone = aPhone();
  await api.post(`${path}/contacts`, { channel: "sms", address: phone });
  const { id } = await api.hold({ subject: { identity } });
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
  await api.post(`/v1/transactions/${id}/checks`, { code: await api.code(phone) }, 200);
  const fresh = await api.get(path);
  assert.deepEqual([fresh.identity, fresh.founding, fresh.sources.length], [identity, false, 1]);
  assert.equal(fresh.sources[0].standing.counted, "founding");

  // An app of her own, from a page of the application's.
  const adds = { headers: { "Idempotency-Key": `adds-${identity}` } };
  const addition = await api.post(`${path}/additions`, { method: "totp", return_url: "https://shop.example.com/security", locale: "en" }, 201, adds);
  assert.ok(addition.verify_url.includes(`/verify/${addition.id}.`));
  await api.post(`${path}/additions`, { method: "totp" }, "422 idempotency_key_reused", adds);
  await api.post(`${path}/additions`, { method: "sms" }, "422 invalid_field");
  await api.post(`${path}/additions`, { method: "totp", return_url: "javascript:alert(1)" }, "422 invalid_field");
  await api.post(`${path.slice(0, -1)}X/additions`, { method: "totp" }, "404 not_found");

  await api.post(`${path}/contacts`, { channel: "email", address: "ana@example.com" });
  // The telephone is told, and so the wait begins.
  const told = await eventually("the notice", async () => {
    const subject = await api.get(path);
    return subject.sources[1].told.length > 0 ? subject : undefined;
  });
  const [line, mailbox] = told.sources;
  assert.deepEqual([mailbox.told, mailbox.standing.why_not], [[line.id], "waits"]);
  const messages = await api.get(`/dev/inbox.json?to=${encodeURIComponent(phone)}`);
  assert.ok(messages.some(({ body }) => body.includes("e-mail (a*****") || body.includes("new e-mail")), JSON.stringify(messages));

  const objections = `${path}/objections`;
  const sentBefore = messages[0].code;
  const before = messages.map((message) => message.code);
  const key = { headers: { "Idempotency-Key": `objection-${identity}` } };
  const started = await api.post(objections, { contact: line.id, binding: mailbox.id }, 201, key);
  await api.post(objections, { contact: line.id }, "422 idempotency_key_reused", key);
  await api.post(objections, { contact: line.id }, "404 not_found");
  await api.post(objections, { contact: mailbox.id, binding: mailbox.id }, "409 not_told");
  await api.post(objections, { contact: anId("YB"), binding: mailbox.id }, "422 invalid_field");
  const second = await api.post(objections, { contact: line.id, binding: mailbox.id });
  const codes = await eventually("the codes", async () => {
    const got = (await api.get(`/dev/inbox.json?to=${encodeURIComponent(phone)}`)).map((message) => message.code);
    const fresh = got.filter((one) => one !== sentBefore && one !== "" && !before.includes(one));
    return fresh.length === 2 ? fresh : undefined;
  });
  const confirm = `${objections}/${started.id}/confirm`;
  const right = async (id, list) => {
    for (const one of list) {
      const response = await api.call("POST", `${objections}/${id}/confirm`, { body: { code: one }, headers: { "Idempotency-Key": `confirm-${id}-${one}` } });
      if (response.status === 204) return one;
      assert.equal(response.code, "wrong_code");
    }
    return assert.fail("no code was right");
  };
  await api.post(confirm, { code: wrongCode(codes[0]) }, "422 wrong_code");
  const code = await right(started.id, codes);
  const confirmed = { headers: { "Idempotency-Key": `confirm-${started.id}-${code}` } };
  await api.post(confirm, { code: "0" }, "422 idempotency_key_reused", confirmed);
  await api.post(objections, { contact: line.id, binding: mailbox.id }, "409 objected_before");
  await api.post(`${objections}/${second.id}/confirm`, { code: codes.find((one) => one !== code) }, "409 objected_before");
  await api.post(`${objections}/${anId("OB")}/confirm`, { code }, "404 not_found");
  for (let i = 0, last = ""; last !== "attempts_exhausted"; ++i) {
    last = (await api.call("POST", confirm, { body: { code: wrongCode(code) } })).code;
    assert.ok(i < 6 && ["wrong_code", "attempts_exhausted"].includes(last), last);
  }
  assert.equal((await api.get(path)).sources[1].standing.why_not, "stopped");

  const binding = `${path}/bindings/${mailbox.id}`;
  await api.post(`${binding}/object`, undefined, "409 objected_before");
  // She decides herself, by codes for the operation.
  const hers = { headers: { "Idempotency-Key": `decision-${identity}` } };
  const operation = await api.post(`${binding}/decision`, { keep: true }, 201, hers);
  assert.ok(operation.verify_url.includes(`/verify/${operation.id}.`));
  await api.post(`${binding}/decision`, { keep: false }, "422 idempotency_key_reused", hers);
  await api.post(`${path}/bindings/${line.id}/decision`, { keep: true }, "409 not_stopped");
  await api.post(`${path.slice(0, -1)}X/bindings/${mailbox.id}/decision`, { keep: true }, "404 not_found");
  const decided = { headers: { "Idempotency-Key": `decide-${identity}` } };
  await api.post(`${binding}/decide`, { keep: true }, "403 may_not_vouch");
  const support = new Client(server, "default#vouch");
  const kept = await support.post(`${binding}/decide`, { keep: true }, 200, decided);
  assert.equal(kept.stopped_at, null);
  await api.post(`${binding}/decide`, { keep: false }, "409 not_stopped");
  await support.post(`${binding}/decide`, { keep: false }, "422 idempotency_key_reused", decided);
  await api.post(`${path}/bindings/${anId("YB")}/decide`, { keep: false }, "404 not_found");
  const objected = { headers: { "Idempotency-Key": `object-${identity}` } };
  await api.post(`${path}/bindings/${line.id}/object`, undefined, 200, objected);
  await api.post(`${path}/bindings/${line.id}/object`, {}, "422 idempotency_key_reused", objected);
  await api.post(`${path}/bindings/${line.id}/decision`, { keep: true }, "409 source_does_not_count");  // A mailbox alone.
  await api.post(`${path}/bindings/${anId("YB")}/object`, undefined, "404 not_found");

  await api.post(`${path}/additions`, { method: "totp" }, "409 source_does_not_count");

  const erase = { headers: { "Idempotency-Key": `erase-${identity}` } };
  const asked = await api.expect(202, "DELETE", path, erase);
  await api.expect("422 idempotency_key_reused", "DELETE", path, { ...erase, raw: "x" });
  assert.equal(Date.parse(asked.acts_at) - Date.parse(asked.asked_at), 72 * 3_600_000);
  await api.expect("404 not_found", "DELETE", `/v1/subjects/${anIdentity()}`);
  // Wrong codes count at the line, whichever objection they are for.
  for (let i = 0, last = ""; last !== "locked"; ++i) {
    assert.ok(i < 4);
    // Whoever was not told yet cannot object; the notice of the erasure is on its way.
    const { id } = await eventually("the notice", async () => {
      const response = await api.call("POST", objections, { body: { contact: line.id } });
      if (response.code === "not_told") return undefined;
      assert.equal(response.status, 201, response.text);
      return response.json;
    });
    do {
      last = (await api.call("POST", `${objections}/${id}/confirm`, { body: { code: wrongCode(code) } })).code;
    } while (last === "wrong_code");
    assert.ok(["attempts_exhausted", "locked"].includes(last), last);
  }
  const stop = { headers: { "Idempotency-Key": `stop-${identity}` } };
  await api.post(`${path}/erasure/stop`, undefined, 204, stop);
  await api.post(`${path}/erasure/stop`, {}, "422 idempotency_key_reused", stop);
  await api.post(`${path}/erasure/stop`, undefined, "404 not_found");
  assert.notEqual((await api.get(path)).erasure.stopped_at, null);
});

test("claim and acknowledge", async () => {
  const payload = { z: [1, 2.5, null, true, "é", {}], a: "\u0000\u001f" };
  const { id } = await api.verified({ payload });
  const claim = `/v1/transactions/${id}/claim`;
  const ack = `/v1/transactions/${id}/ack`;
  const winner = { headers: { "Idempotency-Key": "worker-1" } };
  await api.post(ack, { fencing_token: "x" }, "409 not_verified");
  const won = await api.post(claim, undefined, 200, winner);
  assert.deepEqual(won.payload, payload);
  assert.deepEqual(await api.post(claim, {}, 200, { headers: { "Idempotency-Key": '"worker-1"' } }), won);
  await api.post(claim, undefined, "409 already_claimed", { headers: { "Idempotency-Key": "worker-2" } });
  await api.post(claim, undefined, "409 already_claimed");
  await anotherKey().post(claim, undefined, "409 already_claimed", winner);
  await api.post(ack, { fencing_token: "x".repeat(24) }, "409 wrong_fencing_token");
  await api.post(ack, {}, "422 invalid_field");
  const key = { headers: { "Idempotency-Key": "ack-1" } };
  await api.post(ack, { fencing_token: won.fencing_token }, 200, key);
  await api.post(ack, { fencing_token: "x" }, "422 idempotency_key_reused", key);
  await api.post(ack, { fencing_token: won.fencing_token }, 200);
  await api.post(claim, undefined, "409 transaction_not_held", winner);
  assert.equal((await api.get(`/v1/transactions/${id}`)).status, "released");

  const held = await api.hold();
  await api.post(`/v1/transactions/${held.id}/claim`, undefined, "409 not_verified");
  await api.post(`/v1/transactions/${held.id}/cancel`, undefined, 200);
  await api.post(`/v1/transactions/${held.id}/ack`, { fencing_token: "x" }, "409 transaction_not_held");
  await api.post(`/v1/transactions/${anId("TX")}/claim`, undefined, "404 not_found");
  await api.post(`/v1/transactions/${anId("TX")}/ack`, { fencing_token: "x" }, "404 not_found");
});

test("claims that nobody acknowledges", async () => {
  const { id, subject } = await api.verified({ type: "payout.lost" });
  const path = `/v1/transactions/${id}`;
  const filter = `/v1/transactions?status=verified&type=payout.lost&subject=${subject.identity}`;
  await api.post(`${path}/give_up`, undefined, "409 not_claimed");
  assert.equal((await api.get(`${filter}&claimed=true`)).data.length, 0);
  await api.post(`${path}/claim`, undefined, 200, { headers: { "Idempotency-Key": "a random one" } });
  assert.deepEqual((await api.get(`${filter}&claimed=true`)).data.map((t) => t.id), [id]);
  assert.deepEqual((await api.get("/v1/transactions?status=verified&claimed=true")).data.filter((t) => t.id === id).length, 1);
  assert.equal((await api.get(`${filter}&claimed=false`)).data.length, 0);
  const key = { headers: { "Idempotency-Key": "give-up-1" } };
  const ended = await api.post(`${path}/give_up`, undefined, 200, key);
  assert.deepEqual(ended, { id, status: "released", end_reason: "unacknowledged" });
  assert.deepEqual(await api.post(`${path}/give_up`, undefined, 200, key), ended);
  await api.post(`${path}/give_up`, {}, "422 idempotency_key_reused", key);
  await api.post(`${path}/give_up`, undefined, "409 transaction_not_held");
  await api.post(`${path}/claim`, undefined, "409 transaction_not_held", { headers: { "Idempotency-Key": "a random one" } });
  const { status, end_reason: reason } = await api.get(path);
  assert.deepEqual([status, reason], ["released", "unacknowledged"]);
  await api.post(`/v1/transactions/${anId("TX")}/give_up`, undefined, "404 not_found");
});

test("webhook endpoints and their deliveries", async () => {
  const path = "/v1/webhook_endpoints";
  const key = { headers: { "Idempotency-Key": "endpoint-1" } };
  const body = { url: `${twilio.url}/hook`, events: ["transaction.canceled", "transaction.canceled"] };
  const endpoint = await api.post(path, body, 201, key);
  assert.deepEqual(endpoint.events, ["transaction.canceled"]);
  assert.deepEqual(await api.post(path, body, 201, key), endpoint);
  await api.post(path, { url: body.url }, "422 idempotency_key_reused", key);
  await api.post(path, { url: "ftp://example.com" }, "422 invalid_field");
  await api.post(path, { url: body.url, events: Array(21).fill("*") }, "422 invalid_field");
  const another = await api.post(path, { url: `${body.url}/another` });
  assert.notEqual(another.secret, endpoint.secret);
  await api.expect(204, "DELETE", `${path}/${another.id}`);
  const { secret, ...shown } = endpoint;
  assert.deepEqual(await api.get(`${path}/${endpoint.id}`), shown);
  assert.deepEqual((await api.get(path)).data, [shown]);
  await api.get(`${path}/${anId("WE")}`, "404 not_found");

  const { id } = await api.hold();
  await api.post(`/v1/transactions/${id}/cancel`, undefined, 200);
  const deliveries = `${path}/${endpoint.id}/deliveries`;
  const delivery = await eventually("the delivery", async () => (await api.get(`${deliveries}?limit=1`)).data.find((d) => d.status === "delivered"));
  assert.equal((await api.get(`${deliveries}?cursor=${delivery.id}`)).data.length, 0);
  await api.get(`${deliveries}?limit=x`, "422 invalid_field");
  await api.get(`${path}/${anId("WE")}/deliveries`, "404 not_found");
  const again = { headers: { "Idempotency-Key": "retry-1" } };
  await api.post(`${deliveries}/${delivery.id}/retry`, undefined, 202, again);
  await api.post(`${deliveries}/${delivery.id}/retry`, {}, "422 idempotency_key_reused", again);
  await api.post(`${deliveries}/${anId("WD")}/retry`, undefined, "404 not_found");
  const of = async (query) => (await api.get(`${deliveries}?${query}`)).data.map((d) => d.id);
  assert.deepEqual(await of(`transaction=${id}&type=transaction.canceled&since=${delivery.created_at}`), [delivery.id]);
  for (const none of [`transaction=${anId("TX")}`, "type=transaction.denied", "status=failed", `until=${delivery.created_at}`]) assert.deepEqual(await of(none), []);
  for (const wrong of ["status=sent", "transaction=x", "type=", "since=x", "until=x", "cursor=x"]) await api.get(`${deliveries}?${wrong}`, "422 invalid_field");

  for (let i = 1; i < 20; ++i) await api.post(path, { url: `https://example.com/${i}`, events: [] });
  await api.post(path, { url: "https://example.com/20" }, "409 endpoint_limit");
  await api.post(path, { url: "https://EXAMPLE.com:443/1" }, "409 endpoint_exists");
  for (const url of ["https://[::1/h", "https://exämple.com", "https://a..b/", "https://example.com:0/", "https://1.2.3.4.5/"]) {
    await api.post(path, { url }, "422 invalid_field");
    await api.expect("422 invalid_field", "PATCH", `${path}/${endpoint.id}`, { body: { url } });
  }
  await api.expect(204, "DELETE", `${path}/${endpoint.id}`, key);
  await api.expect("422 idempotency_key_reused", "DELETE", `${path}/${endpoint.id}`, { ...key, raw: "x" });
  await api.expect("404 not_found", "DELETE", `${path}/${endpoint.id}`);
  for (const { id: rest } of (await api.get(path)).data) await api.expect(204, "DELETE", `${path}/${rest}`);
});

test("a webhook endpoint is changed, tested, given another secret, and catches up", async () => {
  const { id, secret } = await api.post("/v1/webhook_endpoints", { url: `${twilio.url}/hook/1`, events: ["transaction.denied"] });
  const other = await api.post("/v1/webhook_endpoints", { url: `${twilio.url}/hook/2` });
  const path = `/v1/webhook_endpoints/${id}`;
  const patch = (expected, body, options) => api.expect(expected, "PATCH", path, { body, ...options });
  const key = (name) => ({ headers: { "Idempotency-Key": name } });
  const since = new Date(Date.now() - 1000).toISOString();

  assert.deepEqual((await patch(200, { url: `${twilio.url}/hook/3`, events: null })).events, ["transaction.denied"]);
  assert.deepEqual((await patch(200, { events: ["*"] }, key("patch-1"))).events, ["*"]);
  await patch("422 idempotency_key_reused", { events: ["transaction.denied"] }, key("patch-1"));
  for (const wrong of [{ events: [] }, { events: ["x"] }, { status: "gone" }, { url: 1 }]) await patch("422 invalid_field", wrong);
  await patch("409 endpoint_exists", { url: other.url });
  await api.expect("404 not_found", "PATCH", `/v1/webhook_endpoints/${anId("WE")}`, { body: {} });

  const rotated = await api.post(`${path}/rotate_secret`, { overlap_seconds: 60 }, 200, key("rotate-1"));
  assert.notEqual(rotated.secret, secret);
  assert.deepEqual(await api.post(`${path}/rotate_secret`, { overlap_seconds: 60 }, 200, key("rotate-1")), rotated);
  await api.post(`${path}/rotate_secret`, {}, "422 idempotency_key_reused", key("rotate-1"));
  for (const wrong of [{ overlap_seconds: -1 }, { overlap_seconds: 604801 }, { secret: "x" }, { secret: rotated.secret }]) await api.post(`${path}/rotate_secret`, wrong, "422 invalid_field");
  assert.ok(Date.parse((await api.get(path)).previous_secret_until) > Date.now() + 30_000);
  await api.post(`/v1/webhook_endpoints/${anId("WE")}/rotate_secret`, {}, "404 not_found");

  const off = await patch(200, { status: "disabled" });
  assert.deepEqual([off.status, typeof off.disabled_reason], ["disabled", "string"]);
  const test = await api.post(`${path}/test`, undefined, 202, key("test-1"));
  await api.post(`${path}/test`, {}, "422 idempotency_key_reused", key("test-1"));
  await api.post(`/v1/webhook_endpoints/${anId("WE")}/test`, undefined, "404 not_found");
  await eventually("the test event", async () => (await api.get(`${path}/deliveries?type=webhook_endpoint.test&status=delivered`)).data.find((d) => d.id === test.id));
  await api.post(`${path}/replay`, { since }, "409 endpoint_disabled");
  const on = await patch(200, { status: "enabled" });
  assert.deepEqual([on.status, on.disabled_reason], ["enabled", null]);
  assert.deepEqual(await api.post(`${path}/replay`, { since }, 202, key("replay-1")), { queued: 0, more: false });
  await api.post(`${path}/replay`, { since, until: since }, "422 idempotency_key_reused", key("replay-1"));
  for (const wrong of [{}, { since: "x" }, { since, until: "x" }]) await api.post(`${path}/replay`, wrong, "422 invalid_field");
  await api.post(`/v1/webhook_endpoints/${anId("WE")}/replay`, { since }, "404 not_found");
  await patch(200, { status: "disabled" });
  const queued = { id: test.id };
  await api.post(`${path}/deliveries/${queued.id}/retry`, undefined, 202);  // A test goes there all the same.
  await patch(200, { status: "enabled" });
  const { id: held } = await api.hold();
  await api.post(`/v1/transactions/${held}/cancel`, undefined, 200);
  const sent = await eventually("the webhook", async () => (await api.get(`${path}/deliveries?transaction=${held}&status=delivered`)).data[0]);
  await patch(200, { status: "disabled" });
  await api.post(`${path}/deliveries/${sent.id}/retry`, undefined, "409 endpoint_disabled");

  const types = (await api.get(`/v1/events?since=${since}&type=webhook_endpoint.secret_rotated`)).data;
  assert.deepEqual(types.map(({ data }) => data.endpoint), [id]);
  for (const one of [id, other.id]) await api.expect(204, "DELETE", `/v1/webhook_endpoints/${one}`);
});

test("delivery reports of Twilio", async () => {
  const phone = aPhone();
  const { id } = await api.hold({ service: "texts", subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] } });
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
  const { form } = await eventually("the message at Twilio", () => twilio.calls.find((call) => call.form.get("To") === phone));
  const url = form.get("StatusCallback");
  const report = new URLSearchParams({ MessageSid: `SM${"1".repeat(32)}`, MessageStatus: "delivered" });
  const send = (expected, headers, to = new URL(url).pathname) =>
    api.expect(expected, "POST", to, { raw: report.toString(), type: "application/x-www-form-urlencoded", headers });
  await send(204, { "X-Twilio-Signature": signature(url, report) });
  await send("403 forbidden", { "X-Twilio-Signature": signature(`${url}/`, report) });
  await send("403 forbidden", {});
  await send("403 forbidden", { "X-Twilio-Signature": signature(url, report) }, `/callbacks/twilio/${anId("AC")}/${anId("VL")}`);
  await api.expect("413 body_too_large", "POST", new URL(url).pathname, { raw: "x".repeat(256 * 1024 + 1) });
});

test("the audit trail", async () => {
  const { id } = await api.verified();
  const all = (await api.get(`/v1/events?transaction=${id}`)).data.map(({ type }) => type);
  assert.deepEqual(all, ["transaction.held", "verification.started", "check.approved", "transaction.verified"]);
  const seen = [];
  for (let cursor = ""; cursor !== null; ) {
    const page = await api.get(`/v1/events?limit=200${cursor && `&cursor=${cursor}`}`);
    seen.push(...page.data.map((event) => event.id));
    cursor = page.next_cursor;
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual(seen, [...seen].sort());
  await api.get("/v1/events?cursor=x", "422 invalid_field");
  for (const wrong of ["transaction=x", "type=", "since=x", "until=x"]) await api.get(`/v1/events?${wrong}`, "422 invalid_field");
  const { data: [held] } = await api.get(`/v1/events?transaction=${id}&type=transaction.held`);
  assert.equal(held.transaction, id);
  assert.deepEqual((await api.get(`/v1/events?transaction=${id}&until=${held.created_at}`)).data, []);
  assert.equal((await api.get(`/v1/events?transaction=${id}&since=${held.created_at}`)).data[0].id, held.id);
});

test("all that happened to a transaction in one answer", async () => {
  const { id } = await api.verified();
  const all = await api.get(`/v1/transactions/${id}/events`);
  assert.deepEqual([all.id, all.status, all.waits_for, all.claimed_by], [id, "verified", "claim", null]);
  assert.deepEqual(all.events, (await api.get(`/v1/events?transaction=${id}`)).data);
  const [verification] = all.verifications;
  assert.equal(verification.attempts, 1);
  assert.equal(verification.messages.length, 1);
  await api.get(`/v1/transactions/${anId("TX")}/events`, "404 not_found");
  await api.get("/v1/transactions/x/events", "404 not_found");
  await api.get(`/v1/transactions/${id}/events?type=x`, "422 invalid_field");
  await api.expect("401 unauthorized", "GET", `/v1/transactions/${id}/events`, { headers: { Authorization: undefined } });
});

test("the inbox says what each message is for", async () => {
  const phone = aPhone();
  const { id } = await api.hold({ subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] } });
  const started = await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
  await api.code(phone);
  const [message] = await api.get(`/dev/inbox.json?to=${encodeURIComponent(phone)}`);
  assert.deepEqual([message.transaction, message.verification], [id, started.id]);
});

test("operations", async () => {
  for (const path of ["/healthz", "/readyz", "/.well-known/jwks.json"]) {
    await api.get(path);
    await api.expect(200, "HEAD", path);
  }
  assert.match(await api.get("/metrics"), /\ncountersign_http_requests_total\{route="hold",status="201"\} [0-9]+\n/);
  assert.match(await api.get("/metrics"), /\ncountersign_claimed_unacknowledged\{account="default"\} [0-9]+\n/);
  assert.match(await api.get("/openapi.yaml"), /^openapi: 3\.1\.0\n/);
  assert.ok((await api.get("/dev/inbox.json")).length > 0);
  await api.expect("421 foreign_host", "GET", "/dev/inbox.json", { headers: { Host: "evil.example" } });
  await api.expect(200, "GET", `/dev/timeline.json?id=${(await api.hold()).id}`);
  await api.expect("404 not_found", "GET", `/dev/timeline.json?id=${anId("TX")}`);
  await api.expect("421 foreign_host", "GET", "/dev/timeline.json?id=x", { headers: { Host: "evil.example" } });
  for (const path of ["/metrics", "/metrics/"]) assert.equal((await exchange(server.url, { path })).status, 404, "not beside the API");
});

test("a transaction that has expired", async () => {
  const path = `/v1/transactions/${expiring.id}`;
  await eventually("the end of the hold", async () => ((await api.get(path)).status === "expired" ? true : undefined), 40);
  await api.post(`${path}/cancel`, undefined, "409 transaction_expired");
  await api.post(`${path}/verifications`, { channel: "sms" }, "409 transaction_expired");
  await api.post(`${path}/checks`, { code: "123456" }, "409 transaction_expired");
  await api.post(`${path}/claim`, undefined, "409 transaction_expired");
  await api.post(`${path}/ack`, { fencing_token: "x" }, "409 transaction_expired");
  await api.post(`${path}/give_up`, undefined, "409 transaction_expired");
});

test("clock, messages and keys of test mode", async () => {
  const tests = new Client(server, "test");
  for (const [method, path] of [["GET", "/v1/test/clock"], ["POST", "/v1/test/clock"], ["GET", "/v1/test/messages"]]) {
    const body = method === "POST" ? { advance_seconds: 1 } : undefined;
    await api.expect("403 test_key_required", method, path, { body });
    await tests.expect(200, method, path, { body });
  }
  const headers = { "Idempotency-Key": anIdentity() };
  await tests.post("/v1/test/clock", { advance_seconds: 1 }, 200, { headers });
  await tests.post("/v1/test/clock", { advance_seconds: 2 }, "422 idempotency_key_reused", { headers });
  await tests.expect(200, "GET", "/.well-known/test/jwks.json", { headers: { Authorization: undefined } });
});

test("a server that is asked to stop is not ready any more, and ends in order", async () => {
  // With the answer to the first of these the server has read the half of the second, and lets it come to its end.
  const wire = new Wire(server.port).send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /readyz HTTP/1.1\r\nHost: localhost\r\n");
  assert.equal((await wire.answer()).status, 200);
  server.process.kill("SIGTERM");
  const refuses = () => api.get("/healthz").then(() => undefined, () => true);
  await eventually("the end of new connections", refuses);
  const response = await wire.send("\r\n").answer();
  assert.equal(check({ method: "GET", path: "/readyz" }, response).code, "shutting_down");
  assert.equal(await server.exited, 0);
});

test("everything that the description promises was seen", () => {
  const missing = promised().filter((what) => !covered.has(what) && !unreachable.test(what));
  assert.deepEqual(missing, []);
  const seen = [...covered].filter((what) => unreachable.test(what));
  assert.deepEqual(seen.filter((what) => what.includes("internal_error")), []);
});
