// What counts for a transaction, and what is lost before its claim.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, aPhone, anId, anIdentity, totpCode } from "../support/client.mjs";
import { api, server } from "./setup.mjs";

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
