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
  server = await Server.start({ config: 'drain = "5m"\n' });
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
  assert.ok(BigInt(idOf(missed)) >= BigInt(idOf(news)));

  // The call and what became of the message are news too; then there is none.
  const latest = async () => idOf(await events());
  for (let seen = await latest(), again; (again = await new Promise((resolve) => setTimeout(() => resolve(latest()), 500))) !== seen; ) seen = again;
  const left = events({ "Last-Event-ID": await latest() });
  for (let i = 0; i < 5; ++i) await api.get("/healthz");  // By then it waits.
  const began = Date.now();
  assert.equal(await server.stop(), 0);
  assert.equal((await left).status, 200);
  assert.ok(Date.now() - began < 240_000, "stopping waited for a browser");
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
  const found = (q) => api.get(`/dev/inbox.json?q=${encodeURIComponent(q)}`);
  const [[newest]] = expected;
  assert.deepEqual((await found(`tx:${newest} channel:sms`)).map(({ transaction }) => transaction), [newest]);
  assert.deepEqual(await found(`tx:${newest} channel:email`), []);
  await server.stop();
});

const kTwoApplications = `
[[accounts]]
name = "shop"
[[accounts]]
name = "bank"
[[services]]
account = "shop"
name = "checkout"
channels = {sms = "inbox"}
[[services]]
account = "bank"
name = "bank"
channels = {sms = "inbox"}
`;

test("messages are told apart by the application and the service that they are of", async () => {
  server = await Server.start({ config: kTwoApplications, keys: ["shop", "bank"] });
  for (const account of ["shop", "bank"]) {
    const api = new Client(server, account);
    const held = await api.hold({ subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: aPhone() }] } });
    await api.post(`/v1/transactions/${held.id}/verifications`, { channel: "sms" });
  }
  const api = new Client(server, "shop");
  const all = await eventually("both messages", async () => {
    const messages = await api.get("/dev/inbox.json");
    return messages.length === 2 ? messages : undefined;
  });
  assert.deepEqual(all.map(({ tags }) => tags), [["bank"], ["shop", "checkout"]]);
  for (const [q, count] of [["tag:shop", 1], ["tag:checkout", 1], ["tag:bank", 1], ["tag:sho", 0]])
    assert.equal((await api.get(`/dev/inbox.json?q=${q}`)).length, count, q);
  const page = await (await fetch(`${server.url}/dev/inbox?q=tag:bank`)).text();
  assert.match(page, /class="tag" href="\/dev\/inbox\?q=tag%3Acheckout"/);
  assert.equal([...page.matchAll(/data-id=/g)].length, 1);
  await server.stop();
});

test("a transaction's timeline is found by any id of it, and tells no secret", async () => {
  server = await Server.start();
  const api = new Client(server);
  const phone = aPhone();
  const held = await api.hold({ subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] } });
  const started = await api.post(`/v1/transactions/${held.id}/verifications`, { channel: "sms" });
  const [message] = await eventually("the message", async () => {
    const messages = await api.get(`/dev/inbox.json?to=${encodeURIComponent(phone)}`);
    return messages.length ? messages : undefined;
  });
  for (const id of [held.id, started.id]) {
    const timeline = await api.get(`/dev/timeline.json?id=${id}`);
    assert.equal(timeline.id, held.id);
    assert.equal(timeline.waits_for, "proof");
    const calls = timeline.entries.filter(({ kind }) => kind === "call");
    assert.deepEqual(calls.map(({ what, outcome }) => `${what} ${outcome}`), ["POST /v1/transactions 201", `POST /v1/transactions/${held.id}/verifications 201`]);
    assert.deepEqual(timeline.entries.map(({ at }) => at), timeline.entries.map(({ at }) => at).sort());
    for (const secret of [held.verify_url.split(".").pop(), message.code, phone, server.credentials.api_key])
      assert.ok(!JSON.stringify(timeline).includes(secret));
  }
  const gone = await exchange(server.url, { path: "/dev/timeline.json?id=TX00000000000000000000000000000000" });
  assert.equal(gone.status, 404);
  await server.stop();
});
