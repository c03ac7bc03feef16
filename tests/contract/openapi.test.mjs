// docs/openapi.yaml is a sound OpenAPI 3.1 document: linted, and its schemas compile as JSON Schema 2020-12.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { npm, repository } from "./npm.mjs";

const file = repository + "docs/openapi.yaml";

test("the linter has nothing to say", () => {
  const spectral = repository + "tools/npm/node_modules/.bin/spectral";
  const rules = repository + "tests/contract/openapi-rules.yaml";
  execFileSync(spectral, ["lint", "--fail-severity=warn", "--ruleset", rules, file], { stdio: "inherit" });
});

test("every schema compiles", () => {
  const document = npm("@stoplight/yaml").parse(readFileSync(file, "utf8"));
  assert.match(document.openapi, /^3\.1\./);
  const Ajv = npm("ajv/dist/2020").default;
  const ajv = new Ajv({ strict: false, allErrors: true });
  npm("ajv-formats").default(ajv);
  ajv.addSchema(document, "openapi");
  for (const name of Object.keys(document.components?.schemas ?? {})) {
    assert.ok(ajv.compile({ $ref: `openapi#/components/schemas/${name}` }), name);
  }
});
