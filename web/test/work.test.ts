import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { payloadOf, solveWork, workIn } from "../src/lib/work.js";

globalThis.crypto ??= webcrypto as Crypto;

interface Case {
  what: string;
  payload: string;
  verified: boolean;
}
const { cases } = JSON.parse(readFileSync(new URL("../../tests/vectors/altcha.json", import.meta.url), "utf8")) as { cases: Case[] };

test("what npm altcha-lib made is solved as it solved it", async () => {
  const right = cases.filter(({ verified }) => verified);
  assert.ok(right.length >= 5);
  for (const { what, payload } of right) {
    const { solution } = JSON.parse(atob(payload)) as { solution: { counter: number; derivedKey: string } };
    const challenge = workIn(payload);
    assert.ok(challenge, what);
    const solved = await solveWork(challenge);
    assert.deepEqual([solved?.counter, solved?.derivedKey], [solution.counter, solution.derivedKey], what);
    const again = JSON.parse(atob(payloadOf(challenge, solved as NonNullable<typeof solved>))) as { challenge: unknown };
    assert.deepEqual(again.challenge, challenge);
  }
});

test("what is none is left alone, and what has no solution comes to an end", async () => {
  for (const text of ["", "x", btoa("{}"), btoa("[]"), btoa('{"challenge":{"parameters":{}}}')]) assert.equal(workIn(text), undefined, text);
  const challenge = workIn((cases[0] as Case).payload);
  assert.ok(challenge);
  challenge.parameters.keyPrefix = "zz";
  assert.equal(await solveWork(challenge, 4, 20), undefined);
});
