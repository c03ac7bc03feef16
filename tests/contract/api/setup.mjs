// The server and the double of Twilio that all files of this folder share.
import { after, before } from "node:test";
import { Client, aHold, aPhone, anIdentity, eventually } from "../support/client.mjs";
import { readFileSync } from "node:fs";
import { Gateway } from "../support/gateway.mjs";
import { repository } from "../npm.mjs";
import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import { Server } from "../support/server.mjs";
import { MailServer } from "../support/mail_server.mjs";
import { Meta, appSecret, phoneNumberId, verifyToken } from "../support/meta.mjs";
import { PushService, newPushKey } from "../support/push.mjs";
import { Twilio, accountSid, authToken, verifyServiceSid } from "../support/twilio.mjs";

export let twilio;
export let mailServer;
export let meta;
export let gateway;
export let pushService;
export let server;
export let api;
/// Held when the server started, with the shortest life that a hold can have: what remains of it passes while other tests run.
export let expiring;

/// An issuer of Shared Signals, which publishes its key.
export const issuer = { url: "", keys: generateKeyPairSync("rsa", { modulusLength: 2048 }), kid: "2026-11", server: undefined };
const startIssuer = async () => {
  const jwk = { ...issuer.keys.publicKey.export({ format: "jwk" }), kid: issuer.kid, alg: "RS256", use: "sig" };
  issuer.server = createServer((_, response) => response.setHeader("Content-Type", "application/jwk-set+json").end(JSON.stringify({ keys: [jwk] })));
  await new Promise((resolve) => issuer.server.listen(0, "127.0.0.1", resolve));
  issuer.url = `http://127.0.0.1:${issuer.server.address().port}`;
};

/// The example for Sinch, at the double.
const gatewayConfig = () =>
  readFileSync(`${repository}deploy/gateways/sinch.toml`, "utf8")
    .replace("https://us.sms.api.sinch.com", gateway.url)
    .replace('type = "http_gateway"', 'type = "http_gateway"\nprivate_addresses = true') +
  ["zenvia", "vonage-sms", "infobip"].map((name) => readFileSync(`${repository}deploy/gateways/${name}.toml`, "utf8")).join("\n") +
  `
[providers.signing]
type = "http_gateway"
url = "${gateway.url}/"
private_addresses = true
json = '{"to":"{to}","text":"{text}"}'
id = "/id"
[providers.signing.report]
format = "json"
our_id = "/ref"
state = "/state"
states = { delivered = "delivered" }
auth = "hmac"
header = "X-Signature"
`;

