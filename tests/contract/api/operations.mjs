// Health, metrics, keys, the description, the inbox, and test mode.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, aPhone, anId, anIdentity, eventually } from "../support/client.mjs";
import { exchange } from "../support/http.mjs";
import { api, server } from "./setup.mjs";

test("the inbox says what each message is for", async () => {
  const phone = aPhone();
  const { id } = await api.hold({ subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] } });
  const started = await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
  await api.code(phone);
  const [message] = await api.get(`/dev/inbox.json?to=${encodeURIComponent(phone)}`);
  assert.deepEqual([message.transaction, message.verification], [id, started.id]);
});

test("operations", async () => {
  // A server on a disk that was slow just now is not ready.
  await eventually("readiness", () => api.get("/readyz").catch(() => undefined));
  for (const path of ["/healthz", "/.well-known/jwks.json"]) {
    await api.get(path);
    await api.expect(200, "HEAD", path);
  }
  await eventually("readiness", () => api.expect(200, "HEAD", "/readyz").catch(() => undefined));
  assert.match(await api.get("/metrics"), /\ncountersign_http_requests_total\{route="hold",status="201"\} [0-9]+\n/);
  assert.match(await api.get("/metrics"), /\ncountersign_claimed_unacknowledged\{account="default"\} [0-9]+\n/);
  assert.match(await api.get("/openapi.yaml"), /^openapi: 3\.1\.0\n/);
  assert.ok((await api.get("/dev/inbox.json")).length > 0);
  await api.expect("421 foreign_host", "GET", "/dev/inbox.json", { headers: { Host: "evil.example" } });
  await api.expect(200, "GET", `/dev/timeline.json?id=${(await api.hold()).id}`);
  await api.expect("404 not_found", "GET", `/dev/timeline.json?id=${anId("TX")}`);
  await api.expect("421 foreign_host", "GET", "/dev/timeline.json?id=x", { headers: { Host: "evil.example" } });
  for (const path of ["/metrics", "/metrics/"]) assert.equal((await exchange(server.url, { path })).status, 404, "not beside the API");
});

test("clock, messages and keys of test mode", async () => {
  const tests = new Client(server, "test");
  for (const [method, path] of [["GET", "/v1/test/clock"], ["POST", "/v1/test/clock"], ["GET", "/v1/test/messages"]]) {
    const body = method === "POST" ? { advance_seconds: 1 } : undefined;
    await api.expect("403 test_key_required", method, path, { body });
    await tests.expect(200, method, path, { body });
  }
  const headers = { "Idempotency-Key": anIdentity() };
  await tests.post("/v1/test/clock", { advance_seconds: 1 }, 200, { headers });
  await tests.post("/v1/test/clock", { advance_seconds: 2 }, "422 idempotency_key_reused", { headers });
  await tests.expect(200, "GET", "/.well-known/test/jwks.json", { headers: { Authorization: undefined } });
});
