// Passkeys and security keys, through the API alone, with what browsers send.
import assert from "node:assert/strict";
import { test } from "node:test";
import { npm } from "../npm.mjs";
import { Authenticator } from "../support/authenticator.mjs";
import { anId, anIdentity } from "../support/client.mjs";
import { anotherKey, api, server } from "./setup.mjs";

const { verifyAuthenticationResponse, verifyRegistrationResponse } = npm("@simplewebauthn/server");

const origin = () => server.credentials.url.replace("127.0.0.1", "localhost");
const factorsOf = (identity) => `/v1/subjects/${encodeURIComponent(identity)}/factors`;

/// Somebody with a confirmed passkey.
const holder = async (algorithm, changes = {}) => {
  const identity = anIdentity();
  const device = new Authenticator(origin(), algorithm);
  const enrolment = await api.post(factorsOf(identity), { type: "webauthn", name: "Security key" });
  const factor = await api.post(`${factorsOf(identity)}/${enrolment.id}/confirm`, { response: device.create(enrolment.options, changes) }, 200);
  return { identity, device, enrolment, factor };
};
const heldFor = (identity, changes = {}) => api.hold({ subject: { identity }, policy: "passkey", ...changes });
const twoKinds = { any_of: ["webauthn", "sms"], min_kinds: 2 };
const ask = async (id) => (await api.post(`/v1/transactions/${id}/challenges`, { method: "webauthn" })).options;
const checks = (id) => `/v1/transactions/${id}/checks`;
const prove = async ({ device }, id, changes = {}, expected = 200) =>
  api.post(checks(id), { method: "webauthn", response: device.get(await ask(id), changes) }, expected);

/// @simplewebauthn/server 9.0.3 does not pad the two numbers of a signature; one of 128 signatures has a short one.
const hasWholeNumbers = ({ response }) => {
  const der = Buffer.from(response.signature, "base64url");
  return [der.subarray(4, 4 + der[3]), der.subarray(6 + der[3])].every((number) => number.length === (number[0] === 0 ? 33 : 32));
};

for (const algorithm of ["ES256", "EdDSA", "RS256"]) {
  test(`a passkey with ${algorithm} is enrolled, and releases`, async () => {
    const { identity, device, enrolment, factor } = await holder(algorithm);
    assert.equal(factor.status, "active");
    assert.deepEqual(factor.passkey, { device_bound: true, backed_up: false, user_verified: true, aaguid: "00000000-0000-0000-0000-000000000000", transports: ["hybrid", "internal"] });
    // What an implementation that many sites use makes of the same exchange.
    const theirs = await verifyRegistrationResponse({
      response: device.create(enrolment.options), expectedChallenge: enrolment.options.challenge, expectedOrigin: origin(),
      expectedRPID: enrolment.options.rp.id, requireUserVerification: true, supportedAlgorithmIDs: enrolment.options.pubKeyCredParams.map(({ alg }) => alg),
    });
    assert.ok(theirs.verified);
    const { id } = await heldFor(identity);
    const options = await ask(id);
    assert.deepEqual(options.allowCredentials, [{ type: "public-key", id: device.answer({}).id, transports: ["hybrid", "internal"] }]);
    let response = device.get(options);
    while (algorithm === "ES256" && !hasWholeNumbers(response)) response = device.get(options);
    const also = await verifyAuthenticationResponse({
      response, expectedChallenge: options.challenge, expectedOrigin: origin(), expectedRPID: options.rpId,
      authenticator: { credentialID: theirs.registrationInfo.credentialID, credentialPublicKey: theirs.registrationInfo.credentialPublicKey, counter: 0 },
    });
    assert.ok(also.verified);
    const checked = await api.post(checks(id), { method: "webauthn", response }, 200);
    assert.equal(checked.status, "verified");
    await api.post(checks(id), { method: "webauthn", response }, "409 transaction_not_held");
    const shown = await api.get(`/v1/transactions/${id}`);
    assert.deepEqual(shown.proofs.map(({ method, passkey }) => [method, passkey]), [["webauthn", { user_verified: true, device_bound: true }]]);
    const { receipt } = await api.post(`/v1/transactions/${id}/claim`, undefined, 200);
    const claims = JSON.parse(Buffer.from(receipt.split(".")[1], "base64url"));
    assert.equal(claims.proofs[0].passkey.public_key.alg, algorithm);
  });
}