const config = () => `
drain = "5m"
trusted_proxies = ["127.0.0.1"]
[risk.money]
currency = "BRL"
countries = { JM = "20.00 BRL" }
[providers.inbox]
type = "inbox"
[providers.inbox.cost]
default = "0.10 BRL"
[policies.default]
any_of = ["sms", "call", "whatsapp", "totp"]
[policies.totp]
any_of = ["totp"]
[policies.passkey]
any_of = ["webauthn"]
[policies.push]
any_of = ["push"]
[providers.verify]
type = "twilio_verify"
account_sid = "${accountSid}"
service_sid = "${verifyServiceSid}"
base_url = "${twilio.url}"
[providers.texts]
type = "twilio_messaging"
account_sid = "${accountSid}"
from = "+15005550006"
base_url = "${twilio.url}"
[providers.mail]
type = "smtp"
host = "127.0.0.1"
port = ${mailServer.port}
tls = "none"
from = "codes@palco.example"
return_path = "bounces+{message}@palco.example"
[providers.voice]
type = "twilio_voice"
account_sid = "${accountSid}"
from = "+15005550006"
base_url = "${twilio.url}"
voices = {en = "Polly.Joanna-Neural"}
[providers.meta]
type = "whatsapp_cloud"
phone_number_id = "${phoneNumberId}"
template = "otp_code"
languages = {pt-BR = "pt_BR", en = "en_US", es = "es_MX"}
base_url = "${meta.url}"
${gatewayConfig()}
[shared_signals.idp]
issuer = "https://accounts.example.com/"
audience = "https://verify.example.com/idp"
jwks_url = "${issuer.url}/jwks.json"
[policies.email]
any_of = ["email"]
email_alone = true
[[accounts]]
name = "default"
[[accounts]]
name = "denied"
ip_deny = ["192.0.2.0/24"]
[[accounts]]
name = "single"
[accounts.limits]
sends_max = 1
checks_per_account = "1 per 10m"
failures_disable_at = 1
[[accounts]]
name = "frugal"
[accounts.limits]
sends_per_contact = "1 per 10m"
failures_disable_at = 1
[[accounts]]
name = "spent"
[accounts.money]
day = "0.00 BRL"
[[accounts]]
name = "counted"
[accounts.money]
day = "1.00 BRL"
[[accounts]]
name = "watched"
[accounts.risk]
pumping = "on"
[[accounts]]
name = "slow"
[accounts.limits]
failures_disable_at = 1
[[services]]
name = "default"
channels = {sms = "inbox", whatsapp = "inbox", email = "inbox"}
push_page = "https://app.example.com/approve"
[[services]]
name = "verify"
channels = {sms = "verify"}
[[services]]
name = "texts"
channels = {sms = "texts"}
webauthn = {rp_id = "example.com", origins = ["https://app.example.com"]}
[[services]]
name = "whatsapp"
channels = {whatsapp = "meta"}
[[services]]
name = "calls"
friendly_name = "Palco & <Filhos>"
channels = {call = "voice"}
[[services]]
name = "gateway"
channels = {sms = "sinch"}
[[services]]
name = "answered"
channels = {sms = ["sinch", "zenvia", "vonage", "infobip"]}
[[services]]
name = "mails"
channels = {email = "mail"}
policies = ["email"]
push_page = "none"
${["denied", "single", "frugal", "slow", "spent", "counted", "watched"].map((name) => `[[services]]\naccount = "${name}"\nname = "for-${name}"\nchannels = {sms = "inbox"}`).join("\n")}
`;

before(async () => {
  twilio = await Twilio.start();
  mailServer = await MailServer.start();
  gateway = await Gateway.start();
  await startIssuer();
  meta = await Meta.start();
  pushService = await PushService.start();
  const secrets = `[providers.verify]\nauth_token = "${authToken}"\n[providers.texts]\nauth_token = "${authToken}"
[providers.voice]\nauth_token = "${authToken}"
[providers.meta]\naccess_token = "EAAJ"\napp_secret = "${appSecret}"\nverify_token = "${verifyToken}"
[providers.sinch]
secret = "a token"
inbound_secret = "of texts"
[providers.zenvia]
secret = "a token"
report_secret = "of reports"
inbound_secret = "of texts"
[providers.vonage]
secret = "a token"
inbound_secret = "of texts"
[providers.infobip]
secret = "a token"
inbound_secret = "of texts"
[providers.signing]
report_secret = "of signed reports"
[shared_signals.idp]
authorization = "Bearer of the issuer"\n`;
  server = await Server.start({ config: config(), secrets, environment: { COUNTERSIGN_PUSH_KEY: newPushKey() }, keys: ["default", "default#2", "default#vouch", "default#admin", "denied", "single", "frugal", "slow", "spent", "counted", "watched", "watched#admin"] });
  api = new Client(server);
  expiring = await api.hold({ expires_in: 30 });
});
after(async () => {
  await server?.stop();
  gateway?.stop();
  issuer.server?.close();
  pushService?.stop();
  await twilio?.stop();
  await mailServer?.stop();
  await meta?.stop();
});

/// Runs `body` while no message of the account that costs money goes out.
export const whileStopped = async (body) => {
  const admin = new Client(server, "default#admin");
  const newcomer = () => ({ ...aHold(), subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: aPhone() }] }, send: "sms" });
  const until = (status) => eventually(`${status}`, async () => ((await api.call("POST", "/v1/transactions", { body: newcomer() })).status === status ? true : undefined));
  await admin.post("/v1/risk/spending", { stopped: true }, 200);
  try {
    await until(422);
    await body();
  } finally {
    await admin.post("/v1/risk/spending", { stopped: false }, 200);
    await until(201);
  }
};

/// Another API key of the same account.
export const anotherKey = () => new Client(server, "default#2");
