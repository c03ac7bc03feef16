// Test mode over HTTP: what a test key opens and what it does not, and that nothing of it passes for live.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { npm } from "./npm.mjs";
import { Client, aHold, aPhone, anId, anIdentity, eventually } from "./support/client.mjs";
import { assertFits } from "./support/contract.mjs";
import { exchange } from "./support/http.mjs";
import { Server } from "./support/server.mjs";

const { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } = npm("jose");
const { Webhook } = npm("standardwebhooks");

let server;
let live;
let tests;
const receivers = [];
before(async () => {
  server = await Server.start();
  live = new Client(server);
  tests = new Client(server, "test");
});
after(async () => {
  await server?.stop();
  for (const receiver of receivers) receiver.close();
});

const fixed = "+12025550110";
const advance = (seconds) => tests.post("/v1/test/clock", { advance_seconds: seconds }, 200);
const heldBy = (client, address = fixed) => client.hold({ subject: { identity: anIdentity(), contacts: [{ channel: "sms", address }] } });
const verifiedTest = async () => {
  const held = await heldBy(tests);
  await tests.post(`/v1/transactions/${held.id}/verifications`, { channel: "sms" });
  await tests.post(`/v1/transactions/${held.id}/checks`, { code: "000000" }, 200);
  return held.id;
};

test("a test key is told by its beginning, and by nothing else", async () => {
  const key = server.credentials.test_api_key;
  assert.match(key, /^test_SK[0-9a-f]{32}\.[0-9a-f]{48}$/);
  const as = (bearer) => ({ headers: { Authorization: `Bearer ${bearer}` } });
  await live.expect(200, "GET", "/v1/events", as(key));
  for (const bad of [key.slice(5), `test_test_${key.slice(5)}`, `test_${server.credentials.api_key}`, `TEST_${key.slice(5)}`]) {
    await live.expect("401 unauthorized", "GET", "/v1/events", as(bad));
  }
});

test("neither kind of key finds what is the other's", async () => {
  const mine = await heldBy(tests);
  const theirs = await heldBy(live, aPhone());
  assert.equal(mine.test, true);
  assert.equal((await tests.get(`/v1/transactions/${mine.id}`)).test, true);
  assert.ok(!("test" in theirs) && !("test" in (await live.get(`/v1/transactions/${theirs.id}`))));
  for (const [client, id] of [[live, mine.id], [tests, theirs.id]]) {
    const path = `/v1/transactions/${id}`;
    await client.get(path, "404 not_found");
    await client.post(`${path}/cancel`, undefined, "404 not_found");
    await client.post(`${path}/verifications`, { channel: "sms" }, "404 not_found");
    await client.post(`${path}/checks`, { code: "000000" }, "404 not_found");
    await client.post(`${path}/claim`, undefined, "404 not_found");
    const { data } = await client.get("/v1/transactions?limit=200");
    assert.ok(data.length > 0 && data.every((one) => one.id !== id));
  }
  const endpoint = await live.post("/v1/webhook_endpoints", { url: "http://127.0.0.1:9/hooks" });
  await tests.get(`/v1/webhook_endpoints/${endpoint.id}`, "404 not_found");
  assert.deepEqual((await tests.get("/v1/webhook_endpoints")).data, []);
  await live.expect(204, "DELETE", `/v1/webhook_endpoints/${endpoint.id}`);
});

test("clock and messages are for test keys", async () => {
  await live.get("/v1/test/clock", "403 test_key_required");
  await live.post("/v1/test/clock", { advance_seconds: 1 }, "403 test_key_required");
  await live.get("/v1/test/messages", "403 test_key_required");
  const { now, ahead_seconds: ahead } = await tests.get("/v1/test/clock");
  for (const wrong of [0, -1, 2_678_401, 1e15, 1.5, "60", null]) {
    const problem = await tests.post("/v1/test/clock", { advance_seconds: wrong }, "422 invalid_field");
    assert.equal(problem.field, "advance_seconds");
  }
  await tests.post("/v1/test/clock", {}, "422 invalid_field");
  await tests.post("/v1/test/clock", { advance_seconds: 1, now }, "422 invalid_field");
  assert.equal((await tests.get("/v1/test/clock")).ahead_seconds, ahead);
  assert.equal((await advance(60)).ahead_seconds, ahead + 60);
  // Once under one key, however often it is said.
  const again = { headers: { "Idempotency-Key": anIdentity() } };
  const moved = await tests.post("/v1/test/clock", { advance_seconds: 60 }, 200, again);
  assert.deepEqual(await tests.post("/v1/test/clock", { advance_seconds: 60 }, 200, again), moved);
  assert.equal((await tests.get("/v1/test/clock")).ahead_seconds, ahead + 120);
});

