// Push factors of the Verify-compatible API: a program that makes the calls of Twilio's mobile SDK, and those of attackers.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { raw } from "../interop/support/twilio_client.mjs";
import { Client, eventually } from "./support/client.mjs";
import { freshKey, MobileSdk } from "./support/mobile_sdk.mjs";
import { freePort } from "./support/ports.mjs";
import { Server } from "./support/server.mjs";

const registration = "registration-token:of+the/phone=0123456789012345";
let server;
let client;
let service;
const begin = async () => {
  await server?.stop();
  server = await Server.start();
  client = new Client(server);
  service = `/v2/Services/${server.credentials.service_sid}`;
};
before(begin);
after(() => server?.stop());

const person = () => `person-${Math.random().toString(36).slice(2)}`;
const basic = (user, password) => ({ auth: `${user}:${password}` });
const api = async (method, path, form, expected, options) => {
  const answer = await raw(server, method, `${service}${path}`, form, options);
  const got = answer.status < 400 ? answer.status : answer.json.code;
  assert.equal(got, expected, `${method} ${path} ${JSON.stringify(form)}: ${answer.text}`);
  return answer.json;
};
const accessToken = (identity, more = {}, expected = 201) => api("POST", "/AccessTokens", { Identity: identity, FactorType: "push", ...more }, expected);
/// A phone that is registered and verified.
const phoneOf = async (identity, { pushToken, ...options } = {}) => {
  const sdk = new MobileSdk(server.url, options);
  const { token } = await accessToken(identity);
  await sdk.createFactor({ accessToken: token, serviceSid: server.credentials.service_sid, identity, friendlyName: "Pixel", pushToken, metadata: { os: "Android" } });
  assert.equal(sdk.factor.status, "unverified");
  assert.equal((await sdk.verifyFactor()).status, "verified");
  return sdk;
};
const details = { "Details.Message": "Log in / out?", "Details.Fields": JSON.stringify({ label: "Cidade", value: "São Luís \"MA\"" }), HiddenDetails: JSON.stringify({ ip: "203.0.113.7" }) };
const ask = (identity, sdk, more = {}, expected = 201) => api("POST", `/Entities/${identity}/Challenges`, { FactorSid: sdk.factor.sid, ...details, ...more }, expected);
const refusedSdk = (promise, status, code) =>
  assert.rejects(promise, (error) => {
    assert.equal(`${error.status} ${error.body?.code}`, `${status} ${code}`, error.message);
    return true;
  });

for (const platform of ["android", "ios"]) {
  test(`enrol, list, approve, deny and delete as the SDK does (${platform})`, async () => {
    const identity = person();
    const sdk = await phoneOf(identity, { platform });
    assert.deepEqual(Object.keys(sdk.created.binding).sort(), ["alg", "public_key"]);
    assert.deepEqual([sdk.created.factor_type, sdk.created.config.notification_platform, sdk.created.metadata], ["push", "none", { os: "Android" }]);
    const shown = await api("GET", `/Entities/${identity}/Factors/${sdk.factor.sid}`, undefined, 200);
    assert.deepEqual([shown.status, shown.binding], ["verified", undefined]);

    const first = await ask(identity, sdk);
    const listed = await sdk.getAllChallenges({ status: "pending", order: "desc", pageSize: 1 });
    assert.deepEqual(listed.challenges.map(({ sid }) => sid), [first.sid]);
    const approved = await sdk.updateChallenge(first.sid, "approved");
    assert.ok(approved.json.date_responded);
    assert.deepEqual((await sdk.getAllChallenges({ status: "pending" })).challenges, []);

    const second = await ask(identity, sdk);
    assert.equal((await sdk.updateChallenge(second.sid, "denied")).status, "denied");
    assert.deepEqual((await sdk.getAllChallenges()).challenges.map(({ status }) => status), ["approved", "denied"]);
    const page = await sdk.getAllChallenges({ pageSize: 1 });
    assert.deepEqual((await sdk.getAllChallenges({ pageSize: 1, pageToken: page.next })).challenges.map(({ sid }) => sid), [second.sid]);

    const changed = await sdk.updateFactor(registration);
    assert.deepEqual([changed.config.notification_token, changed.config.notification_platform], [registration, "fcm"]);
    assert.equal((await sdk.updateFactor(undefined)).config.notification_token, null);

    await sdk.deleteFactor();
    await api("GET", `/Entities/${identity}/Factors/${sdk.factor.sid}`, undefined, 20404);
    sdk.calls.length = 0;
    assert.ok(await sdk.deleteFactor(), "a second 401 is a success");
    assert.deepEqual(sdk.calls, ["DELETE 401", "DELETE 401"]);
  });
}

