// The programs in docs/receipts.md are run as they stand, on good receipts and on bad ones, before and after the signing
// key has changed.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { modules, repository } from "../contract/npm.mjs";
import { Client, eventually } from "../contract/support/client.mjs";
import { binary, Server } from "../contract/support/server.mjs";
import { howItEnds } from "../faults/support/process.mjs";

const text = readFileSync(`${repository}docs/receipts.md`, "utf8");
const snippets = [...text.matchAll(/```(js|python)\n([^]*?)```/g)].map(([, language, code]) => ({ language, code }));
const display = { title: "Nova conta", amount: { value: "12480.00", currency: "BRL" }, payee: "Zoë & filhos", lines: [{ label: "Conta", value: "é 3661" }] };
const payloads = [{ account: "02366-1", bank: "341", "€": "\u0007\"\\/", "\u{1f600}": 1, "\ufb33": [null, true, -5, 9007199254740991] }, "só texto \u2028", null];

let server;
let api;
let issuer;
before(async () => {
  assert.deepEqual(snippets.map(({ language }) => language), ["js", "js", "python"]);
  server = await Server.start();
  api = new Client(server);
  issuer = server.url.replace("127.0.0.1", "localhost");
  symlinkSync(modules, join(server.directory, "node_modules"));
  for (const [i, { language, code }] of snippets.entries()) writeFileSync(join(server.directory, `${i}.${language === "js" ? "mjs" : "py"}`), code);
});
after(() => server?.stop());

/// How each of the three programs ends on it.
const check = (receipt, known) => {
  const file = (name, content) => {
    writeFileSync(join(server.directory, name), content);
    return join(server.directory, name);
  };
  const args = [issuer, file("receipt.txt", `${receipt}\n`), file("known.json", JSON.stringify(known))];
  const environment = { ...process.env, NODE_OPTIONS: "--dns-result-order=ipv4first" };
  return Promise.all(snippets.map(({ language }, i) => {
    const command = language === "js" ? [process.execPath, join(server.directory, `${i}.mjs`)] : ["/usr/bin/python3", "-B", join(server.directory, `${i}.py`)];
    return howItEnds(command[0], [command[1], ...(language === "js" ? [] : [command[2]]), ...args.slice(0, i === 0 ? 2 : 3)], { env: environment });
  }));
};

const claimed = async (payload, shown = display) => {
  const { id } = await api.verified({ payload, type: "payout_account.change", display: shown });
  const { receipt } = await api.post(`/v1/transactions/${id}/claim`, undefined, 200);
  return { receipt, known: { account: server.credentials.account_sid, transaction: id, display: shown, payload } };
};
const assertGood = async ({ receipt, known }) => {
  for (const { how, text: out } of await check(receipt, known)) {
    assert.equal(how, 0, out);
    assert.equal(JSON.parse(out).transaction, known.transaction);
  }
};
/// By those who know what the application holds; `signature` is what jose notices, too.
const assertBad = async (receipt, known, pattern, { signature = false } = {}) => {
  const [jose, node, python] = await check(receipt, known);
  assert.equal(jose.how, signature ? 1 : 0, jose.text);
  for (const { how, text: out } of [node, python]) {
    assert.equal(how, 1, out);
    assert.match(out, pattern);
  }
};

test("the programs take good receipts, whatever is in them", async () => {
  for (const payload of payloads) await assertGood(await claimed(payload));
  await assertGood(await claimed(null, { title: "Nova conta" }));
});

test("the programs refuse what is not what the application knows", async () => {
  const { receipt, known } = await claimed(payloads[0]);
  const other = await claimed(payloads[0]);
  await assertBad(receipt, { ...known, payload: { ...payloads[0], account: "99999-9" } }, /payload_sha256 is/);
  await assertBad(receipt, { ...known, display: { ...display, payee: "Somebody else" } }, /display_sha256 is/);
  await assertBad(receipt, other.known, /transaction is/);
  // The binding alone: as if the server had signed another one.
  const [head, body, signature] = receipt.split(".");
  const swapped = `${head}.${other.receipt.split(".")[1]}.${signature}`;
  await assertBad(swapped, other.known, /the signature is wrong/, { signature: true });
  const header = { ...JSON.parse(Buffer.from(head, "base64url")), typ: "JWT" };
  await assertBad(`${Buffer.from(JSON.stringify(header)).toString("base64url")}.${body}.${signature}`, known, /another kind of token/, { signature: true });
});

test("old receipts verify after the signing key has changed, and the next key is published before it signs", async () => {
  const kid = (receipt) => JSON.parse(Buffer.from(receipt.split(".")[0], "base64url")).kid;
  const published = async () => (await api.get("/.well-known/jwks.json")).keys.map((key) => key.kid);
  const keys = async (...args) => {
    const { how, text: out } = await howItEnds(binary, ["keys", ...args, ...server.options]);
    assert.equal(how, 0, out);
    const seen = server.log.length;
    server.process.kill("SIGHUP");
    await eventually("the reload", async () => server.log.slice(seen).includes('"reloaded"') || undefined);
  };
  const old = await claimed(payloads[0]);
  const first = kid(old.receipt);
  assert.deepEqual(await published(), [first]);
  await keys("add", "--signing");
  const between = await claimed(payloads[0]);
  assert.equal(kid(between.receipt), first, "the next one does not sign yet");
  const [, second] = await published();
  assert.ok(second && second !== first);
  await keys("promote", "--signing", "--no-database");
  const young = await claimed(payloads[0]);
  assert.equal(kid(young.receipt), second);
  assert.deepEqual(await published(), [second, first]);
  for (const one of [old, between, young]) await assertGood(one);

  // By hand, with a key of the other kind.
  const pem = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" });
  const file = join(server.directory, "countersign.secrets.toml");
  writeFileSync(file, readFileSync(file, "utf8").replace(/^(retired_signing_keys)/m, `next_signing_key = """\n${pem}"""\n$1`), { mode: 0o600 });
  await keys("promote", "--signing", "--no-database");
  const es256 = await claimed(payloads[0]);
  assert.equal(JSON.parse(Buffer.from(es256.receipt.split(".")[0], "base64url")).alg, "ES256");
  assert.equal((await published()).length, 3);
  for (const one of [old, young, es256]) await assertGood(one);
});
