// docs/testing.md's shell is typed in as it stands, and does what its comments say, in about a second.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { repository } from "../contract/npm.mjs";
import { Server } from "../contract/support/server.mjs";

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());

test("the whole way, the window that is missed and the wait of three days", () => {
  const document = readFileSync(`${repository}docs/testing.md`, "utf8");
  const [, lines] = /## A whole run in a second[^]*?```sh\n([^]*?)```/.exec(document);
  const script = lines.replace(/^U=\S+;/, `U=${server.url};`).replace("data/dev/", `${server.directory}/`);
  assert.notEqual(script, lines);
  const began = Date.now();
  const run = spawnSync("bash", ["-e", "-u", "-o", "pipefail", "-c", script], { encoding: "utf8", cwd: server.directory });
  assert.equal(run.status, 0, run.stderr);
  const answers = run.stdout.trim().split("\n").map((line) => JSON.parse(line));
  const [, inbox, proved, acknowledged, , again, clock, late, later, early, told, waited, , met] = answers;
  assert.deepEqual([inbox.data.length, inbox.data[0].code, inbox.data[0].to], [1, "000000", "+12025550110"]);
  assert.equal(proved.status, "verified");
  assert.equal(acknowledged.status, "released");
  assert.equal(again.status, "verified");
  assert.equal(clock.ahead_seconds, 300);
  assert.equal(late.code, "transaction_expired");
  assert.equal(later.ahead_seconds, 300 + 90_000);
  assert.equal(early.code, "source_does_not_count");
  assert.deepEqual([told.data[0].to, told.data[0].code], ["+12025550110", null]);
  assert.equal(waited.ahead_seconds, 300 + 90_000 + 259_200);
  assert.equal(met.status, "verified");
  assert.ok(Date.now() - began < 3_600_000, "days have gone by");
});