test("a phone whose clock is wrong sets it by the answer and goes on", async () => {
  const identity = person();
  const sdk = new MobileSdk(server.url, { clock: 7200 });
  const { token } = await accessToken(identity);
  await sdk.createFactor({ accessToken: token, serviceSid: server.credentials.service_sid, identity, friendlyName: "Pixel" });
  await sdk.verifyFactor();
  assert.deepEqual(sdk.calls, ["POST 201", "POST 401", "POST 200"]);
  assert.ok(Math.abs(sdk.skew) < 60);
});

test("an access token registers one phone, for its identity, and does nothing else", async () => {
  const identity = person();
  const made = await accessToken(identity, { FactorFriendlyName: "Casa", Ttl: "300" });
  assert.deepEqual([made.ttl, made.entity_identity, made.factor_friendly_name, made.factor_type], [300, identity, "Casa", "push"]);
  assert.equal((await api("GET", `/AccessTokens/${made.sid}`, undefined, 200)).token, null);
  const options = basic("token", made.token);
  await api("GET", `/Entities/${identity}/Factors`, undefined, 20003, options);
  await api("GET", `/Entities/${identity}`, undefined, 20003, options);
  await api("POST", "/AccessTokens", { Identity: identity, FactorType: "push" }, 20003, options);
  await api("POST", `/Entities/${identity}/Challenges`, { FactorSid: `YF${"0".repeat(32)}` }, 20003, options);
  await api("POST", "/VerificationCheck", { To: "+15017122661", Code: "123456" }, 20003, options);
  const totp = { FriendlyName: "app", FactorType: "totp" };
  await api("POST", `/Entities/${identity}/Factors`, totp, 60313, options);
  const sdk = new MobileSdk(server.url);
  const given = { accessToken: made.token, serviceSid: server.credentials.service_sid, friendlyName: "Pixel" };
  await refusedSdk(sdk.createFactor({ ...given, identity: person() }), 403, 60313);
  assert.equal((await sdk.createFactor({ ...given, identity })).friendlyName, "Casa");
  await refusedSdk(sdk.createFactor({ ...given, identity }), 401, 20003);
  for (const token of ["", "x", made.token.slice(2), `${made.token}AA`]) await refusedSdk(sdk.createFactor({ ...given, identity, accessToken: token }), 401, 20003);
  for (const bad of [{ Identity: "short" }, { FactorType: "totp" }, { Ttl: "59" }, { Ttl: "301" }]) await accessToken(identity, bad, 60305);
  // Test credentials reach no person.
  const test = basic(server.credentials.account_sid, server.credentials.test_auth_token ?? "");
  if (server.credentials.test_auth_token) await api("POST", "/AccessTokens", { Identity: identity, FactorType: "push" }, 20403, test);
});

