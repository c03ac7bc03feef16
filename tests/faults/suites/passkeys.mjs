// A server that is killed between a challenge, its answer and the claim, on SQLite, and one of two nodes on PostgreSQL:
// nothing is released unproved, nothing that was told is lost, and no challenge is used twice.
//
// PASSKEY_KILLS=50 kills so many times.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Authenticator } from "../../contract/support/authenticator.mjs";
import { eventually } from "../../contract/support/client.mjs";
import { Installation } from "../support/installation.mjs";
import { Postgres } from "../support/postgres.mjs";
import { sleep } from "../support/process.mjs";

const kills = Number(process.env.PASSKEY_KILLS ?? 4);
const site = "https://verify.example.com";
const people = 6;

/// What is asked of the nodes: of whichever lives, until one says how it ended.
class Calls {
  constructor(nodes) {
    this.nodes = nodes;
  }
  any() {
    return this.nodes[Math.floor(Math.random() * this.nodes.length)];
  }
  insist(...call) {
    return eventually(`an answer to ${call[1]}`, async () => {
      const answer = await this.any().call(...call);
      return answer.status === 0 || answer.status === 503 ? undefined : answer;
    });
  }
  /// Once, at any; nobody may know what became of it.
  once(...call) {
    return this.any().call(...call);
  }
}

/// Somebody with a passkey that counts.
const holder = async (calls, name) => {
  const device = new Authenticator(site);
  const factors = `/v1/subjects/${name}/factors`;
  const enrolment = await calls.insist("POST", factors, { type: "webauthn" }, { "idempotency-key": `enrol-${name}` });
  assert.equal(enrolment.status, 201, JSON.stringify(enrolment.json));
  const confirmed = await calls.insist("POST", `${factors}/${enrolment.json.id}/confirm`, { response: device.create(enrolment.json.options) });
  assert.equal(confirmed.status, 200, JSON.stringify(confirmed.json));
  return { name, device };
};

/// One step-up through the kill: each call may be lost, and is made again with what it had.
const stepUp = async (calls, person, round) => {
  const one = { person, told: {}, salts: new Set() };
  const held = await calls.insist("POST", "/v1/transactions", {
    type: "payout", subject: { identity: person.name }, display: { title: "New payout account" }, payload: { secret: `${person.name} ${round}` },
    policy: { any_of: ["webauthn"] },
  }, { "idempotency-key": `hold-${person.name}-${round}` });
  assert.equal(held.status, 201, JSON.stringify(held.json));
  one.id = held.json.id;
  const path = `/v1/transactions/${one.id}`;
  const early = await calls.once("POST", `${path}/claim`, undefined, { "idempotency-key": `early-${one.id}` });
  assert.notEqual(early.status, 200, "it was released unproved");

  for (;;) {
    const asked = await calls.insist("POST", `${path}/challenges`, { method: "webauthn" });
    assert.equal(asked.status, 201, JSON.stringify(asked.json));
    const { options } = asked.json;
    const wrong = { method: "webauthn", response: person.device.get(options, { forged: true }) };
    const right = { method: "webauthn", response: person.device.get(options) };
    // Of some people a wrong answer comes first: it spends the challenge, or was never seen.
    if (person.forges && !one.forged) {
      one.forged = await calls.once("POST", `${path}/checks`, wrong);
      one.forgedFor = options.challenge;
      assert.notEqual(one.forged.status, 200);
    }
    const spent = one.forged?.json?.code === "wrong_response" && one.forgedFor === options.challenge;
    const first = await calls.once("POST", `${path}/checks`, right);
    if (first.status === 200) one.told.verified = true;
    // The same answer once more: right if the first was lost before it was written, and else not.
    const again = await calls.insist("POST", `${path}/checks`, right);
    // Whichever node is asked: what it did not ask itself, it looks for.
    if (one.forgedFor !== options.challenge) {
      for (const { json } of [first, again]) assert.notEqual(json?.code, "wrong_response", "her answer was refused");
    }
    if (spent) assert.ok(first.status !== 200 && again.status !== 200, "a challenge was used that a wrong answer had spent");
    if (again.status === 200) {
      assert.notEqual(first.status, 200, "one challenge was used twice");
      one.told.verified = true;
    }
    const seen = await calls.insist("GET", path);
    assert.ok(!one.told.verified || seen.json.status === "verified", `told verified, and it is ${seen.json.status}`);
    if (seen.json.status === "verified") break;
    // Spent by the wrong answer: she asks again.
    assert.ok(one.forged, `her answer was refused: ${JSON.stringify(again.json)}`);
  }
  const claimed = await calls.insist("POST", `${path}/claim`, undefined, { "idempotency-key": `claim-${one.id}` });
  assert.equal(claimed.status, 200, JSON.stringify(claimed.json));
  assert.equal(claimed.json.payload.secret, `${person.name} ${round}`);
  one.told.claimed = claimed.json.fencing_token;
  one.receipt = claimed.json.receipt;
  return one;
};

