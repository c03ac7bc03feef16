// Verifications of a transaction: started, and their limits.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, aPhone, anId, anIdentity } from "../support/client.mjs";
import { api, server } from "./setup.mjs";

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

/// How the inbox's provider behaves while `work` runs.
const outage = (outage) => fetch(`${server.credentials.url}/dev/inbox/provider`, { method: "POST", body: new URLSearchParams({ outage }), redirect: "manual" });

test("auto: the channel of a line is chosen, and the code goes on by the next", async () => {
  const address = aPhone();
  const contacts = ["sms", "whatsapp"].map((channel) => ({ channel, address }));
  const subject = { identity: anIdentity(), contacts: [{ channel: "email", address: "ana@example.com" }, ...contacts] };
  const policy = { any_of: ["sms", "whatsapp", "email"], display_required: false };
  await outage("no_sms");
  let held;
  try {
    held = await api.hold({ subject, policy, send: "auto" });
    assert.equal(held.verification.channel, "sms");
    await api.code(address);
  } finally {
    await outage("none");
  }
  const path = `/v1/transactions/${held.id}`;
  const [sent] = (await api.get(path)).verifications;
  assert.deepEqual([sent.id, sent.channel, sent.channels, sent.sends, sent.expires_at], [held.verification.id, "whatsapp", ["whatsapp"], 1, held.verification.expires_at]);
  await api.post(`${path}/verifications`, { channel: "sms" }, "429 resend_too_soon");
  await api.post(`${path}/verifications`, { channel: "auto", contact: "ana@example.com" }, "422 invalid_field");
  await api.post(`${path}/checks`, { code: await api.code(address) }, 200);
  const [proof] = (await api.get(path)).proofs;
  assert.deepEqual([proof.method, proof.channels, proof.source.slice(0, 2)], ["whatsapp", ["whatsapp"], "AD"]);
  const { receipt } = await api.post(`${path}/claim`, undefined, 200);
  const [proved] = JSON.parse(Buffer.from(receipt.split(".")[1], "base64url")).proofs;
  assert.deepEqual([proved.method, proved.channels, proved.source], ["whatsapp", ["whatsapp"], proof.source]);

  const mailbox = await api.hold({ subject: { identity: anIdentity(), contacts: [{ channel: "email", address: "bia@example.com" }] }, policy });
  await api.post(`/v1/transactions/${mailbox.id}/verifications`, { channel: "auto" }, "422 no_contact");
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
