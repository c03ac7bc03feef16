// API keys are made, listed and revoked by the real binary while the real server has the SQLite file open, after it died,
// and by many at once.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { lstatSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { howItEnds } from "../faults/support/process.mjs";
import { exchange } from "./support/http.mjs";
import { Server, binary } from "./support/server.mjs";

let server;
before(async () => {
  server = await Server.start();
});
after(() => server?.stop());

const command = (...words) => howItEnds(binary, ["api-key", ...words, ...server.options], { env: server.environment });
/// The key of a command that must have made one; `text` is what it printed, with the advice to keep it.
const made = (ended) => {
  assert.equal(ended.how, 0, ended.text);
  return /SK[0-9a-f]{32}\.[0-9a-f]{48}/.exec(ended.text)[0];
};
const idOf = (key) => key.split(".")[0];
const statusWith = async (key) => (await exchange(server.url, { path: "/v1/transactions", headers: { Authorization: `Bearer ${key}` } })).status;
const socket = () => join(server.directory, "countersign.db.admin");

test("beside a server, a key works as soon as it is made, and no more as soon as it is revoked", async (t) => {
  const key = made(await command("create", "--name", "shop", "--expires-in", "90d"));
  assert.equal(await statusWith(key), 200);
  const listed = await command("list", "--account", "default");
  assert.equal(listed.how, 0, listed.text);
  assert.match(listed.text, new RegExp(`^${idOf(key)}  valid +default  created 20.* expires 20.*  not used yet  shop$`, "m"));
  assert.ok(!listed.text.includes(key.split(".")[1]));
  const asked = performance.now();
  const revoked = await command("revoke", idOf(key));
  assert.equal(revoked.how, 0, revoked.text);
  assert.equal(await statusWith(key), 401);
  t.diagnostic(`from the command to the 401: ${Math.round(performance.now() - asked)} ms`);
  assert.equal((await command("revoke", idOf(key))).how, 1);

  assert.ok(!server.log.includes(key.split(".")[1]), "no secret in the log");
  assert.match(server.log, /"event":"admin","detail":"api_key.create by user \d+: 200"/);
});

test("twelve commands at once are all done", async () => {
  const ended = await Promise.all(Array.from({ length: 12 }, (_, i) => command("create", "--name", `many-${i}`)));
  const keys = new Set(ended.map(made));
  assert.equal(keys.size, 12);
  for (const key of keys) assert.equal(await statusWith(key), 200);
});

test("a proxy of the environment is not asked", async () => {
  const options = ["api-key", "list", ...server.options];
  const ended = await howItEnds(binary, options, { env: { ...server.environment, http_proxy: "http://127.0.0.1:1", ALL_PROXY: "http://127.0.0.1:1" } });
  assert.equal(ended.how, 0, ended.text);
});

test("a huge request and a slow one are refused, and the server goes on", async () => {
  const ends = (bytes) =>
    new Promise((resolve) => {
      let text = "";
      const peer = connect(socket(), () => peer.write(bytes));
      peer.setEncoding("utf8").on("data", (part) => (text += part)).once("error", () => resolve(text)).once("close", () => resolve(text));
    });
  assert.match(await ends(`POST /admin/api_key.create HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(1_000_000)}`), /^HTTP\/1\.1 413 /);
  assert.match(await ends(`POST /admin/api_key.create HTTP/1.1\r\nX: ${"x".repeat(100_000)}`), /^HTTP\/1\.1 431 /);
  assert.match(await ends("POST /admin/api_key.create HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{"), /^HTTP\/1\.1 408 /);
  assert.equal((await command("list")).how, 0);
});

test("a server that was killed leaves a socket that hinders nobody", async () => {
  server.process.kill("SIGKILL");
  await server.exited;
  assert.ok(lstatSync(socket()).isSocket());
  const key = made(await command("create", "--name", "while-it-is-down"));
  // Each opens the database for itself, one after the other.
  const ended = await Promise.all(Array.from({ length: 6 }, (_, i) => command("create", "--name", `down-${i}`)));
  for (const one of ended) made(one);

  await server.run();
  assert.equal(await statusWith(key), 200);
  assert.equal((lstatSync(socket()).mode & 0o777).toString(8), "600");
  made(await command("create", "--name", "again"));

  server.process.kill("SIGTERM");
  assert.equal(await server.exited, 0);
  assert.throws(() => lstatSync(socket()), /ENOENT/, "it goes with the server");
  assert.equal((await command("revoke", idOf(key))).how, 0);
  await server.run();
  assert.equal(await statusWith(key), 401);
});

test("a command that comes while the server starts is done", async () => {
  server.process.kill("SIGTERM");
  await server.exited;
  const running = server.run();
  const ended = await Promise.all(Array.from({ length: 8 }, (_, i) => command("create", "--name", `start-${i}`)));
  await running;
  for (const one of ended) assert.equal(await statusWith(made(one)), 200);
});

test("something else in the socket's place is neither followed nor removed, and the server serves all the same", async () => {
  server.process.kill("SIGTERM");
  await server.exited;
  const precious = join(server.directory, "precious");
  writeFileSync(precious, "kept");
  symlinkSync(precious, socket());
  try {
    await server.run();
    assert.equal(await statusWith(server.credentials.api_key), 200);
    assert.match(server.log, /"event":"admin_socket","detail":"[^"]*countersign.db.admin is no socket/);
    assert.ok(lstatSync(socket()).isSymbolicLink());
    const refused = await command("list");
    assert.equal(refused.how, 1);
    assert.match(refused.text, /countersign.db.admin is no socket/);
    unlinkSync(socket());
    const busy = await command("list");
    assert.equal(busy.how, 1);
    assert.match(busy.text, /in use by process \d+.*its log says why/);
  } finally {
    unlinkSync(precious);
  }
});

/// A program that listens there and says nothing, or not what a server says.
test("a server that does not answer is given up, and what it was to do is left open", { timeout: 240_000 }, async () => {
  server.process.kill("SIGTERM");
  await server.exited;
  const mute = spawn(process.execPath, ["-e", `require("node:net").createServer((peer) => peer.on("data", () => peer.end("no HTTP"))).listen(${JSON.stringify(socket())}, () => console.log("up"))`]);
  try {
    await new Promise((resolve) => mute.stdout.once("data", resolve));
    const ended = await command("create", "--name", "nobody");
    assert.equal(ended.how, 1);
    assert.match(ended.text, /the server has not answered .*; it may have done it: look before you repeat it/);
  } finally {
    mute.kill("SIGKILL");
  }
  await server.run();
});
