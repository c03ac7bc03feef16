// docs/openapi-verify-v2.yaml is sound, and says of every operation and field what Twilio's own description says.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { npm, repository } from "./npm.mjs";
import { description, file, operations, resolve } from "./support/verify_api.mjs";

// Twilio's description is not part of the repository: CS_TWILIO_OPENAPI names it, or it stands beside.
const named = process.env.CS_TWILIO_OPENAPI ?? `${repository}../shared/reference/twilio_verify_v2.json`;
const theirs = existsSync(named) ? JSON.parse(readFileSync(named, "utf8")) : undefined;
const skip = theirs === undefined ? `not compared: there is no ${named}` : false;
if (skip) console.log(`Twilio's description of Verify v2: ${skip}`);

test("the linter has nothing to say", () => {
  const rules = `${repository}tests/contract/openapi-rules.yaml`;
  execFileSync(`${repository}tools/npm/node_modules/.bin/spectral`, ["lint", "--fail-severity=warn", "--ruleset", rules, file], { stdio: "inherit" });
});

test("every schema compiles", () => {
  const ajv = new (npm("ajv/dist/2020").default)({ strict: false });
  npm("ajv-formats").default(ajv);
  ajv.addSchema(description, "verify");
  for (const name of Object.keys(description.components.schemas)) assert.ok(ajv.compile({ $ref: `verify#/components/schemas/${name}` }), name);
});

test("the document's table has every operation", () => {
  const page = readFileSync(`${repository}docs/migrating-from-twilio.md`, "utf8");
  assert.deepEqual(operations.filter(({ id }) => !new RegExp(`\\b${id}\\b`).test(page)).map(({ id }) => id), []);
});

const methods = ["get", "post", "delete", "put"];
const theirOperations = () =>
  Object.entries(theirs.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method] !== undefined).map((method) => ({ path, method, item, definition: item[method] })));
const theirResolve = (value) =>
  value?.$ref === undefined ? value : theirResolve(value.$ref.slice(2).split("/").reduce((node, step) => node[step], theirs));
const ours = new Map(operations.map((one) => [one.id, one]));

