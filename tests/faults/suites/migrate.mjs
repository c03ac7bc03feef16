// Moving up to PostgreSQL: the command is killed again and again, neither side lets a server start meanwhile, and in the end
// a transaction that was begun on SQLite is finished on PostgreSQL.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { eventually } from "../../contract/support/client.mjs";
import { Installation } from "../support/installation.mjs";
import { binary } from "../../contract/support/server.mjs";
import { Postgres } from "../support/postgres.mjs";
import { howItEnds, sleep } from "../support/process.mjs";
import { Wire } from "../support/wire.mjs";

const rows = Number(process.env.MIGRATE_ROWS ?? 200_000);
const kills = 4;
const memoryMax = 64; // MB

/// Rows that nobody looks at, so that there is something to interrupt.
const bulk = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO counters"
           " SELECT zeroblob(16), randomblob(24), random(), i FROM n", (int(sys.argv[2]),))
db.commit()`;

const fill = async (installation, count) => {
  const filled = await howItEnds("/usr/bin/python3", ["-c", bulk, installation.database, String(count)]);
  assert.equal(filled.how, 0, filled.text);
};

const migrate = (from, to) => {
  const child = spawn(binary, ["migrate", "--from", from, "--to", to], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  let memory = 0;
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (text += part));
  const watch = setInterval(() => {
    try {
      memory = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? memory) / 1000;
    } catch {
      // It has just ended.
    }
  }, 50);
  const ended = new Promise((resolve) => child.once("close", (code, signal) => {
    clearInterval(watch);
    resolve({ how: signal ?? code, text, memory });
  }));
  return { child, ended };
};

/// Kills the run as soon as it has copied rows that earlier runs had not; returns how many rows are copied then.
/// A fixed delay would depend on how fast the machine is: a fast one has everything copied before it has passed.
const killAtProgress = async (run, postgres, before) => {
  const copied = () => {
    const begun = postgres.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'move_progress'", "countersign") === "1";
    return begun ? Number(postgres.sql("SELECT coalesce(sum(rows_copied), 0) FROM move_progress", "countersign")) : 0;
  };
  let now = copied();
  while (now <= before && run.child.exitCode === null) {
    await sleep(5);
    now = copied();
  }
  run.child.kill("SIGKILL");
  return now;
};

const hold = async (node, number) => {
  const held = await node.call("POST", "/v1/transactions", {
    type: "payout", subject: { identity: number, contacts: [{ channel: "sms", address: number }] },
    display: { title: "New payout account" }, payload: { bank: number }, policy: { any_of: ["sms"] },
  });
  assert.equal(held.status, 201);
  const path = `/v1/transactions/${held.json.id}`;
  assert.equal((await node.call("POST", `${path}/verifications`, { channel: "sms" })).status, 201);
  const code = await eventually("the code", async () => (await node.call("GET", `/dev/inbox.json?to=${encodeURIComponent(number)}`)).json?.[0]?.code);
  return { path, code, number };
};
const check = async (node, { path, code }) => (await node.call("POST", `${path}/checks`, { code })).status;
const claimAs = (node, { path }, claimer) => node.call("POST", `${path}/claim`, undefined, { "idempotency-key": claimer });

export const migration = () =>
  test("moving to PostgreSQL, killed on the way, with a transaction open", { timeout: 900_000 }, async () => {
    const installation = new Installation("migrate");
    const postgres = await Postgres.create();
    try {
      postgres.sql("CREATE DATABASE countersign TEMPLATE template0");
      const url = postgres.url("countersign");
      const before = await installation.node();
      const open = await hold(before, "+5511987650001");
      const claimed = await hold(before, "+5511987650002");
      const released = await hold(before, "+5511987650003");
      for (const done of [claimed, released]) {
        assert.equal(await check(before, done), 200);
        done.claim = (await claimAs(before, done, "first")).json;
      }
      assert.equal((await before.call("POST", `${released.path}/ack`, { fencing_token: released.claim.fencing_token })).status, 200);

      const source = `sqlite:${installation.database}`;
      const busy = await migrate(source, url).ended;
      assert.equal(busy.how, 1);
      assert.match(busy.text, /is in use by process \d+/);
      await before.stop();
      await fill(installation, rows);

      let memory = 0;
      let copied = 0;
      for (let kill = 0; kill < kills; kill++) {
        const run = migrate(source, url);
        copied = await killAtProgress(run, postgres, copied);
        const killed = await run.ended;
        assert.equal(killed.how, "SIGKILL", killed.text);
        memory = Math.max(memory, killed.memory);
      }
      const last = await migrate(source, url).ended;
      memory = Math.max(memory, last.memory);
      assert.equal(last.how, 0, last.text);
      assert.ok(Number(/Moved (\d+) rows/.exec(last.text)[1]) > rows, last.text);
      assert.ok(memory > 0 && memory < memoryMax, `${memory} MB`);
      assert.equal(postgres.sql("SELECT count(*) FROM counters WHERE account_id = decode(repeat('00', 16), 'hex')", "countersign"), String(rows));

      await assert.rejects(installation.node(), /was moved to PostgreSQL/);
      const now = await installation.node({ store: url });
      assert.equal(await check(now, open), 200);
      assert.equal(await check(now, open), 409);
      assert.deepEqual((await claimAs(now, open, "any")).json.payload, { bank: open.number });
      assert.deepEqual((await claimAs(now, claimed, "first")).json.fencing_token, claimed.claim.fencing_token);
      assert.equal((await claimAs(now, claimed, "second")).status, 409);
      assert.equal((await claimAs(now, released, "first")).status, 409);
      console.log(`migrate: ${kills} kills, ${rows} rows beside an installation's own, ${memory.toFixed(0)} MB at most`);
    } finally {
      await installation.remove();
      await postgres.remove();
    }
  });

export const unfinished = () =>
  test("neither side of an unfinished move lets a server start", { timeout: 900_000 }, async () => {
    const installation = new Installation("unfinished");
    const postgres = await Postgres.create();
    // So slow a line that the move cannot be done before it is seen.
    const wire = await Wire.to(postgres.port, { lateMs: 20 });
    try {
      postgres.sql("CREATE DATABASE countersign TEMPLATE template0");
      const url = postgres.url("countersign");
      await (await installation.node()).stop();
      await fill(installation, 60_000);
      const run = migrate(`sqlite:${installation.database}`, `${url.replace(/:\d+/, `:${wire.port}`)}?connect_timeout=600`);
      const begun = () => postgres.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'move_progress'", "countersign") === "1";
      while (!begun() && run.child.exitCode === null) await sleep(20);
      run.child.kill("SIGKILL");
      const killed = await run.ended;
      assert.equal(killed.how, "SIGKILL", killed.text);
      await assert.rejects(installation.node(), /has been on its way to PostgreSQL .*finish with countersign migrate/);
      await assert.rejects(installation.node({ store: url }), /holds an unfinished copy of .*countersign\.db/);
      const given = await howItEnds(binary, ["migrate", "--from", `sqlite:${installation.database}`, "--give-up"]);
      assert.equal(given.how, 0, given.text);
      await (await installation.node()).stop();
      await assert.rejects(installation.node({ store: url }), /holds an unfinished copy/);
    } finally {
      await installation.remove();
      await wire.close();
      await postgres.remove();
    }
  });