test("answers that are not right are all the same answer, and spend their challenge", async () => {
  const person = await holder("ES256");
  const thief = await holder("ES256");
  const { id } = await heldFor(person.identity);
  const answers = [
    [{ origin: "https://evil.example" }], [{ rpId: "evil.example" }], [{ flags: 4 }], [{ forged: true }], [{ flags: 5 | 16 }],
    [{ challenge: "AAAA" }], [{}, thief],
  ];
  const seen = new Set();
  for (const [changes, by = person] of answers) {
    const response = by.device.get(await ask(id), changes);
    const refused = await api.call("POST", checks(id), { body: { method: "webauthn", response } });
    assert.equal(refused.code, "wrong_response", JSON.stringify(changes));
    seen.add(refused.text);
    assert.equal((await api.call("POST", checks(id), { body: { method: "webauthn", response: { ...response, ...{ id: "" } } } })).code, "wrong_response");
  }
  assert.equal(seen.size, 1);
  assert.equal((await prove(person, id)).status, "verified", "and the key was not locked");
});

test("an answer for one transaction proves nothing for another, nor a second time", async () => {
  const person = await holder("EdDSA");
  const first = await heldFor(person.identity, { policy: twoKinds });
  const second = await heldFor(person.identity, { policy: twoKinds });
  const response = person.device.get(await ask(first.id));
  await ask(second.id);
  await api.post(checks(second.id), { method: "webauthn", response }, "422 wrong_response");
  assert.equal((await api.post(checks(first.id), { method: "webauthn", response }, 200)).status, "held");
  await api.post(checks(first.id), { method: "webauthn", response }, "422 wrong_response");
});

test("a fifth passkey is told that four are enough", async () => {
  const person = await holder("ES256");
  const more = [];
  for (let i = 0; i < 4; ++i) {
    const device = new Authenticator(origin());
    const enrolment = await api.post(factorsOf(person.identity), { type: "webauthn" });
    await api.post(`${factorsOf(person.identity)}/${enrolment.id}/confirm`, { response: device.create(enrolment.options) }, 200);
    more.push({ device });
  }
  const { id } = await heldFor(person.identity, { policy: twoKinds });
  const fifth = await ask(id);
  for (const one of more) assert.equal((await prove(one, id)).status, "held");
  await api.post(`/v1/transactions/${id}/challenges`, { method: "webauthn" }, "409 too_many_proofs");
  await api.post(checks(id), { method: "webauthn", response: person.device.get(fifth) }, "409 too_many_proofs");
});

test("presence alone, a synced key, a counter that goes back", async () => {
  const person = await holder("ES256");
  const strict = { any_of: ["webauthn"], user_verification: true };
  const { id } = await heldFor(person.identity, { policy: strict });
  assert.equal((await ask(id)).userVerification, "required");
  await prove(person, id, { flags: 1 }, "422 wrong_response");
  assert.equal((await prove(person, id, { count: 5 })).status, "verified");
  const next = await heldFor(person.identity);
  assert.equal((await prove(person, next.id, { count: 5 })).status, "verified");
  const fallen = (await api.get("/v1/events?type=factor.counter_fallen")).data;
  assert.ok(fallen.some(({ data }) => data.factor === person.factor.id));

  const synced = await holder("ES256", { flags: 5 | 8 | 16 });
  assert.equal(synced.factor.passkey.device_bound, false);
  const bound = await heldFor(synced.identity, { policy: { any_of: ["webauthn"], device_bound: true } });
  await api.post(`/v1/transactions/${bound.id}/challenges`, { method: "webauthn" }, "409 factor_unusable");
});

test("a removed passkey proves nothing", async () => {
  const person = await holder("ES256");
  const { id } = await heldFor(person.identity);
  const response = person.device.get(await ask(id));
  await api.expect(204, "DELETE", `${factorsOf(person.identity)}/${person.factor.id}`);
  await api.post(checks(id), { method: "webauthn", response }, "422 wrong_response");
});

test("an enrolment is answered once, by its own answer", async () => {
  const identity = anIdentity();
  const path = factorsOf(identity);
  const key = { headers: { "Idempotency-Key": `passkey-${identity}` } };
  const body = { type: "webauthn", name: "Key", label: "Casa do Samba" };
  const enrolment = await api.post(path, body, 201, key);
  assert.deepEqual(await api.post(path, body, 201, key), enrolment);
  assert.equal(enrolment.options.user.name, "Casa do Samba");
  await anotherKey().post(path, body, "422 idempotency_key_reused", key);
  const device = new Authenticator(origin());
  const confirm = `${path}/${enrolment.id}/confirm`;
  await api.post(confirm, { code: "123456" }, "409 factor_unusable");
  await api.post(confirm, { response: "no object" }, "422 invalid_field");
  await api.post(confirm, { response: device.create(enrolment.options), more: 1 }, "422 invalid_field");
  await api.post(`${path}/${anId("YF")}/confirm`, { response: device.create(enrolment.options) }, "404 not_found");
  const confirmKey = { headers: { "Idempotency-Key": `confirm-${identity}` } };
  const answer = { response: device.create(enrolment.options) };
  const factor = await api.post(confirm, answer, 200, confirmKey);
  assert.deepEqual(await api.post(confirm, answer, 200, confirmKey), factor);
  await api.post(confirm, answer, "409 factor_unusable");

  const second = await api.post(path, body);
  assert.deepEqual(second.options.excludeCredentials.map(({ id }) => id), [device.answer({}).id]);
  assert.equal(second.options.user.id, enrolment.options.user.id);
  await api.post(`${path}/${second.id}/confirm`, { response: device.create(second.options) }, "422 wrong_response");
  await api.post(`${path}/${second.id}/confirm`, { response: new Authenticator(origin()).create(second.options) }, "409 factor_unusable");
});

