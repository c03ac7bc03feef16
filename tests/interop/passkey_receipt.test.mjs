// The program in docs/passkeys.md is run as it stands, on receipts of real answers and on what was changed in them.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { repository } from "../contract/npm.mjs";
import { Authenticator } from "../contract/support/authenticator.mjs";
import { Client, anIdentity } from "../contract/support/client.mjs";
import { Server } from "../contract/support/server.mjs";
import { howItEnds } from "../faults/support/process.mjs";

const [, program] = /```python\n([^]*?)```/.exec(readFileSync(`${repository}docs/passkeys.md`, "utf8"));
let server;
let api;
let origin;
before(async () => {
  server = await Server.start();
  api = new Client(server);
  origin = server.credentials.url.replace("127.0.0.1", "localhost");
  writeFileSync(join(server.directory, "check.py"), program);
});
after(() => server?.stop());

const check = (receipt, rpId = "localhost", from = origin) => {
  const file = join(server.directory, "receipt.txt");
  writeFileSync(file, `${receipt}\n`);
  return howItEnds("/usr/bin/python3", ["-B", join(server.directory, "check.py"), file, rpId, from]);
};

const claimed = async (algorithm, changes = {}) => {
  const identity = anIdentity();
  const device = new Authenticator(origin, algorithm);
  const path = `/v1/subjects/${identity}/factors`;
  const enrolment = await api.post(path, { type: "webauthn" });
  await api.post(`${path}/${enrolment.id}/confirm`, { response: device.create(enrolment.options) }, 200);
  const { id } = await api.hold({ subject: { identity }, policy: { any_of: ["webauthn"] } });
  const { options } = await api.post(`/v1/transactions/${id}/challenges`, { method: "webauthn" });
  await api.post(`/v1/transactions/${id}/checks`, { method: "webauthn", response: device.get(options, changes) }, 200);
  return (await api.post(`/v1/transactions/${id}/claim`, undefined, 200)).receipt;
};

test("it has at most fifty lines", () => assert.ok(program.trimEnd().split("\n").length <= 50));

test("it takes the receipts of every algorithm", async () => {
  for (const algorithm of ["ES256", "EdDSA", "RS256"]) {
    const { how, text } = await check(await claimed(algorithm));
    assert.equal(how, 0, text);
    assert.match(text, /signed, and the person was verified/);
  }
  assert.match((await check(await claimed("ES256", { flags: 1 }))).text, /signed, by somebody who was present/);
});

test("it refuses what was not signed", async () => {
  const receipt = await claimed("ES256");
  const other = await claimed("ES256");
  const claims = (text) => JSON.parse(Buffer.from(text.split(".")[1], "base64url"));
  const changed = (change) => {
    const all = claims(receipt);
    change(all, all.proofs[0].passkey);
    return `e30.${Buffer.from(JSON.stringify(all)).toString("base64url")}.e30`;
  };
  const flip = (text) => {
    const bytes = Buffer.from(text, "base64url");
    bytes[bytes.length - 1] ^= 1;
    return bytes.toString("base64url");
  };
  for (const [change, pattern] of [
    [(all) => (all.binding_sha256 = claims(other).binding_sha256), /another challenge/],
    [(_, passkey) => (passkey.challenge_salt = flip(passkey.challenge_salt)), /another challenge/],
    [(_, passkey) => (passkey.signature = flip(passkey.signature)), /the signature is wrong/],
    [(_, passkey) => (passkey.authenticator_data = flip(passkey.authenticator_data)), /the signature is wrong/],
    [(_, passkey) => (passkey.public_key = claims(other).proofs[0].passkey.public_key), /the signature is wrong/],
    [(all) => (all.proofs = []), /there is no proof/],
  ]) {
    const { how, text } = await check(changed(change));
    assert.equal(how, 1, text);
    assert.match(text, pattern);
  }
  assert.match((await check(receipt, "example.com")).text, /another site/);
  assert.match((await check(receipt, "localhost", "https://evil.example")).text, /another page/);
});
