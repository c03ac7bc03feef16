// Webhooks are received as npm `standardwebhooks` tells its users to, by servers on loopback that answer well and badly.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { npm } from "../contract/npm.mjs";
import { Client, eventually } from "../contract/support/client.mjs";
import { assertFits } from "../contract/support/contract.mjs";
import { Server } from "../contract/support/server.mjs";

const { Webhook } = npm("standardwebhooks");

let server;
let api;
const receivers = [];
before(async () => {
  server = await Server.start();
  api = new Client(server);
});
after(async () => {
  await server?.stop();
  for (const receiver of receivers) receiver.close();
});

/// A receiver that answers with these statuses, one after the other, the last one for ever; and its endpoint.
const receive = async (statuses, { events, secret } = {}) => {
  const got = [];
  const receiver = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part) => (body += part));
    request.on("end", () => {
      got.push({ headers: request.headers, body, at: Date.now() });
      response.writeHead(statuses[Math.min(got.length, statuses.length) - 1]).end();
    });
  });
  receivers.push(receiver);
  await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${receiver.address().port}/hooks/countersign?from=test`;
  const endpoint = await api.post("/v1/webhook_endpoints", { url, events, secret });
  return { got, endpoint, path: `/v1/webhook_endpoints/${endpoint.id}` };
};

const canceled = async () => {
  const { id } = await api.hold();
  await api.post(`/v1/transactions/${id}/cancel`, undefined, 200);
  return id;
};
const nth = ({ got }, n) => eventually(`webhook ${n}`, () => got[n - 1]);
const deliveryWhere = ({ path }, is) => eventually("the delivery", async () => (await api.get(`${path}/deliveries`)).data.find(is));
const isDelivered = ({ status }) => status === "delivered";

test("a verified transaction is announced, signed with the endpoint's secret", async () => {
  const mine = { secret: `whsec_${Buffer.alloc(32, 7).toString("base64")}` };
  for (const options of [{}, mine]) {
    const receiver = await receive([204], { events: ["transaction.verified"], ...options });
    if (options.secret) assert.equal(receiver.endpoint.secret, options.secret);
    const { id, subject } = await api.verified({ payload: "sealed", type: "payout", metadata: { order: 7 } });
    const { headers, body } = await nth(receiver, 1);
    const event = new Webhook(receiver.endpoint.secret).verify(body, headers);
    assertFits("WebhookEvent", event);
    assert.deepEqual([event.type, event.data], ["transaction.verified", { id, type: "payout", status: "verified", identity: subject.identity, metadata: { order: 7 } }]);
    assert.match(headers["content-type"], /^application\/json/);
    const delivery = await deliveryWhere(receiver, isDelivered);
    assert.equal(delivery.id, headers["webhook-id"]);
    assert.deepEqual(delivery.attempts.map(({ number, http_status, error }) => [number, http_status, error]), [[1, 204, null]]);

    const stranger = new Webhook(`whsec_${Buffer.alloc(32, 8).toString("base64")}`);
    assert.throws(() => stranger.verify(body, headers), /signature/i);
    assert.throws(() => new Webhook(receiver.endpoint.secret).verify(body.replace("verified", "released"), headers), /signature/i);
    assert.throws(() => new Webhook(receiver.endpoint.secret).verify(body, { ...headers, "webhook-id": "WD1" }), /signature/i);
    await api.expect(204, "DELETE", receiver.path);
  }
});

test("after a 500 it comes again: the same id, a new time and signature; the log shows both attempts", async () => {
  const receiver = await receive([500, 200]);
  await canceled();
  const first = await nth(receiver, 1);
  const waiting = await deliveryWhere(receiver, ({ attempts }) => attempts.length === 1);
  assert.deepEqual([waiting.status, waiting.attempts[0].http_status], ["pending", 500]);
  assert.match(waiting.attempts[0].error, /500/);
  assert.ok(Date.parse(waiting.next_attempt_at) - Date.parse(waiting.attempts[0].attempted_at) >= 5000);

  const second = await nth(receiver, 2);
  const webhook = new Webhook(receiver.endpoint.secret);
  assert.deepEqual(webhook.verify(second.body, second.headers), webhook.verify(first.body, first.headers));
  assert.equal(second.headers["webhook-id"], first.headers["webhook-id"]);
  assert.ok(Number(second.headers["webhook-timestamp"]) > Number(first.headers["webhook-timestamp"]));
  assert.ok(second.at >= Date.parse(waiting.next_attempt_at));
  const done = await deliveryWhere(receiver, isDelivered);
  assert.deepEqual(done.attempts.map(({ http_status }) => http_status), [500, 200]);
  assert.equal(done.next_attempt_at, null);
  await api.expect(204, "DELETE", receiver.path);
});

test("a receiver that says nothing for five seconds has not taken it, and is asked again five seconds later", async () => {
  let asked = 0;
  const silent = createServer((request, response) => {
    if (++asked > 1) response.writeHead(204).end();
  });
  receivers.push(silent);
  await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { id } = await api.post("/v1/webhook_endpoints", { url: `http://127.0.0.1:${silent.address().port}/`, events: ["transaction.canceled"] });
  await canceled();
  const path = `/v1/webhook_endpoints/${id}`;
  const { created_at, attempts } = await deliveryWhere({ path }, isDelivered);
  assert.equal(attempts.length, 2);
  assert.equal(asked, 2);
  // By the server's times, at which attempts were over, however late this program is on a busy machine.
  const [made, first, second] = [created_at, ...attempts.map(({ attempted_at }) => attempted_at)].map(Date.parse);
  for (const took of [first - made, second - first]) assert.ok(took >= 4_900 && took < 120_000, `${took} ms`);
  await api.expect(204, "DELETE", path);
});

