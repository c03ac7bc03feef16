// npm altcha-lib 2 solves and judges our proofs of work, and we judge what it makes and solves.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";

const home = `${import.meta.dirname}/node/node_modules/altcha-lib/dist/esm/v2`;
const { createChallenge, solveChallenge, verifySolution } = await import(`${home}/index.js`);
const { deriveKey } = await import(`${home}/algorithms/pbkdf2.js`);
const maker = `${import.meta.dirname}/../../build/debug/tests/oracles/pow_challenges`;

const secrets = { hmacSignatureSecret: "the signature secret", hmacKeySignatureSecret: "the key secret" };
const now = Math.floor(Date.now() / 1000);
const place = "TX01a20430ff90f47efd7cca3aefb1b04d SMS Ação";
const ours = (lines) => {
  const ran = spawnSync(maker, { input: lines.map((line) => `${JSON.stringify(line)}\n`).join(""), encoding: "utf8" });
  assert.equal(ran.status, 0, `${maker}: ${ran.error ?? ran.stderr}`);
  return ran.stdout.trimEnd().split("\n");
};
const packed = (challenge, solution) => Buffer.from(JSON.stringify({ challenge, solution })).toString("base64");
const judged = (challenge, solution, changes = {}) => ours([{ payload: packed(challenge, solution), for: place, now, ...changes }])[0];

const counters = Array.from({ length: 20 }, (_, i) => i * 7);
describe(`${counters.length * 2} cases in all`, () => {
  test("it solves what we make, and both judge the solution right", async () => {
    for (const text of ours(counters.map((counter) => ({ for: place, counter, expires_at: now + 60 })))) {
      const challenge = JSON.parse(text);
      const solution = await solveChallenge({ challenge, deriveKey });
      assert.deepEqual([(await verifySolution({ challenge, solution, deriveKey, ...secrets })).verified, judged(challenge, solution)], [true, "solved"]);
    }
  });

  test("we judge what it makes as it does", async () => {
    for (const counter of counters) {
      const challenge = await createChallenge({ algorithm: "PBKDF2/SHA-256", cost: 50, counter, deriveKey, data: { for: place }, expiresAt: now + 60, ...secrets });
      assert.equal(judged(challenge, await solveChallenge({ challenge, deriveKey })), "solved");
    }
  });

  test("neither takes what was changed, is over, or is of another", async () => {
    const [text, other] = ours([0, 1].map(() => ({ for: place, counter: 3, expires_at: now + 60 })));
    const challenge = JSON.parse(text);
    const solution = await solveChallenge({ challenge, deriveKey });
    const both = async (changed, answer = solution) => [(await verifySolution({ challenge: changed, solution: answer, deriveKey, ...secrets })).verified, judged(changed, answer)];
    for (const change of [{ cost: 1 }, { keyPrefix: "00" }, { expiresAt: now + 9999 }, { data: { for: "x" } }, { nonce: "00".repeat(16) }])
      assert.deepEqual(await both({ ...challenge, parameters: { ...challenge.parameters, ...change } }), [false, "forged"], JSON.stringify(change));
    assert.deepEqual(await both({ parameters: challenge.parameters }), [false, "forged"]);
    assert.deepEqual(await both(JSON.parse(other)), [false, "wrong"]);
    assert.deepEqual(await both(challenge, { ...solution, derivedKey: solution.derivedKey.slice(0, 62) + "00" }), [false, "wrong"]);
    assert.deepEqual(await both(challenge, { ...solution, derivedKey: challenge.parameters.keyPrefix }), [false, "wrong"]);
    assert.equal(judged(challenge, solution, { now: now + 60 }), "expired");
    assert.equal(judged(challenge, solution, { for: "another page" }), "elsewhere");
  });
});
