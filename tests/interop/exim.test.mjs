// A real mail server of Debian's, exim4, which takes our mail and cannot deliver it: its report comes back to the keyed return
// path and, as docs/email.md says, by a pipe to us. Skipped where exim4 is not installed (exim4-daemon-light).
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Client, anIdentity, eventually } from "../contract/support/client.mjs";
import { freePort } from "../contract/support/ports.mjs";
import { Server } from "../contract/support/server.mjs";

const exim = "/usr/sbin/exim4";
const skip = existsSync(exim) ? false : "exim4-daemon-light is not installed";

let directory;
let daemon;
let server;

/// Exim gives up root for a configuration that is not its own.
const user = userInfo().uid === 0 ? "mail" : userInfo().username;

const eximConfig = (port, url) => `
BASE = ${directory}
primary_hostname = mx.test
spool_directory = BASE/spool
log_file_path = BASE/log/%slog
pid_file_path = BASE/log/pid
exim_user = ${user}
exim_group = ${user}
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
tls_advertise_hosts =
acl_smtp_rcpt = accept
begin routers
nobody:
  driver = redirect
  local_parts = nobody
  allow_fail
  data = :fail: 5.1.1 no such mailbox
returns:
  driver = accept
  condition = \${if match{$local_part}{\\N^bounces\\+\\N}}
  transport = to_countersign
others:
  driver = accept
  transport = box
begin transports
to_countersign:
  driver = pipe
  command = ${join(directory, "report.sh")}
  user = ${user}
box:
  driver = appendfile
  file = BASE/mail/box
  user = ${user}
  create_file = anywhere
`;

before(async () => {
  if (skip) return;
  directory = mkdtempSync(join(tmpdir(), "countersign-exim-"));
  chmodSync(directory, 0o755);
  for (const name of ["spool", "log", "mail"]) {
    mkdirSync(join(directory, name));
    if (user === "mail") assert.equal(spawnSync("chown", ["mail", join(directory, name)]).status, 0);
  }
  const port = await freePort();
  server = await Server.start({
    config: `
[providers.mail]
type = "smtp"
host = "127.0.0.1"
port = ${port}
tls = "none"
from = "codes@palco.example"
return_path = "bounces+{message}@palco.example"
[policies.default]
any_of = ["email"]
email_alone = true
[[services]]
name = "default"
channels = {email = "mail"}
`,
  });
  // The line of docs/email.md for /etc/aliases, with our own address.
  const [, line] = /^bounces: "\|(.*)"$/m.exec(readFileSync(new URL("../../docs/email.md", import.meta.url), "utf8"));
  const script = join(directory, "report.sh");
  writeFileSync(script, `#!/bin/sh\n${line.replace("https://verify.example.com", server.url)}\n`, { mode: 0o755 });
  const config = join(directory, "exim.conf");
  writeFileSync(config, eximConfig(port, server.url));
  daemon = spawn(exim, ["-C", config, "-bdf", "-q1m"], { stdio: ["ignore", "ignore", "ignore"] });
  await eventually("exim", () =>
    new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("data", () => (socket.destroy(), resolve(true)));
      socket.once("error", () => resolve(undefined));
    }));
});
after(async () => {
  daemon?.kill();
  await server?.stop();
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
});

const ask = async (api, contacts, identity = anIdentity()) => {
  const subject = { identity, ...(contacts.length > 0 && { contacts: contacts.map((address) => ({ channel: "email", address })) }) };
  const { id } = await api.hold({ subject });
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "email" });
  return { id, identity };
};

test("exim's report of a mailbox that does not exist is believed, and that mailbox comes last from then on", { skip }, async () => {
  const api = new Client(server);
  const { id, identity } = await ask(api, ["zoe@example.com", "nobody@example.com"]);
  const { id: next } = await eventually("the report", async () => {
    const { data } = await api.get(`/v1/events?transaction=${id}`);
    const failed = data.find(({ type }) => type === "message.failed");
    if (failed === undefined) return undefined;
    assert.equal(failed.data.fault, "rejected"); // Exim says 5.0.0, and 5.1.1 only in words.
    assert.equal(failed.data.provider_code, "5.0.0");
    return ask(api, [], identity);
  });
  const { data } = await api.get(`/v1/subjects/${identity}/contacts`);
  assert.deepEqual(data.map(({ address, unreachable }) => [address[0], unreachable]).sort(), [["n", "bounced"], ["z", null]]);
  const { verifications } = await api.get(`/v1/transactions/${next}`);
  assert.match(verifications[0].to, /^z/);
  await eventually("the mail to the other", () => (existsSync(join(directory, "mail/box")) ? true : undefined));
});
