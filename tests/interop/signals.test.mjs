// What others say before a hold: a carrier's SIM Swap API as CAMARA describes it, and a model that checks our signature
// with the npm package standardwebhooks. With CAMARA's own description (CS_CAMARA_SIM_SWAP names sim-swap.yaml of
// camaraproject/SimSwap) each request and each answer of the double is held against it.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { npm } from "../contract/npm.mjs";
import { Client, aPhone, anIdentity } from "../contract/support/client.mjs";
import { Server } from "../contract/support/server.mjs";

const { Webhook } = npm("standardwebhooks");
const secret = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;

const named = process.env.CS_CAMARA_SIM_SWAP;
const description = named !== undefined && existsSync(named) ? npm("@stoplight/yaml").parse(readFileSync(named, "utf8")) : undefined;
const Ajv = npm("ajv").default;
const ajv = new Ajv({ strict: false });
npm("ajv-formats").default(ajv);
if (description !== undefined) ajv.addSchema(description, "camara");
/// The body fits the schema of that name, and has no member that it does not have.
const assertFits = (name, body) => {
  if (description === undefined) return;
  const validate = ajv.compile({ $ref: `camara#/components/schemas/${name}` });
  assert.ok(validate(body), `${name}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`);
  const known = Object.keys(description.components.schemas[name].properties);
  for (const member of Object.keys(body)) assert.ok(known.includes(member), `${name} has no ${member}`);
};

