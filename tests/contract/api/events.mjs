// The audit log.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, aHold, anId, anIdentity, eventually } from "../support/client.mjs";
import { api, server } from "./setup.mjs";

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

test("what the fraud rules decided", async () => {
  const { data, next_cursor } = await api.get("/v1/risk/decisions?point=send&limit=2");
  assert.ok(Array.isArray(data) && (next_cursor === null || /^RD/.test(next_cursor)));
  assert.deepEqual((await api.get("/v1/risk/decisions?until=2020-01-01T00:00:00Z")).data, []);
  assert.deepEqual((await api.get(`/v1/risk/decisions?transaction=${anId("TX")}&outcome=refuse&rule=x&country=BR`)).data, []);
  for (const wrong of ["point=x", "outcome=no", "rule=a%20b", "country=", "transaction=x", "since=x", "cursor=x", "limit=0"])
    await api.get(`/v1/risk/decisions?${wrong}`, "422 invalid_field");
});

test("a country that is pumped closes, and is opened", async () => {
  const watched = new Client(server, "watched");
  const operator = new Client(server, "watched#admin");
  const number = (i) => `+5355${String(100_000 + i * 10_007)}`;
  const hold = (i) => ({ ...aHold(), subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: number(i) }] } });
  for (let i = 0; i < 20; i++) {
    const { id } = await watched.post("/v1/transactions", hold(i));
    await watched.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
  }
  const { id } = await watched.post("/v1/transactions", hold(20));
  await watched.post(`/v1/transactions/${id}/verifications`, { channel: "sms" }, "403 not_available_now");
  await watched.post("/v1/transactions", { ...hold(21), send: "sms" }, "403 not_available_now");
  const blocks = await eventually("the country is closed", async () => {
    const { data } = await watched.get("/v1/risk/blocks");
    return data.length > 0 ? data : undefined;
  });
  const closed = blocks.find(({ kind }) => kind === "country");
  assert.deepEqual([closed.key, closed.step], ["CU", 1]);
  const decided = await eventually("the decision is written", async () =>
    (await watched.get("/v1/risk/decisions?outcome=refuse&country=CU")).data.find((one) => one.transaction === id));
  assert.ok(decided.matches.some(({ rule, figures }) => rule.startsWith("country_") && figures.length === 1));
  assert.ok(decided.features.country_unverified_day >= 20);
  await watched.get("/v1/risk/blocks?limit=0", "422 invalid_field");
  await watched.get("/v1/risk/blocks?cursor=x", "422 invalid_field");
  for (const none of [anId("RB"), "x"]) await operator.expect("404 not_found", "DELETE", `/v1/risk/blocks/${none}`);
  for (const block of blocks) {
    const key = { headers: { "Idempotency-Key": `"lift ${block.id}"` } };
    await watched.expect("403 may_not_administer", "DELETE", `/v1/risk/blocks/${block.id}`);
    await operator.expect(204, "DELETE", `/v1/risk/blocks/${block.id}`, key);
    await operator.expect("422 idempotency_key_reused", "DELETE", `/v1/risk/blocks/${block.id}`, { ...key, raw: "x" });
    await operator.expect("404 not_found", "DELETE", `/v1/risk/blocks/${block.id}`);
  }
  await eventually("the country is open", async () => {
    const again = await watched.post("/v1/transactions", hold(22));
    const { status } = await watched.call("POST", `/v1/transactions/${again.id}/verifications`, { body: { channel: "sms" } });
    return status === 201 ? true : undefined;
  });
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
