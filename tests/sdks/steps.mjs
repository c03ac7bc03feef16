// What an application asks of Verify, and what it is promised: the one list that each official SDK goes through. A step
// says a call and its parameters by the names that stand in the description; the drivers say the same in their language
// and answer with what their SDK made of it, by those names too. Moments are seconds since 1970 when the SDK made dates of them.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { aPhone, eventually, totpCode, wrongCode } from "../contract/support/client.mjs";
import { messageTo } from "../interop/support/twilio_client.mjs";

const none = (prefix) => `${prefix}${"0".repeat(31)}1`;
const isNow = (seconds) => assert.ok(typeof seconds === "number" && Math.abs(Date.now() / 1000 - seconds) < 120, `${seconds} is no date of today`);
const sids = (list) => list.map((one) => one.sid);

const coreSteps = [
  ["a code is sent, guessed wrong, right, and over", async ({ call, refused, service, server }) => {
    const to = aPhone();
    const sent = await call("verifications.create", { service, to, channel: "sms" });
    assert.match(sent.sid, /^VE[0-9a-f]{32}$/);
    assert.deepEqual([sent.status, sent.valid, sent.to, sent.channel, sent.service_sid], ["pending", false, to, "sms", service]);
    isNow(sent.date_created);
    assert.deepEqual(sent.send_code_attempts.map((one) => one.channel), ["SMS"]);
    assert.equal((await call("verifications.fetch", { service, sid: sent.sid })).to, to);
    assert.equal((await call("verifications.fetch", { service, sid: to })).sid, sent.sid);
    const { code } = await messageTo(server, to);
    const wrong = await call("checks.create", { service, to, code: wrongCode(code) });
    assert.deepEqual([wrong.sid, wrong.status, wrong.valid], [sent.sid, "pending", false]);
    const right = await call("checks.create", { service, verification_sid: sent.sid, code });
    assert.deepEqual([right.sid, right.status, right.valid, right.to], [sent.sid, "approved", true, to]);
    isNow(right.date_updated);
    await refused(404, 20404, "checks.create", { service, to, code });
    await refused(404, 20404, "verifications.fetch", { service, sid: to });
    await refused(404, 20404, "verifications.update", { service, sid: sent.sid, status: "canceled" });
    assert.equal((await call("verifications.fetch", { service, sid: sent.sid })).status, "approved");
  }],
  ["by call, WhatsApp and e-mail", async ({ call, service, server }) => {
    for (const [channel, to] of [["call", aPhone()], ["whatsapp", aPhone()], ["email", `ana+${Date.now()}@example.com`]]) {
      const sent = await call("verifications.create", { service, to, channel, locale: "pt-BR" });
      assert.deepEqual([sent.channel, sent.to], [channel, to]);
      assert.equal((await call("verifications.fetch", { service, sid: to })).sid, sent.sid);
      const { code } = await messageTo(server, to);
      assert.equal((await call("checks.create", { service, to, code })).status, "approved");
    }
  }],
  ["a second sending goes on with the same verification", async ({ call, service, server }) => {
    const to = aPhone();
    const first = await call("verifications.create", { service, to, channel: "sms" });
    const { code } = await messageTo(server, to);
    const second = await call("verifications.create", { service, to, channel: "call" });
    assert.equal(second.sid, first.sid);
    assert.deepEqual(second.send_code_attempts.map((one) => one.channel), ["SMS", "CALL"]);
    assert.equal((await call("checks.create", { service, to, code })).status, "approved");
    const attempts = await call("attempts.list", { verification_sid: first.sid, page_size: 1 });
    assert.deepEqual(sids(attempts).sort(), second.send_code_attempts.map((one) => one.attempt_sid).sort());
    assert.equal((await call("attempts.fetch", { sid: attempts[0].sid })).conversion_status, "converted");
  }],
  ["called off, and reported as approved", async ({ call, refused, service }) => {
    for (const [status, valid] of [["canceled", false], ["approved", true]]) {
      const { sid } = await call("verifications.create", { service, to: aPhone(), channel: "sms" });
      const ended = await call("verifications.update", { service, sid, status });
      assert.deepEqual([ended.sid, ended.status, ended.valid], [sid, status, valid]);
      await refused(404, 20404, "checks.create", { service, verification_sid: sid, code: "123456" });
    }
  }],
  ["five wrong codes, then none is looked at", async ({ call, refused, service, server }) => {
    const to = aPhone();
    await call("verifications.create", { service, to, channel: "sms" });
    const { code } = await messageTo(server, to);
    for (let i = 0; i < 5; ++i) assert.equal((await call("checks.create", { service, to, code: wrongCode(code) })).status, "pending");
    await refused(429, 60202, "checks.create", { service, to, code });
    await refused(429, 60202, "verifications.create", { service, to, channel: "sms" });
  }],
  ["five sendings, then no more", async ({ call, refused, service }) => {
    const to = aPhone();
    for (let i = 0; i < 5; ++i) await call("verifications.create", { service, to, channel: "sms" });
    await refused(429, 60203, "verifications.create", { service, to, channel: "sms" });
  }],
  ["parameters that do not fit", async ({ call, refused, service }) => {
    const to = aPhone();
    await refused(400, 60200, "verifications.create", { service, to: "12345", channel: "sms" });
    await refused(400, 60200, "verifications.create", { service, to, channel: "SMS" });
    await refused(400, 60223, "verifications.create", { service, to, channel: "sna" });
    await refused(403, 60204, "verifications.create", { service, to, channel: "sms", custom_code: "424242" });
    await refused(400, 60602, "verifications.create", { service, to, channel: "call", app_hash: "FA+9qCX9VSu" });
    await refused(400, 60221, "checks.create", { service, code: "123456" });
    await refused(400, 60200, "checks.create", { service, to, code: "12" });
    await refused(404, 20404, "checks.create", { service, to, code: "123456" });
    await call("verifications.create", { service, to, channel: "sms" });
    await refused(400, 60200, "verifications.update", { service, sid: to, status: "expired" });
  }],
  ["whoever it is: an API key, a stranger, a service of nobody", async ({ call, refused, service, server }) => {
    const to = aPhone();
    const [user, password] = server.credentials.api_key.split(".");
    assert.equal((await call("verifications.create", { service, to, channel: "sms", user, password })).status, "pending");
    const stranger = { user: server.credentials.account_sid, password: "0".repeat(32) };
    await refused(401, 20003, "verifications.create", { service, to, channel: "sms", ...stranger });
    await refused(401, 20003, "services.list", { page_size: 1, ...stranger });
    await refused(404, 20404, "verifications.create", { service: none("VA"), to, channel: "sms" });
  }],
];

