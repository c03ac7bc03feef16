// The program in docs/push.md is run as it stands, on receipts of real answers and on what was changed in them.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { repository } from "../contract/npm.mjs";
import { Client, aPhone, anIdentity } from "../contract/support/client.mjs";
import { MobileSdk } from "../contract/support/mobile_sdk.mjs";
import { PushDevice, PushService, newPushKey } from "../contract/support/push.mjs";
import { Server } from "../contract/support/server.mjs";
import { howItEnds } from "../faults/support/process.mjs";
import { raw } from "./support/twilio_client.mjs";

const [, program] = /```js\n(\/\/ node check-push\.mjs[^]*?)```/.exec(readFileSync(`${repository}docs/push.md`, "utf8"));
let server;
let api;
let service;
before(async () => {
  service = await PushService.start();
  const config = `
[policies.default]
any_of = ["sms"]
[[accounts]]
name = "default"
[[services]]
name = "default"
channels = {sms = "inbox"}
push_page = "https://app.example.com/approve"
`;
  server = await Server.start({ config, environment: { COUNTERSIGN_PUSH_KEY: newPushKey() }, keys: ["default"] });
  api = new Client(server);
  writeFileSync(join(server.directory, "check-push.mjs"), program);
});
after(async () => {
  await server?.stop();
  service?.stop();
});

const check = (receipt) => {
  const file = join(server.directory, "receipt.txt");
  writeFileSync(file, `${receipt}\n`);
  return howItEnds(process.execPath, [join(server.directory, "check-push.mjs"), file]);
};

const claim = async (id) => (await api.post(`/v1/transactions/${id}/claim`, undefined, 200)).receipt;
const byBrowser = async () => {
  const identity = anIdentity();
  const device = new PushDevice(service);
  const path = `/v1/subjects/${identity}/factors`;
  const enrolment = await api.post(path, { type: "push" });
  await api.post(`${path}/${enrolment.id}/confirm`, device.create(enrolment), 200);
  const { id } = await api.hold({ subject: { identity }, policy: { any_of: ["push"] } });
  const { prompt, number } = await api.post(`/v1/transactions/${id}/challenges`, { method: "push" });
  const view = await api.get(`/v1/transactions/${id}/prompts/${prompt}`);
  await api.post(`/v1/transactions/${id}/checks`, device.approve(view, number), 200);
  return claim(id);
};
/// A bare yes of a phone with the mobile SDKs, beside a code.
const byPhone = async () => {
  const identity = anIdentity();
  const sdk = new MobileSdk(server.url);
  const path = `/v2/Services/${server.credentials.service_sid}`;
  const { json } = await raw(server, "POST", `${path}/AccessTokens`, { Identity: identity, FactorType: "push" });
  await sdk.createFactor({ accessToken: json.token, serviceSid: server.credentials.service_sid, identity, friendlyName: "Pixel" });
  await sdk.verifyFactor();
  const phone = aPhone();
  const { id } = await api.hold({ subject: { identity, contacts: [{ channel: "sms", address: phone }] }, policy: { any_of: ["push", "sms"] } });
  const asked = await api.post(`/v1/transactions/${id}/challenges`, { method: "push", factor: sdk.factor.sid });
  await sdk.getChallenge(asked.challenge);
  await sdk.updateChallenge(asked.challenge, "approved");
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
  assert.equal((await api.post(`/v1/transactions/${id}/checks`, { code: await api.code(phone) }, 200)).status, "verified");
  return claim(id);
};

const claimsOf = (receipt) => JSON.parse(Buffer.from(receipt.split(".")[1], "base64url"));
const changedClaims = (receipt, change) => {
  const all = claimsOf(receipt);
  const proof = all.proofs.find((one) => one.push !== undefined);
  change(all, proof, proof.push);
  return `e30.${Buffer.from(JSON.stringify(all)).toString("base64url")}.e30`;
};
const flip = (text) => {
  const bytes = Buffer.from(text, "base64url");
  bytes[bytes.length - 1] ^= 1;
  return bytes.toString("base64url");
};
const refusedEach = async (receipt, cases) => {
  for (const [change, pattern] of cases) {
    const { how, text } = await check(changedClaims(receipt, change));
    assert.equal(how, 1, text);
    assert.match(text, pattern);
  }
};

test("it has at most fifty lines", () => assert.ok(program.trimEnd().split("\n").length <= 50));

test("it takes what a browser signed, and refuses what it did not", async () => {
  const [receipt, other] = [await byBrowser(), await byBrowser()];
  const { how, text } = await check(receipt);
  assert.equal(how, 0, text);
  assert.match(text, /signed by the device [0-9a-f]{64} with the number of the page/);
  const theirs = claimsOf(other).proofs[0].push;
  await refusedEach(receipt, [
    [(all) => (all.binding_sha256 = claimsOf(other).binding_sha256), /another challenge/],
    [(_, __, push) => (push.challenge_salt = flip(push.challenge_salt)), /another challenge/],
    [(_, __, push) => (push.signature = flip(push.signature)), /signature is wrong/],
    [(_, __, push) => (push.signed = push.signed.replace(/.$/, (digit) => String(9 - Number(digit)))), /signature is wrong/],
    [(_, __, push) => (push.public_key = theirs.public_key), /signature is wrong/],
    [(_, __, push) => Object.assign(push, theirs), /another challenge/],
    [(_, proof) => (proof.number_typed = false), /no number was typed/],
    [(_, proof) => delete proof.push && (proof.method = "sms"), /there is no proof/],
  ]);
});

test("it takes what a phone with the mobile SDKs signed as a bare yes, and refuses what it did not", async () => {
  const [receipt, other] = [await byPhone(), await byPhone()];
  const { how, text } = await check(receipt);
  assert.equal(how, 0, text);
  assert.match(text, /signed by the device [0-9a-f]{64} as a bare yes/);
  const theirs = claimsOf(other).proofs.find((one) => one.push !== undefined).push;
  await refusedEach(receipt, [
    [(all) => (all.binding_sha256 = claimsOf(other).binding_sha256), /another transaction/],
    [(_, __, push) => (push.signature = flip(push.signature)), /signature is wrong/],
    [(_, __, push) => Object.assign(push, theirs), /another transaction/],
    [(_, proof) => (proof.number_typed = true), /types no number/],
    [(_, __, push) => (push.form = "web_push"), /no approval|another challenge/],
  ]);
});
