// The audit log.
import assert from "node:assert/strict";
import { test } from "node:test";
import { anId, eventually } from "../support/client.mjs";
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

test("what became of codes", async () => {
  await api.verified();
  const found = await eventually("a converted code", async () => {
    const { data } = await api.get("/v1/conversion?channel=sms");
    return data.find(({ approved }) => approved > 0);
  });
  assert.equal(found.prefix, null);
  assert.ok(found.started > 0 && found.mean_seconds >= 0);
  const same = `/v1/conversion?provider=${found.provider}&channel=sms&country=${found.country}`;
  const rows = (await api.get(`${same}&by=prefix`)).data;
  assert.ok(rows.every(({ prefix, country }) => /^(\+\d+|other)$/.test(prefix) && country === found.country));
  const sum = (list, what) => list.reduce((all, row) => all + row[what], 0);
  assert.ok(sum(rows, "started") >= found.started);
  const seen = [];
  for (let cursor = ""; cursor !== null; ) {
    const page = await api.get(`/v1/conversion?by=prefix&limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...page.data.map((row) => JSON.stringify([row.day, row.provider, row.channel, row.country, row.prefix, row.attempt])));
    cursor = page.next_cursor;
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual((await api.get("/v1/conversion?until=2020-01-01T00:00:00Z")).data, []);
  assert.deepEqual((await api.get("/v1/conversion?country=none")).data.filter(({ country }) => country !== null), []);
  for (const wrong of ["since=x", "provider=a%20b", "channel=fax", "country=", "by=day", "cursor=x", "limit=0"])
    await api.get(`/v1/conversion?${wrong}`, "422 invalid_field");
});
