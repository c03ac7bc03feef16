// Twilio's own description of Verify v2, where it stands beside the repository: every answer that a client gets is held
// against it. COUNTERSIGN_TWILIO_OPENAPI names the file; it is not part of the repository.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { npm, repository } from "../../contract/npm.mjs";

const file = process.env.COUNTERSIGN_TWILIO_OPENAPI ?? `${repository}../shared/reference/twilio_verify_v2.json`;
const description = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
if (description === undefined) console.log("Twilio's description of Verify v2: not there, answers are not held against it");

/// Names that only this server adds; everything else must be described.
const ours = new Set(["countersign"]);

const compiled = new Map();
const schemaOf = (operation, status) => {
  const name = `${operation.operationId} ${status}`;
  if (!compiled.has(name)) {
    const described = operation.responses[status];
    const schema = described?.content?.["application/json"]?.schema;
    const { default: Ajv } = npm("ajv/dist/2019.js");
    const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
    npm("ajv-formats")(ajv);
    const nullable = (value) => {
      if (Array.isArray(value)) return value.map(nullable);
      if (value === null || typeof value !== "object") return value;
      const out = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, nullable(inner)]));
      if (out.nullable === true && out.type !== undefined) {
        out.type = [out.type, "null"];
        if (out.enum !== undefined) out.enum = [...out.enum, null];
      }
      delete out.nullable;
      if (typeof out.$ref === "string" && out.$ref.startsWith("#")) {
        return nullable(out.$ref.slice(2).split("/").reduce((at, step) => at[step], description));
      }
      return out;
    };
    compiled.set(name, { schema, validate: schema === undefined ? undefined : ajv.compile(nullable(schema)) });
  }
  return compiled.get(name);
};

const pathOf = (path) => {
  const plain = path.split("?")[0];
  const fits = Object.keys(description.paths).filter((pattern) =>
    new RegExp(`^${pattern.replace(/\{[^}]+\}/g, "[^/]+")}$`).test(plain));
  return fits.sort((a, b) => a.split("{").length - b.split("{").length)[0];
};

/// Operations that were seen to succeed, by their id in the description.
export const seen = new Set();
export const operations = description === undefined ? [] : Object.values(description.paths).flatMap((path) =>
  Object.values(path).filter((one) => one.operationId !== undefined).map((one) => one.operationId));

export const hold = (method, path, status, text) => {
  if (description === undefined) return;
  const pattern = pathOf(path);
  assert.ok(pattern !== undefined, `${path} is not described`);
  const operation = description.paths[pattern][method.toLowerCase()];
  assert.ok(operation !== undefined, `${method} ${pattern} is not described`);
  if (status >= 400) return assert.match(text, /^\{"code":\d+,"message":"[^]*","more_info":"https:[^"]*","status":\d+\}$/);
  seen.add(operation.operationId);
  if (status === 204) return assert.equal(text, "");
  const { schema, validate } = schemaOf(operation, status);
  assert.ok(schema !== undefined, `${operation.operationId} does not answer ${status}`);
  const body = JSON.parse(text);
  assert.ok(validate(body), `${operation.operationId}: ${JSON.stringify(validate.errors)} ${text}`);
  const described = Object.keys(schema.$ref === undefined ? schema.properties : schema.$ref.slice(2).split("/").reduce((at, step) => at[step], description).properties);
  const given = Object.keys(body);
  assert.deepEqual(given.filter((key) => !described.includes(key) && !ours.has(key)), [], operation.operationId);
  assert.deepEqual(described.filter((key) => !given.includes(key)), [], `${operation.operationId} leaves out`);
};
