// The passkeys of the Verify-compatible API, with what browsers send, and what attackers would.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { raw } from "../interop/support/twilio_client.mjs";
import { Authenticator } from "./support/authenticator.mjs";
import { Client } from "./support/client.mjs";
import { Server } from "./support/server.mjs";

let server;
let service;
before(async () => {
  server = await Server.start();
  service = `/v2/Services/${server.credentials.service_sid}`;
});
after(() => server?.stop());

const origin = () => server.credentials.url.replace("127.0.0.1", "localhost");
const person = () => `person-${Math.random().toString(36).slice(2)}`;
const sid = (prefix) => prefix + "0".repeat(31) + "1";
const criteria = { authenticator_attachment: "any", discoverable_credentials: "preferred", user_verification: "preferred" };
const call = async (path, body, expected, at = service) => {
  const answer = await raw(server, "POST", `${at}/Passkeys/${path}`, typeof body === "string" ? body : JSON.stringify(body), { headers: { "Content-Type": "application/json" } });
  const got = answer.status < 400 ? answer.status : answer.json.code;
  assert.equal(got, expected, `${path} ${JSON.stringify(body).slice(0, 300)}: ${answer.text}`);
  return answer.json;
};
const create = (identity, changes = {}, expected = 201) => call("Factors", { friendly_name: "Key", identity, config: criteria, ...changes }, expected);

/// Somebody with a verified passkey.
const holder = async (identity = person()) => {
  const device = new Authenticator(origin());
  const made = await create(identity);
  const factor = await call("VerifyFactor", device.create(made.options.publicKey), 200);
  return { identity, device, made, factor };
};
const ask = async (body = {}) => call("Challenges", body, 201);
const approve = (response, expected = 200, at = service) => call("ApproveChallenge", response, expected, at);

test("a passkey is created, verified, and approves a challenge", async () => {
  const { identity, device, made, factor } = await holder();
  assert.deepEqual([made.status, made.factor_type, made.binding, factor.status, factor.sid], ["unverified", "passkeys", null, "verified", made.sid]);
  assert.deepEqual(factor.config, { relying_party: { id: "localhost", name: made.config.relying_party.name, origins: [origin()] }, ...criteria });
  const { publicKey } = made.options;
  assert.equal(Buffer.from(publicKey.user.id, "base64url").toString(), made.entity_sid);
  assert.deepEqual([publicKey.rp.id, publicKey.user.name, publicKey.authenticatorSelection.residentKey, publicKey.attestation], ["localhost", "Key", "preferred", "none"]);
  assert.ok(Array.isArray(publicKey.pubKeyCredParams) && Buffer.from(publicKey.challenge, "base64url").length === 32);
  const shown = (await raw(server, "GET", `${service}/Entities/${identity}/Factors/${made.sid}`)).json;
  assert.deepEqual([shown.config, shown.status, shown.factor_type], [factor.config, "verified", "passkeys"]);

  const asked = await ask({ identity });
  assert.deepEqual([asked.status, asked.identity, asked.entity_sid, asked.factor_sid], ["pending", identity, made.entity_sid, made.sid]);
  assert.deepEqual(asked.options.publicKey.allowCredentials.map(({ id }) => id), [device.answer({}).id]);
  const response = device.get(asked.options.publicKey);
  const approved = await approve(response);
  assert.deepEqual([approved.sid, approved.status, approved.factor_sid], [asked.sid, "approved", made.sid]);
  await approve(response, 60322);
  const listed = (await raw(server, "GET", `${service}/Entities/${identity}/Challenges/${asked.sid}`)).json;
  assert.deepEqual([listed.status, listed.factor_type, listed.factor_sid], ["approved", "passkeys", made.sid]);
});