test("registrations are read strictly", async () => {
  const identity = person();
  const sdk = await phoneOf(identity);
  const good = {
    FriendlyName: "Pixel", FactorType: "push", "Binding.Alg": "ES256", "Binding.PublicKey": sdk.created.binding.public_key,
    "Config.AppId": "br.example.shop", "Config.SdkVersion": "1", "Config.NotificationPlatform": "fcm", "Config.NotificationToken": registration,
  };
  const create = (changes, expected) => api("POST", `/Entities/${identity}/Factors`, { ...good, ...changes }, expected);
  await create({}, 60317);
  for (const key of ["", "AAAA", Buffer.alloc(91).toString("base64"), good["Binding.PublicKey"].slice(4)]) await create({ "Binding.PublicKey": key }, 60314);
  for (const alg of ["HS256", "none", "RS256", ""]) await create({ "Binding.Alg": alg }, 60314);
  for (const changes of [{ FriendlyName: "" }, { "Config.AppId": "" }, { "Config.AppId": "a".repeat(101) }, { "Config.SdkVersion": "" }, { "Config.NotificationPlatform": "sms" },
    { "Config.NotificationToken": "short" }, { Metadata: "[]" }]) await create(changes, 60306);
});

test("nobody but the phone itself calls for it", async () => {
  await begin(); // Wrong passwords are counted for their address.
  const [mine, theirs] = [person(), person()];
  const [sdk, other] = [await phoneOf(mine), await phoneOf(theirs)];
  const challenge = await ask(mine, sdk);
  const as = (phone, password = phone.requestToken()) => basic("token", password);
  const factor = `/Entities/${mine}/Factors/${sdk.factor.sid}`;
  // Another phone's token, at what is mine.
  for (const [method, path] of [["GET", factor], ["DELETE", factor], ["GET", `/Entities/${mine}/Challenges`], ["GET", `/Entities/${mine}/Challenges/${challenge.sid}`]])
    await api(method, path, undefined, 20003, as(other));
  // A second phone of the same person is asked its own questions, and not those of the first.
  const second = await phoneOf(mine);
  assert.deepEqual((await second.getAllChallenges()).challenges, []);
  await api("GET", `/Entities/${mine}/Challenges/${challenge.sid}`, undefined, 20404, as(second));
  await api("GET", factor, undefined, 20404, as(second));
  await api("DELETE", factor, undefined, 20404, as(second));
  await api("POST", `/Entities/${mine}/Challenges/${challenge.sid}`, { AuthPayload: sdk.jwt({}, { status: "approved" }) }, 20404, as(second));
  // What a phone may never do.
  await api("POST", `/Entities/${mine}/Challenges`, { FactorSid: sdk.factor.sid, ...details }, 20003, as(sdk));
  await api("POST", `/Entities/${mine}/Factors`, { FriendlyName: "x", FactorType: "totp" }, 20003, as(sdk));
  await api("GET", `/Entities/${mine}/Factors`, undefined, 20003, as(sdk));
  await api("DELETE", `/Entities/${mine}`, undefined, 20003, as(sdk));
  await api("POST", "/AccessTokens", { Identity: mine, FactorType: "push" }, 20003, as(sdk));
  await api("POST", `/Entities/${mine}/Challenges/${challenge.sid}/Notifications`, {}, 20003, as(sdk));
  assert.equal((await sdk.getChallenge(challenge.sid)).status, "pending");
});

