// Debian's Firefox subscribes at a double of its push service with the key of the server; its own code decrypts what we
// send, and the pages of docs/push.md enrol and approve in it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { repository } from "../contract/npm.mjs";
import { Client, anIdentity } from "../contract/support/client.mjs";
import { newPushKey, pushConfig } from "../contract/support/push.mjs";
import { Server } from "../contract/support/server.mjs";
import { Autopush, kDelivered, kNotDecrypted } from "./firefox/autopush.mjs";
import { kFirefox, openFirefox } from "./firefox/firefox.mjs";

const maker = `${repository}build/debug/tests/oracles/push_messages`;
const documented = readFileSync(`${repository}docs/push.md`, "utf8");
const code = (first) => {
  const block = [...documented.matchAll(/```js\n([^]*?)```/g)].map(([, text]) => text).find((text) => text.startsWith(first));
  assert.ok(block, `docs/push.md has no block that starts with ${first}`);
  return block;
};

/// The page of an application: it registers the documented worker, enrols as documented, and signs what it is told to.
const page = `<!doctype html><title>Application</title><script type="module">
const tell = (path, body) => fetch(path, { method: "POST", body: JSON.stringify(body) });
const on = async ({ server_key, challenge }) => {
  ${code("const b64")}
  return { answer: { public_key, challenge, subscription, signature }, public_key, sign };
};
const approve = async ({ prompt, challenge, number }, { public_key, sign }) => {
  ${code("const approval")}
  return approval;
};
try {
  await navigator.serviceWorker.register("/worker.js");
  await navigator.serviceWorker.ready;
  const device = await on(await (await fetch("/enrolment")).json());
  await tell("/enrolled", device.answer);
  for (;;) {
    const answer = await fetch("/asked");
    if (answer.status === 200) await tell("/approved", await approve(await answer.json(), device));
  }
} catch (error) {
  await tell("/failed", String(error));
}
</script>`;

/// As documented; it tells the test besides, also what is no message of ours.
const worker = `${code("self.addEventListener(\"push\"")}
self.addEventListener("push", (event) => event.waitUntil(fetch("/received", { method: "POST", body: event.data?.text() ?? "" })));`;

/// Ends after one take; a value may be there before it is waited for.
class Mailbox {
  kept = [];
  waiting = [];
  put(value) {
    const next = this.waiting.shift();
    if (next) next(value);
    else this.kept.push(value);
  }
  take() {
    return this.kept.length > 0 ? Promise.resolve(this.kept.shift()) : new Promise((resolve) => this.waiting.push(resolve));
  }
}

let push;
let server;
let api;
let firefox;
let application;
const box = Object.fromEntries(["enrolment", "enrolled", "asked", "approved", "received"].map((name) => [name, new Mailbox()]));

const answers = async (request, response) => {
  const name = request.url.slice(1);
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts).toString();
  if (request.method === "POST") {
    if (name === "failed") application.fail(new Error(`the page: ${body}`));
    box[name]?.put(name === "received" ? body : JSON.parse(body));
    return response.writeHead(204).end();
  }
  if (name === "worker.js") return response.writeHead(200, { "Content-Type": "text/javascript" }).end(worker);
  if (box[name]) return response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(await box[name].take()));
  response.writeHead(name === "" ? 200 : 404, { "Content-Type": "text/html" }).end(name === "" ? page : "");
};

/// What the browser tells, unless it ends before, or its page fails.
const told = (name) => Promise.race([box[name].take(), firefox.ended, application.failed]);

before(async () => {
  push = await Autopush.start();
  server = await Server.start({ config: pushConfig, environment: { COUNTERSIGN_PUSH_KEY: newPushKey() }, keys: ["default"] });
  api = new Client(server);
  application = createServer((request, response) => void answers(request, response));
  application.failed = new Promise((_, reject) => (application.fail = reject));
  application.failed.catch(() => undefined);
  await new Promise((resolve) => application.listen(0, "127.0.0.1", resolve));
  firefox = openFirefox(`http://127.0.0.1:${application.address().port}/`, push);
});
after(async () => {
  await firefox?.stop();
  application?.close();
  application?.closeAllConnections();
  await server?.stop();
  push?.stop();
});

const acknowledged = async (version) => {
  for (const deadline = Date.now() + 300_000; !push.acknowledged.has(version); ) {
    assert.ok(Date.now() < deadline, `Firefox never acknowledged ${version}: ${firefox.said}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return push.acknowledged.get(version);
};

describe(`${spawnSync(kFirefox, ["--version"], { encoding: "utf8" }).stdout.trim()}`, () => {
  let subscription;

  test("subscribes, is asked, and approves what it decrypted, by the pages of docs/push.md", async () => {
    const identity = anIdentity();
    const path = `/v1/subjects/${identity}/factors`;
    const enrolment = await api.post(path, { type: "push", name: "Firefox" });
    // What a page asks before is lost: Firefox listens to pages once it has greeted its push service.
    await Promise.race([push.greeted, firefox.ended]);
    box.enrolment.put(enrolment);
    const answer = await told("enrolled");
    subscription = answer.subscription;
    assert.ok(subscription.endpoint.startsWith(`${push.url}/`));
    assert.equal((await api.post(`${path}/${enrolment.id}/confirm`, answer, 200)).status, "active");

    const { id } = await api.hold({ subject: { identity }, policy: { any_of: ["push"] } });
    const { prompt, number } = await api.post(`/v1/transactions/${id}/challenges`, { method: "push" });
    const text = await told("received");
    assert.equal(JSON.parse(text).web_push, 8030);
    assert.ok(text.includes(`#transaction=${id}&prompt=${prompt}`), text);
    box.asked.put({ number, ...(await api.get(`/v1/transactions/${id}/prompts/${prompt}`)) });
    assert.equal((await api.post(`/v1/transactions/${id}/checks`, await told("approved"), 200)).status, "verified");
    assert.deepEqual(push.faults, []);
    assert.equal(await acknowledged("v1"), kDelivered);
  });

  test("reads messages of every length, and refuses what was changed on the way", async () => {
    const { p256dh, auth } = subscription.keys;
    const origin = push.url;
    const asked = [0, 512, 3993].flatMap((padded_to) => ["", "x", "Aprovação de R$ 1.234,56 para José", "x".repeat(511), "x".repeat(3993)].map((text) => ({ p256dh, auth, text, padded_to, origin })));
    const made = spawnSync(maker, { input: asked.map((one) => `${JSON.stringify(one)}\n`).join(""), encoding: "utf8", maxBuffer: 1 << 26 });
    assert.equal(made.status, 0, `${maker}: ${made.error ?? made.stderr}`);
    const channel = subscription.endpoint.split("/").at(-1);
    for (const [i, line] of made.stdout.trim().split("\n").entries()) {
      const body = Buffer.from(JSON.parse(line).body, "base64url");
      assert.equal(await acknowledged(push.notify(channel, body)), kDelivered);
      assert.equal(await told("received"), asked[i].text);
      body[body.length - 1] ^= 1;
      assert.equal(await acknowledged(push.notify(channel, body)), kNotDecrypted);
    }
    assert.deepEqual(box.received.kept, [], "and showed nothing of that");
  });
});