test("a challenge of nobody in particular is approved by whoever has a passkey, and says who", async () => {
  const { identity, device, made } = await holder();
  const asked = await ask();
  assert.deepEqual([asked.identity, asked.entity_sid, asked.factor_sid, asked.options.publicKey.allowCredentials], ["", "", "", []]);
  // Without a list, the handle must name her.
  const nameless = device.get(asked.options.publicKey);
  delete nameless.response.userHandle;
  await approve(nameless, 60324);
  const again = await call("Challenges", "", 201);
  const approved = await approve(device.get(again.options.publicKey));
  assert.deepEqual([approved.identity, approved.entity_sid, approved.factor_sid, approved.status], [identity, made.entity_sid, made.sid, "approved"]);
  assert.equal((await raw(server, "GET", `${service}/Entities/${identity}/Challenges/${again.sid}`)).json.status, "approved");
});

test("what is wrong spends the challenge, and is one answer", async () => {
  const mine = await holder();
  const thief = await holder();
  const messages = new Set();
  for (const [changes, by = mine] of [[{ origin: "https://evil.example" }], [{ rpId: "evil.example" }], [{ flags: 4 }], [{ forged: true }], [{ flags: 5 | 16 }], [{}, thief]]) {
    const asked = await ask({ identity: mine.identity });
    messages.add((await approve(by.device.get(asked.options.publicKey, changes), 60324)).message);
    await approve(mine.device.get(asked.options.publicKey), 60308);
  }
  assert.equal(messages.size, 1);
  await approve(mine.device.get((await ask({ identity: mine.identity })).options.publicKey));
  const made = await create(person());
  await call("VerifyFactor", new Authenticator(origin()).create(made.options.publicKey, { origin: "https://evil.example" }), 60311);
  await call("VerifyFactor", new Authenticator(origin()).create(made.options.publicKey), 60383);
  // A credential is one person's. [WA-R20]
  await call("VerifyFactor", mine.device.create((await create(person())).options.publicKey), 60311);
});

test("an approved challenge proves no held transaction, and the other way round", async () => {
  const { identity, device } = await holder();
  const api = new Client(server);
  const held = await api.hold({ subject: { identity }, policy: { any_of: ["webauthn"] } });
  const options = (await api.post(`/v1/transactions/${held.id}/challenges`, { method: "webauthn" })).options;
  const asked = await ask({ identity });
  const wrong = { method: "webauthn", response: device.get(asked.options.publicKey) };
  await api.post(`/v1/transactions/${held.id}/checks`, wrong, "422 wrong_response");
  await approve(device.get(options), 60391);
  await approve(device.get(asked.options.publicKey));
  assert.equal((await api.get(`/v1/transactions/${held.id}`)).status, "held");
  // The passkey itself is hers in both APIs: the native one lists it, and it answers there what is asked there.
  const right = { method: "webauthn", response: device.get((await api.post(`/v1/transactions/${held.id}/challenges`, { method: "webauthn" })).options) };
  assert.equal((await api.post(`/v1/transactions/${held.id}/checks`, right, 200)).status, "verified");
});

test("passkeys of the native API are shown and asked here", async () => {
  const api = new Client(server);
  const identity = person();
  const device = new Authenticator(origin());
  const path = `/v1/subjects/${identity}/factors`;
  const enrolment = await api.post(path, { type: "webauthn", name: "Native" });
  await api.post(`${path}/${enrolment.id}/confirm`, { response: device.create(enrolment.options) }, 200);
  await call("Challenges", { identity }, 60392);
  assert.equal((await raw(server, "POST", `${service}/Entities`, [["Identity", identity]])).status, 201);
  const [factor] = (await raw(server, "GET", `${service}/Entities/${identity}/Factors`)).json.factors;
  assert.deepEqual([factor.sid, factor.factor_type, factor.config.relying_party.id], [enrolment.id, "passkeys", "localhost"]);
  assert.equal((await approve(device.get((await ask({ identity })).options.publicKey))).status, "approved");
});

