// The inbox's news, for browsers that wait for them.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client, anIdentity, aPhone, eventually } from "./support/client.mjs";
import { exchange } from "./support/http.mjs";
import { Server } from "./support/server.mjs";

const events = (headers = {}, after = "") => exchange(server.url, { path: `/dev/inbox/events${after}`, headers });
const idOf = (response) => /^id: (\d+)$/m.exec(response.text)[1];

let server;
after(() => server?.isAlive() && server.stop());

test("a message is news, and who waits does not keep the server from stopping", async () => {
  server = await Server.start();
  const api = new Client(server);
  const first = await events();
  assert.equal(first.status, 200);
  assert.match(first.headers["content-type"], /^text\/event-stream/);

  const waiting = events({ "Last-Event-ID": idOf(first) });
  const held = await api.hold({ subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: aPhone() }] } });
  await api.post(`/v1/transactions/${held.id}/verifications`, { channel: "sms" });
  const news = await waiting;
  assert.ok(BigInt(idOf(news)) > BigInt(idOf(first)));
  assert.match(news.text, /^retry: \d+$/m, "an answer that ends makes a browser ask again, soon");

  const missed = await events({}, `?after=${idOf(first)}`);
  assert.equal(idOf(missed), idOf(news));

  const left = events({ "Last-Event-ID": idOf(news) });
  for (let i = 0; i < 5; ++i) await api.get("/healthz");  // By then it waits.
  const began = Date.now();
  assert.equal(await server.stop(), 0);
  assert.equal((await left).status, 200);
  assert.ok(Date.now() - began < 5000, "stopping waited for a browser");
});

test("each message says which transaction and verification it is of", async () => {
  server = await Server.start();
  const api = new Client(server);
  const phone = aPhone();
  const subject = { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] };
  const expected = [];
  for (let i = 0; i < 2; ++i) {
    const held = await api.hold({ subject });
    const started = await api.post(`/v1/transactions/${held.id}/verifications`, { channel: "sms" });
    expected.unshift([held.id, started.id]);
    await eventually("the message", async () => ((await api.get(`/dev/inbox.json?to=${encodeURIComponent(phone)}`)).length === i + 1 ? true : undefined));
  }
  const messages = await api.get(`/dev/inbox.json?to=${encodeURIComponent(phone)}`);
  assert.deepEqual(messages.map(({ transaction, verification }) => [transaction, verification]), expected);
  await server.stop();
});
