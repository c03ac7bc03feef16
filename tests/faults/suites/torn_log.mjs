// SQLite's write-ahead log, torn after a crash as a disk tears it: cut off, or with other bytes from some place on.
//
// What stands before the tear was committed and is there; what stands behind it is lost, whole transactions only, even where
// it was acknowledged: a disk that loses what it has synced cannot be made up for. The server starts, and what it serves is a
// state that there has been.
import assert from "node:assert/strict";
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { randomBytes, randomInt } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { rank, table } from "../support/history.mjs";
import { Installation } from "../support/installation.mjs";
import { binary } from "../../contract/support/server.mjs";
import { howItEnds } from "../support/process.mjs";

const tears = Number(process.env.TEARS ?? 8);
const jobs = 20;

/// The log of a server, as it grows. One that has nothing to write for a second moves its log into the file and empties it;
/// on a slow machine that comes between two steps, too.
class Log {
  constructor(path) {
    this.path = path;
    this.length = 0;
    this.since = []; // The steps that stand in it.
  }

  /// Notes in `entry` what was just acknowledged, with the length that the log has then.
  note(entry, status) {
    const step = [status, 0];
    entry.steps.push(step);
    this.look();
    this.since.push(step);
    step[1] = this.length;
  }

  /// What stood in it when it was emptied is in the file, where no tear of the log reaches it.
  look() {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    if (size < this.length) for (const step of this.since.splice(0)) step[1] = 0;
    this.length = size;
  }
}

/// One step after another by one client.
const work = async (node, history, log) => {
  for (let i = 0; i < jobs; i++) {
    const number = `+55119876${String(10000 + history.length)}`;
    const held = await node.call("POST", "/v1/transactions", {
      type: "payout", subject: { identity: number, contacts: [{ channel: "sms", address: number }] },
      display: { title: "New payout account" }, payload: { bank: number }, policy: { any_of: ["sms"] },
    });
    assert.equal(held.status, 201);
    const entry = { id: held.json.id, number, steps: [] };
    history.push(entry);
    log.note(entry, "held");
    const path = `/v1/transactions/${entry.id}`;
    if (i % 3 === 0) continue;
    assert.equal((await node.call("POST", `${path}/verifications`, { channel: "sms" })).status, 201);
    let code;
    while (!code) code = (await node.call("GET", `/dev/inbox.json?to=${encodeURIComponent(number)}`)).json?.[0]?.code;
    assert.equal((await node.call("POST", `${path}/checks`, { code })).status, 200);
    log.note(entry, "verified");
    if (i % 3 === 1) continue;
    const claim = await node.call("POST", `${path}/claim`, undefined, { "idempotency-key": "one" });
    assert.equal((await node.call("POST", `${path}/ack`, { fencing_token: claim.json.fencing_token })).status, 200);
    log.note(entry, "released");
  }
};

/// Damages the file from `place` on.
const damage = {
  cut: (file, place) => truncateSync(file, place),
  garble: (file, place) => {
    const at = openSync(file, "r+");
    writeSync(at, randomBytes(Math.min(4096, statSync(file).size - place)), 0, undefined, place);
    closeSync(at);
  },
  zero: (file, place) => {
    const at = openSync(file, "r+");
    writeSync(at, Buffer.alloc(statSync(file).size - place), 0, undefined, place);
    closeSync(at);
  },
};

/// How the transactions stand, against what was acknowledged before the tear.
const judge = async (node, history, place) => {
  const verdict = { missing: 0, beyond: 0 };
  for (const entry of history) {
    const promised = entry.steps.filter(([, length]) => length <= place).at(-1)?.[0];
    const now = await node.call("GET", `/v1/transactions/${entry.id}`);
    assert.ok([200, 404].includes(now.status), `${now.status}`);
    const there = now.status === 200 ? rank[now.json.status] : -1;
    if (promised !== undefined && there < rank[promised]) verdict.missing++;
    if (there < rank[entry.steps.at(-1)[0]]) verdict.beyond++;
    if (there !== rank.verified) continue;
    const claim = await node.call("POST", `/v1/transactions/${entry.id}/claim`, undefined, { "idempotency-key": "one" });
    assert.deepEqual(claim.json.payload, { bank: entry.number }, `a payload that was another's, or garbage: ${claim.status} ${JSON.stringify(claim.json)}`);
  }
  return verdict;
};

export const tornLog = () =>
  test(`a torn write-ahead log, ${tears} times`, { timeout: 900_000 + tears * 30_000 }, async () => {
    const installation = new Installation("torn");
    try {
      const node = await installation.node();
      const log = `${installation.database}-wal`;
      const growing = new Log(log);
      const history = [];
      for (let tries = 0; growing.length < 100_000; tries++) {
        assert.ok(tries < 50, "each time the log was emptied before there was something in it to tear");
        if (node.ended) await node.start();
        await work(node, history, growing);
        await node.kill();
        growing.look();
      }
      const longest = growing.length;
      const kept = join(installation.data, "kept");
      mkdirSync(kept);
      for (const suffix of ["", "-wal"]) copyFileSync(installation.database + suffix, join(kept, `db${suffix}`));
      // A tear early enough loses the API key, and the server writes down another one; whoever claims is that key.
      const credentials = join(installation.data, "dev-credentials.json");
      copyFileSync(credentials, join(kept, "credentials"));

      const report = [];
      for (let i = 0; i < tears; i++) {
        for (const suffix of ["", "-wal"]) copyFileSync(join(kept, `db${suffix}`), installation.database + suffix);
        copyFileSync(join(kept, "credentials"), credentials);
        writeFileSync(`${installation.database}-shm`, ""); // What a crash of the machine leaves of it.
        const kind = Object.keys(damage)[i % 3];
        // The first tear is behind the end of all: what was being written when the power went, and nobody was told of.
        const place = i === 0 ? statSync(log).size : randomInt(Math.floor(longest / 10), longest);
        if (i === 0) writeFileSync(log, Buffer.concat([readFileSync(log), randomBytes(3000)]));
        else damage[kind](log, place);
        await node.start();
        const verdict = await judge(node, history, place);
        await node.stop();
        const copy = join(installation.data, `copy-${i}`);
        const sound = await howItEnds(binary, ["backup", "--to", copy, ...node.options]);
        assert.equal(sound.how, 0, sound.text);
        report.push({ tear: i === 0 ? "behind the end" : kind, "at byte": place, "acknowledged before it and lost": verdict.missing, "acknowledged behind it and lost": verdict.beyond });
      }
      console.log(table(report));
      for (const row of report) assert.equal(row["acknowledged before it and lost"], 0, `${row.tear} at ${row["at byte"]}`);
      assert.equal(report[0]["acknowledged behind it and lost"], 0, "of what was synced, nothing");
      assert.ok(report.slice(1).some((row) => row["acknowledged behind it and lost"] > 0), "the tears hit nothing");
    } finally {
      await installation.remove();
    }
  });
