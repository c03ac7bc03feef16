// What clients were told, and what is true in the end.
//
// A client writes an answer down before it goes on. At the end the checker looks at every transaction and at its audit
// trail, and counts: what was acknowledged and is not there, payloads that were handed to two, codes that were taken twice.
import { eventually } from "../../contract/support/client.mjs";
import { sleep } from "./process.mjs";

export const rank = { held: 0, verified: 1, released: 2 };
const insisted = (answer) => answer.status !== 0 && answer.status !== 503;

let serial = 10_000_000;
const newEntry = (id, number, secret) => ({ id, number, secret, acknowledged: "held", winners: new Set(), tokens: new Set(), accepted: 0 });

export class History {
  constructor() {
    this.entries = [];
    this.times = []; // When a client was told that something had been written down.
  }

  /// A write was acknowledged.
  told() {
    this.times.push(Date.now());
  }
  released() {
    return this.entries.filter((entry) => entry.acknowledged === "released");
  }

  /// The longest time within these two in which nobody was told anything, in seconds.
  silence(from, to) {
    const times = [from, ...this.times.filter((time) => time > from && time < to), to];
    return times.slice(1).reduce((longest, time, i) => Math.max(longest, time - times[i]), 0) / 1000;
  }

  /// What became of it all, as that node tells.
  async check(node) {
    const verdict = { lost: 0, twice: 0, codesTwice: 0 };
    for (const entry of this.entries) {
      const now = await eventually("an answer", async () => {
        const answer = await node.call("GET", `/v1/transactions/${entry.id}`);
        return insisted(answer) ? answer : undefined;
      });
      if (now.status !== 200 || rank[now.json.status] < rank[entry.acknowledged]) verdict.lost++;
      if (entry.winners.size > 1 || entry.tokens.size > 1) verdict.twice++;
      if (entry.accepted > 1) verdict.codesTwice++;
    }
    const trail = await trailOf(node);
    for (const entry of this.entries) {
      const events = trail.get(entry.id) ?? new Map();
      // A state without its event, or with two, is as bad as none.
      const wanted = [["transaction.held", 1], ["transaction.verified", rank[entry.acknowledged] > 0 ? 1 : 0], ["transaction.released", rank[entry.acknowledged] > 1 ? 1 : 0]];
      if (wanted.some(([type, least]) => (events.get(type) ?? 0) < least)) verdict.lost++;
      if ((events.get("check.approved") ?? 0) > 1 || (events.get("transaction.verified") ?? 0) > 1) verdict.codesTwice++;
      if ((events.get("transaction.claimed") ?? 0) > 1 || (events.get("transaction.released") ?? 0) > 1) verdict.twice++;
    }
    return verdict;
  }
}

/// Transaction → type of event → how many.
const trailOf = async (node) => {
  const trail = new Map();
  for (let path = "/v1/events?limit=100"; path; ) {
    const page = await eventually("a page of the trail", async () => {
      const answer = await node.call("GET", path);
      return answer.status === 200 ? answer.json : undefined;
    });
    for (const event of page.data) {
      if (!event.transaction) continue;
      const events = trail.get(event.transaction) ?? new Map();
      trail.set(event.transaction, events.set(event.type, (events.get(event.type) ?? 0) + 1));
    }
    path = page.next_cursor ? `/v1/events?limit=100&cursor=${encodeURIComponent(page.next_cursor)}` : undefined;
  }
  return trail;
};

/// The main job, again and again, at whichever node answers.
export class Load {
  constructor(nodes, history, { clients = 8, race = false } = {}) {
    this.nodes = nodes;
    this.history = history;
    this.race = race; // Codes and claims go to two nodes at once.
    this.on = true;
    this.clients = clients; // Of them, so many are at work; the others pause.
    this.work = Array.from({ length: clients }, async (_, i) => {
      while (this.on) await (i < this.clients ? this.#job() : sleep(50));
    });
    this.work.push(this.#probe());
  }

  /// Somebody who writes all the time, at the node that answered last, and goes to the next one when it does not: what a
  /// load balancer would make of it all. Without him, silence could mean that everybody is waiting for a message.
  async #probe() {
    for (let at = 0; this.on; ) {
      const number = `probe-${serial++}`;
      for (;;) {
        const held = await this.nodes[at % this.nodes.length].call("POST", "/v1/transactions", {
          type: "probe", subject: { identity: number }, display: { title: "Probe" }, payload: { number },
        }, { "idempotency-key": number });
        if (held.status === 201) {
          this.history.entries.push(newEntry(held.json.id, number));
          this.history.told();
        }
        if (insisted(held) || !this.on) break;
        at++;
        await sleep(20);
      }
      await sleep(50);
    }
  }

  async end() {
    this.on = false;
    await Promise.all(this.work);
  }

  #node() {
    return this.nodes[Math.floor(Math.random() * this.nodes.length)];
  }