const listen = async (handler) => {
  const listening = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text) => (body += text)).on("end", () => handler({ request, body }, response));
  });
  await new Promise((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${listening.address().port}`, stop: () => (listening.closeAllConnections(), listening.close()) };
};
const json = (response, status, body) => response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));

const changes = new Map();
let misbehave;
const asked = [];
const carrierHandler = ({ request, body }, response) => {
  if (request.url === "/token") {
    assert.equal(request.headers.authorization, `Basic ${Buffer.from("client%20of%20ours:s3cret").toString("base64")}`);
    assert.deepEqual([...new URLSearchParams(body)], [["grant_type", "client_credentials"], ["scope", "sim-swap"]]);
    return json(response, 200, { access_token: "tok.en", token_type: "Bearer", expires_in: 300 });
  }
  asked.push(body);
  if (misbehave !== undefined) return misbehave(response);
  assert.equal(request.url, "/sim-swap/v2/retrieve-date");
  assert.equal(request.headers.authorization, "Bearer tok.en");
  assert.match(request.headers["x-correlator"], /^[a-zA-Z0-9-_:;./<>{}]{0,256}$/);
  const question = JSON.parse(body);
  assertFits("CreateSimSwapDate", question);
  const answer = { latestSimChange: changes.get(question.phoneNumber) ?? null };
  assertFits("SimSwapInfo", answer.latestSimChange === null ? { ...answer, monitoredPeriod: 120 } : answer);
  json(response, 200, answer);
};

const scored = [];
const modelHandler = ({ request, body }, response) => {
  scored.push(new Webhook(secret).verify(body, request.headers));
  json(response, 200, { score: 0.25 });
};

let carrier;
let model;
let server;
let api;
before(async () => {
  carrier = await listen(carrierHandler);
  model = await listen(modelHandler);
  const config = `
[policies.default]
any_of = ["sms"]
[[services]]
name = "default"
channels = {sms = "box"}
policies = ["default"]
[risk.signals.carrier]
type = "camara_sim_swap"
base_url = "${carrier.url}/sim-swap/v2"
token_url = "${carrier.url}/token"
client_id = "client of ours"
types = ["payout_account.change", "patient"]
within = "60s"
remember = "0s"
[risk.signals.hasty]
type = "camara_sim_swap"
base_url = "${carrier.url}/sim-swap/v2"
token_url = "${carrier.url}/token"
client_id = "client of ours"
types = ["hasty"]
within = "100ms"
[providers.box]
type = "inbox"
[providers.box.cost]
default = "0.01 BRL"
[risk.money]
currency = "BRL"
day = "1000.00 BRL"
[risk.signals.dear]
type = "camara_sim_swap"
base_url = "${carrier.url}/sim-swap/v2"
token_url = "${carrier.url}/token"
client_id = "client of ours"
types = ["dear"]
cost = "600.00 BRL"
within = "60s"
[[risk.rules]]
name = "score"
points = ["hold"]
when = "model_score > 0.9 && type == 'payout_account.change'"
outcome = "note"
[risk.signals.model]
type = "http_model"
url = "${model.url}/score"
private_addresses = true
types = ["payout_account.change"]
within = "60s"
`;
  const secrets = `[risk.signals.carrier]\nclient_secret = "s3cret"\n[risk.signals.hasty]\nclient_secret = "s3cret"\n[risk.signals.dear]\nclient_secret = "s3cret"\n[risk.signals.model]\nsecret = "${secret}"\n`;
  server = await Server.start({ config, secrets });
  api = new Client(server);
});
after(async () => {
  await server?.stop();
  carrier?.stop();
  model?.stop();
});

const heard = async (id) => (await api.get(`/v1/events?transaction=${id}&type=transaction.held`)).data[0].data;
const person = () => ({ identity: anIdentity(), contacts: [{ channel: "sms", address: aPhone() }] });

test("a swapped SIM makes the line wait, and the transaction is held all the same", async () => {
  const subject = person();
  await api.hold({ subject, type: "login" });
  assert.equal(asked.length, 0, "nobody is asked about a login");
  const [{ address }] = subject.contacts;
  // As far ahead as clocks differ: it has just happened, and after the line was given.
  changes.set(address, new Date(Date.now() + 1000).toISOString());
  const { id } = await api.hold({ subject, type: "payout_account.change", display: { title: "New account", amount: { value: "1250.50", currency: "BRL" } } });
  const facts = await heard(id);
  assert.equal(facts.sim_swap_hours, 0);
  assert.equal(facts.effects, "contact_waits_anew");
  assert.equal(facts.model_score, "0.25");
  assert.deepEqual(scored[0].features, { amount: 1250.5, established: 1, established_days: scored[0].features.established_days });
  assert.ok(!JSON.stringify(scored[0]).includes(address.slice(-6)) && !JSON.stringify(scored[0]).includes(subject.identity));
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" }, "409 in_review");
  assert.equal((await api.get(`/v1/transactions/${id}`)).status, "in_review", "she has no other kind");
});

test("a SIM that nobody changed changes nothing", async () => {
  const { id } = await api.hold({ subject: person(), type: "patient" });
  const { sim_swap_hours: hours, signals_unknown: unknown, effects } = await heard(id);
  assert.deepEqual([hours, unknown, effects], [undefined, undefined, undefined]);
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
});

test("a carrier that does not answer, or answers anything, holds nobody up", async () => {
  const holds = async (type, how) => {
    misbehave = how;
    const { id } = await api.hold({ subject: person(), type });
    misbehave = undefined;
    return (await heard(id)).signals_unknown;
  };
  assert.equal(await holds("patient", (response) => response.writeHead(302, { Location: `${model.url}/inside` }).end()), "carrier:unavailable");
  assert.equal(await holds("patient", (response) => response.writeHead(200, { "Content-Type": "text/html" }).end("<html>Log in</html>")), "carrier:unreadable");
  assert.equal(await holds("patient", (response) => json(response, 200, { latestSimChange: "2999-01-01T00:00:00Z" })), "carrier:implausible");
  assert.equal(await holds("patient", (response) => json(response, 404, { status: 404, code: "IDENTIFIER_NOT_FOUND", message: "" })), "carrier:not_served");
  assert.equal(await holds("hasty", () => {}), "hasty:timeout");
  assert.equal(scored.length, 1, "a redirect is not followed");
});

test("what a question costs is counted before it is asked, and a spent budget asks nobody", async () => {
  const spent = async () => Math.floor(Number.parseFloat((await api.get("/v1/risk/budgets")).data.find(({ of }) => of === "account").spent));
  const subject = person();
  const before = await spent();
  await api.hold({ subject, type: "dear" });
  assert.equal(await spent(), before + 600);
  await api.hold({ subject, type: "dear" });
  assert.equal(await spent(), before + 600, "what is remembered costs nothing");
  const questions = asked.length;
  const { id } = await api.hold({ subject: person(), type: "dear" });
  assert.equal(asked.length, questions);
  assert.equal((await heard(id)).signals_unknown, "dear:ceiling");
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
});

test("a repeated hold asks nobody", async () => {
  const subject = person();
  const headers = { "Idempotency-Key": randomUUID() };
  const body = { subject, type: "patient", display: { title: "x" }, payload: {} };
  const first = await api.post("/v1/transactions", body, 201, { headers });
  const before = asked.length;
  assert.equal((await api.post("/v1/transactions", body, 201, { headers })).id, first.id);
  assert.equal(asked.length, before);
  await api.post("/v1/transactions", { ...body, policy: "unknown" }, "422 unknown_policy");
  assert.equal(asked.length, before, "what is refused costs nothing");
});
