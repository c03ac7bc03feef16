// A connection pooler between the server and PostgreSQL.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { eventually } from "../../contract/support/client.mjs";
import { binary } from "../../contract/support/server.mjs";
import { Installation } from "../support/installation.mjs";
import { PgBouncer } from "../support/pgbouncer.mjs";
import { Postgres } from "../support/postgres.mjs";
import { howItEnds, never } from "../support/process.mjs";
import { Wire } from "../support/wire.mjs";

const sentence =
  /between this server and PostgreSQL a connection pooler gives sessions away between transactions; set pool_mode = session in PgBouncer, or connect without it/;
/// What is not JSON is for people.
const sentences = (log) => log.split("\n").filter((line) => line !== "" && !line.startsWith("{"));

export const poolers = () =>
  test("a pooler that gives sessions away between transactions is refused", { timeout: 900_000 }, async () => {
    const installation = new Installation("pooler");
    const postgres = await Postgres.create();
    const check = (url) => spawnSync(binary, ["check-config", "--dev", "--data-dir", installation.data, "--store", url], { encoding: "utf8", timeout: never });
    const through = async (settings, look) => {
      const pooler = await PgBouncer.inFrontOf(postgres, "app", settings);
      try {
        // A machine that stands still for seconds is no reason to give a connection up, and to wait for the database.
        await look(`${pooler.url}?connect_timeout=600`);
      } finally {
        await pooler.remove();
      }
    };
    const query = (url, text) => howItEnds(postgres.psql, ["-X", "-q", "-d", url, "-c", text]);
    /// Makes it have so many sessions, all idle.
    const warm = async (url, count) => {
      const sleepers = Array.from({ length: count }, () => query(url, "SELECT pg_sleep(3600)"));
      const asleep = "datname = 'app' AND query LIKE '%pg_sleep(3600)' AND state = 'active'";
      await eventually(`${count} sessions`, async () => Number(postgres.sql(`SELECT count(*) FROM pg_stat_activity WHERE ${asleep}`)) === count || undefined);
      postgres.sql(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE ${asleep}`);
      await Promise.all(sleepers);
    };
    try {
      postgres.sql("CREATE DATABASE app TEMPLATE template0");
      await (await installation.node({ store: postgres.url("app") })).stop();
      for (const settings of [
        { pool_mode: "transaction" },
        { pool_mode: "statement" },
        { pool_mode: "transaction", min_pool_size: 5, server_round_robin: 1 },
        { pool_mode: "transaction", default_pool_size: 2, server_round_robin: 1 },
      ]) {
        await through(settings, async (url) => {
          if (settings.default_pool_size) await warm(url, settings.default_pool_size);
          // At once is: it does not wait for another database, as it would for minutes, and says nothing else.
          const { node, started } = await installation.begin({ store: url });
          const waits = () => node.log.includes("waiting_for_database");
          await eventually("an end", async () => node.ended || node.credentials !== undefined || waits() || undefined);
          assert.ok(!waits(), node.log);
          await assert.rejects(started, sentence);
          assert.equal(await node.exited, 1);
          assert.equal(sentences(node.log).length, 1, node.log);
          const checked = check(url);
          assert.equal(checked.status, 1, `${JSON.stringify(settings)}: ${checked.stdout}`);
          assert.match(checked.stderr, sentence);
          assert.equal(checked.stderr.trim().split("\n").length, 1, checked.stderr);
        });
      }
      // Nor is a pooler believed because it is far away.
      await through({ pool_mode: "transaction" }, async (url) => {
        const wire = await Wire.to(Number(new URL(url).port), { lateMs: 400 });
        const checked = await howItEnds(binary, ["check-config", "--dev", "--data-dir", installation.data, "--store", url.replace(/:\d+/, `:${wire.port}`)]);
        await wire.close();
        assert.equal(checked.how, 1, checked.text);
        assert.match(checked.text, sentence);
      });
      await through({ pool_mode: "session" }, async (url) => {
        const checked = check(url);
        assert.equal(checked.status, 0, checked.stderr);
        const node = await installation.node({ store: url });
        const body = { type: "payout", subject: { identity: "u" }, display: { title: "New payout account" }, payload: { bank: "341" } };
        assert.equal((await node.call("POST", "/v1/transactions", body)).status, 201, node.log);
        await node.stop();
      });
      assert.equal(check(postgres.url("app")).status, 0);
      // Where there is no database yet, the rest is checked all the same.
      const checked = check(postgres.url("nowhere"));
      assert.equal(checked.status, 0, checked.stderr);
      assert.match(checked.stdout, /note +the database does not answer: .*"nowhere" does not exist/);
    } finally {
      await installation.remove();
      await postgres.remove();
    }
  });
