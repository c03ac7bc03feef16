// The receiver of docs/http-hook.md, as it stands, carries a code to its person.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { repository } from "../contract/npm.mjs";
import { Client, aPhone, anIdentity, eventually } from "../contract/support/client.mjs";
import { freePort } from "../contract/support/ports.mjs";
import { Server } from "../contract/support/server.mjs";

const page = readFileSync(`${repository}docs/http-hook.md`, "utf8");
const secret = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
// Where the package that it imports is found.
const program = `${repository}tools/npm/http_hook_receiver.${process.pid}.mjs`;

let server;
let receiver;
let printed = "";
before(async () => {
  const port = await freePort();
  const [, lines] = /```js\n([^]*?)```/.exec(page);
  writeFileSync(program, lines);
  receiver = spawn(process.execPath, [program], { env: { ...process.env, PORT: port, HOOK_SECRET: secret }, stdio: ["ignore", "pipe", "inherit"] });
  receiver.stdout.setEncoding("utf8").on("data", (text) => (printed += text));
  const [, shipped] = /```toml\n([^]*?)```/.exec(page);
  const [provider, channels] = shipped.split("[services.channels]");
  const here = provider.replace(/url = .*/, `url = "http://127.0.0.1:${port}/countersign"\nprivate_addresses = true`);
  const config = `${here}\n[policies.default]\nany_of = ["sms"]\n[[services]]\nname = "default"\npolicies = ["default"]\n[services.channels]${channels}`;
  server = await Server.start({ config, secrets: `[providers.hook]\nsecret = "${secret}"\n` });
});
after(async () => {
  await server?.stop();
  receiver?.kill();
  rmSync(program, { force: true });
});

test("what it prints is what the person needs", async () => {
  const api = new Client(server);
  const phone = aPhone();
  const { id } = await api.hold({ subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] } });
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
  const text = await eventually("the message", () => printed.split("\n").find((line) => line.startsWith(`to ${phone} by sms: `)));
  const [, code] = /\b(\d{6})\b/.exec(text.slice(`to ${phone}`.length));
  const checked = await api.post(`/v1/transactions/${id}/checks`, { code }, 200);
  assert.equal(checked.status, "verified");
});

test("the table of members and the example say the same", () => {
  const [, example] = /```json\n([^]*?)```/.exec(page);
  const named = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(named.filter((name) => name !== "subject").sort(), Object.keys(JSON.parse(example)).sort());
});