test("a request's token is signed with ES256, by that key, and of now", async () => {
  await begin(); // Wrong passwords are counted for their address.
  const identity = person();
  const sdk = await phoneOf(identity);
  const path = `/Entities/${identity}/Factors/${sdk.factor.sid}`;
  const now = Math.floor(Date.now() / 1000);
  const header = { cty: "twilio-pba;v=1", kid: sdk.factor.credentialSid };
  const claims = { sub: sdk.factor.accountSid, nbf: now, exp: now + 600 };
  const by = (head, said, key) => sdk.jwt(head, said, key);
  await api("GET", path, undefined, 200, basic("token", by(header, claims)));
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const hs256 = (secret) => {
    const text = `${encode({ ...header, typ: "JWT", alg: "HS256" })}.${encode(claims)}`;
    return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
  };
  const spki = Buffer.from(sdk.created.binding.public_key, "base64");
  const bad = [
    by(header, claims, freshKey()), by({ ...header, kid: `CR${"0".repeat(32)}` }, claims), by({ ...header, cty: "application/json" }, claims), by({ kid: header.kid }, claims),
    by(header, { ...claims, sub: `AC${"0".repeat(32)}` }), by(header, { ...claims, nbf: now - 1300, exp: now - 700 }), by(header, { ...claims, nbf: now + 700, exp: now + 1300 }),
    by(header, { ...claims, exp: now + 86_400 }), by(header, { sub: claims.sub }), hs256(spki), hs256(spki.subarray(26)), hs256(""),
    `${encode({ ...header, typ: "JWT", alg: "none" })}.${encode(claims)}.`, `${encode({ ...header, typ: "JWT", alg: "none" })}.${encode(claims)}`, "", "a.b.c",
  ];
  for (const password of bad) await api("GET", path, undefined, 20003, basic("token", password));
  // A clock that is wrong tells nothing about the phone: it is answered with the time as often as it asks.
  for (let i = 0; i < 40; i++) await api("GET", path, undefined, 20003, basic("token", by(header, { ...claims, nbf: now + 7200, exp: now + 7800 })));
});

test("an answer is for one challenge, whole, and once", async () => {
  const identity = person();
  const sdk = await phoneOf(identity);
  const earlier = await ask(identity, sdk);
  await sdk.updateChallenge(earlier.sid, "approved");
  const replay = sdk.lastAnswer;
  const challenge = await ask(identity, sdk);
  const post = (AuthPayload, expected, options) => api("POST", `/Entities/${identity}/Challenges/${challenge.sid}`, { AuthPayload }, expected, options);
  await post(replay, 60324);
  await post("123456", 60324);
  for (const change of [(p) => ({ ...p, details: { ...p.details, message: "Log in?" } }), (p) => ({ status: p.status, sid: p.sid })])
    await refusedSdk(sdk.updateChallenge(challenge.sid, "approved", { change }), 403, 60324);
  // The application may hand on what the phone signed; the fifth wrong one closes it.
  await refusedSdk(sdk.updateChallenge(challenge.sid, "approved", { key: freshKey() }), 403, 60324);
  await refusedSdk(sdk.updateChallenge(challenge.sid, "approved"), 429, 60308);
  const next = await ask(identity, sdk);
  const open = await sdk.getChallenge(next.sid);
  const payload = Object.fromEntries([...open.signatureFields.map((name) => [name, open.json[name]]), ["status", "approved"]]);
  assert.deepEqual(open.signatureFields, ["account_sid", "service_sid", "entity_sid", "identity", "factor_sid", "sid", "date_created", "expiration_date", "details", "hidden_details"]);
  const answered = await api("POST", `/Entities/${identity}/Challenges/${next.sid}`, { AuthPayload: sdk.jwt({}, payload) }, 200);
  assert.equal(answered.status, "approved");
  await api("POST", `/Entities/${identity}/Challenges/${next.sid}`, { AuthPayload: sdk.lastAnswer }, 60322);
  await api("POST", `/Entities/${identity}/Challenges`, { FactorSid: sdk.factor.sid }, 60306);
});

test("a phone is not worn down by asking", async () => {
  const identity = person();
  const sdk = await phoneOf(identity);
  const asked = [];
  for (let i = 0; i < 3; i++) asked.push(await ask(identity, sdk));
  await ask(identity, sdk, {}, 60312);
  await sdk.updateChallenge(asked[1].sid, "approved");
  const last = await ask(identity, sdk);
  await sdk.updateChallenge(last.sid, "denied");
  await ask(identity, sdk, {}, 60312);
});

