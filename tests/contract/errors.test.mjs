// The codes of problems are the same in the sources, in docs/openapi.yaml and in docs/errors.md.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { repository } from "./npm.mjs";
import { describedCodes, description } from "./support/contract.mjs";

const pairs = (text, pattern) => [...text.matchAll(pattern)].map(({ groups }) => `${groups.code} ${groups.status}`);
const unique = (list) => [...new Set(list)].sort();

/// A code stands in the sources behind its status, wherever it is made: `422, "invalid_field"`.
const ofSources = () => {
  const files = ["src/api", "src/http", "src/main"].flatMap((folder) =>
    readdirSync(repository + folder, { recursive: true }).filter((name) => name.endsWith(".cpp")).map((name) => `${repository}${folder}/${name}`),
  );
  return unique(files.flatMap((file) => pairs(readFileSync(file, "utf8"), /\b(?<status>[45]\d\d),\s*"(?<code>[a-z_]+)"/g)));
};

/// `| code | status | … |`
const ofDocument = () => unique(pairs(readFileSync(`${repository}docs/errors.md`, "utf8"), /^\| `(?<code>[a-z_]+)` \| (?<status>\d+) \|/gm));

test("docs/openapi.yaml describes the codes of the sources", () => {
  assert.deepEqual(unique(describedCodes()), ofSources());
  assert.deepEqual(description.components.schemas.ProblemCode.enum, unique(ofSources().map((pair) => pair.split(" ")[0])));
});

test("docs/errors.md explains each of them", () => {
  assert.deepEqual(ofDocument(), ofSources());
});
