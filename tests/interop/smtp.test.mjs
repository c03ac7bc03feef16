// Codes by e-mail through a real mail server that requires TLS and a password, read by Python's own parser.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client, anIdentity, eventually } from "../contract/support/client.mjs";
import { freePort } from "../contract/support/ports.mjs";
import { Server } from "../contract/support/server.mjs";

const program = fileURLToPath(new URL("support/mail_server.py", import.meta.url));

let directory;
let server;
const mailServers = [];
const mails = [];

/// Starts one, and answers its port.
const startMailServer = async (implicit, utf8 = "") => {
  const port = await freePort();
  const child = spawn("/usr/bin/python3", ["-B", program, port, join(directory, "cert.pem"), join(directory, "key.pem"), implicit, utf8], { stdio: ["ignore", "pipe", "inherit"] });
  mailServers.push(child);
  let rest = "";
  let ready = false;
  child.stdout.setEncoding("utf8").on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (line === "listening") ready = true;
      else mails.push({ port, ...JSON.parse(line) });
    }
  });
  await eventually("the mail server", () => ready || undefined);
  return port;
};

const table = (name, port, more) => `
[providers.${name}]
type = "smtp"
host = "localhost"
port = ${port}
user = "cs"
from = "codes@palco.example"
from_name = "Palco São Paulo"
return_path = "bounces@palco.example"
ca_file = "${join(directory, "cert.pem")}"
${more}
`;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), "countersign-mail-"));
  const made = spawnSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", join(directory, "key.pem"), "-out", join(directory, "cert.pem"), "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  const submission = await startMailServer("starttls");
  const submissions = await startMailServer("implicit");
  const international = await startMailServer("starttls", "utf8");
  const service = (name, provider) => `[[services]]\nname = "${name}"\nlocale = "pt-BR"\npolicies = ["default"]\n[services.channels]\nemail = "${provider}"\n`;
  const config = `${table("mail", submission, "")}${table("mails", submissions, 'tls = "implicit"')}${table("locked", submission, "")}${table("international", international, "")}${table("false_name", submission, "").replace("localhost", "127.0.0.1")}
[policies.default]
any_of = ["email"]
email_alone = true
${service("default", "mail")}${service("implicit", "mails")}${service("locked", "locked")}${service("international", "international")}${service("false_name", "false_name")}`;
  const secrets = ["mail", "mails", "international", "false_name"].map((name) => `[providers.${name}]\npassword = "s3cret"\n`).join("") + '[providers.locked]\npassword = "wrong"\n';
  server = await Server.start({ config, secrets });
});
after(async () => {
  await server?.stop();
  for (const child of mailServers) child.kill();
  rmSync(directory, { recursive: true, force: true });
});

/// Holds at a service and asks for a code by e-mail; answers the transaction.
const ask = async (api, service, address) => {
  const display = { title: "Nova conta de recebimento", amount: { value: "12480.00", currency: "BRL" }, payee: "Casa do Samba", lines: [{ label: "Banco", value: "Itaú 341", previous: "Nubank 260" }] };
  const held = await api.hold({ service, display, subject: { identity: anIdentity(), contacts: [{ channel: "email", address }] } });
  await api.post(`/v1/transactions/${held.id}/verifications`, { channel: "email" });
  return held;
};

