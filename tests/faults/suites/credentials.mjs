// Two nodes on one PostgreSQL: a key that a command revokes is void on both within a second, and so is an auth token.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../contract/support/client.mjs";
import { binary } from "../../contract/support/server.mjs";
import { Installation } from "../support/installation.mjs";
import { Postgres } from "../support/postgres.mjs";
import { howItEnds, sleep } from "../support/process.mjs";

const rounds = 5;

export const credentials = () =>
  test("a revoked key and a replaced auth token are void on all nodes within a second", { timeout: 900_000 }, async (t) => {
    const installation = new Installation("credentials");
    const postgres = await Postgres.create();
    try {
      postgres.sql("CREATE DATABASE countersign TEMPLATE template0");
      const store = postgres.url("countersign");
      const nodes = [await installation.node({ store }), await installation.node({ store })];
      const command = async (...words) => {
        const ended = await howItEnds(binary, ["api-key", ...words, ...nodes[0].options], { env: nodes[0].environment });
        assert.equal(ended.how, 0, ended.text);
        return ended.text;
      };
      const native = (key) => (node) => node.call("GET", "/v1/transactions", undefined, { authorization: `Bearer ${key}` });
      // The node's own credentials would take the place of what a call is to be made with.
      for (const node of nodes) {
        node.known = node.credentials;
        node.credentials = undefined;
      }
      const compatible = (token) => (node) =>
        node.call("GET", "/v2/Services", undefined, { authorization: `Basic ${Buffer.from(`${node.known.account_sid}:${token}`).toString("base64")}` });
      /// How often after `change` each node is asked until it refuses, and how many milliseconds that takes. The promise of
      /// a second is held against the tries, of which an idle machine makes more than forty in one; and against those of the
      /// middle one, since on a busy machine a single look at the database may take its seconds.
      const untilRefused = async (ask, change) => {
        await change();
        const begin = performance.now();
        return Promise.all(nodes.map(async (node) => {
          const tries = {};
          await eventually("the refusal", async () => (await ask(node)).status === 401 || undefined, 300, tries);
          return { tries: tries.count, took: performance.now() - begin };
        }));
      };
      /// Asked once: whoever is refused too often is not heard any more.
      const allAccept = async (ask) => {
        await sleep(900);
        for (const node of nodes) assert.equal((await ask(node)).status, 200);
      };
      const times = [];

      for (let round = 0; round < rounds; round++) {
        const key = /SK[0-9a-f]{32}\.[0-9a-f]{48}/.exec(await command("create", "--name", "shop"))[0];
        await allAccept(native(key));
        await sleep(60 * round); // Anywhere between two looks.
        times.push(...await untilRefused(native(key), () => command("revoke", key.split(".")[0])));
      }

      const tokens = (text) => Object.fromEntries(text.trim().split("\n").map((line) => line.split(" ")).map(([, token, what = "primary"]) => [what, token]));
      const { primary, secondary } = tokens(await command("auth-token", "--add-secondary"));
      await allAccept(compatible(secondary));
      await allAccept(compatible(primary));
      times.push(...await untilRefused(compatible(primary), () => command("auth-token", "--promote")));
      await allAccept(compatible(secondary));
      t.diagnostic(`from the end of the command to the refusal, on each node: ${times.map(({ tries, took }) => `${Math.round(took)} ms (${tries})`).join(", ")}`);
      const sorted = times.map(({ tries }) => tries).sort((a, b) => a - b);
      assert.ok(sorted[Math.floor(sorted.length / 2)] <= 45, String(sorted));
    } finally {
      await installation.remove();
      await postgres.remove();
    }
  });