test("the application is handed the registration token, signed, and sends the notification itself", async () => {
  const got = [];
  const receiver = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    got.push({ headers: request.headers, body });
    response.writeHead(204).end();
  });
  const port = await freePort();
  await new Promise((resolve) => receiver.listen(port, "127.0.0.1", resolve));
  try {
    const { secret } = await client.post("/v1/webhook_endpoints", { url: `http://127.0.0.1:${port}/push`, events: ["push.requested"] });
    const identity = person();
    const silent = await phoneOf(identity);
    await ask(identity, silent);
    await api("POST", `/Entities/${identity}/Challenges/${(await ask(identity, silent)).sid}/Notifications`, {}, 60307);
    const sdk = await phoneOf(identity, { pushToken: registration });
    const challenge = await ask(identity, sdk);
    const { headers, body } = await eventually("the webhook", () => got[0]);
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    const expected = createHmac("sha256", Buffer.from(secret.replace("whsec_", ""), "base64")).update(signed).digest("base64");
    assert.ok(headers["webhook-signature"].split(" ").includes(`v1,${expected}`));
    const { type, data } = JSON.parse(body);
    assert.equal(type, "push.requested");
    assert.deepEqual([data.challenge, data.factor, data.token, data.platform, data.message, data.identity, data.status, data.transaction],
      [challenge.sid, sdk.factor.sid, registration, "fcm", details["Details.Message"], identity, "pending", null]);
    const again = await api("POST", `/Entities/${identity}/Challenges/${challenge.sid}/Notifications`, { Ttl: "120" }, 201);
    assert.deepEqual([again.ttl, again.priority, again.challenge_sid], [120, "high", challenge.sid]);
    assert.equal(JSON.parse((await eventually("the second", () => got[1])).body).data.notification, again.sid);
    for (let i = 0; i < 2; i++) await api("POST", `/Entities/${identity}/Challenges/${challenge.sid}/Notifications`, {}, 201);
    await api("POST", `/Entities/${identity}/Challenges/${challenge.sid}/Notifications`, {}, 60309);
  } finally {
    receiver.close();
  }
});

test("a transaction takes the phone's yes as one kind beside another", async () => {
  const identity = person();
  const sdk = await phoneOf(identity);
  const policy = { any_of: ["push", "totp"] };
  const hold = () => client.hold({ subject: { identity }, policy });
  const held = await hold();
  const asked = await client.post(`/v1/transactions/${held.id}/challenges`, { method: "push", factor: sdk.factor.sid });
  const again = await client.post(`/v1/transactions/${held.id}/challenges`, { method: "push", factor: sdk.factor.sid });
  assert.equal(again.challenge, asked.challenge);
  const seen = await sdk.getChallenge(asked.challenge);
  assert.equal(seen.json.hidden_details.transaction, held.id);
  await sdk.updateChallenge(asked.challenge, "approved");
  const after = await client.get(`/v1/transactions/${held.id}`);
  assert.deepEqual([after.status, after.proofs.map(({ method }) => method)], ["held", ["push"]]);
  await client.post(`/v1/transactions/${held.id}/claim`, {}, "409 not_verified", { headers: { "Idempotency-Key": "\"c\"" } });

  const denied = await hold();
  const question = await client.post(`/v1/transactions/${denied.id}/challenges`, { method: "push", factor: sdk.factor.sid });
  await sdk.updateChallenge(question.challenge, "denied");
  assert.equal((await client.get(`/v1/transactions/${denied.id}`)).status, "denied");
  const third = await hold();
  await client.post(`/v1/transactions/${third.id}/challenges`, { method: "push", factor: sdk.factor.sid }, "429 rate_limited");
  await client.post(`/v1/transactions/${third.id}/challenges`, { method: "push" }, "409 factor_unusable");
  await client.post(`/v1/transactions/${third.id}/challenges`, { method: "push", factor: `YF${"0".repeat(32)}` }, "404 not_found");
  // Alone it is never enough, whatever the policy.
  const other = person();
  const phone = await phoneOf(other);
  const alone = await client.hold({ subject: { identity: other }, policy: { any_of: ["push"] } });
  const last = await client.post(`/v1/transactions/${alone.id}/challenges`, { method: "push", factor: phone.factor.sid });
  await phone.updateChallenge(last.challenge, "approved");
  assert.equal((await client.get(`/v1/transactions/${alone.id}`)).status, "held");
});
