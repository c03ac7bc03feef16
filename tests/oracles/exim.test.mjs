// Codes through Debian's exim4, as a server that wants TLS and a password: one that arrives, and one whose failure comes
// back to the return path and from there to us, by the line of docs/email.md.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Client, anIdentity, eventually } from "../contract/support/client.mjs";
import { freePort } from "../contract/support/ports.mjs";
import { Server } from "../contract/support/server.mjs";

const version = spawnSync("exim4", ["-bV"], { encoding: "utf8" }).stdout?.split("\n")[0] ?? "exim4 is not installed";

let base;
let exim;
let server;

/// exim runs as who starts it; root's gives its rights up to the user of Debian's mailboxes.
const is_root = process.getuid() === 0;
const id_of = (name) => Number(spawnSync("id", ["-u", name], { encoding: "utf8" }).stdout);

/// The line of docs/email.md, for this server.
const alias = (origin) => {
  const [, line] = /^bounces: "\|(.+)"$/m.exec(readFileSync(`${import.meta.dirname}/../../docs/email.md`, "utf8"));
  const ours = line.replace("https://verify.example.com", origin);
  assert.notEqual(ours, line);
  return ours;
};

const configuration = (port, origin) => `
BASE = ${base}
primary_hostname = mx.test
spool_directory = BASE/spool
log_file_path = BASE/log/%slog
pid_file_path = BASE/pid
${is_root ? "exim_user = mail\nexim_group = mail\n" : ""}local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
tls_advertise_hosts = *
tls_certificate = BASE/cert.pem
tls_privatekey = BASE/key.pem
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}
deliver_drop_privilege = true
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
begin acl
rcpt:
  deny !authenticated = *
       message = 530 5.7.0 Authentication required
  accept
begin routers
returned:
  driver = accept
  local_parts = bounces
  local_part_suffix = +*
  domains = palco.example
  transport = to_us
nobody:
  driver = redirect
  local_parts = nobody
  allow_fail
  data = :fail: 5.1.1 no such mailbox
all:
  driver = accept
  transport = box
begin transports
to_us:
  driver = pipe
  command = /bin/sh -c "${alias(origin)}"
  message_prefix =
  message_suffix =
  log_output = true
  path = /usr/bin:/bin
box:
  driver = appendfile
  file = BASE/mail/box
  create_file = anywhere
  mode = 0644
begin authenticators
PLAIN:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{cs}}{eq{$auth3}{s3cret}}}}
`;

/// The mails in the box, as Python's own parser reads them.
const mails = () => {
  if (!existsSync(join(base, "mail/box"))) return [];
  const reader = `
import email.policy, json, mailbox, sys
box = mailbox.mbox(sys.argv[1], factory=lambda f: email.message_from_binary_file(f, policy=email.policy.default))
print(json.dumps([{"to": str(m["to"]), "from": str(m["return-path"]), "subject": str(m["subject"]), "received": str(m["received"]), "defects": [str(d) for p in m.walk() for d in p.defects]} for m in box]))`;
  const read = spawnSync("/usr/bin/python3", ["-c", reader, join(base, "mail/box")], { encoding: "utf8" });
  assert.equal(read.status, 0, read.stderr);
  return JSON.parse(read.stdout);
};
const log = () => readFileSync(join(base, "log/mainlog"), "utf8");

before(async () => {
  base = mkdtempSync(join(tmpdir(), "countersign-exim-"));
  const made = spawnSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", join(base, "key.pem"), "-out", join(base, "cert.pem"), "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  for (const name of ["spool", "log", "mail"]) mkdirSync(join(base, name));
  if (is_root) {
    chmodSync(base, 0o755);
    for (const name of ["spool", "log", "mail", "key.pem"]) chownSync(join(base, name), id_of("mail"), id_of("mail"));
  }
  const port = await freePort();
  const table = (name, more) => `
[providers.${name}]
type = "smtp"
host = "localhost"
port = ${port}
user = "cs"
from = "codes@palco.example"
from_name = "Palco"
ca_file = "${join(base, "cert.pem")}"
${more}
[[services]]
name = "${name}"
policies = ["default"]
[services.channels]
email = "${name}"
`;
  server = await Server.start({
    config: `${table("default", 'return_path = "bounces+{message}@palco.example"')}${table("locked", 'return_path = "bounces@palco.example"')}
[policies.default]
any_of = ["email"]
email_alone = true
`,
    secrets: '[providers.default]\npassword = "s3cret"\n[providers.locked]\npassword = "wrong"\n',
  });
  writeFileSync(join(base, "exim.conf"), configuration(port, server.url), { mode: 0o644 });
  exim = spawn("exim4", ["-C", join(base, "exim.conf"), "-bdf", "-q1m"], { stdio: ["ignore", "inherit", "inherit"] });
  await eventually("exim", () => (existsSync(join(base, "log/mainlog")) && log().includes("listening") ? true : undefined));
});
after(async () => {
  exim?.kill();
  await server?.stop();
  if (base) rmSync(base, { recursive: true, force: true });
});

const ask = async (api, address, service = "default") => {
  const { id } = await api.hold({ service, subject: { identity: anIdentity(), contacts: [{ channel: "email", address }] } });
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "email" });
  return id;
};

describe(version, () => {
  test("a code arrives by TLS and a password, and approves", async () => {
    const api = new Client(server);
    const address = `ana.${Date.now()}@example.com`;
    const id = await ask(api, address);
    const mail = await eventually("the mail", () => mails().find(({ to }) => to === address));
    assert.deepEqual(mail.defects, []);
    assert.match(log(), new RegExp(`<= bounces\\+[a-z2-7]{42}@palco\\.example .* P=esmtpsa X=TLS1\\.3.* A=PLAIN.*id=VL`));
    const [, code] = /^(\d{6})/.exec(mail.subject);
    assert.equal((await api.post(`/v1/transactions/${id}/checks`, { code }, 200)).status, "verified");
  });

  test("a failure that comes back is believed, told, and remembered", async () => {
    const api = new Client(server);
    const address = `nobody@x${Date.now()}.example.com`;
    const id = await ask(api, address);
    const failed = await eventually("the report", async () => (await api.get(`/v1/events?transaction=${id}&type=message.failed`)).data[0]);
    assert.equal(failed.data.provider_code, "5.0.0");
    const contacts = (await api.get(`/v1/events?transaction=${id}&type=contact.unreachable`)).data;
    assert.deepEqual(contacts.map(({ data }) => data.reason), ["bounced"]);
    assert.doesNotMatch(log(), /Child process of to_us transport returned [1-9]/);
  });

  test("a wrong password sends nothing, and the operator reads why", async () => {
    const api = new Client(server);
    const address = `eva.${Date.now()}@example.com`;
    await ask(api, address, "locked");
    await eventually("the line in the log", () => server.log.split("\n").find((line) => line.includes("by locked: misconfigured")));
    assert.match(log(), /authenticator failed .*535 Incorrect authentication data/);
    assert.equal(mails().find(({ to }) => to === address), undefined);
  });
});
