// Fraud rules about trust, and an operator's word about what they stopped.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, aHold, aPhone, anId, anIdentity, eventually } from "../support/client.mjs";
import { api, server } from "./setup.mjs";

const rules = "/v1/risk/rules";
const reviews = "/v1/risk/reviews";
const admin = () => new Client(server, "default#admin");
const rule = (name, outcome, points) => ({ name, points, when: `type == 'contract.${name}'`, outcome });
const set = { changes: { many_holds: { off: true } }, rules: [rule("review", "review", ["hold"]), rule("refuse", "refuse", ["hold"]), rule("kind", "another_kind", ["hold"]), rule("claim", "review", ["claim"]), { name: "codes", points: ["enrol"], when: "channel == 'recovery_code' && known(subject_addresses_day)", outcome: "another_kind" }] };
const held = (kind, more = {}) => api.post("/v1/transactions", { ...aHold(), type: `contract.${kind}`, ...more });

const key = (name) => ({ headers: { "Idempotency-Key": `"risk ${name}"` } });
const tooLong = { raw: "x".repeat(256 * 1024 + 1) };

test("rules are set by a key that may administer, and hold within a second", async () => {
  await api.get(rules, "403 may_not_administer");
  await api.expect("403 may_not_administer", "PUT", rules, { body: set });
  for (const wrong of [{ rule: [] }, { rules: [{ ...rule("a", "note"), when: "amont > 1" }] }, { version: "1" }])
    await admin().expect("422 invalid_field", "PUT", rules, { body: wrong });
  const warned = await admin().expect(200, "PUT", rules, { body: { rules: [{ ...rule("all", "review"), when: "true", shadow: true }] } });
  assert.match(warned.warnings[0], /matches everybody/);
  const { version } = await admin().get(rules);
  await admin().expect(200, "PUT", rules, { body: { ...set, version }, ...key("set") });
  await admin().expect("422 idempotency_key_reused", "PUT", rules, { body: set, ...key("set") });
  await admin().expect("409 rules_changed", "PUT", rules, { body: { ...set, version } });
  const shown = await admin().get(rules);
  assert.deepEqual(shown.set.rules.map(({ name }) => name), ["review", "refuse", "kind", "claim", "codes"]);
  await eventually("the rules hold", async () => ((await held("review")).status === "in_review" ? true : undefined));
  assert.ok((await admin().get(rules)).in_force.every(({ name }) => name !== "many_holds"));
});

test("a rule at enrol stops what the application alone gives", async () => {
  const factors = `/v1/subjects/${anIdentity()}/factors`;
  const { id } = await api.post(factors, { type: "recovery_codes" });
  await api.post(`${factors}/${id}/confirm`, { end_user_ip: "somewhere" }, "422 invalid_field");
  await api.post(`${factors}/${id}/confirm`, { end_user_ip: "203.0.113.7" }, "403 not_available_now");
  assert.equal((await api.get(factors)).data[0].status, "unconfirmed");
  await api.post(`${factors}/${id}/confirm`, {}, 200);
  const [decided] = await eventually("it is recorded", async () => {
    const { data } = await api.get("/v1/risk/decisions?point=enrol&rule=codes");
    return data.length > 0 ? data : undefined;
  });
  assert.equal(decided.outcome, "another_kind");
});

test("what is in review waits for a word", async () => {
  const subject = { identity: anIdentity(), contacts: [{ channel: "sms", address: aPhone() }] };
  const { id, status } = await held("review", { subject, risk: { device: "d", payout_fingerprint: "p" } });
  assert.equal(status, "in_review");
  const path = `/v1/transactions/${id}`;
  await api.post(`${path}/verifications`, { channel: "sms" }, "409 in_review");
  await api.post(`${path}/checks`, { code: "123456" }, "409 in_review");
  await api.post(`${path}/challenges`, { method: "webauthn" }, "409 in_review");
  await api.post(`${path}/claim`, undefined, "409 in_review");
  await api.post(`${path}/ack`, { fencing_token: "A".repeat(24) }, "409 in_review");
  await api.post(`${path}/give_up`, undefined, "409 in_review");
  assert.ok((await api.get(path)).review_until);
  await api.get(reviews, "403 may_not_administer");
  await admin().get(`${reviews}?cursor=x`, "422 invalid_field");
  const { data } = await admin().get(`${reviews}?limit=200`);
  assert.deepEqual(data.find(({ transaction }) => transaction === id).rules, ["review"]);
  const { next_cursor: next } = await admin().get(`${reviews}?limit=1`);
  await admin().get(`${reviews}?limit=1&cursor=${next}`);

  await api.post(`${reviews}/${id}/allow`, undefined, "403 may_not_administer");
  await admin().post(`${reviews}/${anId("TX")}/allow`, undefined, "404 not_found");
  await admin().expect("413 body_too_large", "POST", `${reviews}/${id}/allow`, tooLong);
  assert.equal((await admin().post(`${reviews}/${id}/allow`, undefined, 200, key("allow"))).status, "held");
  await admin().post(`${reviews}/${id}/allow`, {}, "422 idempotency_key_reused", key("allow"));
  await admin().post(`${reviews}/${id}/allow`, undefined, "409 no_review");
  await api.post(`${path}/verifications`, { channel: "sms" });
});

test("an operator refuses for good, and undoes what a rule refused", async () => {
  const { id } = await held("review");
  await api.post(`${reviews}/${id}/refuse`, undefined, "403 may_not_administer");
  await admin().post(`${reviews}/${anId("TX")}/refuse`, undefined, "404 not_found");
  await admin().expect("413 body_too_large", "POST", `${reviews}/${id}/refuse`, tooLong);
  assert.equal((await admin().post(`${reviews}/${id}/refuse`, undefined, 200, key("refuse"))).status, "denied");
  await admin().post(`${reviews}/${id}/refuse`, {}, "422 idempotency_key_reused", key("refuse"));
  await admin().post(`${reviews}/${id}/refuse`, undefined, "409 no_review");
  assert.equal((await api.get(`/v1/transactions/${id}`)).end_reason, "refused");
  const refused = await held("refuse");
  assert.equal(refused.status, "denied");
  assert.equal((await admin().post(`${reviews}/${refused.id}/allow`, undefined, 200)).status, "held");
});

test("a rule asks for another kind", async () => {
  const { id } = await held("kind", { subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: "+5511987654321" }, { channel: "call", address: "+5511987654321" }] } });
  assert.equal((await api.get(`/v1/transactions/${id}`)).status, "in_review", "one line is one kind");
});

test("what the rules decided about a transaction", async () => {
  const { id } = await held("refuse");
  const found = await eventually("the decision", async () => (await api.get(`/v1/risk/decisions?transaction=${id}`)).data[0]);
  assert.deepEqual([found.point, found.outcome, found.matches.map((match) => match.rule).includes("refuse")], ["hold", "refuse", true]);
  const words = (await admin().get("/v1/events?type=risk_rules.changed&limit=5")).data;
  assert.match(words[0].actor, /^api:SK/);
});

test("the rules are as they were", async () => {
  await admin().expect(200, "PUT", rules, { body: {} });
});
