// What `serve --dev` prints, and what the README shows, is typed into a shell as it stands, and does what it says.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { repository } from "../contract/npm.mjs";
import { Server } from "../contract/support/server.mjs";

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());

/// The printed lines that are commands: indented by two, with what continues them. They use /tmp; here it is elsewhere.
const commands = () => {
  const lines = server.output.split("\n").filter((line) => line.startsWith("  ")).map((line) => line.slice(2));
  assert.ok(lines.length >= 10, server.output);
  return lines.join("\n").replaceAll("/tmp/", `${server.directory}/`);
};

test("the printed lines hold, prove, claim and acknowledge", () => {
  // The inbox is written just after the answer: the person reads the message when it is there.
  const script = commands().replace(/^( *CODE=.*)$/m, 'for _ in $(seq 100); do\n$1\n[ "${#CODE}" = 6 ] && break; sleep 0.05; done');
  const run = spawnSync("bash", ["-e", "-u", "-o", "pipefail", "-c", script], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  const answers = run.stdout.split(/(?<=\})(?=\{)/).map((text) => JSON.parse(text));
  assert.equal(answers.length, 5, run.stdout);
  const [held, started, checked, claim, ack] = answers;
  assert.equal(held.status, "held");
  assert.match(held.verify_url, new RegExp(`^http://localhost:${server.port}/verify/${held.id}\\.`));
  assert.equal(started.to, "+55 •••••••4321");
  assert.equal(checked.status, "verified");
  assert.deepEqual(claim.payload, { bank: "341", branch: "2545", account: "02366-1" });
  assert.deepEqual(ack, { id: held.id, status: "released" });
});

// Twice, because whoever tries something tries it again; the message of the first time is still in the inbox then.
test("the README's lines release a transaction, and do so again", () => {
  const [, lines] = /## Integrate in ten lines[^]*?```sh\n([^]*?)```/.exec(readFileSync(`${repository}README.md`, "utf8"));
  const script = lines.replace(/^U=\S+;/, `U=${server.url};`).replace("data/dev/", `${server.directory}/`);
  assert.notEqual(script, lines);
  for (const time of ["first", "second"]) {
    const run = spawnSync("bash", ["-e", "-u", "-o", "pipefail", "-c", script], { encoding: "utf8", cwd: server.directory });
    assert.equal(run.status, 0, run.stderr);
    const [, checked, claim, ack] = run.stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(checked.status, "verified", `the ${time} time`);
    assert.deepEqual(claim.payload, { bank: "341", branch: "2545", account: "02366-1" });
    assert.equal(ack.status, "released");
  }
});
