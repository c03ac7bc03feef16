// How a server begins and ends, as its operator sees it: descriptors, a database that comes later, what the service manager is
// told, and the time between SIGTERM and the closed door.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../../contract/support/client.mjs";
import { freePort } from "../../contract/support/ports.mjs";
import { binary } from "../../contract/support/server.mjs";
import { Installation } from "../support/installation.mjs";
import { Manager } from "../support/manager.mjs";
import { Postgres } from "../support/postgres.mjs";
import { howItEnds } from "../support/process.mjs";

const hold = (node, key) =>
  node.call("POST", "/v1/transactions", { type: "payout", subject: { identity: key }, display: { title: "New payout account" }, payload: { bank: "341" } },
    { "idempotency-key": key });

/// Whatever a program opens first would get the number of standard error, and the log would be written into it.
export const closedDescriptors = () =>
  test("a server whose standard descriptors are closed writes its log nowhere", { timeout: 900_000 }, async () => {
    const installation = new Installation("closed");
    let server;
    try {
      const port = await freePort();
      const options = ["serve", "--box-office", "off", "--dev", "--data-dir", installation.data, "--listen", `127.0.0.1:${port}`, "--config", join(installation.data, "countersign.toml")];
      server = spawn("/bin/sh", ["-c", 'exec "$@" <&- >&- 2>&-', "sh", binary, ...options], { stdio: "ignore", env: { ...process.env, COUNTERSIGN_LOG_LEVEL: "debug" } });
      const ended = new Promise((resolve) => server.once("close", (code, signal) => resolve(signal ?? code)));
      const ready = () => fetch(`http://127.0.0.1:${port}/readyz`).then((answer) => answer.status === 200 || undefined, () => undefined);
      await eventually("readiness", ready);
      for (const descriptor of [0, 1, 2]) assert.equal(readlinkSync(`/proc/${server.pid}/fd/${descriptor}`), "/dev/null");
      for (let i = 0; i < 50; i++) assert.equal((await fetch(`http://127.0.0.1:${port}/nothing`)).status, 404); // Each a line.
      server.kill("SIGTERM");
      assert.equal(await ended, 0);
      assert.match(readFileSync(`${installation.database}.lock`, "utf8"), /^\d+\n$/);
      // Read through page by page.
      const backup = await howItEnds(binary, ["backup", ...options.slice(3), "--to", join(installation.data, "copy.db")]);
      assert.equal(backup.how, 0, backup.text);
    } finally {
      server?.kill("SIGKILL");
      await installation.remove();
    }
  });


