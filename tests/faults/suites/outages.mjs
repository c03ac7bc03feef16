// A PostgreSQL that cannot be used, in each of the ways that operators meet: requests answer 503 with Retry-After, readiness
// goes, the log says why, and when the database is well again so is the server, without a restart.
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../../contract/support/client.mjs";
import { table } from "../support/history.mjs";
import { Installation } from "../support/installation.mjs";
import { Postgres } from "../support/postgres.mjs";
import { Wire } from "../support/wire.mjs";

const hold = (node, key) =>
  node.call("POST", "/v1/transactions", { type: "payout", subject: { identity: key }, display: { title: "New payout account" },
    payload: { text: "x".repeat(4000) } }, { "idempotency-key": key });

const endSessions = ({ postgres, app }) =>
  postgres.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${app}' AND pid <> pg_backend_pid()`);

/// Each with a database and a role of its own, both called `app`.
const outages = [
  { name: "network gone", breaks: ({ wire }) => wire.cut(), mends: ({ wire }) => wire.join(), log: /"event":"store".*(did not answer in time|timeout expired)/ },
  { name: "server gone", alone: true, breaks: ({ postgres }) => postgres.crash(), mends: ({ postgres }) => postgres.start(), log: /"event":"store".*(lost|closed|refused)/ },
  { name: "read-only", breaks: (here) => {
    here.postgres.sql(`ALTER DATABASE ${here.app} SET default_transaction_read_only = on`);
    endSessions(here);
  }, mends: ({ postgres, app }) => postgres.sql(`ALTER DATABASE ${app} RESET default_transaction_read_only`), log: /"event":"store".*(read-only|not read-write)/ },
  { name: "another password", breaks: (here) => {
    here.postgres.sql(`ALTER ROLE ${here.app} PASSWORD 'another'`);
    endSessions(here);
  }, mends: ({ postgres, app }) => postgres.sql(`ALTER ROLE ${app} PASSWORD 'right'`), log: /"event":"store".*password authentication failed/ },
  { name: "no connection left", breaks: (here) => {
    here.postgres.sql(`ALTER ROLE ${here.app} CONNECTION LIMIT 0`);
    endSessions(here);
  }, mends: ({ postgres, app }) => postgres.sql(`ALTER ROLE ${app} CONNECTION LIMIT -1`), log: /"event":"store".*too many connections/ },
];

const isRefused = async (node, key) => {
  const refused = await eventually("a refusal", async () => {
    const answer = await hold(node, key);
    return answer.status === 201 ? undefined : answer;
  });
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers.get("retry-after")) >= 1);
  assert.match(refused.json.code, /^store_unavailable$/);
  const ready = await node.call("GET", "/readyz");
  assert.equal(ready.status, 503);
  assert.ok(Number(ready.headers.get("retry-after")) >= 1);
  assert.equal((await node.call("GET", "/healthz")).status, 200);
};

/// A database that wants a password, in that cluster.
const makeDatabase = (postgres, app) => {
  postgres.sql(`CREATE ROLE ${app} LOGIN PASSWORD 'right'`);
  postgres.sql(`CREATE DATABASE ${app} OWNER ${app} TEMPLATE template0`);
  const rules = join(postgres.data, "pg_hba.conf");
  writeFileSync(rules, `host all ${app} 127.0.0.1/32 scram-sha-256\n${readFileSync(rules, "utf8")}`);
  postgres.sql("SELECT pg_reload_conf()");
};

const goThrough = async ({ name, breaks, mends, log }, postgres, app) => {
  const installation = new Installation("outages");
  makeDatabase(postgres, app);
  const wire = await Wire.to(postgres.port);
  try {
    const node = await installation.node({ store: `postgresql://${app}:right@127.0.0.1:${wire.port}/${app}` });
    const here = { postgres, app, wire };
    const kept = await hold(node, "kept");
    assert.equal(kept.status, 201);
    const broken = Date.now();
    await breaks(here);
    await isRefused(node, "meanwhile");
    await eventually(`the log of ${name}: ${node.log}`, async () => log.test(node.log) || undefined);
    assert.ok(!node.log.includes("right@") && !node.log.includes("x".repeat(40)), "neither password nor data in the log");
    const mended = Date.now();
    await mends(here);
    await eventually(`readiness after ${name}`, async () => (await node.call("GET", "/readyz")).status === 200 || undefined);
    const row = { outage: name, "503 after s": ((mended - broken) / 1000).toFixed(1), "well again after s": ((Date.now() - mended) / 1000).toFixed(1) };
    // The same request once more, as the client was told: done now, and once.
    const again = await hold(node, "meanwhile");
    assert.equal(again.status, 201);
    assert.equal((await hold(node, "meanwhile")).json.id, again.json.id);
    assert.equal((await node.call("GET", `/v1/transactions/${kept.json.id}`)).status, 200);
    assert.equal(postgres.sql("SELECT count(*) FROM transactions", app), "2");
    return row;
  } finally {
    await installation.remove();
    await wire.close();
  }
};