test("the audit log of test mode has the advances of its clock", async () => {
  const since = (await tests.get("/v1/test/clock")).now;
  await advance(61);
  await advance(7);
  const { data } = await tests.get(`/v1/events?type=test_clock.advanced&since=${since}`);
  assert.deepEqual(data.map((event) => [event.data, event.subject, event.transaction]), [[{ seconds: 61 }, null, null], [{ seconds: 7 }, null, null]]);
  assert.deepEqual((await live.get("/v1/events?type=test_clock.advanced")).data, []);
});

test("a hold that sends is a hold and a message, once", async () => {
  const phone = aPhone();
  const body = { ...aHold(), subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] }, send: "sms" };
  const key = { headers: { "Idempotency-Key": anIdentity() } };
  const held = await tests.post("/v1/transactions", body, 201, key);
  assert.deepEqual(await tests.post("/v1/transactions", body, 201, key), held);
  const { data } = await tests.get(`/v1/test/messages?transaction=${held.id}`);
  assert.deepEqual(data.map(({ to, verification }) => [to, verification]), [[phone, held.verification.id]]);
  assert.deepEqual(await live.get(`/dev/inbox.json?to=${encodeURIComponent(phone)}`), []);
  await tests.post(`/v1/transactions/${held.id}/checks`, { code: data[0].code }, 200);
});

test("messages are in the test inbox with the answer, and nowhere else", async () => {
  const phone = aPhone();
  const held = await heldBy(tests, phone);
  await tests.post(`/v1/transactions/${held.id}/verifications`, { channel: "sms" });
  const { data } = await tests.get(`/v1/test/messages?transaction=${held.id}`);
  assert.deepEqual(data.map(({ to, transaction }) => [to, transaction]), [[phone, held.id]]);
  assert.deepEqual((await tests.get(`/v1/test/messages?to=${encodeURIComponent(phone)}`)).data, data);
  assert.deepEqual((await tests.get(`/v1/test/messages?transaction=${anId("TX")}`)).data, []);
  assert.equal((await tests.get("/v1/test/messages?limit=1")).data.length, 1);
  await tests.get("/v1/test/messages?limit=0", "422 invalid_field");
  await tests.get("/v1/test/messages?transaction=TX1", "422 invalid_field");
  assert.deepEqual(await live.get(`/dev/inbox.json?to=${encodeURIComponent(phone)}`), []);
  await tests.post(`/v1/transactions/${held.id}/checks`, { code: data[0].code }, 200);
});

test("no courier takes a message of test mode to a provider", async () => {
  const mine = await heldBy(tests, "+12025550116");
  await tests.post(`/v1/transactions/${mine.id}/verifications`, { channel: "sms" });
  // What the courier was given after it has come.
  const phone = aPhone();
  const theirs = await heldBy(live, phone);
  await live.post(`/v1/transactions/${theirs.id}/verifications`, { channel: "sms" });
  await live.code(phone);
  const [verification] = (await tests.get(`/v1/transactions/${mine.id}`)).verifications;
  assert.deepEqual([verification.status, verification.send_error], ["pending", null]);
});