const serviceSteps = [
  ["services: made, shown, changed, listed page by page, deleted", async ({ call, refused, service }) => {
    const made = [];
    for (const name of ["One", "Two", "Three"]) made.push(await call("services.create", { friendly_name: name, code_length: 8, lookup_enabled: true, totp_issuer: "Acme" }));
    assert.deepEqual([made[0].friendly_name, made[0].code_length, made[0].lookup_enabled, made[0].totp.issuer], ["One", 8, true, "Acme"]);
    isNow(made[0].date_created);
    const all = sids(await call("services.list", { page_size: 2 }));
    assert.equal(all[0], service);
    assert.deepEqual(all.slice(-3).sort(), sids(made).sort());
    const { sid } = made[1];
    assert.equal((await call("services.update", { service: sid, friendly_name: "Four" })).friendly_name, "Four");
    assert.deepEqual([(await call("services.fetch", { service: sid })).friendly_name, (await call("services.fetch", { service: sid })).code_length], ["Four", 8]);
    assert.equal(await call("services.delete", { service: sid }), true);
    await refused(404, 20404, "services.fetch", { service: sid });
    await refused(404, 20404, "services.delete", { service: sid });
    await refused(403, 20403, "services.delete", { service });
    await refused(400, 60200, "services.create", { friendly_name: "12345" });
    await refused(400, 60200, "services.create", { friendly_name: "Shop", code_length: 11 });
    await refused(400, 60200, "services.list", { page_size: 1001 });
  }],
  ["the templates", async ({ call }) => {
    const templates = await call("templates.list", { page_size: 1 });
    assert.equal(templates[0].friendly_name, "Countersign default");
    assert.match(templates[0].sid, /^HJ[0-9a-f]{32}$/);
  }],
  ["rate limits of the application's own", async ({ call, refused, service }) => {
    const limit = await call("rate_limits.create", { service, unique_name: "end_user_ip", description: "by address" });
    await refused(400, 60208, "rate_limits.create", { service, unique_name: "end_user_ip" });
    const bucket = await call("buckets.create", { service, limit: limit.sid, max: 1, interval: 600 });
    assert.deepEqual([bucket.max, bucket.interval], [1, 600]);
    const rate_limits = { end_user_ip: "203.0.113.7" };
    await call("verifications.create", { service, to: aPhone(), channel: "sms", rate_limits });
    await refused(429, 20429, "verifications.create", { service, to: aPhone(), channel: "sms", rate_limits });
    await call("verifications.create", { service, to: aPhone(), channel: "sms", rate_limits: { end_user_ip: "203.0.113.8" } });
    assert.deepEqual(sids(await call("rate_limits.list", { service })), [limit.sid]);
    assert.equal(await call("rate_limits.delete", { service, limit: limit.sid }), true);
    await refused(404, 20404, "buckets.create", { service, limit: limit.sid, max: 1, interval: 600 });
  }],
  ["messaging configurations are kept", async ({ call, refused, service }) => {
    const messaging_service_sid = `MG${"a".repeat(32)}`;
    assert.equal((await call("messaging.create", { service, country: "CA", messaging_service_sid })).country, "CA");
    assert.equal((await call("messaging.fetch", { service, country: "CA" })).messaging_service_sid, messaging_service_sid);
    assert.equal(await call("messaging.delete", { service, country: "CA" }), true);
    await refused(404, 20404, "messaging.fetch", { service, country: "CA" });
    await refused(400, 60200, "messaging.create", { service, country: "ZZ", messaging_service_sid });
  }],
  ["test credentials, and what a number may be refused for", async ({ call, refused, server }) => {
    const { account_sid, auth_token } = server.credentials;
    const password = createHmac("sha256", auth_token).update("countersign test token 1").digest("hex").slice(0, 32);
    const test = { user: account_sid, password };
    const { sid: service } = await call("services.create", { friendly_name: "CI", ...test });
    const to = aPhone();
    await call("verifications.create", { service, to, channel: "sms", ...test });
    assert.equal((await call("checks.create", { service, to, code: "123456", ...test })).status, "approved");
    for (const [n, status, code] of [[1, 400, 60200], [2, 403, 60205], [3, 403, 60605], [4, 403, 60410], [5, 429, 60212], [6, 429, 60203], [7, 429, 20429]]) {
      await refused(status, code, "verifications.create", { service, to: `+1202555010${n}`, channel: "sms", ...test });
    }
    await refused(404, 20404, "services.fetch", { service: server.credentials.service_sid, ...test });
    await refused(403, 20403, "entities.create", { service, identity: "a-person-of-tests", ...test });
  }],
];