for (const [service, how] of [["default", "after STARTTLS"], ["implicit", "within TLS"]]) {
  test(`a code arrives ${how}, says what it approves, and approves it`, async () => {
    const api = new Client(server);
    const address = `ana.${service}@example.com`;
    const { id } = await ask(api, service, address);
    const mail = await eventually("the mail", () => mails.find(({ to }) => to.includes(address)));
    assert.deepEqual(mail.defects, []);
    assert.equal(mail.tls, true);
    assert.equal(mail.helo, "palco.example");
    assert.equal(mail.from, "bounces@palco.example");
    assert.equal(mail.headers.from, "Palco São Paulo <codes@palco.example>");
    assert.equal(mail.headers.to, address);
    assert.equal(mail.headers["auto-submitted"], "auto-generated");
    assert.equal(mail.headers["content-language"], "pt-BR");
    assert.match(mail.headers["message-id"], /^<VL[0-9a-f]{32}@palco\.example>$/);
    assert.ok(Math.abs(Date.parse(mail.headers.date) - Date.now()) < 3_600_000);
    const [, code] = /^(\d{6}) é o seu código: Nova conta de recebimento \(/.exec(mail.headers.subject);
    for (const body of [mail.text, mail.html]) {
      for (const words of [code, "R$ 12.480,00", "Casa do Samba", "Itaú 341 (antes: Nubank 260)", "Não foi você?"]) assert.ok(body.includes(words), `${words} in ${body}`);
    }
    assert.doesNotMatch(mail.html, /https?:|<script|<img|href/);
    assert.ok(mail.raw.split("\r\n").every((line) => /^[ -~]{0,78}$/.test(line)));
    assert.equal((await api.post(`/v1/transactions/${id}/checks`, { code }, 200)).status, "verified");
  });
}

test("letters of any script before the @ go to a server that offers SMTPUTF8", async () => {
  const api = new Client(server);
  for (const [typed, address] of [["JOA\u0303O.Lima@example.com", "JO\u00C3O.Lima@example.com"], ["\u0438\u0432\u0430\u043D@example.com", "\u0438\u0432\u0430\u043D@example.com"]]) {
    const { id } = await ask(api, "international", typed);
    const mail = await eventually("the mail", () => mails.find(({ to }) => to.includes(address)));
    assert.equal(mail.smtputf8, true);
    assert.deepEqual(mail.defects, []);
    const [, code] = /^(\d{6}) é o seu código/.exec(mail.headers.subject);
    assert.equal((await api.post(`/v1/transactions/${id}/checks`, { code }, 200)).status, "verified");
  }
  await ask(api, "international", "plain@example.com");
  const plain = await eventually("the mail", () => mails.find(({ to }) => to.includes("plain@example.com")));
  assert.equal(plain.smtputf8, false);
});

test("and are refused, by a server that does not, before anybody is named", async () => {
  const api = new Client(server);
  const address = `jo\u00E3o.${Date.now()}@example.com`;
  const { id } = await ask(api, "default", address);
  const failed = await eventually("the refusal", async () => (await api.get(`/v1/events?transaction=${id}`)).data.find(({ type }) => type === "message.failed"));
  assert.equal(failed.data.fault, "unsupported_address");
  assert.equal(failed.data.provider_code, "smtputf8");
  assert.equal(mails.find(({ to }) => to.includes(address)), undefined);
  assert.ok(!server.log.includes(address));
});

test("no address adds a recipient or a header", async () => {
  const api = new Client(server);
  for (const local of ["jo\u00E3o\r\nBcc: eve", "ana>\r\nRCPT TO:<eve", "ana\u202Eeve", "ana\u0000", "\u00E3 eve", "ana\uFF20eve"]) {
    await api.post("/v1/transactions", { type: "t", subject: { identity: anIdentity(), contacts: [{ channel: "email", address: `${local}@example.com` }] }, display: { title: "T", short: "t" }, payload: {}, service: "international" }, "422 invalid_field");
  }
});

test("a mailbox that does not exist is told as that", async () => {
  const api = new Client(server);
  const { id } = await ask(api, "default", `nobody.${Date.now()}@example.com`);
  const failed = await eventually("the refusal", async () => {
    const { data } = await api.get(`/v1/events?transaction=${id}`);
    return data.find(({ type }) => type === "message.failed");
  });
  assert.equal(failed.data.fault, "invalid_address");
  assert.equal(failed.data.provider_code, "5.1.1");
});

for (const [service, what, fault] of [["locked", "a wrong password", "misconfigured"], ["false_name", "a certificate for another name", "unavailable"]]) {
  test(`nothing is sent with ${what}, and the operator reads why`, async () => {
    const api = new Client(server);
    const address = `eva.${service}@example.com`;
    await ask(api, service, address);
    await eventually("the line in the log", () => server.log.split("\n").find((line) => line.includes(`by ${service}: ${fault}`)));
    assert.equal(mails.find(({ to }) => to.includes(address)), undefined);
    assert.ok(!server.log.includes(address) && !server.log.includes("s3cret"));
  });
}
