// What people and applications had open when the version before was stopped. Makes the database of an older program and
// writes down what was promised then, so that the suite (suites/upgrade.mjs) can ask the present one to keep it:
//
//   CS_SERVER=/path/to/the/older/countersign node tests/faults/support/before.mjs FOLDER
//
// The older program's clock is put back by shim.c, because people are not all known since today.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { totpCode } from "../../contract/support/client.mjs";
import { Installation } from "./installation.mjs";
import { Postgres } from "./postgres.mjs";
import { Shim } from "./shim.mjs";
import { sleep } from "./process.mjs";

const day = 86_400;
export const phone = (n) => `+55119${80_000_000 + n}`;

/// The server's own clock is `off` seconds away from ours.
export class Desk {
  constructor(node, off = 0) {
    this.node = node;
    this.off = off;
  }

  async call(method, path, body, headers) {
    const answer = await this.node.call(method, path, body, headers);
    return { status: answer.status, ...answer.json };
  }
  /// With the status that is expected.
  async want(status, ...request) {
    const answer = await this.node.call(...request);
    if (answer.status !== status) throw new Error(`${request.slice(0, 2).join(" ")}: ${answer.status} ${JSON.stringify(answer.json)}`);
    return answer.json;
  }
  async twilio(path, form) {
    const { account_sid: sid, auth_token: token } = this.node.credentials;
    const Authorization = `Basic ${Buffer.from(`${sid}:${token}`).toString("base64")}`;
    const answer = await fetch(`${this.node.url}/v2${path}`, { method: form ? "POST" : "GET", headers: { Authorization }, body: form && new URLSearchParams(form) });
    return { status: answer.status, json: await answer.json() };
  }

  hold(identity, contacts, more = {}, headers) {
    return this.want(201, "POST", "/v1/transactions", { ...aHold(identity, contacts), ...more }, headers);
  }
  /// Newest first; not notices.
  async codes(to) {
    const { json } = await this.node.call("GET", `/dev/inbox.json?to=${encodeURIComponent(to)}`);
    return json.map(({ code }) => code).filter((code) => code !== "");
  }
  /// The inbox keeps what was sent before the server was stopped, so the code is the one that comes after `seen` others.
  async code(to, seen = 0) {
    for (let tries = 0; tries < 12_000; tries++) {
      const codes = await this.codes(to);
      if (codes.length > seen) return codes[0];
      await sleep(25);
    }
    throw new Error(`no code to ${to}`);
  }
  async send({ id }, to) {
    const seen = (await this.codes(to)).length;
    await this.want(201, "POST", `/v1/transactions/${id}/verifications`, { channel: "sms" });
    return this.code(to, seen);
  }
  check({ id }, body) {
    return this.node.call("POST", `/v1/transactions/${id}/checks`, body);
  }
  async verified(identity, to, more) {
    const held = await this.hold(identity, [to], more);
    await this.want(200, "POST", `/v1/transactions/${held.id}/checks`, { code: await this.send(held, to) });
    return held;
  }
  claim({ id }, name) {
    return this.node.call("POST", `/v1/transactions/${id}/claim`, undefined, { "idempotency-key": name });
  }
  async released(identity, to) {
    const held = await this.verified(identity, to);
    const { json } = await this.claim(held, "worker");
    await this.want(200, "POST", `/v1/transactions/${held.id}/ack`, { fencing_token: json.fencing_token });
    return json.receipt;
  }
  totp(secret, steps = 0) {
    const ours = Date.now() / 1000;
    return totpCode(secret, steps + Math.floor((ours + this.off) / 30) - Math.floor(ours / 30));
  }
  async app(identity) {
    const path = `/v1/subjects/${identity}/factors`;
    const { id, secret } = await this.want(201, "POST", path, { type: "totp" });
    await this.want(200, "POST", `${path}/${id}/confirm`, { code: this.totp(secret) });
    return { id, secret };
  }
}

export const aHold = (identity, to) => ({
  type: "payout", subject: { identity, ...(to && { contacts: to.map((address) => ({ channel: "sms", address })) }) },
  display: { title: "New account", payee: "Casa do Samba" }, payload: { bank: "341", of: identity }, policy: { any_of: ["sms", "totp"] },
});
export const kTwo = { any_of: ["sms", "totp"], min_kinds: 2 };

