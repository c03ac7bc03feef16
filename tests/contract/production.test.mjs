// What is there for developers is absent in production, not merely hidden; and nobody can configure it back.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { binary } from "./support/server.mjs";
import { exchange } from "./support/http.mjs";
import { freePort } from "./support/ports.mjs";

let directory;
let config;
let port;
let server;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), "countersign-"));
  config = join(directory, "countersign.toml");
  const made = spawnSync(binary, ["init", "--dir", directory, "--public-url", "https://verify.example.com"], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  port = await freePort();
  const options = ["serve", "--config", config, "--data-dir", join(directory, "data"), "--listen", `127.0.0.1:${port}`];
  server = spawn(binary, options, { stdio: ["ignore", "inherit", "pipe"], env: { ...process.env, COUNTERSIGN_METRICS_LISTEN: "off" } });
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

test("neither inbox nor guide", async () => {
  for (const path of ["/dev", "/dev/inbox", "/dev/inbox.json", "/dev/inbox/events", "/docs"]) {
    const response = await exchange(`http://127.0.0.1:${port}`, { path });
    assert.equal(response.status, 404, path);
  }
  for (const path of ["/dev/inbox/delete", "/dev/inbox/report", "/dev/inbox/delay"]) {
    const response = await exchange(`http://127.0.0.1:${port}`, { method: "POST", path, body: "" });
    assert.equal(response.status, 404, path);
  }
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
