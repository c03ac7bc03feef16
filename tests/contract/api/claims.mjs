// Claim, acknowledgement, and claims that are given up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { anId } from "../support/client.mjs";
import { anotherKey, api } from "./setup.mjs";

test("claim and acknowledge", async () => {
  const payload = { z: [1, 2.5, null, true, "é", {}], a: "\u0000\u001f" };
  const { id } = await api.verified({ payload });
  const claim = `/v1/transactions/${id}/claim`;
  const ack = `/v1/transactions/${id}/ack`;
  const winner = { headers: { "Idempotency-Key": "worker-1" } };
  await api.post(ack, { fencing_token: "x" }, "409 not_verified");
  const won = await api.post(claim, undefined, 200, winner);
  assert.deepEqual(won.payload, payload);
  assert.deepEqual(await api.post(claim, {}, 200, { headers: { "Idempotency-Key": '"worker-1"' } }), won);
  await api.post(claim, undefined, "409 already_claimed", { headers: { "Idempotency-Key": "worker-2" } });
  await api.post(claim, undefined, "409 already_claimed");
  await anotherKey().post(claim, undefined, "409 already_claimed", winner);
  await api.post(ack, { fencing_token: "x".repeat(24) }, "409 wrong_fencing_token");
  await api.post(ack, {}, "422 invalid_field");
  const key = { headers: { "Idempotency-Key": "ack-1" } };
  await api.post(ack, { fencing_token: won.fencing_token }, 200, key);
  await api.post(ack, { fencing_token: "x" }, "422 idempotency_key_reused", key);
  await api.post(ack, { fencing_token: won.fencing_token }, 200);
  await api.post(claim, undefined, "409 transaction_not_held", winner);
  assert.equal((await api.get(`/v1/transactions/${id}`)).status, "released");

  const held = await api.hold();
  await api.post(`/v1/transactions/${held.id}/claim`, undefined, "409 not_verified");
  await api.post(`/v1/transactions/${held.id}/cancel`, undefined, 200);
  await api.post(`/v1/transactions/${held.id}/ack`, { fencing_token: "x" }, "409 transaction_not_held");
  await api.post(`/v1/transactions/${anId("TX")}/claim`, undefined, "404 not_found");
  await api.post(`/v1/transactions/${anId("TX")}/ack`, { fencing_token: "x" }, "404 not_found");
});

test("claims that nobody acknowledges", async () => {
  const { id, subject } = await api.verified({ type: "payout.lost" });
  const path = `/v1/transactions/${id}`;
  const filter = `/v1/transactions?status=verified&type=payout.lost&subject=${subject.identity}`;
  await api.post(`${path}/give_up`, undefined, "409 not_claimed");
  assert.equal((await api.get(`${filter}&claimed=true`)).data.length, 0);
  await api.post(`${path}/claim`, undefined, 200, { headers: { "Idempotency-Key": "a random one" } });
  assert.deepEqual((await api.get(`${filter}&claimed=true`)).data.map((t) => t.id), [id]);
  assert.deepEqual((await api.get("/v1/transactions?status=verified&claimed=true")).data.filter((t) => t.id === id).length, 1);
  assert.equal((await api.get(`${filter}&claimed=false`)).data.length, 0);
  const key = { headers: { "Idempotency-Key": "give-up-1" } };
  const ended = await api.post(`${path}/give_up`, undefined, 200, key);
  assert.deepEqual(ended, { id, status: "released", end_reason: "unacknowledged" });
  assert.deepEqual(await api.post(`${path}/give_up`, undefined, 200, key), ended);
  await api.post(`${path}/give_up`, {}, "422 idempotency_key_reused", key);
  await api.post(`${path}/give_up`, undefined, "409 transaction_not_held");
  await api.post(`${path}/claim`, undefined, "409 transaction_not_held", { headers: { "Idempotency-Key": "a random one" } });
  const { status, end_reason: reason } = await api.get(path);
  assert.deepEqual([status, reason], ["released", "unacknowledged"]);
  await api.post(`/v1/transactions/${anId("TX")}/give_up`, undefined, "404 not_found");
});
