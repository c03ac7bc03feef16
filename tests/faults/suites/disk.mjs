// SQLite on a disk that fills up and gets slow, and under a clock that jumps, while the main job runs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../contract/support/client.mjs";
import { History, Load, table } from "../support/history.mjs";
import { Installation } from "../support/installation.mjs";
import { sleep } from "../support/process.mjs";
import { Shim } from "../support/shim.mjs";

const hold = (node, key) =>
  node.call("POST", "/v1/transactions", { type: "payout", subject: { identity: key }, display: { title: "New payout account" }, payload: { bank: "341" } },
    { "idempotency-key": key });

/// Writing is refused as it should be, reading goes on, and the log says why.
const isRefused = async (node, transaction) => {
  const refused = await eventually("a refusal", async () => {
    const answer = await hold(node, "while-full");
    return answer.status === 503 ? answer : undefined;
  });
  assert.ok(Number(refused.headers.get("retry-after")) >= 1);
  assert.equal(refused.json.code, "store_unavailable");
  const ready = await node.call("GET", "/readyz");
  assert.equal(ready.status, 503);
  assert.ok(Number(ready.headers.get("retry-after")) >= 1);
  assert.equal((await node.call("GET", `/v1/transactions/${transaction}`)).status, 200);
  assert.equal((await node.call("GET", "/healthz")).status, 200);
  await eventually("a line in the log", async () => /"event":"store".*cannot write: SQLite error 13/.test(node.log) || undefined);
};

/// The server's clock is off from now on, and the server goes by it.
const clockOff = (seconds) => async ({ node, shim }) => {
  shim.set({ offSeconds: seconds });
  const held = await hold(node, `clock-${seconds}-${Date.now()}`);
  assert.equal(held.status, 201);
  const { created_at } = (await node.call("GET", `/v1/transactions/${held.json.id}`)).json;
  assert.ok(Math.abs(Date.parse(created_at) - Date.now() - seconds * 1000) < 60_000, created_at);
};

const faults = [
  ["disk full for 2 s", async ({ node, shim, history }) => {
    shim.set({ full: 1 });
    await isRefused(node, history.entries[0].id);
    await sleep(2000);
    shim.set({ full: 0 });
    assert.equal((await eventually("room", async () => {
      const answer = await hold(node, "while-full");
      return answer.status === 503 ? undefined : answer;
    })).status, 201);
  }],
  ["every sync 400 ms late, for 4 s", async ({ shim }) => {
    shim.set({ lateMs: 400 });
    await sleep(4000);
    shim.set({ lateMs: 0 });
  }],
  ["clock 2 minutes ahead", clockOff(120)],
  ["clock back again", clockOff(0)],
  ["clock 2 hours behind", clockOff(-7200)],
  ["clock 3 days ahead", clockOff(259_200)],
  ["clock right", clockOff(0)],
];

export const diskAndClock = () =>
  test("a full disk, a slow one, and a clock that jumps", { timeout: 900_000 }, async () => {
    const installation = new Installation("disk");
    const shim = new Shim();
    const history = new History();
    const report = [];
    let load;
    try {
      const node = await installation.node({ environment: shim.environment });
      load = new Load([node], history, { race: true });
      await eventually("the load", async () => history.released().length > 5 || undefined);
      const { pid } = node.process;
      for (const [name, happens] of faults) {
        const from = Date.now();
        const known = history.released().length;
        await happens({ node, shim, history });
        await eventually("readiness", async () => (await node.call("GET", "/readyz")).status === 200 || undefined);
        await eventually("more released", async () => history.released().length > known + 5 || undefined);
        report.push({ fault: name, "released meanwhile": history.released().length - known, "unavailable s": history.silence(from, Date.now()).toFixed(1) });
      }
      await load.end();
      const verdict = await history.check(node);
      console.log(`${table(report)}\n\n${table([{ transactions: history.entries.length, released: history.released().length, "acknowledged and lost": verdict.lost,
        "released twice": verdict.twice, "codes taken twice": verdict.codesTwice }])}`);
      assert.equal(node.process.pid, pid, "without a restart");
      assert.deepEqual(verdict, { lost: 0, twice: 0, codesTwice: 0 });
    } finally {
      await load?.end();
      await installation.remove();
      shim.remove();
    }
  });
