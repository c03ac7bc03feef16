// A connection pooler between the server and PostgreSQL.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { binary } from "../../contract/support/server.mjs";
import { Installation } from "../support/installation.mjs";
import { PgBouncer } from "../support/pgbouncer.mjs";
import { Postgres } from "../support/postgres.mjs";

const sentence =
  /between this server and PostgreSQL a connection pooler gives sessions away between transactions; set pool_mode = session in PgBouncer, or connect without it/;
/// Far less than any wait for a database, and more than a start on a busy machine.
const soonMs = 2_500;

export const poolers = () =>
  test("a pooler that gives sessions away between transactions is refused", { timeout: 90_000 }, async () => {
    const installation = new Installation("pooler");
    const postgres = await Postgres.create();
    const check = (url) => spawnSync(binary, ["check-config", "--dev", "--data-dir", installation.data, "--store", url], { encoding: "utf8" });
    const through = async (settings, look) => {
      const pooler = await PgBouncer.inFrontOf(postgres, "app", settings);
      try {
        await look(pooler.url);
      } finally {
        await pooler.remove();
      }
    };
    try {
      postgres.sql("CREATE DATABASE app TEMPLATE template0");
      await (await installation.node({ store: postgres.url("app") })).stop();
      for (const settings of [
        { pool_mode: "transaction" },
        { pool_mode: "statement" },
        { pool_mode: "transaction", min_pool_size: 5, server_round_robin: 1 },
      ]) {
        await through(settings, async (url) => {
          const begun = Date.now();
          await assert.rejects(installation.node({ store: url }), sentence);
          assert.ok(Date.now() - begun < soonMs, `the start took ${Date.now() - begun} ms`);
          const checked = check(url);
          assert.equal(checked.status, 1, checked.stdout);
          assert.match(checked.stderr, sentence);
          assert.equal(checked.stderr.trim().split("\n").length, 1, checked.stderr);
        });
      }
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
