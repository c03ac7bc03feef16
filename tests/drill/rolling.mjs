// A rolling restart as an operator does it: two nodes on one PostgreSQL behind nginx with the shipped example, under load.
// Each request is sent once; whatever is not answered as it should be is lost.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../contract/support/ports.mjs";
import { table } from "../faults/support/history.mjs";
import { Installation } from "../faults/support/installation.mjs";
import { Postgres } from "../faults/support/postgres.mjs";
import { sleep } from "../faults/support/process.mjs";

const callers = 12;
const rounds = Number(process.env.ROUNDS ?? 2);
const example = process.env.NGINX_CONF ?? "deploy/nginx.conf";
// As in production; an older server, to compare with, knows no such setting: LAME_DUCK=
const lameDuck = process.env.LAME_DUCK ?? "5s";

const replaced = (text, pattern, by) => {
  assert.match(text, pattern, `${example} has it`);
  return text.replace(pattern, by);
};

/// The shipped example with these nodes, this port and a certificate of the moment.
class Nginx {
  static async over(nodes) {
    const made = new Nginx();
    made.folder = mkdtempSync(join(tmpdir(), "countersign-nginx-"));
    made.port = await freePort();
    const certificate = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=verify.example.com",
      "-keyout", join(made.folder, "key.pem"), "-out", join(made.folder, "certificate.pem")];
    assert.equal(spawnSync("/usr/bin/openssl", certificate).status, 0, "a certificate");
    let text = readFileSync(example, "utf8");
    const [, how] = /^ {4}server 127\.0\.0\.1:8080([^;]*);$/m.exec(text);
    text = replaced(text, /^ {4}server 127\.0\.0\.1:8080[^;]*;$/m, nodes.map((node) => `    server 127.0.0.1:${node.port}${how};`).join("\n"));
    text = replaced(text, /listen 443 ssl http2;/, `listen 127.0.0.1:${made.port} ssl http2;`);
    text = replaced(text, /^ *listen \[::\]:\d+.*$/gm, "");
    text = replaced(text, /listen 80;/, `listen 127.0.0.1:${await freePort()};`);
    text = replaced(text, /ssl_certificate +\S+;/, `ssl_certificate ${join(made.folder, "certificate.pem")};`);
    text = replaced(text, /ssl_certificate_key +\S+;/, `ssl_certificate_key ${join(made.folder, "key.pem")};`);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${join(made.folder, name)};`).join("\n");
    writeFileSync(join(made.folder, "nginx.conf"), `daemon off;\nworker_processes 2;\npid ${join(made.folder, "pid")};\nerror_log ${join(made.folder, "error.log")} warn;\n` +
      `events {}\nhttp {\n${temporary}\n${text}\n}\n`);
    made.process = spawn("/usr/sbin/nginx", ["-p", made.folder, "-e", join(made.folder, "error.log"), "-c", join(made.folder, "nginx.conf")], { stdio: ["ignore", "inherit", "inherit"] });
    made.exited = new Promise((resolve) => made.process.once("close", resolve));
    return made;
  }

  get log() {
    return readFileSync(join(this.folder, "error.log"), "utf8");
  }

  async remove() {
    this.process.kill("SIGTERM");
    await this.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

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

const house = new Installation("drill");
const postgres = await Postgres.create();
let nginx;
try {
  const config = join(house.data, "countersign.toml");
  const settings = `trusted_proxies = ["127.0.0.1"]\n${lameDuck ? `lame_duck = "${lameDuck}"\n` : ""}`;
  writeFileSync(config, settings + readFileSync(config, "utf8"));
  postgres.sql("CREATE DATABASE countersign TEMPLATE template0");
  const nodes = [];
  for (let i = 0; i < 2; i++) nodes.push(await house.node({ store: postgres.url("countersign") }));
  nginx = await Nginx.over(nodes);
  await sleep(500);
  const load = new Load(nginx.port, nodes[0].credentials.api_key);
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
      report.push({ round, node: i + 1, requests: load.sent - before.sent, lost: Object.values(load.lost).reduce((sum, count) => sum + count, 0) - before.lost, "slowest ms": load.slowest });
    }
  }
  await sleep(1000);
  await load.end();
  const stored = Number(postgres.sql("SELECT count(*) FROM transactions", "countersign"));
  console.log(`${table(report)}\n\nrequests ${load.sent}, lost ${JSON.stringify(load.lost)}, held ${load.held}, stored ${stored}`);
  assert.deepEqual(load.lost, {}, nginx.log);
  assert.equal(stored, load.held, "each once");
} finally {
  await house.remove();
  await nginx?.remove();
  await postgres.remove();
}
