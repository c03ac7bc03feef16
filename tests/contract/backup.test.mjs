// A backup that is made under load and put in place of the database: what was acknowledged before it is there, opens under
// the same keys, and what was handed over before it is not handed over again.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Client, aPhone, anIdentity } from "./support/client.mjs";
import { Server, binary } from "./support/server.mjs";

const rank = { held: 0, verified: 1, released: 2 };
const claimAs = (claimer) => ({ headers: { "Idempotency-Key": claimer } });
const howItEnds = (command, args) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (text += part));
    child.once("close", (status) => resolve({ status, text }));
  });

let server;
let client;
const backup = (to) => howItEnds(binary, ["backup", ...server.options, "--to", to]);
const stop = async () => {
  server.process.kill("SIGTERM");
  assert.equal(await server.exited, 0);
};

before(async () => {
  server = await Server.start();
  client = new Client(server);
});
after(() => server.stop());

/// Puts the file in place of the database, as docs/operations.md says.
const restore = async (file) => {
  await stop();
  const database = join(server.directory, "countersign.db");
  for (const suffix of ["-wal", "-shm"]) rmSync(database + suffix, { force: true });
  copyFileSync(file, database);
  await server.run();
};

const sendTo = async (phone) => {
  const subject = { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] };
  const held = await client.hold({ subject, payload: { bank: phone } });
  await client.post(`/v1/transactions/${held.id}/verifications`, { channel: "sms" });
  return held;
};

/// Jobs, one after another, until told to end; each step is written down once it is acknowledged.
const work = async (history, isOn) => {
  while (isOn()) {
    const phone = aPhone();
    const held = await sendTo(phone);
    const path = `/v1/transactions/${held.id}`;
    const entry = { id: held.id, phone, status: "held" };
    history.push(entry);
    await client.post(`${path}/checks`, { code: await client.code(phone) }, 200);
    entry.status = "verified";
    const claim = await client.post(`${path}/claim`, undefined, 200, claimAs("load"));
    entry.token = claim.fencing_token;
    await client.post(`${path}/ack`, { fencing_token: claim.fencing_token }, 200);
    entry.status = "released";
  }
};

test("a backup under load, restored: nothing from before it is missing or handed over twice", async () => {
  const claimed = await client.verified();
  const first = await client.post(`/v1/transactions/${claimed.id}/claim`, undefined, 200, claimAs("winner"));
  const waiting = aPhone();
  const open = await sendTo(waiting);
  const code = await client.code(waiting);
  const late = await client.verified();

  const history = [];
  let on = true;
  const workers = Array.from({ length: 4 }, () => work(history, () => on));
  while (history.filter((entry) => entry.status === "released").length < 8) await Promise.race([...workers, new Promise((done) => setTimeout(done, 5))]);
  const known = history.map((entry) => ({ ...entry }));
  const file = join(server.directory, "copy.db");
  const made = await backup(file);
  assert.equal(made.status, 0, made.text);
  assert.match(made.text, /sealing key/);
  // What happens after the backup is forgotten by a restore, handing over included.
  const release = await client.post(`/v1/transactions/${late.id}/claim`, undefined, 200, claimAs("late"));
  await client.post(`/v1/transactions/${late.id}/ack`, { fencing_token: release.fencing_token }, 200);
  on = false;
  await Promise.all(workers);
  assert.ok(history.length > known.length, "the load went on");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  for (const suffix of ["-wal", "-shm", ".part"]) assert.ok(!existsSync(file + suffix), suffix);
  await restore(file);

  for (const entry of known) {
    const now = await client.get(`/v1/transactions/${entry.id}`);
    assert.ok(rank[now.status] >= rank[entry.status], `${entry.id} was ${entry.status} and is ${now.status}`);
    if (entry.status !== "released") continue;
    await client.expect("409 transaction_not_held", "POST", `/v1/transactions/${entry.id}/claim`, claimAs("load"));
  }
  const again = await client.post(`/v1/transactions/${claimed.id}/claim`, undefined, 200, claimAs("winner"));
  assert.deepEqual([again.payload, again.fencing_token], [first.payload, first.fencing_token]);
  await client.expect("409 already_claimed", "POST", `/v1/transactions/${claimed.id}/claim`, claimAs("another"));
  await client.post(`/v1/transactions/${open.id}/checks`, { code }, 200);
  const opened = await client.post(`/v1/transactions/${open.id}/claim`, undefined, 200);
  assert.deepEqual(opened.payload, { bank: waiting });

  // Released after the backup: it is verified again, and canceling is how the operator keeps it from a second release.
  assert.equal((await client.get(`/v1/transactions/${late.id}`)).status, "verified");
  await client.post(`/v1/transactions/${late.id}/cancel`, undefined, 200);
  await client.expect("409 transaction_not_held", "POST", `/v1/transactions/${late.id}/claim`, claimAs("late"));
});

test("a stopped server's database is backed up too, also after kill -9", async () => {
  const held = await client.hold();
  server.process.kill("SIGKILL");
  await server.exited;
  const file = join(server.directory, "stopped.db");
  const made = await backup(file);
  assert.equal(made.status, 0, made.text);
  await server.run();
  await restore(file);
  assert.equal((await client.get(`/v1/transactions/${held.id}`)).status, "held");
});

test("what cannot be backed up says why and leaves nothing", async () => {
  const taken = join(server.directory, "taken.db");
  writeFileSync(taken, "mine");
  const onto = await backup(taken);
  assert.deepEqual([onto.status, readFileSync(taken, "utf8")], [1, "mine"]);
  assert.match(onto.text, /^countersign: cannot write the backup .*taken\.db: File exists\n$/);
  const nowhere = await backup(join(server.directory, "no", "where.db"));
  assert.equal(nowhere.status, 1);
  assert.match(nowhere.text, /the folder \S+ does not exist; make it first\n$/);
  const nothing = await howItEnds(binary, ["backup", ...server.options, "--store", join(server.directory, "absent.db"), "--to", `${taken}2`]);
  assert.equal(nothing.status, 1);
  assert.match(nothing.text, /^countersign: there is no database .*absent\.db; name the folder .*\n$/);
  assert.ok(!existsSync(join(server.directory, "absent.db")) && !existsSync(`${taken}2`));
  const postgres = await howItEnds(binary, ["backup", ...server.options, "--store", "postgresql://127.0.0.1:1/x", "--to", `${taken}3`]);
  assert.equal(postgres.status, 1);
  assert.match(postgres.text, /PostgreSQL's own tools/);
});

test("under other keys a backup does not open", async () => {
  const file = join(server.directory, "other.db");
  assert.equal((await backup(file)).status, 0);
  const other = await Server.start();
  try {
    other.process.kill("SIGTERM");
    await other.exited;
    copyFileSync(file, join(other.directory, "countersign.db"));
    await assert.rejects(other.run(), /is not the one that .* was written under; restore the right secrets file/);
  } finally {
    rmSync(other.directory, { recursive: true, force: true });
  }
});