test("a request narrows what the configuration allows, and never widens it", async () => {
  const party = (relying_party, expected = 60371) => create(person(), { config: { ...criteria, relying_party } }, expected);
  for (const id of ["example.com", "evil.example", "com", "LOCALHOST", "localhost.", "127.0.0.1"]) await party({ id });
  for (const origins of [["https://evil.example"], [origin(), "https://evil.example"], [`${origin()}.evil.example`], ["null"], "https://evil.example", [7], [""], Array(1000).fill(origin())]) await party({ origins });
  await party("localhost");
  await party({ id: "localhost", origins: [origin()], name: "Box office" }, 201);
  await party({ name: "line\nbreak" });
  const update = (name, value) => raw(server, "POST", service, [[`Passkeys.RelyingParty.${name}`, value]]);
  for (const [name, value] of [["Id", "evil.example"], ["Origins", "https://evil.example"], ["Origins", `${origin()},evil.example`]]) {
    const refused = await update(name, value);
    assert.deepEqual([refused.json.code, refused.json.message.includes(`Passkeys.RelyingParty.${name}`)], [60200, true]);
  }
  const kept = await update("Id", "localhost");
  assert.equal(kept.json.passkeys.relying_party.id, "localhost");
  assert.deepEqual(kept.json.passkeys.relying_party.origins, [origin()]);
});

test("criteria stand in the request or in the service", async () => {
  const made = await raw(server, "POST", "/v2/Services", [["FriendlyName", "keys"], ["Passkeys.AuthenticatorAttachment", "platform"], ["Passkeys.DiscoverableCredentials", "required"], ["Passkeys.RelyingParty.Name", "Box office"]]);
  const at = `/v2/Services/${made.json.sid}`;
  const bare = { friendly_name: "Key", identity: person() };
  assert.match((await call("Factors", bare, 60393, at)).message, /: user_verification$/);
  await raw(server, "POST", at, [["Passkeys.UserVerification", "required"]]);
  const { options, config } = await call("Factors", { ...bare, config: null }, 201, at);
  assert.deepEqual(options.publicKey.authenticatorSelection, { authenticatorAttachment: "platform", requireResidentKey: true, residentKey: "required", userVerification: "required" });
  assert.deepEqual([options.publicKey.rp.name, config.authenticator_attachment], ["Box office", "platform"]);
  // Presence alone is not what the service asks for.
  await call("VerifyFactor", new Authenticator(origin()).create(options.publicKey, { flags: 1 }), 60311, at);
  // A challenge and a passkey of one service are nothing at another.
  const { identity, device } = await holder();
  const asked = await ask({ identity });
  await approve(device.get(asked.options.publicKey), 60391, at);
  await call("Challenges", { identity }, 60392, at);
  const elsewhere = await call("Challenges", {}, 201, at);
  await approve(device.get(elsewhere.options.publicKey), 60324, at);
  await approve(device.get(asked.options.publicKey));
});

test("challenges are answered by whom they ask alone", async () => {
  const mine = await holder();
  const second = new Authenticator(origin());
  const added = await call("VerifyFactor", second.create((await create(mine.identity)).options.publicKey), 200);
  const both = await ask({ identity: mine.identity });
  assert.deepEqual([both.factor_sid, both.options.publicKey.allowCredentials.length], ["", 2]);
  assert.equal((await approve(second.get(both.options.publicKey))).factor_sid, added.sid);
  const only = await ask({ identity: mine.identity, factor_sid: mine.factor.sid });
  await approve(second.get(only.options.publicKey), 60324);
  const other = await holder();
  await call("Challenges", { identity: other.identity, factor_sid: mine.factor.sid }, 60390);
  const pending = await create(mine.identity);
  await call("Challenges", { identity: mine.identity, factor_sid: pending.sid }, 60318);
  assert.equal((await raw(server, "DELETE", `${service}/Entities/${mine.identity}/Factors/${mine.factor.sid}`)).status, 204);
  await call("Challenges", { identity: mine.identity, factor_sid: mine.factor.sid }, 60390);
  const late = await ask({ identity: other.identity });
  assert.equal((await raw(server, "DELETE", `${service}/Entities/${other.identity}`)).status, 204);
  await approve(other.device.get(late.options.publicKey), 60324);
});

