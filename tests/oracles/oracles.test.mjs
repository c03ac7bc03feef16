// Other libraries judge the ceremonies of tests/oracles/cases.cpp: `./dev interop webauthn-…` says which, in CS_ORACLES.
// Each has the same verdict, or the difference stands in differences.json with its reason and the place in its source.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

const here = import.meta.dirname;
const home = `${here}/../../build/interop`;
const maker = `${here}/../../build/debug/tests/oracles/webauthn_cases`;
/// `positives`: it is too lenient or too old to say anything about what is wrong.
const oracles = {
  "webauthn-debian": {
    "ruby-webauthn": { command: ["ruby", `${here}/debian/oracle.rb`] },
    "python3-fido2": { command: ["/usr/bin/python3", "-B", `${here}/python/oracle.py`], positives: true },
  },
  "webauthn-java": { "webauthn-server-core": { command: ["java", "-cp", `${home}/webauthn-java/classes:${home}/webauthn-java/libraries/*`, "Oracle"] } },
  "webauthn-node": {
    simplewebauthn: { command: ["node", `${here}/node/simplewebauthn.mjs`] },
    "fido2-lib": { command: ["node", `${here}/node/fido2_lib.mjs`], positives: true },
  },
  "webauthn-python": { fido2: { command: [`${home}/webauthn-python/bin/python3`, "-B", `${here}/python/oracle.py`] } },
};
const chosen = oracles[process.env.CS_ORACLES];
assert.ok(chosen, `CS_ORACLES is one of ${Object.keys(oracles)}`);

const run = ([program, ...words], input = "") => {
  const done = spawnSync(program, words, { input, encoding: "utf8", maxBuffer: 1 << 28 });
  assert.equal(done.status, 0, `${program} ${words}: ${done.error ?? done.stderr}`);
  return done.stdout;
};
const lines = (text) => text.trim().split("\n").map((line) => JSON.parse(line));
const said = (ok) => (ok ? "accepts" : "refuses");

const cases = run([maker]);
const ours = new Map(lines(cases).map((one) => [one.name, one]));
const differences = JSON.parse(readFileSync(`${here}/differences.json`, "utf8"));
const family = (name) => name.replace(/^(made: \w+) of -\d+, /, "$1 of *, ");

test("each difference says why, and where in the library that was read", () => {
  for (const [name, each] of Object.entries(differences).flatMap(([name, all]) => all.map((each) => [name, each]))) {
    const { because, source, cases: on } = each;
    assert.ok(because && on.length > 0, `${name}: ${JSON.stringify(each)}`);
    // "file: function", without numbers of lines, which move; or null, and the reason says that it was not read.
    if (source === null) assert.match(because, /from its verdicts/, `${name}, ${on[0]}`);
    else assert.match(source ?? "", /^[^:]+\.\w+: [^:]/, `${name}, ${on[0]}: no source`);
  }
});

describe(`${ours.size} cases in all`, () => {
  for (const [name, { command, positives = false }] of Object.entries(chosen)) {
    test(`${name} has the same verdicts, or it is said why not`, () => {
      const verdicts = lines(run(command, cases));
      assert.deepEqual(verdicts.map((one) => one.name), [...ours.keys()], "one verdict on each case");
      const known = new Map(differences[name].flatMap((each) => each.cases.map((pattern) => [pattern, each])));
      const met = new Set();
      const unexplained = [];
      let same = 0;
      for (const { name: on, ok, why } of verdicts) {
        const { verdict } = ours.get(on);
        if (ok === (verdict === "ok")) {
          same += 1;
          continue;
        }
        if (positives && verdict !== "ok") continue;
        const pattern = [on, family(on)].find((each) => known.get(each)?.it === said(ok) && known.get(each).ours === verdict);
        if (pattern) met.add(pattern);
        else unexplained.push(`${on}: ours ${verdict}, it ${said(ok)} ${why ?? ""}`);
      }
      assert.deepEqual(unexplained, []);
      assert.deepEqual([...known.keys()].filter((pattern) => !met.has(pattern)), [], "differences that are none any more");
      console.log(`# ${name}: ${same} of ${ours.size} the same`);
    });
  }
  if ("ruby-webauthn" in chosen) {
    test("what ruby-webauthn's fake client makes, we judge rightly", () => {
      const judged = lines(run([maker, "judge"], run(["ruby", `${here}/debian/make.rb`])));
      assert.equal(judged.length, 17);
      for (const { name, expect, verdict } of judged) assert.equal(verdict === "ok", expect === "ok", `${name}: ${verdict}`);
    });
  }
});