/// Every type that a value of it may have: "any" where nothing is said.
const typesOf = (schema, follow) => {
  const plain = follow(schema) ?? {};
  const several = plain.anyOf ?? plain.allOf;
  if (several !== undefined && plain.type === undefined) return several.flatMap((one) => typesOf(one, follow));
  if (plain.const !== undefined) return [typeof plain.const];
  const words = plain.type ?? (plain.enum === undefined ? "any" : [...new Set(plain.enum.map((one) => (one === null ? "null" : typeof one)))]);
  return [words].flat().concat(plain.nullable ? ["null"] : []);
};
const enumOf = (schema, follow) => (follow(schema) ?? {}).enum;
const prefixOf = (schema, follow) => {
  const plain = follow(schema) ?? {};
  const one = plain.anyOf?.map(follow).find((inner) => inner.pattern !== undefined) ?? plain;
  return /^\^[A-Z]{2}\[/.exec(one.pattern ?? "")?.[0];
};

test("the same operations, paths and methods", { skip }, () => {
  const words = ({ method, path }, id) => `${id}: ${method.toUpperCase()} ${path}`;
  const those = theirOperations().map((one) => words(one, one.definition.operationId)).sort();
  assert.equal(those.length, 57);
  assert.deepEqual(operations.filter((one) => !one.ours).map((one) => words(one, one.id)).sort(), those);
});

test("the same parameters, each required as there, of the same type", { skip }, () => {
  const inTheirs = (one) => [...(one.item.parameters ?? []), ...(one.definition.parameters ?? [])].map(theirResolve);
  for (const one of theirOperations()) {
    const id = one.definition.operationId;
    const own = ours.get(id);
    const mine = [...(description.paths[own.path].parameters ?? []), ...(own.definition.parameters ?? [])].map(resolve);
    const words = (parameters) => parameters.map((p) => `${p.in} ${p.name} ${p.required === true}`).sort();
    assert.deepEqual(words(mine), words(inTheirs(one)), id);
    for (const parameter of inTheirs(one)) {
      const same = mine.find((p) => p.name === parameter.name);
      const wanted = typesOf(parameter.schema, theirResolve).filter((type) => type !== "null");
      assert.ok(typesOf(same.schema, resolve).every((type) => wanted.includes(type) || wanted.includes("any")), `${id} ${parameter.name}`);
      for (const word of enumOf(parameter.schema, theirResolve) ?? []) assert.ok((enumOf(same.schema, resolve) ?? [word]).includes(word), `${id} ${parameter.name} ${word}`);
    }
  }
});

test("the same fields of requests, each required as there; whatever they allow is allowed", { skip }, () => {
  // Required here where it says so in words there; taken here though Twilio does not describe it.
  const more = { UpdateFactor: ["Metadata"], CreateVerification: ["Templates"] };
  for (const { definition } of theirOperations()) {
    const id = definition.operationId;
    const [[type, body] = []] = Object.entries(definition.requestBody?.content ?? {});
    const mine = ours.get(id).definition.requestBody?.content ?? {};
    assert.deepEqual(Object.keys(mine), type === undefined ? [] : [type], id);
    if (type === undefined) continue;
    const wanted = theirResolve(body.schema);
    const given = resolve(mine[type].schema);
    const names = Object.keys(given.properties).filter((name) => !name.startsWith("Countersign.") && !more[id]?.includes(name));
    assert.deepEqual(names.sort(), Object.keys(wanted.properties ?? {}).sort(), id);
    assert.deepEqual([...(given.required ?? [])].sort(), [...(wanted.required ?? [])].sort(), id);
    for (const [name, schema] of Object.entries(wanted.properties ?? {})) {
      const own = given.properties[name];
      const words = enumOf(schema, theirResolve);
      if (words !== undefined && enumOf(own, resolve) !== undefined) assert.deepEqual(words.filter((word) => !enumOf(own, resolve).includes(word)), [], `${id} ${name}`);
      // An object in a form is a text here, JSON; there it is anything.
      const types = typesOf(schema, theirResolve);
      if (resolve(own).not === undefined && type !== "application/json") assert.ok(typesOf(own, resolve).every((one) => types.includes(one) || types.includes("any")), `${id} ${name}`);
      assert.equal(prefixOf(own, resolve) ?? prefixOf(schema, theirResolve), prefixOf(schema, theirResolve), `${id} ${name}`);
    }
  }
});

/// Faults of our schema beside theirs: ours may promise more (never null, fewer words), not less and nothing else.
const compare = (own, other, where, faults) => {
  const mine = resolve(own);
  const wanted = theirResolve(other);
  if (wanted === undefined) return;
  const types = typesOf(other, theirResolve);
  const odd = typesOf(own, resolve).filter((type) => !types.includes(type) && !types.includes("any"));
  // A reference there has no "nullable" beside it, and its examples have null all the same.
  if (odd.length > 0) faults.push(`${where}: ${odd} where Twilio has ${types}`);
  const words = enumOf(other, theirResolve);
  for (const word of enumOf(own, resolve) ?? []) if (words !== undefined && !words.includes(word)) faults.push(`${where}: ${word}`);
  if (prefixOf(other, theirResolve) !== prefixOf(own, resolve) && prefixOf(other, theirResolve) !== undefined) faults.push(`${where}: another prefix`);
  const dated = (schema, follow) => typesOf(schema, follow).includes("string") && (follow(schema).format === "date-time" || follow(schema).anyOf?.some((one) => follow(one).format === "date-time"));
  if (wanted.format === "date-time" && !dated(own, resolve)) faults.push(`${where}: no date`);
  if (wanted.properties !== undefined && mine.properties !== undefined) {
    const names = Object.keys(mine.properties).filter((name) => name !== "countersign");
    for (const name of Object.keys(wanted.properties)) if (!names.includes(name)) faults.push(`${where}.${name} is missing`);
    for (const name of names) {
      if (wanted.properties[name] === undefined) faults.push(`${where}.${name} is not there`);
      else compare(mine.properties[name], wanted.properties[name], `${where}.${name}`, faults);
    }
  }
  if (wanted.items !== undefined && mine.items !== undefined) compare(mine.items, wanted.items, `${where}[]`, faults);
};

test("the same statuses and the same fields of answers", { skip }, () => {
  // There in words only: an answer that these two give with 200 too, where here it is 201.
  const also200 = ["CreateVerificationCheck", "CreateAccessToken"];
  const faults = [];
  for (const { definition } of theirOperations()) {
    const id = definition.operationId;
    const mine = ours.get(id).definition.responses;
    const statuses = Object.keys(definition.responses).filter((status) => !(also200.includes(id) && status === "200"));
    assert.deepEqual(Object.keys(mine).filter((status) => status !== "default").sort(), statuses.sort(), id);
    for (const status of statuses.filter((one) => one.startsWith("2"))) {
      const schema = definition.responses[status].content?.["application/json"]?.schema;
      assert.equal(mine[status].content === undefined, schema === undefined, `${id} ${status}`);
      if (schema !== undefined) compare(mine[status].content["application/json"].schema, schema, id, faults);
    }
  }
  assert.deepEqual(faults, []);
});
