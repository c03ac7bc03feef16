// A country that nobody used before closes while codes to it are not typed, in both APIs, until an operator opens it (docs/fraud.md).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { raw } from "../interop/support/twilio_client.mjs";
import { Client, aPhone, anIdentity, eventually } from "./support/client.mjs";
import { Server } from "./support/server.mjs";

let server;
let api;
let admin;
let service;
before(async () => {
  server = await Server.start({ config: '[risk]\npumping = "on"\n', keys: ["default#admin"] });
  api = new Client(server);
  admin = new Client(server, "default#admin");
  service = `/v2/Services/${server.credentials.service_sid}`;
});
after(() => server?.stop());

/// Of Portugal, each in a range of its own.
let made = 0;
const portuguese = () => `+35191${String(1_000_000 + 37_111 * made++).slice(0, 7)}`;
const start = (to, more = []) => raw(server, "POST", `${service}/Verifications`, [["To", to], ["Channel", "sms"], ...more]);
const refused = (answer) => assert.deepEqual([answer.status, answer.json.code], [403, 60410], answer.text);
/// By the native API.
const ask = async (to, expected) => {
  const { id } = await api.hold({ subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: to }] } });
  return api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" }, expected);
};

test("at most twenty codes leave, and nothing that the caller sets lets one more through", async () => {
  let left = 0;
  let last;
  for (; (last = await start(portuguese())).status === 201; left++) assert.ok(left < 20, "a twenty-first left");
  refused(last);
  assert.ok(left >= 3, `${left} left`);
  const listed = portuguese();
  assert.equal((await raw(server, "POST", "/v2/SafeList/Numbers", [["PhoneNumber", listed]])).status, 201);
  refused(await start(listed));
  refused(await start(portuguese(), [["RiskCheck", "disable"]]));
  const problem = await ask(portuguese(), "403 not_available_now");
  assert.ok(!/20|351|Portugal|country/i.test(JSON.stringify({ ...problem, instance: undefined, request_id: undefined })), JSON.stringify(problem));
  // Other countries have nothing to do with it.
  assert.equal((await start(aPhone())).status, 201);
});

test("the operator sees why, and opens it", async () => {
  const decided = await eventually("the decision", async () => (await admin.get("/v1/risk/decisions?point=send&limit=200")).data.find(({ outcome }) => outcome === "refuse"));
  assert.ok(decided.matches.some(({ figures }) => figures.some(({ value, limit }) => value >= limit)), JSON.stringify(decided));
  assert.equal(decided.country, "PT");
  assert.ok(!/\d{9}/.test(decided.prefix), "no number whole");
  const closed = (await admin.get("/v1/risk/blocks")).data;
  assert.ok(closed.some(({ kind, key }) => kind === "country" && key === "PT"), JSON.stringify(closed));
  for (const { id } of closed) await api.expect("403 may_not_administer", "DELETE", `/v1/risk/blocks/${id}`);
  for (const { id } of closed) await admin.expect(204, "DELETE", `/v1/risk/blocks/${id}`);
  assert.deepEqual((await admin.get("/v1/risk/blocks")).data, []);
  const opened = await eventually("a code", async () => {
    const answer = await start(portuguese());
    return answer.status === 201 ? answer : undefined;
  });
  assert.equal(opened.status, 201);
});