test("a receiver takes the old secret and the new one while a rotation runs, and a test event", async () => {
  // A rotation that is over before a slow machine has sent anything is run again, for longer.
  for (const overlap of [3, 30, 120]) {
    const receiver = await receive([204], { events: ["transaction.denied"] });
    const { secret } = await api.post(`${receiver.path}/rotate_secret`, { overlap_seconds: overlap }, 200);
    await api.post(`${receiver.path}/test`, undefined, 202);
    const { headers, body } = await nth(receiver, 1);
    const late = headers["webhook-signature"].split(" ").length < 2 && overlap < 120;
    for (const known of late ? [secret] : [secret, receiver.endpoint.secret]) {
      const event = new Webhook(known).verify(body, headers);
      assertFits("TestEvent", event);
      assert.deepEqual([event.type, event.data], ["webhook_endpoint.test", { endpoint: receiver.endpoint.id }]);
    }
    await eventually("the end of the rotation", async () => ((await api.get(receiver.path)).previous_secret_until === null ? true : undefined));
    await api.post(`${receiver.path}/test`, undefined, 202);
    const later = await nth(receiver, 2);
    new Webhook(secret).verify(later.body, later.headers);
    assert.throws(() => new Webhook(receiver.endpoint.secret).verify(later.body, later.headers), /signature/i);
    await api.expect(204, "DELETE", receiver.path);
    if (!late) return;
  }
});

test("what failed while a receiver was gone comes when it is back", async () => {
  const since = new Date().toISOString();
  const receiver = await receive([410, 200]);
  const id = await canceled();
  await deliveryWhere(receiver, ({ status }) => status === "failed");
  await api.post(`${receiver.path}/replay`, { since }, "409 endpoint_disabled");
  await api.expect(200, "PATCH", receiver.path, { body: { status: "enabled" } });
  assert.deepEqual(await api.post(`${receiver.path}/replay`, { since }, 202), { queued: 1, more: false });
  const again = await nth(receiver, 2);
  assert.equal(new Webhook(receiver.endpoint.secret).verify(again.body, again.headers).data.id, id);
  assert.equal(again.headers["webhook-id"], receiver.got[0].headers["webhook-id"]);
  await api.expect(204, "DELETE", receiver.path);
});

test("410 disables the endpoint, and nothing more is sent", async () => {
  const receiver = await receive([410]);
  await canceled();
  await nth(receiver, 1);
  const delivery = await deliveryWhere(receiver, ({ status }) => status === "failed");
  assert.deepEqual(delivery.attempts.map(({ http_status }) => http_status), [410]);
  const endpoint = await api.get(receiver.path);
  assert.equal(endpoint.status, "disabled");
  assert.match(endpoint.disabled_reason, /410/);
  const told = (await api.get("/v1/events")).data.find(({ type, data }) => type === "webhook_endpoint.disabled" && data.endpoint === endpoint.id);
  assert.match(told.data.reason, /410/);
  // Another endpoint gets the next event; when it has, the disabled one would have had it too.
  const other = await receive([200]);
  await canceled();
  await deliveryWhere(other, isDelivered);
  assert.equal(receiver.got.length, 1);
  assert.equal((await api.get(`${receiver.path}/deliveries`)).data.length, 1);
  for (const { path } of [receiver, other]) await api.expect(204, "DELETE", path);
});

test("a delivery can be sent again by hand, under its id", async () => {
  const receiver = await receive([200]);
  await canceled();
  const first = await nth(receiver, 1);
  const delivery = await deliveryWhere(receiver, isDelivered);
  const queued = await api.post(`${receiver.path}/deliveries/${delivery.id}/retry`, undefined, 202);
  assert.equal(queued.status, "pending");
  const second = await nth(receiver, 2);
  assert.equal(second.headers["webhook-id"], delivery.id);
  assert.equal(second.body, first.body);
  new Webhook(receiver.endpoint.secret).verify(second.body, second.headers);
  const done = await deliveryWhere(receiver, ({ status, attempts }) => status === "delivered" && attempts.length === 2);
  assert.deepEqual(done.attempts.map(({ number }) => number), [1, 2]);
  await api.expect(204, "DELETE", receiver.path);
});

test("redirects are not followed, and only what was asked for is sent", async () => {
  const receiver = await receive([302], { events: ["transaction.canceled"] });
  await api.verified();
  const id = await canceled();
  const { body, headers } = await nth(receiver, 1);
  assert.equal(new Webhook(receiver.endpoint.secret).verify(body, headers).data.id, id);
  const delivery = await deliveryWhere(receiver, ({ attempts }) => attempts.length === 1);
  assert.deepEqual([delivery.status, delivery.attempts[0].http_status], ["pending", 302]);
  assert.equal(receiver.got.length, 1);
  await api.expect(204, "DELETE", receiver.path);
});
