// A receipt is verified as any application would: npm `jose` against the server's published keys. The hashes in it are
// computed anew from what the application itself knows.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { npm } from "../contract/npm.mjs";
import { Client } from "../contract/support/client.mjs";
import { assertFits } from "../contract/support/contract.mjs";
import { Server } from "../contract/support/server.mjs";

const { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } = npm("jose");

let server;
let api;
let keys;
before(async () => {
  server = await Server.start();
  api = new Client(server);
  keys = createRemoteJWKSet(new URL(`${server.url}/.well-known/jwks.json`));
});
after(() => server?.stop());

/// RFC 8785. Its numbers and strings are those of ECMAScript, and its order of names is that of UTF-16.
const canonical = (value) => {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join(",")}}`;
};
const sha256 = (text) => createHash("sha256").update(text, "utf8").digest("hex");

const payloads = [
  { bank: "341", account: "02366-1" },
  { numbers: [0, -0, 1.5, 1e21, 1e-7, 123456789.125, 5e-324, 0.1, 333333333.3333333, 1e300], "€": "\u0007\u000f\n\"\\/", "": null },
  { "\u20ac": "Euro", "\r": "CR", "\ufb33": "Hebrew", 1: "One", "\u{1f600}": "Smiley", "\u0080": "Control", "\u00f6": "o" },
  "only text: é \u2028 \u{10ffff}",
  null,
  [[[]], {}, true],
];

const verified = (payload) => api.verified({ payload, type: "payout_account.change", display });
const display = { title: "Nova conta", amount: { value: "12480.00", currency: "BRL" }, payee: "Zoë & filhos", lines: [{ label: "Conta", value: "é 3661" }] };
const expectations = () => ({ issuer: server.credentials.url, typ: "countersign-receipt+jwt", algorithms: ["EdDSA"] });

test("the receipt verifies, and states what was shown and sealed", async () => {
  for (const payload of payloads) {
    const { id, subject } = await verified(payload);
    const claim = await api.post(`/v1/transactions/${id}/claim`, undefined, 200);
    assert.deepEqual(claim.payload, JSON.parse(JSON.stringify(payload)));
    const { payload: claims, protectedHeader } = await jwtVerify(claim.receipt, keys, expectations());
    assertFits("ReceiptClaims", claims);
    const shown = await api.get(`/v1/transactions/${id}`);
    assert.equal(claims.display_sha256, sha256(canonical(display)));
    assert.equal(claims.display_sha256, sha256(canonical(shown.display)));
    assert.equal(claims.payload_sha256, sha256(canonical(payload)), JSON.stringify(payload));
    assert.equal(claims.transaction, id);
    assert.equal(claims.type, "payout_account.change");
    assert.equal(claims.sub, subject.identity);
    assert.equal(claims.account, server.credentials.account_sid);
    assert.deepEqual(claims.amr, ["sms"]);
    assert.deepEqual(claims.proofs, [{ method: "sms", at: shown.proofs[0].proven_at, counted: "founding", since: shown.created_at }]);
    assert.deepEqual([claims.held_at, claims.verified_at, claims.claimed_at], [shown.created_at, shown.verified_at, shown.claimed_at]);
    assert.equal(claims.iat, Math.floor(Date.parse(shown.claimed_at) / 1000));
    const [held] = (await api.get(`/v1/events?transaction=${id}`)).data;
    assert.equal(claims.binding_sha256, held.data.binding);
    const [published] = (await api.get("/.well-known/jwks.json")).keys;
    assert.deepEqual([protectedHeader.kid, protectedHeader.alg], [published.kid, published.alg]);
  }
});

test("a receipt that was tampered with does not verify", async () => {
  const { id } = await verified(payloads[0]);
  const { receipt } = await api.post(`/v1/transactions/${id}/claim`, undefined, 200);
  const [head, body, signature] = receipt.split(".");
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = JSON.parse(Buffer.from(body, "base64url"));
  const refuses = (token, code) => assert.rejects(jwtVerify(token, keys, expectations()), { code });
  const changes = { sub: "somebody-else", amr: ["mfa"], payload_sha256: sha256("{}"), verified_at: "2020-01-01T00:00:00.000Z" };
  for (const [name, value] of Object.entries(changes)) {
    await refuses(`${head}.${encode({ ...claims, [name]: value })}.${signature}`, "ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
  }
  const other = Buffer.from(signature, "base64url");
  other[0] ^= 1;
  await refuses(`${head}.${body}.${other.toString("base64url")}`, "ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
  await refuses(`${encode({ ...decodeProtectedHeader(receipt), alg: "none" })}.${body}.`, "ERR_JOSE_ALG_NOT_ALLOWED");
  await refuses(`${encode({ ...decodeProtectedHeader(receipt), alg: "HS256" })}.${body}.${signature}`, "ERR_JOSE_ALG_NOT_ALLOWED");
  await refuses(`${encode({ ...decodeProtectedHeader(receipt), kid: "other" })}.${body}.${signature}`, "ERR_JWKS_NO_MATCHING_KEY");
  await refuses(`${encode({ ...decodeProtectedHeader(receipt), typ: "JWT" })}.${body}.${signature}`, "ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
  const otherUse = { ...expectations(), typ: "at+jwt" };
  await assert.rejects(jwtVerify(receipt, keys, otherUse), { code: "ERR_JWT_CLAIM_VALIDATION_FAILED" });
});
