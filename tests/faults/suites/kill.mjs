// kill -9 in the middle of everything, again and again, on SQLite: what a client was told must still be true afterwards,
// nothing is released twice, and what was queued goes out.
//
// KILLS=200 kills so many times.
import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";
import { History, Load, rank, table } from "../support/history.mjs";
import { Installation } from "../support/installation.mjs";
import { sleep } from "../support/process.mjs";

const kills = Number(process.env.KILLS ?? 6);

/// Takes webhooks and remembers which transactions each id was about.
const receiver = async () => {
  const seen = new Map();
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => (body += piece));
    request.on("end", () => {
      const event = JSON.parse(body);
      if (event.type === "transaction.verified") {
        const ids = seen.get(event.data.id) ?? new Set();
        seen.set(event.data.id, ids.add(request.headers["webhook-id"]));
      }
      response.end();
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { seen, url: `http://127.0.0.1:${server.address().port}/hook`, close: () => server.close() };
};

export const killing = () =>
  test(`nothing acknowledged is lost and nothing released twice in ${kills} kills`, { timeout: 900_000 + kills * 30_000 }, async () => {
    const installation = new Installation("kill");
    const hook = await receiver();
    const history = new History();
    let load;
    try {
      const victim = await installation.node();
      assert.equal((await victim.call("POST", "/v1/webhook_endpoints", { url: hook.url, events: ["transaction.verified"] })).status, 201);
      load = new Load([victim], history);
      // The inbox keeps the newest 500; what was seen in it once has gone out.
      const reached = new Set();
      const look = async () => {
        for (const message of (await victim.call("GET", "/dev/inbox.json")).json ?? []) reached.add(message.to);
      };
      let longest = 0;
      for (let i = 0; i < kills; i++) {
        await sleep(300 + Math.random() * 900);
        const from = Date.now();
        await victim.kill();
        await victim.start();
        await sleep(100);
        longest = Math.max(longest, history.silence(from, Date.now()));
        await look();
      }
      // On a slow machine few jobs get through between kills; enough must, for the result to mean anything.
      for (let waited = 0; history.released().length < 25 && waited < 1200; waited++) await sleep(500);
      await load.end();

      const verdict = await history.check(victim);
      // A message's lease is a minute, a webhook's too: what a killed server had in hand comes due within that.
      const owed = () => history.entries.filter((entry) => rank[entry.acknowledged] > 0 && !hook.seen.has(entry.id));
      const unsent = async () => {
        await look();
        return history.entries.filter((entry) => entry.sent && !entry.code && !reached.has(entry.number));
      };
      for (let waited = 0; waited < 600 && (owed().length > 0 || (await unsent()).length > 0); waited++) await sleep(1000);
      const missing = await unsent();
      const doubled = [...hook.seen.values()].filter((ids) => ids.size > 1).length;
      console.log(table([{ kills, transactions: history.entries.length, released: history.released().length, "acknowledged and lost": verdict.lost,
        "released twice": verdict.twice, "codes taken twice": verdict.codesTwice, "messages missing": missing.length, "webhooks missing": owed().length,
        "webhooks under two ids": doubled, "longest unavailable s": longest.toFixed(1) }]));
      assert.ok(history.released().length >= 25, "the load was too small to mean anything");
      assert.deepEqual([verdict.lost, verdict.twice, verdict.codesTwice, missing.length, owed().length, doubled], [0, 0, 0, 0, 0, 0]);
    } finally {
      await load?.end();
      await installation.remove();
      hook.close();
    }
  });
