// A database that the version before left behind (tests/vectors/before-standing), upgraded and taken up where it was left:
// the upgrade is killed on the way, and everything that was promised to a person or an application is kept, or refused
// with the reason. The server's clock is put back to that moment.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createPublicKey, verify } from "node:crypto";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { repository } from "../../contract/npm.mjs";
import { binary } from "../../contract/support/server.mjs";
import { Desk, aHold, kTwo, phone } from "../support/before.mjs";
import { Installation } from "../support/installation.mjs";
import { Postgres } from "../support/postgres.mjs";
import { howItEnds, sleep } from "../support/process.mjs";
import { Shim } from "../support/shim.mjs";

const vectors = join(repository, "tests/vectors/before-standing");
const claimsOf = (receipt) => JSON.parse(Buffer.from(receipt.split(".")[1], "base64url"));

const restore = async (engine) => {
  const folder = join(vectors, engine);
  const installation = new Installation("upgrade", readFileSync(join(folder, "keys.toml"), "utf8"));
  copyFileSync(join(folder, "dev-credentials.json"), join(installation.data, "dev-credentials.json"));
  const facts = JSON.parse(readFileSync(join(folder, "facts.json"), "utf8"));
  if (engine === "sqlite") {
    writeFileSync(installation.database, gunzipSync(readFileSync(join(folder, "database.sqlite.gz"))), { mode: 0o600 });
    return { installation, facts };
  }
  const postgres = await Postgres.create();
  postgres.sql("CREATE DATABASE countersign TEMPLATE template0");
  postgres.load(gunzipSync(readFileSync(join(folder, "database.sql.gz"))), "countersign");
  return { installation, facts, postgres, store: postgres.url("countersign") };
};

/// Starts that are killed somewhere between opening the database and serving from it.
const killedStarts = async (installation, store, environment) => {
  for (const pause of [5, 15, 25, 40, 60, 90]) {
    const options = ["serve", "--dev", "--box-office", "off", "--data-dir", installation.data, "--listen", "127.0.0.1:0", "--config", join(installation.data, "countersign.toml")];
    const child = spawn(binary, [...options, ...(store ? ["--store", store] : [])], { stdio: "ignore", env: { ...process.env, ...environment } });
    const ended = new Promise((resolve) => child.once("close", resolve));
    await sleep(pause);
    child.kill("SIGKILL");
    await ended;
  }
};

const theReport = async ({ installation, store }, environment) => {
  const from = store ?? `sqlite:${installation.database}`;
  const { how, text } = await howItEnds(binary, ["migrate", "--dry-run", "--from", from], { env: { ...process.env, ...environment } });
  assert.equal(how, 0, text);
  return text;
};

const whatWasPromised = async (desk, facts) => {
  // A repetition is none; the winner gets the same answer, nobody else does.
  assert.equal((await desk.hold("known-1", undefined, {}, { "idempotency-key": "hold-1" })).id, facts.idem.id);
  const again = await desk.claim(facts.claimed, "worker-1");
  assert.equal(again.status, 200);
  assert.deepEqual({ ...again.json, receipt: "" }, { ...facts.claim, receipt: "" });
  const { iss: then, ...claims } = claimsOf(facts.claim.receipt);
  const { iss: now, ...repeated } = claimsOf(again.json.receipt);
  assert.ok(then && now); // The port of the development mode is another one.
  assert.deepEqual(repeated, claims);
  assert.equal((await desk.claim(facts.claimed, "worker-2")).json.code, "already_claimed");
  await desk.want(200, "POST", `/v1/transactions/${facts.claimed.id}/ack`, { fencing_token: facts.claim.fencing_token });

  const keys = (await desk.call("GET", "/.well-known/jwks.json")).keys;
  const [head, body, signature] = facts.receipt.split(".");
  assert.ok(verify(null, Buffer.from(`${head}.${body}`), createPublicKey({ key: keys[0], format: "jwk" }), Buffer.from(signature, "base64url")));
  const { data } = await desk.call("GET", `/v1/webhook_endpoints/${facts.endpoint.id}/deliveries`);
  assert.ok(data.some(({ event_type: type, status }) => type === "transaction.canceled" && status === "pending"), JSON.stringify(data));
};

