// The node that asked judges the answer of a passkey by what it remembers: nothing is read before the unit that stores it,
// whichever way the answer comes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { raw } from "../interop/support/twilio_client.mjs";
import { Authenticator } from "./support/authenticator.mjs";
import { Client, anIdentity } from "./support/client.mjs";
import { exchange } from "./support/http.mjs";
import { Server } from "./support/server.mjs";

let server;
let api;
before(async () => {
  server = await Server.start();
  api = new Client(server);
});
after(() => server?.stop());

const reads = async () => Number(/\ncountersign_store_reads_total ([0-9]+)\n/.exec(await api.get("/metrics"))[1]);

/// The fewest reading units that `answer` took in some rounds, for the server reads for itself at times.
const fewestReads = async (prepare, answer) => {
  let fewest = Infinity;
  for (let round = 0; round < 8 && fewest > 0; ++round) {
    const prepared = await prepare();
    const before = await reads();
    await answer(prepared);
    fewest = Math.min(fewest, (await reads()) - before);
  }
  return fewest;
};

const aDevice = () => new Authenticator(server.credentials.url.replace("127.0.0.1", "localhost"));
const holder = async () => {
  const identity = anIdentity();
  const device = aDevice();
  const path = `/v1/subjects/${encodeURIComponent(identity)}/factors`;
  const made = await api.post(path, { type: "webauthn" });
  await api.post(`${path}/${made.id}/confirm`, { response: device.create(made.options) }, 200);
  return { identity, device };
};
const heldFor = ({ identity }) => api.hold({ subject: { identity }, policy: { any_of: ["webauthn"] } });

test("an answer over the native API", async () => {
  const person = await holder();
  const prepare = async () => {
    const path = `/v1/transactions/${(await heldFor(person)).id}`;
    return [`${path}/checks`, person.device.get((await api.post(`${path}/challenges`, { method: "webauthn" })).options)];
  };
  assert.equal(await fewestReads(prepare, ([path, response]) => api.post(path, { method: "webauthn", response }, 200)), 0);
});

test("an answer on the hosted page", async () => {
  const person = await holder();
  const form = (path, cookie, fields) =>
    exchange(server.url, {
      method: "POST", path, body: new URLSearchParams(fields).toString(),
      headers: { Cookie: cookie, "Content-Type": "application/x-www-form-urlencoded" },
    });
  let held;
  const prepare = async () => {
    held = await heldFor(person);
    const path = new URL(held.verify_url).pathname;
    const page = await exchange(server.url, { path });
    const [cookie] = /^[^;]*/.exec([page.headers["set-cookie"]].flat()[0]);
    const [, t] = /name="t" value="([^"]*)"/.exec(page.text);
    const given = await form(`${path}/challenge`, cookie, { t });
    assert.equal(given.status, 200, given.text);
    return { path, cookie, t, response: JSON.stringify(person.device.get(given.json.options)) };
  };
  const answer = async ({ path, cookie, t, response }) => {
    const answered = await form(`${path}/passkey`, cookie, { t, response });
    assert.equal(answered.status, 303, answered.text);
  };
  assert.equal(await fewestReads(prepare, answer), 0);
  assert.equal((await api.get(`/v1/transactions/${held.id}`)).status, "verified");
});

test("an answer over the Verify-compatible API", async () => {
  const service = `/v2/Services/${server.credentials.service_sid}/Passkeys`;
  const call = async (path, body) => {
    const { status, json, text } = await raw(server, "POST", `${service}/${path}`, JSON.stringify(body), { headers: { "Content-Type": "application/json" } });
    assert.ok(status < 300, text);
    return json;
  };
  const identity = anIdentity();
  const device = aDevice();
  const config = { authenticator_attachment: "any", discoverable_credentials: "preferred", user_verification: "preferred" };
  const made = await call("Factors", { friendly_name: "Key", identity, config });
  await call("VerifyFactor", device.create(made.options.publicKey));
  const prepare = async () => device.get((await call("Challenges", { identity })).options.publicKey);
  assert.equal(await fewestReads(prepare, (response) => call("ApproveChallenge", response)), 0);
});
