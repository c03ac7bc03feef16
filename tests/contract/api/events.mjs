// The audit log.
import assert from "node:assert/strict";
import { test } from "node:test";
import { anId } from "../support/client.mjs";
import { api } from "./setup.mjs";

test("the audit log", async () => {
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
