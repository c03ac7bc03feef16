// A rolling restart as an operator does it: two nodes on one PostgreSQL behind nginx or Caddy (PROXY=caddy) with the shipped
// example, under load.
// Each request is sent once; whatever is not answered as it should be is lost.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { table } from "../faults/support/history.mjs";
import { Installation } from "../faults/support/installation.mjs";
import { Postgres } from "../faults/support/postgres.mjs";
import { sleep } from "../faults/support/process.mjs";
import { Caddy, Nginx } from "./proxies.mjs";

const callers = 12;
const rounds = Number(process.env.ROUNDS ?? 2);
const kind = process.env.PROXY === "caddy" ? Caddy : Nginx;
// As in production; an older server, to compare with, knows no such setting: LAME_DUCK=
const lameDuck = process.env.LAME_DUCK ?? "5s";

/// Callers that hold a transaction and read it, one after the other.
class Load {
  constructor(port, key) {
    Object.assign(this, { port, key, agent: new https.Agent({ keepAlive: true, rejectUnauthorized: false }) });
    this.sent = 0;
    this.held = 0;
    this.slowest = 0;
    this.lost = {};
    this.callers = Array.from({ length: callers }, (_, i) => this.#call(i));
  }

  async end() {
    this.over = true;
    await Promise.all(this.callers);
    this.agent.destroy();
  }

  async #call(number) {
    for (let i = 0; !this.over; i++) {
      const body = { type: "payout", subject: { identity: `person-${number}` }, display: { title: "New payout account" }, payload: { bank: "341" } };
      const held = await this.#ask("POST", "/v1/transactions", body, 201);
      if (held) {
        this.held += 1;
        await this.#ask("GET", `/v1/transactions/${held.id}`, undefined, 200);
      }
      await sleep(5);
    }
  }

  async #ask(method, path, body, wanted) {
    this.sent += 1;
    const begun = Date.now();
    const answer = await new Promise((resolve) => {
      const request = https.request({ host: "127.0.0.1", port: this.port, method, path, agent: this.agent, timeout: 30_000,
        headers: { host: "verify.example.com", authorization: `Bearer ${this.key}`, ...(body ? { "content-type": "application/json" } : {}) } }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part) => (text += part)).once("end", () => resolve({ status: response.statusCode, text }));
      });
      request.once("timeout", () => request.destroy(new Error("timeout"))).once("error", (error) => resolve({ status: error.code ?? error.message, text: "" }));
      request.end(body && JSON.stringify(body));
    });
    this.slowest = Math.max(this.slowest, Date.now() - begun);
    if (answer.status === wanted) return JSON.parse(answer.text);
    const what = `${method} ${answer.status}`;
    this.lost[what] = (this.lost[what] ?? 0) + 1;
    return undefined;
  }
}

const installation = new Installation("drill");
const postgres = await Postgres.create();
let proxy;
try {
  const config = join(installation.data, "countersign.toml");
  const settings = `trusted_proxies = ["127.0.0.1"]\n${lameDuck ? `lame_duck = "${lameDuck}"\n` : ""}`;
  writeFileSync(config, settings + readFileSync(config, "utf8"));
  postgres.sql("CREATE DATABASE countersign TEMPLATE template0");
  const nodes = [];
  for (let i = 0; i < 2; i++) nodes.push(await installation.node({ store: postgres.url("countersign") }));
  proxy = await kind.over(nodes, process.env.EXAMPLE);
  await sleep(1500);
  const load = new Load(proxy.port, nodes[0].credentials.api_key);
  await sleep(3000);
  assert.deepEqual(load.lost, {}, "nothing is lost before anything happens");
  const report = [];
  for (let round = 1; round <= rounds; round++) {
    for (const [i, node] of nodes.entries()) {
      const before = { sent: load.sent, lost: Object.values(load.lost).reduce((sum, count) => sum + count, 0) };
      load.slowest = 0;
      const how = await node.stop();
      assert.equal(how, 0);
      await node.start();
      await sleep(kind.noticesWithin);
      report.push({ round, node: i + 1, requests: load.sent - before.sent, lost: Object.values(load.lost).reduce((sum, count) => sum + count, 0) - before.lost, "slowest ms": load.slowest });
    }
  }
  await sleep(1000);
  await load.end();
  const stored = Number(postgres.sql("SELECT count(*) FROM transactions", "countersign"));
  console.log(`${table(report)}\n\nrequests ${load.sent}, lost ${JSON.stringify(load.lost)}, held ${load.held}, stored ${stored}`);
  assert.deepEqual(load.lost, {}, proxy.log);
  assert.equal(stored, load.held, "each once");
} finally {
  await installation.remove();
  await proxy?.remove();
  await postgres.remove();
}