test("a receipt of test mode is refused where a live one is expected", async () => {
  const claim = await tests.post(`/v1/transactions/${await verifiedTest()}/claim`, undefined, 200);
  assert.equal(claim.test, true);
  const set = (path) => createRemoteJWKSet(new URL(server.url + path));
  // Nothing but the signature is looked at.
  await assert.rejects(jwtVerify(claim.receipt, set("/.well-known/jwks.json")), { code: "ERR_JWKS_NO_MATCHING_KEY" });
  const { payload, protectedHeader } = await jwtVerify(claim.receipt, set("/.well-known/test/jwks.json"));
  assert.deepEqual([payload.test, protectedHeader.typ], [true, "countersign-test-receipt+jwt"]);
  assert.equal(payload.iss, `http://localhost:${server.port}/test`);
  assertFits("ReceiptClaims", payload);
  // The other way round, and that a live one says nothing of tests.
  const { id } = await live.verified();
  const real = await live.post(`/v1/transactions/${id}/claim`, undefined, 200);
  await assert.rejects(jwtVerify(real.receipt, set("/.well-known/test/jwks.json")), { code: "ERR_JWKS_NO_MATCHING_KEY" });
  const { payload: claims } = await jwtVerify(real.receipt, set("/.well-known/jwks.json"));
  assert.deepEqual([claims.test, claims.iss, decodeProtectedHeader(real.receipt).typ], [undefined, `http://localhost:${server.port}`, "countersign-receipt+jwt"]);
  const [a, b] = await Promise.all(["/.well-known/jwks.json", "/.well-known/test/jwks.json"].map((path) => live.expect(200, "GET", path, { headers: { Authorization: undefined } })));
  assert.notEqual(a.keys[0].kid, b.keys[0].kid);
});

test("webhooks of tests go to their endpoints alone, and are tried again by the clock that is moved", async () => {
  const receive = async (client, statuses) => {
    const got = [];
    const receiver = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (part) => (body += part));
      request.on("end", () => {
        got.push({ body, headers: request.headers });
        response.writeHead(statuses[Math.min(got.length, statuses.length) - 1]).end();
      });
    });
    receivers.push(receiver);
    await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    const endpoint = await client.post("/v1/webhook_endpoints", { url: `http://127.0.0.1:${receiver.address().port}/` });
    return { got, ...endpoint };
  };
  const theirs = await receive(live, [204]);
  const mine = await receive(tests, [500, 500, 500, 500, 500, 204]);
  const { id } = await heldBy(tests);
  await tests.post(`/v1/transactions/${id}/cancel`, undefined, 200);
  const nth = (n) => eventually(`webhook ${n}`, () => mine.got[n - 1]);
  const { body, headers } = await nth(1);
  const event = new Webhook(mine.secret).verify(body, headers);
  assertFits("WebhookEvent", event);
  assert.deepEqual([event.test, event.type, event.data.id], [true, "transaction.canceled", id]);
  const began = Date.now();
  for (const [n, pause] of [[2, 6], [3, 17], [4, 33], [5, 66], [6, 132]]) {
    await eventually("the attempt before", async () => {
      const [delivery] = (await tests.get(`/v1/webhook_endpoints/${mine.id}/deliveries`)).data;
      return delivery.attempts.length === n - 1 ? true : undefined;
    });
    await advance(pause);
    await nth(n);
  }
  assert.ok(Date.now() - began < 200_000, "it would be 230 seconds by the machine's clock");
  // A live one goes out meanwhile, and hears of nothing else.
  const other = await live.hold();
  await live.post(`/v1/transactions/${other.id}/cancel`, undefined, 200);
  await eventually("the live webhook", () => theirs.got[0]);
  assert.deepEqual(theirs.got.map((one) => [JSON.parse(one.body).data.id, JSON.parse(one.body).test]), [[other.id, undefined]]);
  assert.equal(mine.got.length, 6);
  for (const [client, { id: endpoint }] of [[live, theirs], [tests, mine]]) await client.expect(204, "DELETE", `/v1/webhook_endpoints/${endpoint}`);
});

test("by itself, too, what is due comes to its end", async () => {
  const { id } = await tests.hold({ expires_in: 30 });
  await advance(29);
  await eventually("the end of the hold", async () => {
    const { data } = await tests.get(`/v1/events?transaction=${id}`);
    return data.find(({ type }) => type === "transaction.expired");
  });
});

