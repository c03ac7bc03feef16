// What others read of our pushes: npm `http_ece` decrypts the bodies, and npm `jose` verifies the VAPID tokens.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createECDH, randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { npm } from "../contract/npm.mjs";

const ece = npm("http_ece");
const { importJWK, jwtVerify } = npm("jose");
const maker = `${import.meta.dirname}/../../build/debug/tests/oracles/push_messages`;

const texts = ["", "x", "Aprovação de R$ 1.234,56 para José", "x".repeat(511), "x".repeat(3993)];
const cases = [0, 512, 3993].flatMap((padded_to) =>
  texts.map((text, i) => {
    const pair = createECDH("prime256v1");
    const keys = { p256dh: pair.generateKeys("base64url"), auth: randomBytes(16).toString("base64url") };
    const origin = i % 2 ? "https://web.push.apple.com" : "https://fcm.googleapis.com:8443";
    return { pair, auth: keys.auth, asked: { ...keys, text, padded_to, origin } };
  }),
);
const made = spawnSync(maker, { input: cases.map(({ asked }) => `${JSON.stringify(asked)}\n`).join(""), encoding: "utf8", maxBuffer: 1 << 26 });
assert.equal(made.status, 0, `${maker}: ${made.error ?? made.stderr}`);
const messages = made.stdout.trim().split("\n").map((line) => JSON.parse(line));

describe(`${cases.length} cases in all`, () => {
  test("http_ece reads every message, and nobody else's", () => {
    assert.equal(messages.length, cases.length);
    for (const [i, { pair, auth, asked }] of cases.entries()) {
      const body = Buffer.from(messages[i].body, "base64url");
      const read = (privateKey, authSecret) => ece.decrypt(body, { version: "aes128gcm", privateKey, authSecret });
      assert.equal(read(pair, auth).toString(), asked.text);
      assert.ok(body.length <= 4096, "what every push service takes");
      assert.throws(() => read(pair, randomBytes(16).toString("base64url")));
      assert.throws(() => read(cases[(i + 1) % cases.length].pair, auth));
    }
    assert.equal(new Set(messages.map(({ body }) => body.slice(0, 114))).size, cases.length, "a salt and a key of its own");
  });

  test("jose verifies every token, for its origin and at most a day", async () => {
    for (const [i, { asked }] of cases.entries()) {
      const [, token, k] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(messages[i].authorization);
      assert.equal(k, messages[i].key);
      const point = Buffer.from(k, "base64url");
      const coordinate = (from) => point.subarray(from, from + 32).toString("base64url");
      const key = await importJWK({ kty: "EC", crv: "P-256", x: coordinate(1), y: coordinate(33) }, "ES256");
      const { payload, protectedHeader } = await jwtVerify(token, key, { audience: asked.origin, algorithms: ["ES256"], typ: "JWT" });
      assert.deepEqual(Object.keys(payload).sort(), ["aud", "exp", "sub"]);
      assert.equal(payload.sub, "mailto:ops@countersign.dev");
      assert.ok(payload.exp > Date.now() / 1000 + 3600 && payload.exp < Date.now() / 1000 + 86400);
      assert.equal(protectedHeader.alg, "ES256");
    }
  });
});
