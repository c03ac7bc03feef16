// A change of keys on two nodes while people use both, as an operator does it: nobody notices.
//
// WRONG_ORDER=1 makes a key current that the other node does not know, which is what `keys rotate` did: to see that this
// test would notice.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createPublicKey, verify } from "node:crypto";
import { copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../../contract/support/client.mjs";
import { binary } from "../../contract/support/server.mjs";
import { Installation } from "../support/installation.mjs";
import { Postgres } from "../support/postgres.mjs";
import { never, sleep } from "../support/process.mjs";

let serial = 30_000_000;

/// Whole flows, one after the other, each call at any node. An answer other than the one that there should be ends a flow,
/// and is counted.
class Flows {
  constructor(nodes, callers = 6) {
    Object.assign(this, { nodes, done: 0, failed: {}, receipts: [] });
    this.work = Array.from({ length: callers }, async () => {
      while (!this.over) await this.#flow();
    });
  }

  get failures() {
    return Object.values(this.failed).reduce((sum, count) => sum + count, 0);
  }

  async end() {
    this.over = true;
    await Promise.all(this.work);
  }

  /// Resolves when so many more have been through.
  async more(count) {
    const wanted = this.done + this.failures + count;
    await eventually(`${wanted} flows`, async () => this.done + this.failures >= wanted || undefined);
  }

  async #call(wanted, method, path, body, headers) {
    const node = this.nodes[Math.floor(Math.random() * this.nodes.length)];
    const answer = await node.call(method, path, body, headers);
    if (answer.status === wanted) return answer.json;
    throw new Error(`${method} ${path.replace(/TX[0-9a-f]+/, "TX…").replace(/\?.*/, "")} ${answer.status}`);
  }

  async #code(number) {
    for (let tries = 0; tries < 12_000; tries++) {
      const inbox = await this.#call(200, "GET", `/dev/inbox.json?to=${encodeURIComponent(number)}`);
      if (inbox[0]?.code) return inbox[0].code;
      await sleep(25);
    }
    throw new Error("no code");
  }

  async #flow() {
    const number = `+55119${serial++}`;
    try {
      const held = await this.#call(201, "POST", "/v1/transactions", {
        type: "payout", subject: { identity: `person-${number}`, contacts: [{ channel: "sms", address: number }] }, metadata: { number },
        display: { title: "New payout account" }, payload: { number }, policy: { any_of: ["sms"] },
      }, { "idempotency-key": `hold-${number}` });
      const path = `/v1/transactions/${held.id}`;
      await this.#call(201, "POST", `${path}/verifications`, { channel: "sms" });
      await this.#call(200, "POST", `${path}/checks`, { code: await this.#code(number) });
      await this.#call(200, "GET", path);
      const claimed = await this.#call(200, "POST", `${path}/claim`, undefined, { "idempotency-key": `claim-${held.id}` });
      if (claimed.payload.number !== number) throw new Error("another's payload");
      await this.#call(200, "POST", `${path}/ack`, { fencing_token: claimed.fencing_token });
      this.receipts.push(claimed.receipt);
      this.done += 1;
    } catch (error) {
      this.failed[error.message] = (this.failed[error.message] ?? 0) + 1;
    }
  }
}

const kidOf = (receipt) => JSON.parse(Buffer.from(receipt.split(".")[0], "base64url")).kid;
const isGood = (receipt, keys) => {
  const [head, body, signature] = receipt.split(".");
  const key = keys.find(({ kid }) => kid === kidOf(receipt));
  return key !== undefined && verify(null, Buffer.from(`${head}.${body}`), createPublicKey({ key, format: "jwk" }), Buffer.from(signature, "base64url"));
};

