// What is there for developers is absent in production, not merely hidden; and nobody can configure it back.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { binary } from "./support/server.mjs";
import { exchange } from "./support/http.mjs";
import { freePort } from "./support/ports.mjs";

let directory;
let config;
let port;
let key;
let server;

/// A command in some folder, with the configuration and nothing that says where the database is.
const run = (cwd, ...command) => spawnSync(binary, [...command, "--config", config], { cwd, encoding: "utf8" });

before(async () => {
  directory = mkdtempSync(join(tmpdir(), "countersign-"));
  config = join(directory, "countersign.toml");
  const made = spawnSync(binary, ["init", "--dir", directory, "--public-url", "https://verify.example.com"], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  port = await freePort();
  key = run("/", "api-key", "create", "--name", "shop").stdout.trim();
  const options = ["serve", "--config", config, "--listen", `127.0.0.1:${port}`];
  server = spawn(binary, options, { cwd: tmpdir(), stdio: ["ignore", "inherit", "pipe"], env: { ...process.env, COUNTERSIGN_METRICS_LISTEN: "off" } });
  await new Promise((resolve, reject) => {
    let log = "";
    server.once("exit", (code) => reject(new Error(`ended with ${code}: ${log}`)));
    server.stderr.setEncoding("utf8").on("data", (text) => (log += text).includes('"started"') && resolve());
  });
});
after(async () => {
  if (server) {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    await ended;
  }
  rmSync(directory, { recursive: true, force: true });
});

test("neither home page nor inbox nor guide", async () => {
  for (const path of ["/", "/nowhere", "/docs/", "/dev", "/dev/inbox", "/dev/inbox.json", "/dev/timeline.json", "/dev/inbox/events", "/docs", "/docs/verify-v2", "/docs/try"]) {
    const response = await exchange(`http://127.0.0.1:${port}`, { path });
    assert.equal(response.status, 404, path);
    const browser = await exchange(`http://127.0.0.1:${port}`, { path, headers: { Accept: "text/html" } });
    assert.equal(browser.headers["content-type"], "application/problem+json", path);
  }
  for (const path of ["/dev/inbox/delete", "/dev/inbox/report", "/dev/inbox/delay", "/dev/inbox/provider", "/docs/try"]) {
    const response = await exchange(`http://127.0.0.1:${port}`, { method: "POST", path, body: "" });
    assert.equal(response.status, 404, path);
  }
});

test("all commands with one configuration file mean one database, in whatever folder they run", async () => {
  const answer = await exchange(`http://127.0.0.1:${port}`, { path: "/v1/transactions", headers: { Authorization: `Bearer ${key}` } });
  assert.equal(answer.status, 200, answer.body);
  const copy = join(directory, "copy.db");
  const saved = run("/usr", "backup", "--to", copy);
  assert.equal(saved.status, 0, saved.stderr);
  assert.ok(readFileSync(copy).includes("shop"), "the key's name is in the copy");
  assert.match(run("/usr", "check-config").stdout, new RegExp(`^store +${join(directory, "data", "countersign.db")}$`, "m"));
});

test("a command that reads makes no database, and where there is none it fails", () => {
  const elsewhere = join(directory, "elsewhere");
  const none = new RegExp(`there is no database ${join(elsewhere, "countersign.db")}`);
  for (const command of [["backup", "--to", join(directory, "none.db")], ["api-key", "list"], ["api-key", "auth-token"], ["api-key", "revoke", `SK${"0".repeat(32)}`]]) {
    const answer = run("/", ...command, "--data-dir", elsewhere);
    assert.equal(answer.status, 1, command.join(" "));
    assert.match(answer.stderr, none, command.join(" "));
  }
  assert.ok(!existsSync(elsewhere) && !existsSync(join(directory, "none.db")));
  assert.equal(run("/", "check-config", "--data-dir", elsewhere).status, 0);
  assert.ok(!existsSync(elsewhere));
});

test("what people's browsers need is there", async () => {
  assert.equal((await exchange(`http://127.0.0.1:${port}`, { path: "/favicon.ico" })).status, 200);
});

test("an inbox cannot be configured", () => {
  appendFileSync(config, '\n[providers.peek]\ntype = "inbox"\n');
  const checked = spawnSync(binary, ["check-config", "--config", config], { encoding: "utf8" });
  assert.notEqual(checked.status, 0);
  assert.match(checked.stdout + checked.stderr, /inbox.*development mode alone/);
});
