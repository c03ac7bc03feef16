// Holds what is sent and answered against docs/openapi.yaml.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { npm, repository } from "../npm.mjs";

export const description = npm("@stoplight/yaml").parse(readFileSync(`${repository}docs/openapi.yaml`, "utf8"));

const Ajv = npm("ajv/dist/2020").default;
const ajv = new Ajv({ strict: false, allErrors: true });
npm("ajv-formats").default(ajv);
ajv.addSchema(description, "openapi");

/// A place in the description: the value there, after following references, and the pointer that leads to it.
const at = (...segments) => {
  let pointer = segments;
  let value = segments.reduce((node, segment) => node?.[segment], description);
  while (value?.$ref !== undefined && Object.keys(value).length === 1) {
    pointer = value.$ref.slice(2).split("/").map((s) => s.replaceAll("~1", "/").replaceAll("~0", "~"));
    value = pointer.reduce((node, segment) => node?.[segment], description);
  }
  return { value, pointer };
};

const validators = new Map();
const validatorOf = (pointer) => {
  const fragment = pointer.map((s) => encodeURIComponent(s.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
  if (!validators.has(fragment)) validators.set(fragment, ajv.compile({ $ref: `openapi#/${fragment}` }));
  return validators.get(fragment);
};
const faultsOf = (pointer, value) => {
  const validate = validatorOf(pointer);
  return validate(value) ? null : ajv.errorsText(validate.errors, { separator: "\n  " });
};

/// Whether `value` fits the schema of that name; throws with all that is wrong.
export const assertFits = (schema, value) => {
  const faults = faultsOf(["components", "schemas", schema], value);
  assert.equal(faults, null, `${schema}: ${faults} in ${JSON.stringify(value)}`);
};

const isMethod = (name) => ["get", "put", "post", "delete", "patch", "head", "options"].includes(name);

export const operations = Object.entries(description.paths).flatMap(([path, item]) =>
  Object.keys(item)
    .filter(isMethod)
    .map((method) => ({
      id: item[method].operationId,
      method: method.toUpperCase(),
      path,
      segments: path.split("/"),
      pointer: ["paths", path, method],
      definition: item[method],
      isAuthenticated: (item[method].security ?? description.security).some((s) => s.apiKey !== undefined),
      parameters: ["paths", path, "parameters"].reduce((n, s) => n?.[s], description)?.map((_, i) => at("paths", path, "parameters", String(i))) ?? [],
      ownParameters: (item[method].parameters ?? []).map((_, i) => at("paths", path, method, "parameters", String(i))),
    })),
);
export const operation = (id) => operations.find((o) => o.id === id);

const findOperation = (method, path) => {
  const segments = path.split("?")[0].split("/");
  const fits = (o) => o.segments.length === segments.length && o.segments.every((s, i) => (s.startsWith("{") ? segments[i] !== "" : s === segments[i]));
  return operations.find((o) => fits(o) && (o.method === method || (method === "HEAD" && o.method === "GET")));
};

/// Every `[operation, status, code]` that a response was seen for; code is "" for successes.
export const covered = new Set();
const mark = (id, status, code) => covered.add(`${id} ${status} ${code}`.trim());

/// All of them that the description promises. 4XX stands for x-any-request.
export const promised = () =>
  operations.flatMap((o) =>
    Object.keys(o.definition.responses).filter((status) => status !== "4XX").flatMap((status) => {
      const { value } = at(...o.pointer, "responses", status);
      const codes = codesOf(value);
      return codes.length > 0 ? codes.map((code) => `${o.id} ${status} ${code}`) : [`${o.id} ${status}`];
    }),
  );

const codesOf = (response) => response.content?.["application/problem+json"]?.schema?.properties?.code?.enum ?? [];

/// Every `[code, status]` of the description.
export const describedCodes = () => {
  const responses = [
    ...operations.flatMap((o) => Object.keys(o.definition.responses).map((s) => [s, at(...o.pointer, "responses", s).value])),
    ...Object.keys(description["x-any-request"].responses).map((s) => [s, at("x-any-request", "responses", s).value]),
  ];
  return new Set(responses.flatMap(([status, response]) => codesOf(response).map((code) => `${code} ${status}`)));
};

const checkHeaders = (response, definition, pointer) => {
  const { headers } = response;
  assert.match(headers["x-request-id"] ?? "", /^[A-Za-z0-9._-]{1,64}$/);
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.ok(!Number.isNaN(Date.parse(headers.date)), "a Date");
  if (definition.headers?.["Cache-Control"] === undefined) assert.equal(headers["cache-control"], "no-store");
  for (const name of Object.keys(definition.headers ?? {})) {
    const header = at(...pointer, "headers", name);
    const value = headers[name.toLowerCase()];
    if (header.value.required) assert.notEqual(value, undefined, `${name} is missing`);
    if (value !== undefined) assert.equal(faultsOf([...header.pointer, "schema"], value), null, `${name}: ${value}`);
  }
};

const bodyFaults = (response, definition, pointer, method) => {
  const types = Object.keys(definition.content ?? {});
  const type = response.headers["content-type"];
  if (types.length === 0) return response.text === "" && type === undefined ? null : `a body (${type}) where there should be none`;
  if (!types.includes(type)) return `content type ${type} is none of ${types}`;
  if (method === "HEAD") return response.text === "" ? null : "a body";
  const value = type.includes("json") ? response.json : response.text;
  return faultsOf([...pointer, "content", type, "schema"], value);
};

/// Checks status, content type, headers and body of what was answered, and, where it was a success, that the request is
/// one that the description allows. Answers `{operation, code}`.
export const check = ({ method, path, headers = {}, body }, response) => {
  const found = findOperation(method, path);
  const status = String(response.status);
  const places = [found && [...found.pointer, "responses", status], ["x-any-request", "responses", status]]
    .filter(Boolean)
    .map((pointer) => at(...pointer))
    .filter(({ value }) => value !== undefined);
  const what = `${method} ${path.slice(0, 200)} answered ${status} ${response.text.slice(0, 500)}`;
  assert.ok(places.length > 0, `${what}: no such status in the description`);
  const faults = places.map(({ value, pointer }) => bodyFaults(response, value, pointer, method));
  const fit = faults.indexOf(null);
  assert.notEqual(fit, -1, `${what}:\n  ${faults.join("\n  or ")}`);
  checkHeaders(response, places[fit].value, places[fit].pointer);

  const isProblem = response.headers["content-type"] === "application/problem+json" && response.text !== "";
  // RFC 8935 has a form of its own for what is not believed.
  const itsOwn = found?.id === "shared_signals" && response.status === 400;
  if (response.status >= 400 && !itsOwn) assert.equal(response.headers["content-type"], "application/problem+json", what);
  const code = isProblem ? response.json.code : "";
  if (isProblem) {
    assert.equal(response.json.status, response.status, what);
    if (response.json.retry_after !== undefined) assert.equal(response.headers["retry-after"], String(response.json.retry_after), what);
  }
  if (found && method !== "HEAD") mark(found.id, status, code);
  if (found && response.status < 300) checkRequest(found, { path, headers, body }, what);
  return { operation: found, code };
};

const checkRequest = (found, { path, body }, what) => {
  const [route, query = ""] = path.split("?");
  for (const { value: parameter, pointer } of [...found.parameters, ...found.ownParameters]) {
    if (parameter.in === "path") {
      const segment = route.split("/")[found.segments.indexOf(`{${parameter.name}}`)];
      assert.equal(faultsOf([...pointer, "schema"], decodeURIComponent(segment)), null, `${what}: ${parameter.name}`);
    } else if (parameter.in === "query") {
      const given = new URLSearchParams(query).get(parameter.name);
      const read = { integer: Number, boolean: (text) => ({ true: true, false: false })[text] ?? text }[parameter.schema?.type] ?? String;
      if (given !== null) assert.equal(faultsOf([...pointer, "schema"], read(given)), null, `${what}: ${parameter.name}`);
    }
  }
  const definition = found.definition.requestBody && at(...found.pointer, "requestBody");
  if (!definition?.value.content["application/json"] || body === undefined || body.length === 0) return;
  const isForm = definition.value.content["application/x-www-form-urlencoded"] && !/^\s*[[{]/.test(body.toString());
  if (isForm) return;
  const faults = faultsOf([...definition.pointer, "content", "application/json", "schema"], JSON.parse(body.toString()));
  assert.equal(faults, null, `${what}, but the description does not allow ${body.toString().slice(0, 500)}:\n  ${faults}`);
};
