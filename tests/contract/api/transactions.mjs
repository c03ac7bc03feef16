// Transactions: shown, listed, canceled.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { aHold, anId, anIdentity } from "../support/client.mjs";
import { api } from "./setup.mjs";

test("show and list transactions", async () => {
  const subject = { identity: anIdentity() };
  const display = { title: "Título ✓", payee: "Zoë", amount: { value: "0.10", currency: "EUR" }, lines: [{ label: "a", value: "" }, { label: "b", value: "می\u200cخواهم", previous: "👨\u200d👩\u200d👧" }] };
  const ids = [];
  for (let i = 0; i < 3; ++i) {
    ids.unshift((await api.hold({ subject, display, metadata: { i }, return_url: "https://app.example.com/back" })).id);
    await setTimeout(2); // the order of one millisecond is nobody's promise
  }
  const shown = await api.get(`/v1/transactions/${ids[0]}`);
  assert.deepEqual([shown.display, shown.metadata, shown.subject], [display, { i: 2 }, subject]);
  const receives = (line, expected) => api.post("/v1/transactions", { ...aHold(), display: { title: "t", lines: [line] } }, expected);
  await receives({ label: "a", value: "b", previous: null }, 201);
  await receives({ label: "a", value: "b", previous: "c\u202ed" }, "422 invalid_field");
  await receives({ label: "a", value: "", previous: "" }, 201);
  await receives({ label: "a", value: "", previous: "b" }, "422 invalid_field");
  await receives({ label: "a", value: "b", previous: "c".repeat(201) }, "422 invalid_field");
  await receives({ label: "a", value: "final 36\u200c61" }, "422 invalid_field");
  await api.get(`/v1/transactions/${anId("TX")}`, "404 not_found");
  const query = `subject=${subject.identity}&status=held&limit=2`;
  const page = await api.get(`/v1/transactions?${query}`);
  const rest = await api.get(`/v1/transactions?${query}&cursor=${page.next_cursor}`);
  assert.deepEqual([...page.data, ...rest.data].map(({ id }) => id), ids);
  assert.equal(rest.next_cursor, null);
  const [newest, , oldest] = await Promise.all(ids.map((id) => api.get(`/v1/transactions/${id}`)));
  const between = (range) => api.get(`/v1/transactions?subject=${subject.identity}&${range}`).then(({ data }) => data.map(({ id }) => id));
  assert.ok(!(await between(`until=${newest.created_at}`)).includes(newest.id));
  assert.deepEqual(await between(`since=${oldest.created_at}&until=2100-01-01T00:00:00Z`), ids);
  assert.deepEqual(await between("since=2100-01-01T00:00:00Z"), []);
  assert.deepEqual(await between("type=payout&claimed=false"), ids);
  assert.deepEqual(await between("type=payou"), []);
  const wrongs = ["status=holding", "cursor=1", "limit=1&limit=1", "since=yesterday", "until=2026-02-30T00:00:00Z", "type=", "type=a%20b", "claimed=1"];
  for (const wrong of ["limit=0", "limit=201", "limit=x", ...wrongs]) {
    await api.get(`/v1/transactions?${wrong}`, "422 invalid_field");
  }
});

test("cancel", async () => {
  const { id } = await api.hold();
  const path = `/v1/transactions/${id}/cancel`;
  const key = { headers: { "Idempotency-Key": "cancel-1" } };
  await api.post(path, undefined, 200, key);
  await api.post(path, undefined, 200, key);
  await api.post(path, {}, "422 idempotency_key_reused", key);
  await api.post(path, {}, "409 transaction_not_held");
  await api.post(`/v1/transactions/${anId("TX")}/cancel`, undefined, "404 not_found");
  const claimed = await api.verified();
  await api.post(`/v1/transactions/${claimed.id}/claim`, undefined, 200);
  await api.post(`/v1/transactions/${claimed.id}/cancel`, undefined, "409 already_claimed");
});