export const databaseComesLater = () =>
  test("a server waits for a PostgreSQL that is away at its start, and says so", { timeout: 900_000 }, async () => {
    const installation = new Installation("later");
    const manager = await Manager.create();
    const postgres = await Postgres.create();
    try {
      const store = postgres.url("countersign");
      postgres.sql("CREATE DATABASE countersign TEMPLATE template0");
      await postgres.crash();
      const { node, started } = await installation.begin({ store, environment: { NOTIFY_SOCKET: manager.socket } });
      await eventually(`the log: ${node.log}`, async () => /"event":"waiting_for_database","detail":"PostgreSQL: .*Connection refused/.test(node.log) || undefined);
      assert.ok(!node.ended);
      assert.equal((await node.call("GET", "/healthz")).status, 200);
      for (const [path, code] of [["/readyz", "store_unavailable"], ["/v1/transactions", "store_unavailable"], ["/v2/Services", 20503]]) {
        const answer = await node.call("GET", path);
        assert.equal(answer.status, 503, path);
        assert.equal(answer.json.code, code);
        assert.ok(Number(answer.headers.get("retry-after")) >= 1, path);
      }
      // Who follows her link meanwhile reads why in her language.
      const page = await fetch(`${node.url}/verify/TX1.x`, { headers: { accept: "text/html", "accept-language": "pt-BR" } });
      assert.equal(page.status, 503);
      assert.ok(Number(page.headers.get("retry-after")) >= 1);
      assert.match(await page.text(), /<html lang="pt-BR"[^]*Algo deu errado aqui/);
      assert.match(manager.text, /EXTEND_TIMEOUT_USEC=\d+\nSTATUS=waits for its database: PostgreSQL: .*refused/);
      assert.doesNotMatch(manager.text, /READY=1/);
      await postgres.start();
      await started;
      await eventually("the manager is told", async () => /READY=1/.test(manager.text) || undefined);
      assert.equal((await hold(node, "after")).status, 201);

      // Whoever does not want to wait any longer ends it, and that is no failure.
      await node.stop();
      await postgres.crash();
      const waiting = await installation.begin({ store });
      await eventually("waiting", async () => waiting.node.log.includes("waiting_for_database") || undefined);
      assert.equal(await waiting.node.stop(), 0);
    } finally {
      await installation.remove();
      await postgres.remove();
      await manager.remove();
    }
  });

export const serviceManager = () =>
  test("systemd is told when the server is ready, reloads and ends", { timeout: 900_000 }, async () => {
    const installation = new Installation("notify");
    const manager = await Manager.create();
    try {
      const node = await installation.node({ environment: { NOTIFY_SOCKET: manager.socket } });
      await eventually("ready", async () => /^READY=1\n/m.test(manager.text) || undefined);
      node.process.kill("SIGHUP");
      const reloaded = /RELOADING=1\nMONOTONIC_USEC=(\d+)\n[^]*READY=1\n/;
      await eventually("reloaded", async () => reloaded.test(manager.text) || undefined);
      // The manager compares it with its own clock: that of `uptime`, in microseconds.
      const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1e6;
      assert.ok(Math.abs(Number(reloaded.exec(manager.text)[1]) - uptime) < 60e6);
      assert.equal((await hold(node, "after")).status, 201);
      assert.equal(await node.stop(), 0);
      await eventually("stopping", async () => /STOPPING=1\nEXTEND_TIMEOUT_USEC=\d+\n/.test(manager.text) || undefined);

      // One that nobody listens at is no reason not to start.
      rmSync(manager.socket, { force: true });
      await (await installation.node({ environment: { NOTIFY_SOCKET: manager.socket } })).stop();
    } finally {
      await installation.remove();
      await manager.remove();
    }
  });

/// One request on a connection that may be kept.
const ask = (port, agent, path) =>
  new Promise((resolve, reject) => {
    http.get({ port, host: "127.0.0.1", path, agent }, (answer) => {
      answer.resume().once("end", () => resolve({ status: answer.statusCode, connection: answer.headers.connection ?? "keep-alive" }));
    }).once("error", reject);
  });

export const lameDuck = () =>
  test("after SIGTERM a server is not ready, and serves on for a while", { timeout: 900_000 }, async () => {
    const installation = new Installation("lame");
    const config = join(installation.data, "countersign.toml");
    const text = readFileSync(config, "utf8");
    const duckFor = (length) => writeFileSync(config, `lame_duck = "${length}"\n${text}`);
    // So long that the slowest machine is asked everything meanwhile.
    duckFor("5m");
    const agent = new http.Agent({ keepAlive: true });
    try {
      const node = await installation.node();
      assert.deepEqual(await ask(node.port, agent, "/healthz"), { status: 200, connection: "keep-alive" });
      const first = performance.now();
      node.process.kill("SIGTERM");
      const ready = await eventually("readiness goes", async () => {
        const answer = await node.call("GET", "/readyz");
        return answer.status === 503 ? answer : undefined;
      });
      assert.equal(ready.json.code, "shutting_down");
      assert.deepEqual(await ask(node.port, agent, "/healthz"), { status: 200, connection: "close" }, "the one that was open before");
      assert.deepEqual(await ask(node.port, undefined, "/healthz"), { status: 200, connection: "close" }, "a new one");
      assert.equal((await hold(node, "late")).status, 201);
      assert.ok(!node.ended, "all of it while it was a lame duck");
      // Asked twice, it does not wait for the end of the five minutes.
      node.process.kill("SIGTERM");
      assert.equal(await node.exited, 0);
      assert.ok(performance.now() - first < 300_000);
      assert.equal((await node.call("GET", "/healthz")).status, 0);

      // By itself it ends when that time is over, and not before.
      duckFor("3s");
      await node.start();
      const asked = performance.now();
      node.process.kill("SIGTERM");
      assert.equal(await node.exited, 0);
      assert.match(node.log, /"event":"lame_duck"/);
      assert.ok(performance.now() - asked >= 3000);
    } finally {
      agent.destroy();
      await installation.remove();
    }
  });
