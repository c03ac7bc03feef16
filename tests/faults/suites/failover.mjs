// Three nodes on a PostgreSQL with a synchronous standby, under the main job, while nodes, cables and the primary fail.
//
// FAILOVER_ROUNDS goes through all faults so many times; the lost primary is rebuilt as the new standby in between.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../contract/support/client.mjs";
import { History, Load, table } from "../support/history.mjs";
import { Installation } from "../support/installation.mjs";
import { sleep } from "../support/process.mjs";
import { Postgres } from "../support/postgres.mjs";
import { Wire } from "../support/wire.mjs";

const rounds = Number(process.env.FAILOVER_ROUNDS ?? 1);
/// How long a failover may be felt, in seconds. What it takes is a few; what it takes where somebody waits for a dead
/// connection is a quarter of an hour, and a slow machine's is between them.
const silenceMax = 240;

class Cluster {
  async start() {
    this.installation = new Installation("failover");
    this.primary = await Postgres.create();
    this.primary.sql("CREATE DATABASE countersign TEMPLATE template0");
    this.standby = await Postgres.standbyOf(this.primary, "b");
    this.primary.requireStandby("b");
    await this.#untilReplicating();
    // Each node reaches each database by a cable of its own.
    this.wires = [];
    for (let i = 0; i < 3; i++) {
      const [first, second] = [await Wire.to(this.primary.port), await Wire.to(this.standby.port)];
      this.wires.push([first, second]);
      await this.installation.node({ store: `postgresql://postgres@127.0.0.1:${first.port},127.0.0.1:${second.port}/countersign` });
    }
    this.nodes = this.installation.nodes;
    // As a load balancer would: a node that says nothing is left for another.
    for (const node of this.nodes) node.patience = 5000;
  }

  #untilReplicating() {
    return eventually("the standby", async () => this.primary.sql("SELECT sync_state FROM pg_stat_replication") === "sync" || undefined);
  }

  async failOver() {
    await this.primary.crash();
    for (const wire of this.wires.flat().filter(({ far }) => far === this.primary.port)) await wire.unplug();
    await this.standby.promote();
    this.dead = this.primary;
    this.primary = this.standby;
  }

  /// The place of the dead server is taken by a new copy of the living one; only then does every commit wait for two again.
  async rebuild() {
    const { port } = this.dead;
    await this.dead.remove();
    this.standby = await Postgres.standbyOf(this.primary, "b", {}, port);
    for (const wire of this.wires.flat().filter(({ far }) => far === port)) await wire.plug();
    this.primary.requireStandby("b");
    await this.#untilReplicating();
  }

  async stop() {
    await this.installation.remove();
    for (const wire of this.wires?.flat() ?? []) await wire.close();
    for (const server of new Set([this.primary, this.standby, this.dead])) await server?.remove();
  }
}

const faults = [
  ["kill -9 of a node", async ({ nodes }) => {
    await nodes[0].kill();
    await sleep(1000);
    await nodes[0].start();
  }],
  ["kill -9 of two nodes at once", async ({ nodes }) => {
    await Promise.all([nodes[1].kill(), nodes[2].kill()]);
    await sleep(500);
    await Promise.all([nodes[1].start(), nodes[2].start()]);
  }],
  ["a node stands still for 7 s", async ({ nodes }) => {
    nodes[0].process.kill("SIGSTOP");
    await sleep(7000);
    nodes[0].process.kill("SIGCONT");
  }],
  ["a node's cable cut for 4 s", async ({ wires }) => {
    for (const wire of wires[1]) await wire.cut();
    await sleep(4000);
    for (const wire of wires[1]) await wire.join();
  }],
  ["commits take a second (slow standby)", async ({ standby }) => {
    for (let i = 0; i < 3; i++) {
      standby.signal("SIGSTOP");
      await sleep(1000);
      standby.signal("SIGCONT");
      await sleep(50);
    }
  }],
  ["every connection ended by an administrator", async ({ primary }) => {
    for (let i = 0; i < 3; i++) {
      primary.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'countersign' AND pid <> pg_backend_pid()");
      await sleep(300);
    }
  }],
  ["kill -9 of the primary, promotion", async (cluster) => cluster.failOver()],
];

/// Everybody answers again, and the load has taken up speed. A slow machine is not ready under this load, as its commits take
/// their seconds whatever has failed: until all are, a single client goes on.
const settled = async ({ nodes }, history, load, what) => {
  const all = load.clients;
  load.clients = 1;
  for (const node of nodes) {
    await eventually(`${node.url} ready after ${what}`, async () => (await node.call("GET", "/readyz")).status === 200 || undefined).catch((error) => {
      throw new Error(`${error.message}: ${node.log.slice(-3000)}`);
    });
  }
  load.clients = all;
  const known = history.released().length;
  await eventually(`released after ${what}`, async () => history.released().length > known + 5 || undefined);
};

/// What waits to be sent is due within its lease, so some node will do it: nothing is stuck.
const stuck = (primary) =>
  Number(primary.sql("SELECT (SELECT count(*) FROM messages WHERE status = 'queued' AND due_at > extract(epoch FROM now() + interval '61 s') * 1000000)"
    + " + (SELECT count(*) FROM deliveries WHERE status = 'pending' AND attempts = 0 AND due_at > extract(epoch FROM now() + interval '61 s') * 1000000)", "countersign"));

export const failover = () =>
  test(`three nodes, a primary and its standby, ${rounds === 1 ? "one round" : `${rounds} rounds`} of faults`, { timeout: 900_000 + 900_000 * rounds }, async () => {
    const cluster = new Cluster();
    const report = [];
    let load;
    try {
      await cluster.start();
      const history = new History();
      load = new Load(cluster.nodes, history, { clients: 12, race: true });
      await settled(cluster, history, load, "the start");
      for (let round = 0; round < rounds; round++) {
        for (const [name, happens] of faults) {
          const from = Date.now();
          const known = history.released().length;
          await happens(cluster);
          await settled(cluster, history, load, name);
          report.push({ fault: name, "released meanwhile": history.released().length - known, "unavailable s": history.silence(from, Date.now()).toFixed(1) });
        }
        if (round + 1 < rounds) await cluster.rebuild();
      }
      await load.end();
      const verdict = await history.check(cluster.nodes[0]);
      console.log(`${table(report)}\n\n${table([{ transactions: history.entries.length, released: history.released().length,
        "acknowledged and lost": verdict.lost, "released twice": verdict.twice, "codes taken twice": verdict.codesTwice, "stuck in the outbox": stuck(cluster.primary) }])}`);
      assert.ok(history.released().length > 25, "the load was too small to mean anything");
      assert.deepEqual(verdict, { lost: 0, twice: 0, codesTwice: 0 });
      assert.equal(stuck(cluster.primary), 0);
      for (const row of report) assert.ok(Number(row["unavailable s"]) < silenceMax, `${row.fault}: ${row["unavailable s"]} s`);
    } finally {
      await load?.end();
      await cluster.stop();
    }
  });
