// What every operation refuses in the same way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, anId } from "../support/client.mjs";
import { operation, operations } from "../support/contract.mjs";
import { api, server } from "./setup.mjs";

/// A path of the operation that fits its form, and names nothing that is there.
const somePath = (id) =>
  operation(id).path.replace(/\{(\w+)\}/g, (_, name) => {
    if (name === "identity") return "nobody";
    if (name === "delivery") return anId("WD");
    return anId({ factors: "YF", contacts: "CT", bindings: "YB", objections: "OB", webhook_endpoints: "WE" }[/(factors|contacts|bindings|objections|webhook_endpoints)\/\{id\}/.exec(operation(id).path)?.[1]] ?? "TX");
  });
const authenticated = operations.filter((o) => o.isAuthenticated);
const takesJson = (o) => o.definition.requestBody !== undefined;
const needsBody = (o) => takesJson(o) && o.definition.requestBody.required;
const takesKey = (o) => o.ownParameters.some(({ value }) => value.name === "Idempotency-Key");

test("what every operation refuses", async (t) => {
  for (const o of authenticated) {
    await t.test(o.id, async () => {
      const path = somePath(o.id);
      const raw = takesJson(o) ? "{}" : undefined;
      const refuses = (expected, options) => api.expect(expected, o.method, options.path ?? path, { raw, ...options });
      for (const authorization of [undefined, "Bearer", "Bearer nonsense", `Basic ${api.key}`, `Bearer ${anId("SK")}.${"0".repeat(48)}`]) {
        await refuses("401 unauthorized", { headers: { Authorization: authorization }, from: `198.51.100.${authenticated.indexOf(o)}` });
      }
      await refuses("401 unauthorized", { headers: { Authorization: Array(2).fill(`Bearer ${api.key}`) }, from: `198.51.100.${authenticated.indexOf(o)}` });
      await new Client(server, "denied").expect("403 address_not_allowed", o.method, path, { raw, from: "192.0.2.7" });
      await refuses("400 malformed_query", { path: `${path}?limit=%FF` });
      await refuses("400 malformed_query", { path: `${path}?subject=%00` });
      await refuses("422 invalid_field", { path: `${path}?nonsense=1` });
      if (takesKey(o)) {
        const body = needsBody(o) ? raw : undefined;
        await refuses("400 invalid_idempotency_key", { raw: body, headers: { "Idempotency-Key": "" } });
        await refuses("400 invalid_idempotency_key", { raw: body, headers: { "Idempotency-Key": "k".repeat(256) } });
        await refuses("400 invalid_idempotency_key", { raw: body, headers: { "Idempotency-Key": ["a", "b"] } });
      }
      if (!takesJson(o)) return;
      await refuses("415 unsupported_media_type", { type: "text/plain" });
      await refuses("415 unsupported_media_type", { headers: { "Content-Type": undefined } });
      await refuses("400 malformed_json", { raw: "{" });
      await refuses("400 duplicate_name", { raw: '{"a":1,"a":1}' });
      await refuses("400 number_out_of_range", { raw: '{"a":9007199254740992}' });
      await refuses("400 nested_too_deep", { raw: `{"a":${"[".repeat(40)}${"]".repeat(40)}}` });
      await refuses("400 not_an_object", { raw: "[]" });
      await refuses("413 body_too_large", { raw: `{"a":"${"x".repeat(256 * 1024)}"}` });
      const caller = path.startsWith("/v1/test/") ? new Client(server, "test") : api;
      const unknown = await caller.call(o.method, path, { raw: '{"nonsense":1}' });
      assert.ok(["invalid_field", "not_found"].includes(unknown.code), unknown.text);
    });
  }
});

test("thirty failed authentications of one address are answered, more are not", async () => {
  const from = "203.0.113.9";
  const tries = await Promise.all(Array.from({ length: 31 }, () => api.call("GET", "/v1/events", { headers: { Authorization: undefined }, from })));
  assert.deepEqual(tries.map(({ status }) => status).sort(), [...Array(30).fill(401), 429]);
  for (const o of authenticated) await api.expect("429 rate_limited", o.method, somePath(o.id), { headers: { Authorization: undefined }, from });
  await api.expect(200, "GET", "/v1/events", { from });
});