/// Nobody answers it, or only somebody without the key.
const neverProved = async (calls, person, round) => {
  const held = await calls.insist("POST", "/v1/transactions", {
    type: "payout", subject: { identity: person.name }, display: { title: "Never approved" }, payload: {}, policy: { any_of: ["webauthn"] },
  }, { "idempotency-key": `never-${person.name}-${round}` });
  const asked = await calls.insist("POST", `/v1/transactions/${held.json.id}/challenges`, { method: "webauthn" });
  await calls.once("POST", `/v1/transactions/${held.json.id}/checks`, { method: "webauthn", response: person.device.get(asked.json.options, { forged: true }) });
  return held.json.id;
};

const judge = async (calls, done, never) => {
  const salts = new Set();
  for (const one of done) {
    const now = await calls.insist("GET", `/v1/transactions/${one.id}`);
    assert.equal(now.json.status, "verified");
    const again = await calls.insist("POST", `/v1/transactions/${one.id}/claim`, undefined, { "idempotency-key": `claim-${one.id}` });
    assert.equal(again.json.fencing_token, one.told.claimed, "the winner gets what it got");
    const other = await calls.insist("POST", `/v1/transactions/${one.id}/claim`, undefined, { "idempotency-key": `other-${one.id}` });
    assert.equal(other.status, 409, "it was handed to two");
    const { proofs } = JSON.parse(Buffer.from(one.receipt.split(".")[1], "base64url"));
    assert.equal(proofs.length, 1);
    salts.add(proofs[0].passkey.challenge_salt);
  }
  assert.equal(salts.size, done.length, "each was proved by a challenge of its own");
  for (const id of never) {
    assert.equal((await calls.insist("GET", `/v1/transactions/${id}`)).json.status, "held");
    const claimed = await calls.insist("POST", `/v1/transactions/${id}/claim`, undefined, { "idempotency-key": `never-${id}` });
    assert.equal(claimed.status, 409, "it was released unproved");
  }
  const told = new Map();
  for (let path = "/v1/events?limit=100"; path; ) {
    const page = (await calls.insist("GET", path)).json;
    for (const { transaction, type } of page.data) {
      if (transaction) told.set(`${transaction} ${type}`, (told.get(`${transaction} ${type}`) ?? 0) + 1);
    }
    path = page.next_cursor ? `/v1/events?limit=100&cursor=${encodeURIComponent(page.next_cursor)}` : undefined;
  }
  for (const { id } of done) {
    for (const type of ["check.approved", "transaction.verified", "transaction.claimed"]) assert.equal(told.get(`${id} ${type}`), 1, `${type} of ${id}`);
  }
  for (const id of never) assert.equal(told.get(`${id} check.approved`), undefined);
};

const killAround = async (nodes) => {
  const calls = new Calls(nodes);
  const all = [];
  for (let i = 0; i < people; i++) all.push({ ...(await holder(calls, `organizer-${i}`)), forges: i % 2 === 1 });
  const done = [];
  const never = [];
  for (let round = 0; round < kills; round++) {
    const work = Promise.all(all.map(async (person, i) => {
      done.push(await stepUp(calls, person, round));
      if (i < 2) never.push(await neverProved(calls, person, round));
    }));
    work.catch(() => undefined); // It is waited for below.
    const victim = nodes[round % nodes.length];
    await sleep(20 + Math.random() * 120);
    await victim.kill();
    await victim.start();
    await work;
  }
  await judge(calls, done, never);
  assert.equal(done.length, kills * people);
};

export const passkeysOnSqlite = () =>
  test("passkeys: a server is killed between challenge, answer and claim", { timeout: 900_000 }, async () => {
    const installation = new Installation("passkeys");
    try {
      await killAround([await installation.node({ environment: { COUNTERSIGN_PUBLIC_URL: site } })]);
    } finally {
      await installation.remove();
    }
  });

// What one node asked, the other is answered: it does not remember it.
export const passkeysOnPostgres = () =>
  test("passkeys: one of two nodes is killed between challenge, answer and claim", { timeout: 900_000 }, async () => {
    const installation = new Installation("passkey-nodes");
    const postgres = await Postgres.create();
    try {
      postgres.sql("CREATE DATABASE app TEMPLATE template0");
      const settings = { store: postgres.url("app"), environment: { COUNTERSIGN_PUBLIC_URL: site } };
      await installation.node(settings);
      await installation.node(settings);
      await killAround(installation.nodes);
    } finally {
      await installation.remove();
      await postgres.remove();
    }
  });