const whatWasOpen = async (desk, facts) => {
  const claimed = await desk.claim(facts.verified, "after");
  assert.equal(claimed.status, 200);
  assert.equal(claimsOf(claimed.json.receipt).proofs[0].counted, "founding");
  // Codes that were sent before: one guess more, the right one, and what is shown of both.
  const codesOf = async ({ id }) => (await desk.call("GET", `/v1/transactions/${id}`)).verifications.map(({ status, attempts_left: left }) => [status, left]);
  assert.deepEqual(await codesOf(facts.sent), [["pending", 5]]);
  assert.equal((await desk.check(facts.sent, { code: facts.sentCode === "000000" ? "111111" : "000000" })).json.code, "wrong_code");
  assert.deepEqual(await codesOf(facts.sent), [["pending", 4]]);
  assert.deepEqual(await codesOf(facts.verified), [["approved", 4]]);
  for (const [held, body] of [[facts.sent, { code: facts.sentCode }], [facts.newcomer, { code: facts.newcomerCode }],
    [facts.two, { factor: "totp", code: desk.totp(facts.app.secret) }]]) {
    const checked = await desk.check(held, body);
    assert.equal(checked.json.status, "verified", JSON.stringify(checked.json));
  }
  // An app of yesterday waits; what was proved with the telephone stays proved.
  const waits = await desk.check(facts.twoNew, { factor: "totp", code: desk.totp(facts.newApp.secret) });
  assert.equal(waits.json.code, "source_does_not_count");
  assert.ok(Date.parse(waits.json.counts_from) / 1000 > facts.made);
  assert.equal((await desk.call("GET", `/v1/transactions/${facts.twoNew.id}`)).requirements.kinds_proven, 1);
  assert.equal((await desk.check(facts.held, { code: await desk.send(facts.held, phone(2)) })).json.status, "verified");
  const page = await fetch(desk.node.url + new URL(facts.twoNew.verify_url).pathname);
  assert.equal(page.status, 200);
  await desk.want(200, "POST", `/v1/subjects/known-5/factors/${facts.enrolment.id}/confirm`, { code: desk.totp(facts.enrolment.secret) });
};

const whoIsKnown = async (desk, facts) => {
  const how = async (identity) => (await desk.want(200, "GET", `/v1/subjects/${identity}`)).sources
    .map(({ kind, standing }) => `${kind} ${standing.counted === "not" ? standing.why_not : standing.counted}`).sort();
  assert.deepEqual(await how("known-1"), ["authenticator waited", "phone founding"]);
  assert.deepEqual(await how("known-2"), ["phone founding"]); // Two channels of one line.
  assert.deepEqual(await how("known-3"), ["phone founding", "phone waits"]);
  assert.deepEqual(await how("known-4"), ["authenticator gone", "authenticator waits", "phone founding"]);
  const next = await desk.verified("known-4", phone(4));
  assert.equal((await desk.claim(next, "next")).status, 200);
  const removed = await desk.hold("known-4");
  assert.equal((await desk.check(removed, { factor: "totp", code: desk.totp(facts.oldApp.secret) })).status >= 400, true);
  const two = await desk.call("POST", "/v1/transactions", { ...aHold("known-1"), policy: kTwo });
  assert.equal(two.status, "held");
};

const theVerifyApi = async (desk, { verify: open }) => {
  const checked = await desk.twilio(`/Services/${open.service}/VerificationCheck`, { To: phone(70), Code: open.code });
  assert.equal(checked.json.status, "approved", JSON.stringify(checked.json));
  const { attempts } = (await desk.twilio("/Attempts")).json;
  assert.deepEqual(attempts.map(({ conversion_status: status }) => status), ["converted"]);
  const challenge = await desk.twilio(`/Services/${open.service}/Entities/customer-1/Challenges/${open.challenge}`, { AuthPayload: desk.totp(open.secret, 1) });
  assert.equal(challenge.json.status, "approved", JSON.stringify(challenge.json));
};

export const upgrade = () => {
  for (const engine of ["sqlite", "postgres"]) {
    test(`an upgrade of what the version before left open, on ${engine}, killed on the way`, { timeout: 900_000 }, async () => {
      const shim = new Shim();
      const before = await restore(engine);
      const { installation, facts, postgres, store } = before;
      try {
        const off = facts.made + 2 - Math.floor(Date.now() / 1000);
        shim.set({ offSeconds: off });
        const report = await theReport(before, shim.environment);
        // The app and the line of yesterday, which the old rules believed at once.
        assert.match(report, /^7 people [^]*\n2 of them [^]*; 0 have no other[^]*\n +1 +authenticator: waits\n +1 +telephone: waits\n/);
        await killedStarts(installation, store, shim.environment);
        const desk = new Desk(await installation.node({ store, environment: shim.environment }), off);
        await whatWasPromised(desk, facts);
        await whatWasOpen(desk, facts);
        await whoIsKnown(desk, facts);
        await theVerifyApi(desk, facts);
      } finally {
        await installation.remove();
        await postgres?.remove();
        shim.remove();
      }
    });
  }
};
