// Contacts of a subject.
import assert from "node:assert/strict";
import { test } from "node:test";
import { aPhone, anId, anIdentity } from "../support/client.mjs";
import { api } from "./setup.mjs";

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
