// "No code came": one id leads an operator to all that happened, beside the running server, and its log says which requests
// were about that id. Neither names a person or shows a secret.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Client, aPhone, anIdentity, eventually } from "./support/client.mjs";
import { exchange } from "./support/http.mjs";
import { Server, binary } from "./support/server.mjs";

let server;
let api;
const inspect = (id, ...more) => spawnSync(binary, ["inspect", id, ...more, ...server.options], { encoding: "utf8" });

before(async () => {
  server = await Server.start();
  api = new Client(server);
});
after(() => server.stop());

/// The lines of requests in the log, once there is one that fits: the log is written behind the answers.
const logged = async (fits) => {
  for (const end = Date.now() + 300_000; Date.now() < end; await new Promise((done) => setTimeout(done, 50))) {
    const lines = server.log.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line)).filter(({ event }) => event === "request");
    if (lines.some(fits)) return lines;
  }
  throw new Error(`no such line in ${server.log}`);
};

test("countersign inspect tells it all while the server runs, by every id", async () => {
  const phone = aPhone();
  const held = await api.hold({ subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] }, payload: { bank: "of-hers" } });
  const path = `/v1/transactions/${held.id}`;
  const started = await api.post(`${path}/verifications`, { channel: "sms" });
  const code = await api.code(phone);
  await api.post(`${path}/checks`, { code: code === "000000" ? "000001" : "000000" }, "422 wrong_code");

  const told = inspect(held.id);
  assert.equal(told.status, 0, told.stderr);
  assert.match(told.stdout, new RegExp(`^${held.id} held, service default`));
  assert.match(told.stdout, /waits for: proof/);
  assert.match(told.stdout, new RegExp(`${started.id} sms to .*${phone.slice(-4)} by inbox: pending`));
  assert.match(told.stdout, /message VL[0-9a-f]{32} sent by inbox, attempt 1/);
  assert.match(told.stdout, /check\.failed by api:SK[0-9a-f]{32}, request [0-9a-f]{32}/);

  const document = JSON.parse(inspect(held.id, "--json").stdout);
  assert.deepEqual(document, await api.get(`${path}/events`), "the operator sees what the application sees");
  const message = document.verifications[0].messages[0].id;
  for (const id of [started.id, message]) assert.equal(JSON.parse(inspect(id, "--json").stdout).id, held.id);
  for (const text of [told.stdout, JSON.stringify(document)]) {
    for (const secret of [phone, "of-hers", `"${code}"`, held.verify_url.split(".").at(-1)]) assert.ok(!text.includes(secret), secret);
  }
  // Nothing was changed or kept from the server meanwhile.
  await api.post(`${path}/checks`, { code }, 200);
  assert.equal(JSON.parse(inspect(held.id, "--json").stdout).status, "verified");
});

test("what is not there is said in one line", () => {
  const unknown = inspect(`TX${"0".repeat(32)}`);
  assert.deepEqual([unknown.status, unknown.stdout], [1, ""]);
  assert.match(unknown.stderr, /^countersign: nothing is known of TX0+: give the whole id .*\n$/);
  const absent = spawnSync(binary, ["inspect", "TX", ...server.options, "--store", join(server.directory, "absent.db")], { encoding: "utf8" });
  assert.equal(absent.status, 1);
  assert.match(absent.stderr, /^countersign: there is no database .*absent\.db; .*\n$/);
  assert.equal(spawnSync(binary, ["inspect", ...server.options]).status, 2);
});

test("a database in use is not vacuumed, a stopped one is", async () => {
  const vacuum = () => spawnSync(binary, ["vacuum", ...server.options], { encoding: "utf8" });
  const refused = vacuum();
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /is in use by process \d+/);
  const { id } = await api.hold();
  server.process.kill("SIGTERM");
  assert.equal(await server.exited, 0);
  const done = vacuum();
  assert.equal(done.status, 0, done.stderr);
  await server.run();
  assert.equal((await api.get(`/v1/transactions/${id}`)).status, "held");
});

test("each request is one line of the log, found by the id of what it was about", async () => {
  const phone = aPhone();
  const identity = anIdentity();
  const held = await api.hold({ subject: { identity, contacts: [{ channel: "sms", address: phone }] } });
  const path = `/v1/transactions/${held.id}`;
  const refused = await api.expect("409 not_verified", "POST", `${path}/claim`, { headers: { "X-Request-Id": "of-the-claim", "Idempotency-Key": "c" } });
  assert.ok(refused);
  const secret = held.verify_url.split(".").at(-1);
  const page = await exchange(server.url, { path: `/verify/${held.id}.${secret}` });
  assert.equal(page.status, 200);
  await exchange(server.url, { path: "/healthz" });
  await api.call("GET", `/v1/transactions?subject=${encodeURIComponent(identity)}`);
  await api.call("GET", `/v1/subjects/${encodeURIComponent(identity)}`);
  await api.call("GET", "/v1/events", { headers: { "X-Request-Id": "the-last-one" } });
  const lines = await logged(({ request_id }) => request_id === "the-last-one");

  const about = lines.filter(({ object }) => object === held.id);
  assert.deepEqual(about.map(({ method, route, status, code }) => [method, route, status, code]), [
    ["POST", "claim", 409, "not_verified"],
    ["GET", "page", 200, undefined],
  ]);
  const [claim] = about;
  assert.equal(claim.request_id, "of-the-claim");
  assert.equal(claim.level, "info");
  assert.match(claim.account, /^AC[0-9a-f]{32}$/);
  assert.equal(claim.client, "127.0.0.0/24");
  assert.ok(Number.isInteger(claim.duration_us));
  assert.ok(!lines.some(({ route }) => route === "healthz"), "health is not news");
  for (const hidden of [phone, identity, encodeURIComponent(identity), secret, server.keys.default, "127.0.0.1\""]) {
    const text = lines.map((line) => JSON.stringify(line)).join("\n");
    assert.ok(!text.includes(hidden), hidden);
  }
});

test("a provider out of order: the log says who has the message now, and inspect each one's turn and what it cost", async () => {
  const gateway = async (status) => {
    const listening = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end('{"id":"its-reference"}');
    });
    await new Promise((done) => listening.listen(0, "127.0.0.1", done));
    return listening;
  };
  const [down, well] = [await gateway(503), await gateway(200)];
  const table = (name, { port }) => `
[providers.${name}]
type = "http_gateway"
url = "http://127.0.0.1:${port}/send"
private_addresses = true
id = "/id"
cost = {default = "0.05 USD"}
json = '''{"to":"{to}","text":"{text}"}'''
`;
  const two = await Server.start({
    config: `${table("first", down.address())}${table("second", well.address())}
[policies.default]
any_of = ["sms"]
[[services]]
name = "default"
policies = ["default"]
[services.channels]
sms = ["first", "second"]
`,
  });
  try {
    const client = new Client(two);
    const { id } = await client.hold({ subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: aPhone() }] } });
    await client.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
    const told = await eventually("the second provider's turn", () => {
      const { stdout } = spawnSync(binary, ["inspect", id, ...two.options], { encoding: "utf8" });
      return stdout.includes(" sent by second") ? stdout : undefined;
    });
    assert.match(told, /^ {2}its messages cost 0\.05 USD$/m);
    assert.match(told, /handed to first: unavailable$/m);
    assert.match(told, /handed to second: accepted, cost 0\.05 USD$/m);
    assert.match(two.log, /message VL[0-9a-f]{32} by first: unavailable: HTTP status 503; it goes on by second/);
  } finally {
    assert.equal(await two.stop(), 0);
    for (const listening of [down, well]) listening.close();
  }
});