  /// Repeats a call, each time at any node, until one answers for good. A test's end ends it.
  async #insist(...call) {
    for (;;) {
      const answer = await this.#node().call(...call);
      if (insisted(answer) || !this.on) return answer;
      await sleep(20);
    }
  }

  async #job() {
    const number = `+55119${serial++}`;
    const secret = `payload of ${number}`;
    const held = await this.#insist("POST", "/v1/transactions", {
      type: "payout", subject: { identity: `person-${number}`, contacts: [{ channel: "sms", address: number }] },
      display: { title: "New payout account", payee: "Casa do Samba" }, payload: { secret }, policy: { any_of: ["sms"] },
    }, { "idempotency-key": `hold-${number}` });
    if (held.status !== 201) return;
    const entry = newEntry(held.json.id, number, secret);
    this.history.entries.push(entry);
    this.history.told();
    const sent = await this.#insist("POST", `/v1/transactions/${entry.id}/verifications`, { channel: "sms" }, { "idempotency-key": `send-${number}` });
    if (sent.status !== 201) return;
    entry.sent = true;
    this.history.told();
    entry.code = await this.#code(number);
    if (entry.code && (await this.#prove(entry))) await this.#release(entry);
  }

  /// A message that was in a dead node's hands comes after a minute; the load does not wait for that.
  async #code(number) {
    for (let tries = 0; tries < 100 && this.on; tries++) {
      const inbox = await this.#node().call("GET", `/dev/inbox.json?to=${encodeURIComponent(number)}`);
      const code = inbox.json?.[0]?.code;
      if (code) return code;
      await sleep(30);
    }
    return undefined;
  }

  async #prove(entry) {
    const path = `/v1/transactions/${entry.id}`;
    const tries = Array.from({ length: this.race ? 2 : 1 }, () => this.#node().call("POST", `${path}/checks`, { code: entry.code }));
    const accepted = (await Promise.all(tries)).filter((answer) => answer.status === 200).length;
    entry.accepted += accepted;
    if (accepted > 0) {
      entry.acknowledged = "verified";
      this.history.told();
    }
    // Without an answer it may have happened, or not: looking tells, and only then is it acknowledged.
    const seen = await this.#insist("GET", path);
    if (seen.json?.status !== "verified") return false;
    entry.acknowledged = "verified";
    // Once more, now that it has certainly been used.
    const again = await this.#node().call("POST", `${path}/checks`, { code: entry.code });
    if (again.status === 200) entry.accepted += accepted > 0 ? 1 : 2;
    return true;
  }

  async #release(entry) {
    const path = `/v1/transactions/${entry.id}`;
    const claim = async (claimer) => {
      const claimed = await this.#insist("POST", `${path}/claim`, undefined, { "idempotency-key": `${claimer}-${entry.number}` });
      if (claimed.status !== 200) return;
      if (claimed.json.payload.secret !== entry.secret) throw new Error(`${entry.id} has another's payload`);
      entry.winners.add(claimer);
      entry.tokens.add(claimed.json.fencing_token);
      this.history.told();
    };
    if (this.race) await Promise.all([claim("one"), claim("two")]);
    else for (const claimer of ["one", "two"]) await claim(claimer);
    if (!this.on || entry.tokens.size === 0) return;
    const acknowledged = await this.#insist("POST", `${path}/ack`, { fencing_token: [...entry.tokens][0] });
    if (acknowledged.status !== 200) return;
    entry.acknowledged = "released";
    this.history.told();
  }
}

/// Columns under each other. Each row is an object with the same keys.
export const table = (rows) => {
  const names = Object.keys(rows[0]);
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name])))];
  const widths = names.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines.map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ")).join("\n");
};