/// Receives the next webhook.
const receiver = async () => {
  const got = [];
  const http = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      got.push({ signature: request.headers["x-twilio-signature"], params: Object.fromEntries(new URLSearchParams(body)) });
      response.end();
    });
  });
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  return { got, url: `http://127.0.0.1:${http.address().port}/hooks?tenant=7`, close: () => http.close() };
};

const factorSteps = [
  ["an authenticator app: enrolled, confirmed, asked", async ({ call, refused, service }) => {
    const identity = "ff483d1ff591898a9942916050d2ca3f";
    assert.match((await call("entities.create", { service, identity })).sid, /^YE[0-9a-f]{32}$/);
    await refused(409, 60301, "entities.create", { service, identity });
    await refused(400, 60306, "entities.create", { service, identity: "short" });
    const who = { service, identity };
    const made = await call("new_factors.create", { ...who, friendly_name: "Ana's phone", factor_type: "totp" });
    assert.deepEqual([made.status, made.factor_type, made.identity], ["unverified", "totp", identity]);
    assert.match(made.binding.uri, /^otpauth:\/\/totp\/.*Ana%27s%20phone/);
    const factor = made.sid;
    await refused(403, 60318, "challenges.create", { ...who, factor });
    const code = totpCode(made.binding.secret);
    await refused(403, 60311, "factors.update", { ...who, factor, auth_payload: wrongCode(code) });
    assert.equal((await call("factors.update", { ...who, factor, auth_payload: code })).status, "verified");
    assert.equal((await call("factors.fetch", { ...who, factor })).friendly_name, "Ana's phone");
    assert.deepEqual(sids(await call("factors.list", who)), [factor]);

    const asked = await call("challenges.create", { ...who, factor, details_message: "Pay?", hidden_details: { ip: "203.0.113.7" } });
    assert.deepEqual([asked.status, asked.details.message, asked.hidden_details], ["pending", "Pay?", { ip: "203.0.113.7" }]);
    isNow(asked.date_created);
    const next = totpCode(made.binding.secret, 1);
    await refused(403, 60324, "challenges.update", { ...who, challenge: asked.sid, auth_payload: wrongCode(next) });
    assert.equal((await call("challenges.update", { ...who, challenge: asked.sid, auth_payload: next })).status, "approved");
    await refused(403, 60322, "challenges.update", { ...who, challenge: asked.sid, auth_payload: next });
    const again = await call("challenges.create", { ...who, factor, auth_payload: next });
    assert.equal(again.status, "pending", "a code works once");
    assert.equal((await call("challenges.fetch", { ...who, challenge: asked.sid })).status, "approved");
    assert.deepEqual(sids(await call("challenges.list", { ...who, page_size: 1, order: "desc" })), [again.sid, asked.sid]);

    await refused(403, 60204, "notifications.create", { ...who, challenge: asked.sid });
    assert.equal(await call("factors.delete", { ...who, factor }), true);
    await refused(404, 20404, "factors.fetch", { ...who, factor });
    assert.equal(await call("entities.delete", who), true);
    await refused(404, 20404, "entities.fetch", who);
  }],
  ["a webhook that the SDK knows as signed", async ({ call, service, server }) => {
    const hooks = await receiver();
    try {
      const hook = await call("webhooks.create", { service, friendly_name: "hook", event_types: ["factor.created"], webhook_url: hooks.url });
      const identity = "a-second-person";
      await call("new_factors.create", { service, identity, friendly_name: "caf\u00e9", factor_type: "totp" });
      const { params, signature } = await eventually("the webhook", async () => hooks.got[0]);
      assert.deepEqual([params.type, params.entity_identity], ["factor.created", identity]);
      const said = { token: server.credentials.auth_token, url: hooks.url, params, signature };
      assert.equal(await call("signature", said), true);
      assert.equal(await call("signature", { ...said, params: { ...params, type: "x" } }), false);
      assert.equal(await call("signature", { ...said, token: "0".repeat(32) }), false);
      assert.equal(await call("webhooks.delete", { service, sid: hook.sid }), true);
    } finally {
      hooks.close();
    }
  }],
  ["what is not served says so", async ({ call, refused, service }) => {
    const identity = "a-third-person-here";
    await call("entities.create", { service, identity });
    await refused(400, 60306, "new_factors.create", { service, identity, friendly_name: "phone", factor_type: "push" });
    const token = await call("access_tokens.create", { service, identity, factor_type: "push" });
    assert.equal((await call("access_tokens.fetch", { service, sid: token.sid })).sid, token.sid);
    await refused(404, 20404, "access_tokens.fetch", { service, sid: none("YK") });
    // Passkeys are, but not at an address, which is what the SDK speaks to here.
    await refused(403, 60204, "passkeys.create", { service, identity, friendly_name: "key" });
  }],
];

export const steps = [...coreSteps, ...serviceSteps, ...factorSteps];

/// What an SDK that went through the steps has asked for successfully at least, by the names of the description.
export const mainJob = ["CreateVerification", "FetchVerification", "UpdateVerification", "CreateVerificationCheck", "ListVerificationAttempt", "FetchVerificationAttempt",
  "CreateService", "FetchService", "UpdateService", "ListService", "DeleteService", "ListVerificationTemplate", "CreateRateLimit", "ListRateLimit", "DeleteRateLimit",
  "CreateBucket", "CreateMessagingConfiguration", "FetchMessagingConfiguration", "DeleteMessagingConfiguration", "CreateEntity", "DeleteEntity", "CreateNewFactor",
  "UpdateFactor", "FetchFactor", "ListFactor", "DeleteFactor", "CreateChallenge", "UpdateChallenge", "FetchChallenge", "ListChallenge", "CreateWebhook", "DeleteWebhook"];