test("the page says in three languages that it is a test, and keeps the account's time", async () => {
  const held = await heldBy(tests);
  const path = new URL(held.verify_url).pathname;
  const page = async (lang) => (await exchange(server.url, { method: "GET", path: `${path}?lang=${lang}` })).text;
  for (const [lang, words] of [["en", "Test mode"], ["pt-BR", "Modo de teste"], ["es", "Modo de prueba"]]) {
    assert.match(await page(lang), new RegExp(`class="test-mode"[^]*${words}`));
  }
  const theirs = await live.hold();
  const other = await exchange(server.url, { method: "GET", path: new URL(theirs.verify_url).pathname });
  assert.doesNotMatch(other.text, /test-mode/);
  const { now } = await advance(1800);
  const over = await page("en");
  assert.match(over, /data-state="expired"|data-page="ended"/);
  assert.match(over, new RegExp(`data-now="${now.slice(0, 16)}`));
});

test("test keys do not open the Verify-compatible API", async () => {
  const [sid, secret] = server.credentials.test_api_key.split(".");
  for (const user of [sid, sid.slice(5)]) {
    const basic = Buffer.from(`${user}:${secret}`).toString("base64");
    const answer = await exchange(server.url, { method: "GET", path: "/v2/Services", headers: { Authorization: `Basic ${basic}` } });
    assert.equal(answer.status, 401, answer.text);
  }
});

test("what tests leave behind is bounded: by the day, and by the week of their clock", async () => {
  const mine = await Server.start();
  const restart = async (meanwhile) => {
    mine.process.kill("SIGTERM");
    await mine.exited;
    meanwhile?.();
    await mine.run();
  };
  try {
    const client = new Client(mine, "test");
    const { id } = await client.hold();
    await client.post(`/v1/transactions/${id}/cancel`, undefined, 200);
    const { id: theirs } = await new Client(mine).hold();
    await client.post("/v1/test/clock", { advance_seconds: 86_400 * 8 }, 200);
    await restart();  // The sweeper looks when it starts, and every minute.
    await eventually("the sweeper", async () => ((await client.get("/v1/transactions")).data.length === 0 ? true : undefined));
    await new Client(mine).get(`/v1/transactions/${theirs}`);

    await restart(() => {
      // As after 20,000 of them.
      const sql = "UPDATE counters SET count = 20000 WHERE account_id = zeroblob(16) AND substr(counter_key, 1, 11) = CAST('test writes' AS BLOB)";
      const python = "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1])\nprint(db.execute(sys.argv[2]).rowcount)\ndb.commit()";
      const run = spawnSync("python3", ["-c", python, join(mine.directory, "countersign.db"), sql], { encoding: "utf8" });
      assert.equal(run.stdout.trim(), "1", run.stderr);
    });
    const refused = await client.post("/v1/test/clock", { advance_seconds: 1 }, "429 rate_limited");
    assert.ok(refused.retry_after > 80_000);
    await client.expect("429 rate_limited", "POST", "/v1/transactions", { body: aHold() });
    await client.get("/v1/test/messages");
    await new Client(mine).hold();
  } finally {
    await mine.stop();
  }
});

test("switched off, test keys and links open nothing", async () => {
  const mine = await Server.start();
  try {
    const key = mine.credentials.test_api_key;
    const client = new Client(mine, "test");
    const { verify_url: link } = await client.hold();
    mine.process.kill("SIGTERM");
    await mine.exited;
    writeFileSync(join(mine.directory, "countersign.toml"), "[test_mode]\nenabled = false\n");
    mine.options.push("--config", join(mine.directory, "countersign.toml"));
    assert.throws(() => mine.issueKey("default", "test"), /test_mode\.enabled is false/);
    await mine.run();
    assert.equal(mine.credentials.test_api_key, "");
    const asTest = { headers: { Authorization: `Bearer ${key}` } };
    await new Client(mine).expect("401 unauthorized", "GET", "/v1/events", asTest);
    const page = await exchange(mine.url, { method: "GET", path: new URL(link).pathname });
    assert.equal(page.status, 404);
  } finally {
    await mine.stop();
  }
});