export const changeOfKeys = () =>
  test("keys change on two nodes while both are used, and no flow fails", { timeout: 900_000 }, async () => {
    // The lines of all these requests would push those about the keys out of what is kept of a node's log.
    const installation = new Installation("keys", undefined, '[log]\nrequests = "off"\n');
    let flows;
    const postgres = await Postgres.create();
    try {
      const store = postgres.url("countersign");
      postgres.sql("CREATE DATABASE countersign TEMPLATE template0");
      const nodes = [];
      for (let i = 0; i < 2; i++) nodes.push(await installation.node({ store, ownSecrets: true }));
      const keys = (...args) => {
        const where = ["--dev", "--config", join(installation.data, "countersign.toml"), "--store", store];
        const { status, stdout, stderr } = spawnSync(binary, ["keys", ...args, ...where], { encoding: "utf8", timeout: never });
        return { status, text: stdout + stderr };
      };
      const done = (...args) => {
        const { status, text } = keys(...args);
        assert.equal(status, 0, text);
        return text;
      };
      const refused = (pattern, ...args) => {
        const before = readFileSync(installation.secrets, "utf8");
        const { status, text } = keys(...args);
        assert.equal(status, 1, text);
        assert.match(text, pattern);
        assert.equal(readFileSync(installation.secrets, "utf8"), before, "nothing is written");
      };
      const reload = async (node) => {
        copyFileSync(installation.secrets, node.secrets);
        const seen = node.log.length;
        node.process.kill("SIGHUP");
        await eventually("the reload", async () => /"event":"reloaded"/.test(node.log.slice(seen)) || undefined);
        await flows.more(12); // Which fall on both, while the nodes differ.
      };
      flows = new Flows(nodes);
      await flows.more(12);

      // Sealing keys. Known everywhere first …
      done("add");
      refused(/node \S+ does not know sealing key 2 yet/, "promote", "2");
      await reload(nodes[0]);
      if (process.env.WRONG_ORDER) {
        done("promote", "2", "--no-database");
        await reload(nodes[0]);
        await flows.more(100);
        await flows.end();
        console.log(`in the wrong order: ${flows.failures} of ${flows.done + flows.failures} flows failed: ${JSON.stringify(flows.failed)}`);
        assert.ok(flows.failures > 0);
        return;
      }
      refused(/node \S+ does not know sealing key 2 yet/, "promote", "2");
      await reload(nodes[1]);
      // … current later.
      done("promote", "2");
      await reload(nodes[1]);
      refused(/sealing key 1 is needed: node \S+ seals what is new under it/, "retire", "1");
      await reload(nodes[0]);
      // The servers seal anew what is under the first one, and nothing needs it any longer.
      await eventually("nothing is under key 1", async () => /sealing key 1: 0 values/.test(done("status")) || undefined);
      await eventually("one node says so", async () => nodes.some((node) => node.log.includes('"sealed_anew"')) || undefined);
      done("retire", "1");
      for (const node of nodes) await reload(node);

      // Signing keys: published everywhere, and for longer than anybody keeps the list, before it signs.
      const first = kidOf(flows.receipts[0]);
      done("add", "--signing");
      await reload(nodes[0]);
      refused(/does not publish signing key/, "promote", "--signing");
      await reload(nodes[1]);
      refused(/wait \d+ s more/, "promote", "--signing");
      // Five minutes later.
      for (const node of nodes) assert.equal((await node.call("GET", "/.well-known/jwks.json")).json.keys.length, 2);
      done("promote", "--signing", "--no-database");
      for (const node of nodes) await reload(node);
      await flows.more(12);
      await flows.end();

      const second = kidOf(flows.receipts.at(-1));
      assert.notEqual(second, first);
      for (const node of nodes) {
        const { keys: published } = (await node.call("GET", "/.well-known/jwks.json")).json;
        assert.deepEqual(published.map(({ kid }) => kid), [second, first]);
        for (const receipt of flows.receipts) assert.ok(isGood(receipt, published));
      }
      console.log(`keys changed on two nodes: ${flows.failures} of ${flows.done + flows.failures} flows failed`);
      assert.deepEqual(flows.failed, {});
      assert.ok(!/BEGIN PRIVATE KEY[^]*BEGIN PRIVATE KEY/.test(readFileSync(installation.secrets, "utf8")), "the old private half is gone");
      assert.equal(statSync(installation.secrets).mode & 0o777, 0o600);

      // What was written under keys that are gone by now is read after a restart, too.
      await nodes[0].stop();
      await nodes[0].start();
      const [{ id }] = (await nodes[0].call("GET", "/v1/transactions?limit=1")).json.data;
      assert.equal((await nodes[0].call("GET", `/v1/transactions/${id}`)).status, 200);
    } finally {
      await flows?.end();
      await installation.remove();
      await postgres.remove();
    }
  });

/// A file that is no good, or that lacks what is needed, changes nothing.
export const badKeys = () =>
  test("a reload with keys that do not fit leaves those in force, and says why", { timeout: 900_000 }, async () => {
    const installation = new Installation("badkeys");
    try {
      const node = await installation.node({ environment: { COUNTERSIGN_METRICS_LISTEN: "127.0.0.1:0" } });
      const hold = (key) => node.call("POST", "/v1/transactions", { type: "payout", subject: { identity: "person" }, display: { title: "New payout account" }, payload: { key } });
      assert.equal((await hold("before")).status, 201);
      const good = readFileSync(installation.secrets, "utf8");
      const other = 'lookup_key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="';
      const figure = async () => (await (await fetch(`${node.credentials.metrics_url}/metrics`)).text()).match(/^countersign_reload_failed (\d)/m)[1];
      const bad = {
        "is not valid TOML": `${good}\n[`,
        "secrets.seal_keys is missing": good.slice(0, good.indexOf("[secrets.seal_keys]")),
        "must be 32 bytes in base64": good.replace(/^1 = "..../m, '1 = "'),
        "the look-up key is another one": good.replace(/^lookup_key = .*$/m, other),
        "sealing key 1 is another one than before": good.replace(/^1 = .*$/m, `1 = "${Buffer.alloc(32, 7).toString("base64")}"`),
        "sealing key 1 is not in the secrets file, but node \\S+ seals what is new under it": good.replace(/^1 = .*$/m, `2 = "${Buffer.alloc(32, 7).toString("base64")}"`),
      };
      for (const [sentence, text] of Object.entries(bad)) {
        writeFileSync(installation.secrets, text);
        const seen = node.log.length;
        node.process.kill("SIGHUP");
        const failed = new RegExp(`"event":"reload_failed","detail":"the keys in force stay: [^\\n]*${sentence}`);
        await eventually(sentence, async () => failed.test(node.log.slice(seen)) || undefined).catch(() => assert.match(node.log.slice(seen), failed));
        assert.equal(node.log.slice(seen).match(/reload_failed/g).length, 1);
        assert.equal(await figure(), "1");
        assert.equal((await hold(sentence)).status, 201);
      }
      writeFileSync(installation.secrets, good);
      const seen = node.log.length;
      node.process.kill("SIGHUP");
      await eventually("a good reload", async () => node.log.slice(seen).includes('"reloaded"') || undefined);
      assert.equal(await figure(), "0");
    } finally {
      await installation.remove();
    }
  });
