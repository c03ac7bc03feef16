// Holds what the Verify-compatible API answers against docs/openapi-verify-v2.yaml.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { npm, repository } from "../npm.mjs";

export const file = `${repository}docs/openapi-verify-v2.yaml`;
export const description = npm("@stoplight/yaml").parse(readFileSync(file, "utf8"));

const Ajv = npm("ajv/dist/2020").default;
const ajv = new Ajv({ strict: false, allErrors: true });
npm("ajv-formats").default(ajv);
ajv.addSchema(description, "verify");

const isMethod = (name) => ["get", "put", "post", "delete"].includes(name);

/// What a reference leads to.
export const resolve = (value) =>
  value?.$ref === undefined ? value : resolve(value.$ref.slice(2).split("/").reduce((node, step) => node[step], description));

export const operations = Object.entries(description.paths).flatMap(([path, item]) =>
  Object.keys(item).filter(isMethod).map((method) => ({
    id: item[method].operationId,
    method: method.toUpperCase(),
    path,
    segments: path.split("/"),
    definition: item[method],
    ours: item[method]["x-ours"] === true,
  })),
);

/// The one with the fewest placeholders, so that /Attempts/Summary is not an attempt.
const find = (method, path) => {
  const segments = path.split("?")[0].split("/");
  const fits = (o) => o.method === method && o.segments.length === segments.length && o.segments.every((s, i) => (s.startsWith("{") ? segments[i] !== "" : s === segments[i]));
  return operations.filter(fits).sort((a, b) => a.path.split("{").length - b.path.split("{").length)[0];
};

const validators = new Map();
const faultsOf = (pointer, value) => {
  if (!validators.has(pointer)) validators.set(pointer, ajv.compile({ $ref: `verify#${pointer}` }));
  const validate = validators.get(pointer);
  return validate(value) ? null : ajv.errorsText(validate.errors, { separator: "\n  " });
};
const errorFaults = (value) => faultsOf("/components/schemas/Error", value);

/// Ids of operations that were seen to succeed, and to be refused.
export const succeeded = new Set();
export const refusedOnce = new Set();

/// Status, content type, code and body of an answer, all as described. A path that is not described must be refused.
export const hold = (method, path, { status, headers = {}, text }) => {
  const what = `${method} ${path} answered ${status} ${text.slice(0, 600)}`;
  const operation = find(method, path);
  assert.ok((headers["twilio-request-id"] ?? "") !== "" || operation === undefined || [401, 403, 429].includes(status), `${what}: no request id`);
  if (status >= 400) {
    assert.equal(headers["content-type"], "application/json", what);
    const body = JSON.parse(text);
    assert.equal(errorFaults(body), null, what);
    assert.equal(body.status, status, what);
    assert.ok(body.more_info.endsWith(`/${body.code}`), what);
    const codes = [...description["x-any-request"]["x-codes"], ...(operation?.definition["x-codes"] ?? [])];
    assert.ok(codes.includes(body.code), `${what}: ${body.code} is not described`);
    if (operation !== undefined) refusedOnce.add(operation.id);
    return;
  }
  assert.ok(operation !== undefined, `${what}: not described`);
  const response = operation.definition.responses[status];
  assert.ok(response !== undefined, `${what}: no such status in the description`);
  succeeded.add(operation.id);
  if (response.content === undefined) return assert.equal(text, "", what);
  assert.equal(headers["content-type"], "application/json", what);
  const pointer = response.content["application/json"].schema.$ref.slice(1);
  assert.equal(faultsOf(pointer, JSON.parse(text)), null, what);
};