test("a transaction that is over asks nobody, nor do passkeys that do not count", async () => {
  const person = await holder("ES256");
  const ask409 = (id, code) => api.post(`/v1/transactions/${id}/challenges`, { method: "webauthn" }, `409 ${code}`);
  const canceled = await heldFor(person.identity);
  await api.post(`/v1/transactions/${canceled.id}/cancel`, undefined, 200);
  await ask409(canceled.id, "transaction_not_held");
  const voided = await heldFor(person.identity);
  await prove(person, voided.id);
  await api.expect(204, "DELETE", `${factorsOf(person.identity)}/${person.factor.id}`);
  await ask409(voided.id, "proof_voided");
  // She is known by her telephone, and the passkey comes later.
  const { subject } = await api.verified();
  const later = new Authenticator(origin());
  const enrolment = await api.post(factorsOf(subject.identity), { type: "webauthn" });
  await api.post(`${factorsOf(subject.identity)}/${enrolment.id}/confirm`, { response: later.create(enrolment.options) }, 200);
  await ask409((await heldFor(subject.identity)).id, "source_does_not_count");
});

test("whatever stands in an answer, it is refused as one", async () => {
  const person = await holder("ES256");
  const { id } = await heldFor(person.identity);
  for (const spoil of [
    () => ({}), (r) => ({ ...r, id: 7 }), (r) => ({ ...r, rawId: "other" }), (r) => ({ ...r, type: "password" }), (r) => ({ ...r, response: null }),
    (r) => ({ ...r, response: { ...r.response, clientDataJSON: "!" } }), (r) => ({ ...r, response: { ...r.response, authenticatorData: "AAAA" } }),
    (r) => ({ ...r, response: { ...r.response, signature: "" } }), (r) => ({ ...r, response: { ...r.response, clientDataJSON: Buffer.from("{}").toString("base64url") } }),
  ]) {
    await api.post(checks(id), { method: "webauthn", response: spoil(person.device.get(await ask(id))) }, "422 wrong_response");
  }
  await api.post(checks(id), { method: "sms", response: {} }, "422 invalid_field");
  await api.post(checks(id), { method: "webauthn" }, "422 invalid_field");
  await api.post(checks(id), { method: "webauthn", response: {}, code: "1" }, "422 invalid_field");
  await api.post(checks(anId("TX")), { method: "webauthn", response: person.device.get(await ask(id)) }, "404 not_found");
  const challenges = `/v1/transactions/${id}/challenges`;
  await api.post(challenges, { method: "totp" }, "422 invalid_field");
  await api.post(challenges, {}, "422 invalid_field");
  await api.post(challenges, { method: "webauthn", end_user_ip: "nowhere" }, "422 invalid_field");
  await api.post(challenges, { method: "webauthn", end_user_ip: "203.0.113.78" });
  await api.post(`/v1/transactions/${anId("TX")}/challenges`, { method: "webauthn" }, "404 not_found");
  const other = await api.hold({ subject: { identity: person.identity }, policy: "totp" });
  await api.post(`/v1/transactions/${other.id}/challenges`, { method: "webauthn" }, "422 method_not_in_policy");
  await api.post(checks(other.id), { method: "webauthn", response: person.device.get(await ask(id)) }, "422 method_not_in_policy");
  const key = { headers: { "Idempotency-Key": `ask-${id}` } };
  assert.deepEqual(await api.post(challenges, { method: "webauthn" }, 201, key), await api.post(challenges, { method: "webauthn" }, 201, key));
  await anotherKey().post(challenges, { method: "webauthn" }, "422 idempotency_key_reused", key);
});

test("wrong answers are counted for the network address, and a right one from there counts all the same", async () => {
  const person = await holder("ES256");
  const { id } = await heldFor(person.identity);
  const from = { end_user_ip: "203.0.113.77" };
  for (let i = 0; ; ++i) {
    const response = person.device.get(await ask(id), { forged: true });
    const refused = await api.call("POST", checks(id), { body: { method: "webauthn", response, ...from } });
    if (refused.code === "rate_limited") break;
    assert.equal(refused.code, "wrong_response");
    assert.ok(i < 200, "there is a limit");
  }
  const response = person.device.get(await ask(id));
  assert.equal((await api.post(checks(id), { method: "webauthn", response, ...from }, 200)).status, "verified");
});
