// The key of Web Push changes on a server that runs: those who are subscribed with the one of before are reached until it is retired.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Client, anIdentity, eventually } from "./support/client.mjs";
import { PushDevice, PushService, newPushKey, pushConfig } from "./support/push.mjs";
import { Server, binary } from "./support/server.mjs";

let server;
let api;
let service;
before(async () => {
  service = await PushService.start();
  server = await Server.start({ config: pushConfig, ownSecrets: `push_key = """\n${newPushKey()}"""\n`, keys: ["default"] });
  api = new Client(server);
});
after(async () => {
  await server?.stop();
  service?.stop();
});

const secrets = () => join(server.directory, "countersign.secrets.toml");
const keys = (...args) => {
  const { status, stdout, stderr } = spawnSync(binary, ["keys", ...args, "--push", ...server.options], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
};
const reload = async (event) => {
  const seen = server.log.length;
  server.process.kill("SIGHUP");
  await eventually(event, async () => server.log.slice(seen).includes(`"event":"${event}"`) || undefined);
};
const enrol = async () => {
  const identity = anIdentity();
  const device = new PushDevice(service);
  const path = `/v1/subjects/${identity}/factors`;
  const enrolment = await api.post(path, { type: "push" });
  return { identity, device, path: `${path}/${enrolment.id}`, factor: enrolment.id, enrolment };
};
const confirm = async (one) => {
  await api.post(`${one.path}/confirm`, one.device.create(one.enrolment), 200);
  return one;
};
const ask = async ({ identity }) => {
  const { id } = await api.hold({ subject: { identity }, policy: "push" });
  return api.post(`/v1/transactions/${id}/challenges`, { method: "push" });
};
/// The prompt arrives, and is answered: who leaves three unanswered is not asked any more.
const reached = async (one) => {
  const { transaction, prompt, number } = await ask(one);
  await eventually("the notification", () => service.received.find(({ endpoint, text }) => endpoint === one.device.subscription.endpoint && text.includes(prompt)));
  const seen = await api.get(`/v1/transactions/${transaction}/prompts/${prompt}`);
  await api.post(`/v1/transactions/${transaction}/checks`, one.device.approve(seen, number), 200);
};

test("a key is added, and retired, without a restart", async () => {
  const early = await confirm(await enrol());
  const between = await enrol();
  await reached(early);

  assert.match(keys("add"), /reload each/);
  await reload("push_keys_taken");
  const late = await confirm(await enrol());
  assert.notEqual(late.enrolment.server_key, early.enrolment.server_key);
  // Its page has subscribed with the key that it was given.
  await confirm(between);
  for (const one of [early, between, late]) await reached(one);
  assert.deepEqual(service.faults, []);

  keys("retire");
  await reload("push_keys_taken");
  await reached(late);
  const seen = server.log.length;
  await ask(early);
  await eventually("what is said of the old one", async () => server.log.slice(seen).includes(`push to device ${early.factor}: subscribed with a key that is not in the configuration`) || undefined);
  await api.post(`${early.path}/subscription`, early.device.renew(early.factor, late.enrolment.server_key), 200);
  await reached(early);
  assert.deepEqual(service.faults, []);
});

test("without a key, and with one that is none, the one in force stays", async () => {
  const good = readFileSync(secrets(), "utf8");
  const one = await confirm(await enrol());
  for (const bad of [good.replace(/^push_key = """[^]*?"""\n/m, ""), good.replace(/^push_key = """[^]*?"""\n/m, 'push_key = "none"\n')]) {
    assert.notEqual(bad, good);
    writeFileSync(secrets(), bad);
    const seen = server.log.length;
    await reload("reload_failed");
    assert.match(server.log.slice(seen), /the keys in force stay: [^"]*push_key/);
    await reached(one);
  }
  writeFileSync(secrets(), good);
  await reload("reloaded");
});
