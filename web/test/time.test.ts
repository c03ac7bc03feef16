import assert from "node:assert/strict";
import { test } from "node:test";

import { isCode } from "../src/lib/code.js";
import { isOutOfDate, knownFrom } from "../src/lib/state.js";
import { clockOffset, clockText, phaseEntered } from "../src/lib/time.js";

test("time that is left reads as a clock", () => {
  assert.equal(clockText(600_000), "10:00");
  assert.equal(clockText(59_001), "1:00");
  assert.equal(clockText(59_000), "0:59");
  assert.equal(clockText(1), "0:01");
  assert.equal(clockText(0), "0:00");
  assert.equal(clockText(-5_000), "0:00");
  assert.equal(clockText(3_723_000), "1:02:03");
});

test("each phase is said once, when its moment is reached", () => {
  assert.equal(phaseEntered(300_001, 300_000), 300);
  assert.equal(phaseEntered(300_000, 299_000), undefined);
  assert.equal(phaseEntered(60_500, 59_900), 60);
  assert.equal(phaseEntered(30_100, 29_000), 30);
  assert.equal(phaseEntered(900, -100), 0);
  assert.equal(phaseEntered(0, -1_000), undefined);
});

test("after a pause only the last phase is said", () => {
  assert.equal(phaseEntered(301_000, 20_000), 30);
  assert.equal(phaseEntered(301_000, -1), 0);
});

test("a page that begins late in its life says nothing at once", () => {
  assert.equal(phaseEntered(45_000, 45_000), undefined);
});

test("countdowns follow the server's clock", () => {
  assert.equal(clockOffset("2026-11-22T14:00:10.000Z", Date.parse("2026-11-22T14:00:00Z")), 10_000);
  assert.equal(clockOffset("not a time", 5), 0);
  assert.equal(clockOffset(undefined, 5), 0);
});

test("a page that shows the same is not out of date", () => {
  const shown = { state: "held", revision: "a1" };
  assert.equal(isOutOfDate(shown, { state: "held", revision: "a1" }, false), false);
});

test("a resend elsewhere does not take away what is being typed, an end does", () => {
  const shown = { state: "held", revision: "a1" };
  assert.equal(isOutOfDate(shown, { state: "held", revision: "b2" }, false), true);
  assert.equal(isOutOfDate(shown, { state: "held", revision: "b2" }, true), false);
  assert.equal(isOutOfDate(shown, { state: "verified", revision: "b2" }, true), true);
});

test("only a whole answer is news", () => {
  assert.deepEqual(knownFrom({ state: "held", revision: "a1", more: 1 }), { state: "held", revision: "a1" });
  for (const other of [null, undefined, "held", {}, { state: "held" }, { state: 1, revision: "a1" }])
    assert.equal(knownFrom(other), undefined);
});

test("what a phone hands over is a code or nothing", () => {
  assert.equal(isCode("012345"), true);
  for (const other of ["", "12a456", " 123456", "123", "12345678901", 123456, undefined]) assert.equal(isCode(other), false);
});