test("codes and passkeys do not answer for each other", async () => {
  const { identity, factor } = await holder();
  const entity = `${service}/Entities/${identity}`;
  const asked = await ask({ identity });
  for (const [path, form] of [[`${entity}/Challenges`, [["FactorSid", factor.sid]]], [`${entity}/Challenges/${asked.sid}`, [["AuthPayload", "123456"]]], [`${entity}/Factors/${factor.sid}`, [["AuthPayload", "123456"]]]]) {
    const refused = await raw(server, "POST", path, form);
    assert.equal(refused.json.code, 60306, path);
  }
  const renamed = await raw(server, "POST", `${entity}/Factors/${factor.sid}`, [["FriendlyName", "Renamed"], ["Metadata", '{"os":"Plan 9"}']]);
  assert.deepEqual([renamed.json.friendly_name, renamed.json.metadata, renamed.json.config], ["Renamed", { os: "Plan 9" }, factor.config]);
});

test("who asks without end for a person is given what is open, and she gets in", async () => {
  const { identity, device } = await holder();
  const seen = new Set();
  for (let i = 0; i < 60; ++i) seen.add((await ask({ identity })).sid);
  assert.equal(seen.size, 50);
  assert.equal((await approve(device.get((await ask({ identity })).options.publicKey))).status, "approved");
  assert.equal((await approve(device.get((await ask({ identity })).options.publicKey))).status, "approved");
});

test("what is malformed has Twilio's code for it", async () => {
  const { identity, device, factor } = await holder();
  for (const body of ["", "[]", "{", '{"a":1,"a":2}', "%", "{}", '{"friendly_name":7}', `{"friendly_name":"x","identity":"${"[".repeat(60_000)}`]) await call("Factors", body, 60306);
  const named = { friendly_name: "Key", identity, config: criteria };
  for (const [changes, code] of [[{ friendly_name: "x".repeat(65) }, 60306], [{ identity: "short" }, 60366], [{ identity: "../../etc/passwd" }, 60366], [{ config: [] }, 60370],
    [{ config: { ...criteria, authenticator_attachment: "other" } }, 60377], [{ config: { ...criteria, user_verification: 1 } }, 60370], [{ config: { ...criteria, discoverable_credentials: "" } }, 60370]]) {
    await call("Factors", { ...named, ...changes }, code);
  }
  for (const [body, code] of [[{ identity: "short" }, 60366], [{ identity: 7 }, 60366], [{ identity, factor_sid: "YF" }, 60362], [{ factor_sid: factor.sid }, 60366], [{ identity: person() }, 60392], [{ identity, factor_sid: sid("YF") }, 60390]]) await call("Challenges", body, code);
  const right = device.get((await ask({ identity })).options.publicKey);
  const inside = (changes) => ({ response: { ...right.response, ...changes } });
  for (const [changes, code] of [[{ id: undefined }, 60375], [{ id: "!" }, 60375], [{ id: "A".repeat(2000) }, 60375], [{ rawId: "other" }, 60376], [{ rawId: null }, 60376], [{ authenticatorAttachment: null }, 60377], [{ type: "password" }, 60378],
    [{ response: null }, 60378], [{ response: [] }, 60378], [inside({ authenticatorData: undefined }), 60379], [inside({ authenticatorData: "A".repeat(9000) }), 60379], [inside({ clientDataJSON: "!" }), 60380],
    [inside({ clientDataJSON: "A".repeat(20_000) }), 60380], [inside({ signature: "" }), 60381], [inside({ userHandle: "!" }), 60378]]) {
    await approve({ ...right, ...changes }, code);
  }
  for (const clientDataJSON of ["e30", Buffer.from('{"type":"webauthn.get","challenge":"AAAA","origin":"x"}').toString("base64url")]) await approve({ ...right, ...inside({ clientDataJSON }) }, 60391);
  await call("ApproveChallenge", "A".repeat(200_000), 60306);
  // As Twilio's example writes it.
  assert.equal((await approve({ ...right, rawId: Buffer.from(right.id, "base64url").toString("hex") })).status, "approved");
  const made = await create(person());
  const { response } = new Authenticator(origin()).create(made.options.publicKey);
  await call("VerifyFactor", { response: { ...response, attestationObject: "!" } }, 60386);
  await call("VerifyFactor", { response: {} }, 60380);
  await call("VerifyFactor", { id: null, rawId: null, response }, 200);
  await call("VerifyFactor", { response }, 60390);
});
