// What messages may cost, and the switch that stops them all.
import assert from "node:assert/strict";
import { test } from "node:test";
import { howItEnds } from "../../faults/support/process.mjs";
import { Client, aHold, aPhone, anIdentity, eventually } from "../support/client.mjs";
import { binary } from "../support/server.mjs";
import { api, server, whileStopped } from "./setup.mjs";

const newcomer = () => ({ subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: aPhone() }] } });

test("what messages have cost today, by service and country", async () => {
  await api.verified();
  const { currency, data, ends_at: ends, stopped_at: stopped } = await api.get("/v1/risk/budgets");
  assert.deepEqual([currency, stopped], ["BRL", null]);
  assert.match(ends, /T00:00:00/);
  const of = (what) => data.filter((one) => one.of === what);
  assert.equal(of("account")[0].limit, null);
  assert.notEqual(of("account")[0].spent, "0.00 BRL");
  assert.ok(of("country").some(({ country, spent }) => country === "BR" && spent !== "0.00 BRL"));
  const jamaica = of("country").find(({ country }) => country === "JM");
  assert.deepEqual([jamaica.limit, jamaica.reserve, jamaica.closes, jamaica.state], ["20.00 BRL", "4.00 BRL", "24.00 BRL", "open"]);
  await api.get("/v1/risk/budgets?x=1", "422 invalid_field");
});

test("a budget that is spent", async () => {
  const spent = new Client(server, "spent");
  const refused = await spent.post("/v1/transactions", { ...aHold(), ...newcomer(), send: "sms" }, "429 budget_spent");
  assert.ok(refused.retry_after > 0 && refused.retry_after <= 86400);
  const { id } = await spent.hold(newcomer());
  await spent.post(`/v1/transactions/${id}/verifications`, { channel: "sms" }, "429 budget_spent");
  const [account] = (await spent.get("/v1/risk/budgets")).data;
  assert.deepEqual([account.state, account.limit], ["closed", "0.00 BRL"]);
});

test("a running server tells of a budget at 80 % and when it is spent, once", async () => {
  const counted = new Client(server, "counted");
  const send = async (messages) => {
    for (let i = 0; i < messages; ++i) await counted.post("/v1/transactions", { ...aHold(), ...newcomer(), send: "sms" });
  };
  const told = async (type) => (await counted.get(`/v1/events?type=${type}`)).data;
  await send(7);
  assert.deepEqual(await told("budget.warned"), []);
  await send(1);
  const [warned] = await eventually("the warning", async () => ((await told("budget.warned")).length > 0 ? told("budget.warned") : undefined));
  assert.deepEqual([warned.data.budget, warned.data.state, warned.data.spent, warned.data.limit], ["account", "nearly_spent", "0.80 BRL", "1.00 BRL"]);
  await send(2);
  await counted.post("/v1/transactions", { ...aHold(), ...newcomer(), send: "sms" }, "429 budget_spent");
  await eventually("the end", async () => ((await told("budget.closed")).length > 0 ? true : undefined));
  assert.match(await api.get("/metrics"), /\ncountersign_budget_spent\{account="counted"[^\n]*\} 1(\.0+)?\n/);
  assert.equal((await told("budget.warned")).length, 1);
});

test("the switch stops what costs money, and starts it", async () => {
  const path = "/v1/risk/spending";
  await api.post(path, { stopped: true }, "403 may_not_administer");
  const admin = new Client(server, "default#admin");
  for (const wrong of [{}, { stopped: "yes" }, { stopped: true, more: 1 }]) await admin.post(path, wrong, "422 invalid_field");
  const key = { headers: { "Idempotency-Key": anIdentity() } };
  assert.notEqual((await admin.post(path, { stopped: true }, 200, key)).stopped_at, null);
  await admin.post(path, { stopped: false }, "422 idempotency_key_reused", key);
  assert.equal((await admin.post(path, { stopped: false }, 200)).stopped_at, null);
  const { id } = await api.hold(newcomer());
  await whileStopped(async () => {
    await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" }, "422 spending_stopped");
    assert.notEqual((await api.get("/v1/risk/budgets")).stopped_at, null);
    assert.match(await api.get("/metrics"), /\ncountersign_spending_stopped\{account="default"\} 1\n/);
  });
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
  for (const type of ["spending.stopped", "spending.started"]) assert.ok((await api.get(`/v1/events?type=${type}`)).data.length > 0, type);
});

test("a signal stops all accounts, and the command starts them", async () => {
  const command = (...words) => howItEnds(binary, ["spending", ...words, ...server.options], { env: server.environment });
  const seen = (word) => eventually(`spending ${word}`, async () => ((await api.get("/readyz").catch(() => ({}))).spending === word ? true : undefined));
  server.process.kill("SIGUSR1");
  await seen("stopped");
  await api.post("/v1/transactions", { ...aHold(), ...newcomer(), send: "sms" }, "422 spending_stopped");
  assert.match((await command("show")).text, /^all spending is stopped since 20/m);
  assert.match(server.log, /"event":"spending","detail":"all spending: stopped by an operator"/);
  const started = await command("start");
  assert.equal(started.how, 0, started.text);
  const ready = await eventually("readiness", () => api.get("/readyz").catch(() => undefined));
  assert.equal(ready.spending, undefined);
  await api.post("/v1/transactions", { ...aHold(), ...newcomer(), send: "sms" });
});
