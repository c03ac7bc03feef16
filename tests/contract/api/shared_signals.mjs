// An issuer tells of a person by tokens that the npm package jose makes.
import assert from "node:assert/strict";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { test } from "node:test";
import { npm } from "../npm.mjs";
import { anIdentity, aPhone } from "../support/client.mjs";
import { api, issuer } from "./setup.mjs";

const { SignJWT, UnsecuredJWT } = npm("jose");
const risc = "https://schemas.openid.net/secevent/risc/event-type/";
const path = "/v1/shared-signals/idp";
const now = () => Math.floor(Date.now() / 1000);

const claimsOf = (identity, changes = {}) => ({
  iss: "https://accounts.example.com/",
  aud: "https://verify.example.com/idp",
  jti: randomUUID(),
  iat: now(),
  sub_id: { format: "iss_sub", iss: "https://accounts.example.com/", sub: identity },
  events: { [`${risc}account-disabled`]: { reason: "hijacking" } },
  ...changes,
});
const sign = (claims, { key = issuer.keys.privateKey, header = {} } = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg: "RS256", typ: "secevent+jwt", kid: issuer.kid, ...header }).sign(key);
const push = async (expected, raw, { type = "application/secevent+jwt", authorization = "Bearer of the issuer", to = path } = {}) =>
  api.expect(expected, "POST", to, { raw, type, headers: { Authorization: authorization } });

test("an issuer tells of a person", async () => {
  const identity = anIdentity();
  const { id } = await api.hold({ subject: { identity, contacts: [{ channel: "sms", address: aPhone() }] } });
  const { subject } = (await api.get(`/v1/events?transaction=${id}&type=transaction.held`)).data[0];
  const token = await sign(claimsOf(identity));
  await push(202, token);
  await push(202, token);
  const told = (await api.get("/v1/events?type=signal.received")).data.filter((event) => event.subject === subject);
  assert.equal(told.length, 1, "a repeated token has no second effect");
  assert.deepEqual(told[0].data, { told_by: "idp", told_of: "account-disabled", effects: "asks_for_more" });
  assert.equal(told[0].actor, "signal:idp");
  await push(202, await sign(claimsOf(anIdentity())));
});

test("what an issuer did not say is not believed", async () => {
  const identity = anIdentity();
  const refused = async (err, token, options) => assert.equal((await push(400, token, options)).err, err);
  await refused("authentication_failed", await sign(claimsOf(identity)), { authorization: "Bearer guessed" });
  await refused("invalid_request", await sign(claimsOf(identity)), { type: "application/jwt" });
  await refused("invalid_request", "");
  await refused("invalid_key", await sign(claimsOf(identity), { key: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey }));
  await refused("invalid_key", await sign(claimsOf(identity), { header: { kid: "another" } }));
  await refused("invalid_key", new UnsecuredJWT(claimsOf(identity)).encode());
  await refused("invalid_request", await sign(claimsOf(identity), { header: { typ: "JWT" } }));
  await refused("invalid_issuer", await sign(claimsOf(identity, { iss: "https://accounts.example.net/" })));
  await refused("invalid_audience", await sign(claimsOf(identity, { aud: "https://verify.example.com/another" })));
  await refused("invalid_request", await sign(claimsOf(identity, { iat: now() + 3600 })));
  await refused("invalid_request", await sign(claimsOf(identity, { iat: now() - 86400 })));
  await refused("invalid_request", await sign(claimsOf(identity, { events: {} })));
  await push("404 not_found", await sign(claimsOf(identity)), { to: "/v1/shared-signals/nobody" });
  await push("413 body_too_large", "x".repeat(256 * 1024 + 1));
});