const thirtyDaysAgo = async (desk, facts) => {
  for (const n of [1, 2, 3, 4, 5, 6]) facts.receipt = await desk.released(`known-${n}`, phone(n));
  facts.oldApp = await desk.app("known-4");
};
const tenDaysAgo = async (desk, facts) => {
  facts.app = await desk.app("known-1");
  await desk.want(201, "POST", "/v1/subjects/known-2/contacts", { channel: "whatsapp", address: phone(2) });
};
const yesterday = async (desk, facts) => {
  await desk.want(201, "POST", "/v1/subjects/known-3/contacts", { channel: "whatsapp", address: phone(33) });
  await desk.want(204, "DELETE", `/v1/subjects/known-4/factors/${facts.oldApp.id}`);
  facts.newApp = await desk.app("known-4");
};
const now = async (desk, facts) => {
  facts.idem = await desk.hold("known-1", undefined, {}, { "idempotency-key": "hold-1" });
  facts.held = await desk.hold("known-2");
  facts.sent = await desk.hold("known-3", [phone(3)]);
  facts.sentCode = await desk.send(facts.sent, phone(3));
  facts.two = await desk.verified("known-1", phone(1), { policy: kTwo });
  facts.twoNew = await desk.verified("known-4", phone(4), { policy: kTwo });
  facts.verified = await desk.verified("known-5", phone(5));
  facts.claimed = await desk.verified("known-6", phone(6));
  facts.claim = (await desk.claim(facts.claimed, "worker-1")).json;
  facts.newcomer = await desk.hold("new-1", [phone(50)]);
  facts.newcomerCode = await desk.send(facts.newcomer, phone(50));
  facts.enrolment = await desk.want(201, "POST", "/v1/subjects/known-5/factors", { type: "totp" });
  facts.endpoint = await desk.want(201, "POST", "/v1/webhook_endpoints", { url: "http://127.0.0.1:1/hook", events: ["*"] });
  await desk.want(200, "POST", `/v1/transactions/${(await desk.hold("known-1")).id}/cancel`);
  const service = (await desk.twilio("/Services", { FriendlyName: "Shop" })).json.sid;
  await desk.twilio(`/Services/${service}/Verifications`, { To: phone(70), Channel: "sms" });
  const factor = (await desk.twilio(`/Services/${service}/Entities/customer-1/Factors`, { FriendlyName: "App", FactorType: "totp" })).json;
  await desk.twilio(`/Services/${service}/Entities/customer-1/Factors/${factor.sid}`, { AuthPayload: desk.totp(factor.binding.secret) });
  const challenge = (await desk.twilio(`/Services/${service}/Entities/customer-1/Challenges`, { FactorSid: factor.sid })).json;
  facts.verify = { service, code: await desk.code(phone(70)), secret: factor.binding.secret, challenge: challenge.sid };
  facts.made = Math.floor(Date.now() / 1000);
};

const make = async (folder, postgres) => {
  const shim = new Shim();
  const installation = new Installation("before");
  const facts = {};
  try {
    for (const [days, work] of [[30, thirtyDaysAgo], [10, tenDaysAgo], [1, yesterday], [0, now]]) {
      shim.set({ offSeconds: -days * day });
      const node = await installation.node({ store: postgres?.url("countersign"), environment: shim.environment });
      await work(new Desk(node, -days * day), facts);
      await node.stop();
    }
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "facts.json"), `${JSON.stringify(facts, null, 1)}\n`);
    cpSync(join(installation.data, "countersign.secrets.toml"), join(folder, "keys.toml"));
    cpSync(join(installation.data, "dev-credentials.json"), join(folder, "dev-credentials.json"));
    if (postgres) {
      const dump = execFileSync("pg_dump", ["--no-owner", "--dbname", postgres.url("countersign")], { maxBuffer: 1 << 28 });
      writeFileSync(join(folder, "database.sql.gz"), gzipSync(dump, { level: 9 }));
    } else {
      spawnSync("/usr/bin/python3", ["-c", "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute('VACUUM'); d.close()", installation.database]);
      writeFileSync(join(folder, "database.sqlite.gz"), gzipSync(readFileSync(installation.database), { level: 9 }));
    }
  } finally {
    await installation.remove();
    shim.remove();
  }
};

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [, , folder] = process.argv;
  await make(join(folder, "sqlite"));
  const postgres = await Postgres.create();
  postgres.sql("CREATE DATABASE countersign TEMPLATE template0");
  await make(join(folder, "postgres"), postgres);
  await postgres.remove();
}