export const postgresOutages = () =>
  test("a PostgreSQL that is away, read-only or locked up", { timeout: 900_000 }, async () => {
    const shared = await Postgres.create();
    const lonely = await Postgres.create();
    try {
      const ends = await Promise.allSettled(outages.map((outage, i) => goThrough(outage, outage.alone ? lonely : shared, `app${i}`)));
      for (const end of ends) if (end.status === "rejected") throw end.reason;
      console.log(table(ends.map((end) => end.value)));
    } finally {
      await shared.remove();
      await lonely.remove();
    }
  });

/// A start on something that cannot serve until somebody changes it ends at once, with one sentence.
export const badStarts = () =>
  test("a start on a database that cannot serve ends with a sentence", { timeout: 900_000 }, async () => {
    const installation = new Installation("starts");
    const postgres = await Postgres.create();
    try {
      makeDatabase(postgres, "app");
      await (await installation.node({ store: postgres.url("app") })).stop();
      await assert.rejects(installation.node({ store: postgres.url("app", "app:wrong") }), /password authentication failed for user "app"/);
      await assert.rejects(installation.node({ store: postgres.url("nowhere") }), /database "nowhere" does not exist/);

      postgres.sql("INSERT INTO schema_migrations (number, name, compatible_from, applied_at) VALUES (900, 'later', 900, 0)", "app");
      await assert.rejects(installation.node({ store: postgres.url("app") }), /schema step 900 \(later\), which this version does not know/);
      postgres.sql("UPDATE schema_migrations SET compatible_from = 1 WHERE number = 900", "app");
      await (await installation.node({ store: postgres.url("app") })).stop();

      // What may pass, as during a failover, is waited for.
      postgres.sql("ALTER DATABASE app SET default_transaction_read_only = on");
      const { node, started } = await installation.begin({ store: postgres.url("app") });
      await eventually(`the log: ${node.log}`, async () => /"waiting_for_database".*session is read-only/.test(node.log) || undefined);
      postgres.sql("ALTER DATABASE app RESET default_transaction_read_only");
      await started;
      await node.stop();

      // An SQLite file that is no database, and one in a folder that is not there.
      writeFileSync(join(installation.data, "text.db"), "this is a text, and long enough to be looked at as a database\n".repeat(40));
      await assert.rejects(installation.node({ store: join(installation.data, "text.db") }), /is damaged or no database/);
      await assert.rejects(installation.node({ store: join(installation.data, "no", "where.db") }), /No such file or directory/);
    } finally {
      await installation.remove();
      await postgres.remove();
    }
  });

/// Needs a small file system, which root alone can mount.
export const postgresDiskFull = () =>
  test("a PostgreSQL whose disk is full", { timeout: 900_000 }, async (context) => {
    const installation = new Installation("full");
    const postgres = await Postgres.create({}, { sizeMb: 80 });
    if (!postgres) {
      await installation.remove();
      return context.skip("a file system of its own can be mounted by root alone");
    }
    try {
      postgres.sql("CREATE DATABASE countersign TEMPLATE template0");
      const node = await installation.node({ store: postgres.url("countersign") });
      const kept = await hold(node, "kept");
      const { bavail, bsize } = statfsSync(postgres.folder);
      const filler = join(postgres.folder, "filler");
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
      let refused;
      for (let i = 0; !refused && i < 3000; i++) {
        const answer = await hold(node, `more-${i}`);
        if (answer.status !== 201) refused = answer;
      }
      assert.equal(refused?.status, 503);
      assert.ok(Number(refused.headers.get("retry-after")) >= 1);
      await eventually(`the log: ${node.log}`, async () => /"event":"store".*cannot write: .*No space left on device/.test(node.log) || undefined);
      assert.equal((await node.call("GET", `/v1/transactions/${kept.json.id}`)).status, 200);
      rmSync(filler);
      await eventually("room", async () => (await hold(node, "after")).status === 201 || undefined);
      assert.ok(existsSync(postgres.data));
    } finally {
      await installation.remove();
      await postgres.remove();
    }
  });
