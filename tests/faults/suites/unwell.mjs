// A database that answers and is not well: damaged, taken away under the server, or held up by somebody's open transaction.
// Readiness goes, the log says why, the figures show it.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { closeSync, copyFileSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../../contract/support/client.mjs";
import { Installation } from "../support/installation.mjs";
import { Postgres } from "../support/postgres.mjs";

const hold = (node, key, identity = key) =>
  node.call("POST", "/v1/transactions", { type: "payout", subject: { identity }, display: { title: "New payout account" }, payload: { bank: "341" } },
    { "idempotency-key": key });

const ready = async (node) => (await node.call("GET", "/readyz")).status;
const figures = async (node) => (await fetch(`${node.credentials.metrics_url}/metrics`)).text();
const figure = (text, name) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
const says = (node, pattern) => eventually(`the log: ${node.log}`, async () => pattern.test(node.log) || undefined);

/// The size of a page and the number of the page where a table begins.
const rootOf = (database, table) => {
  const script = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\n" +
    "print(c.execute('PRAGMA page_size').fetchone()[0], c.execute('SELECT rootpage FROM sqlite_schema WHERE name = ?', (sys.argv[2],)).fetchone()[0])";
  const ended = spawnSync("/usr/bin/python3", ["-B", "-c", script, database, table], { encoding: "utf8" });
  assert.equal(ended.status, 0, ended.stderr);
  return ended.stdout.trim().split(" ").map(Number);
};

export const damagedFile = () =>
  test("a damaged SQLite file takes the server out of traffic", { timeout: 900_000 }, async () => {
    const installation = new Installation("damaged");
    try {
      const node = await installation.node();
      assert.equal((await hold(node, "before")).status, 201);
      // At its end a server moves its log of writes into the file, so that the file is what is read from then on.
      await node.stop();
      const [size, page] = rootOf(installation.database, "transactions");
      const file = openSync(installation.database, "r+");
      writeSync(file, Buffer.alloc(size, 0x5a), 0, size, size * (page - 1));
      closeSync(file);
      node.start().catch(() => undefined); // It does not become ready; and may notice before anybody asks.
      await eventually("a read that fails", async () => (await node.call("GET", "/v1/transactions")).status === 503 || undefined);
      await eventually("readiness goes", async () => (await ready(node)) === 503 || undefined);
      await says(node, /"event":"store","detail":"cannot read: SQLite error 11: database disk image is malformed"/);
      await says(node, /"event":"store","detail":"the database is damaged; this server is not ready any more/);
      node.credentials = JSON.parse(readFileSync(join(installation.data, "dev-credentials.json"), "utf8"));
      const text = await figures(node);
      assert.equal(figure(text, "countersign_store_damaged"), 1);
      assert.ok(figure(text, "countersign_store_failed_reads_total") >= 1);
      assert.equal((await node.call("GET", "/healthz")).status, 200);
    } finally {
      await installation.remove();
    }
  });

export const removedFile = () =>
  test("nothing is acknowledged into an SQLite file that was taken away", { timeout: 900_000 }, async () => {
    for (const behind of ["", "-wal"]) {
      const installation = new Installation("removed");
      try {
        const node = await installation.node();
        assert.equal((await hold(node, "before")).status, 201);
        const path = installation.database + behind;
        renameSync(path, `${path}.aside`);
        const refused = await hold(node, "lost");
        assert.equal(refused.status, 503, behind);
        assert.equal(refused.json.code, "store_unavailable");
        assert.equal(await ready(node), 503);
        await says(node, new RegExp(`"event":"store","detail":"cannot write: [^"]*countersign.db${behind} was removed while it was in use`));
        // Put back, it is the same as before.
        renameSync(`${path}.aside`, path);
        assert.equal((await hold(node, "lost")).status, 201);
        await eventually("ready again", async () => (await ready(node)) === 200 || undefined);
        // Another one in its place is not.
        copyFileSync(path, `${path}.copy`);
        renameSync(`${path}.copy`, path);
        assert.equal((await hold(node, "into the copy")).status, 503);
        await says(node, new RegExp(`countersign.db${behind} was replaced while it was in use`));
        rmSync(path);
        assert.equal(await ready(node), 503);
      } finally {
        await installation.remove();
      }
    }
  });

/// A psql with an open transaction, as an operator leaves it.
const leaveOpen = async (postgres, database, statement) => {
  const psql = spawn(postgres.psql, ["-X", "-q", "-A", "-t", "-d", postgres.url(database)], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = new Promise((resolve) => psql.once("close", resolve));
  psql.stdin.write(`BEGIN;\n${statement};\nSELECT 'locked';\n`);
  await new Promise((resolve) => psql.stdout.on("data", (text) => String(text).includes("locked") && resolve()));
  return { pid: postgres.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'psql' AND state = 'idle in transaction'"), end: () => {
    psql.stdin.end("ROLLBACK;\n");
    return exited;
  } };
};

export const openLock = () =>
  test("an operator's open transaction is named, and readiness says that commits are slow", { timeout: 900_000 }, async () => {
    const installation = new Installation("lock");
    const postgres = await Postgres.create();
    let open;
    let over = false;
    try {
      postgres.sql("CREATE DATABASE countersign TEMPLATE template0");
      const node = await installation.node({ store: postgres.url("countersign") });
      assert.equal((await hold(node, "before")).status, 201);
      const before = await figures(node);
      assert.ok(figure(before, "countersign_store_commit_seconds_count") >= 1);
      open = await leaveOpen(postgres, "countersign", "LOCK TABLE transactions IN SHARE MODE");
      // Somebody writes as long as it is there: a commit gives up on it, and is no longer slow a while later.
      const held = (async () => {
        const statuses = new Set();
        while (!over) statuses.add((await hold(node, "meanwhile")).status);
        return statuses;
      })();
      await eventually("not ready", async () => (await ready(node)) === 503 || undefined);
      await says(node, new RegExp(`"event":"store","detail":"writing waits for a lock; open transactions that hold some: process ${open.pid} \\(postgres, psql\\)"`));
      await eventually("the figure", async () => figure(await figures(node), "countersign_store_slow") === 1 || undefined);
      over = true;
      await open.end();
      for (const status of await held) assert.ok([201, 503].includes(status), String(status));
      await says(node, /"event":"store","detail":"a commit of \d+ units took \d+\.\d s"/);
      await eventually("ready again", async () => (await ready(node)) === 200 || undefined);
      assert.equal((await hold(node, "meanwhile")).status, 201);
      await eventually("the figure again", async () => figure(await figures(node), "countersign_store_slow") === 0 || undefined);
      const after = await figures(node);
      const long = (text) => figure(text, "countersign_store_commit_seconds_count") - figure(text, 'countersign_store_commit_seconds_bucket\\{le="2.5"\\}');
      assert.ok(long(after) > long(before), "the histogram has a commit of more than 2.5 s");
    } finally {
      over = true;
      await open?.end();
      await installation.remove();
      await postgres.remove();
    }
  });
