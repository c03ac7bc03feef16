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

test("nor has another one, with the rules that it recommends", async () => {
  const { createConfig, lint } = npm("@redocly/openapi-core");
  const problems = await lint({ ref: file, config: await createConfig({ extends: ["recommended"] }) });
  assert.deepEqual(problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0].pointer}`), []);
});

const document = npm("@stoplight/yaml").parse(readFileSync(file, "utf8"));

/// Every object of the description with the path to it, examples left out: they are data.
const everything = (node, path = "#") =>
  node === null || typeof node !== "object" ? []
    : [[path, node], ...Object.entries(node).flatMap(([key, value]) => (key === "examples" || key === "example" ? [] : everything(value, `${path}/${key}`)))];
const those = (isWrong) => everything(document).filter(([, node]) => isWrong(node)).map(([path]) => path);
const mayBeNull = ({ type, enum: words, anyOf }) => type?.includes("null") || words?.includes(null) || anyOf?.some(mayBeNull);

test("generators are told what they would guess", () => {
  assert.equal(document.servers.length, 1);
  const named = document.tags.map(({ name }) => name);
  const used = everything(document).flatMap(([, node]) => (typeof node.operationId === "string" ? [node.tags] : []));
  assert.ok(used.length > 40 && used.every((tags) => tags?.length === 1));
  assert.deepEqual([...new Set(used.flat())].sort(), [...named].sort());
  assert.deepEqual(those((node) => typeof node.$ref === "string" && Object.keys(node).length > 1), [], "beside a $ref some read nothing");
  assert.deepEqual(those((node) => "default" in node && mayBeNull(node)), [], "a default makes a member mandatory for some");
  assert.deepEqual(those((node) => [node.type].flat().includes("object") && node.additionalProperties === undefined), [], "no members, for some");
});

test("every schema compiles", () => {
  assert.match(document.openapi, /^3\.1\./);
  const Ajv = npm("ajv/dist/2020").default;
  const ajv = new Ajv({ strict: false, allErrors: true });
  npm("ajv-formats").default(ajv);
  ajv.addSchema(document, "openapi");
  for (const name of Object.keys(document.components?.schemas ?? {})) {
    assert.ok(ajv.compile({ $ref: `openapi#/components/schemas/${name}` }), name);
  }
});
