// Goes through every operation, with success and with every error that can be brought about from outside, and holds each
// answer against docs/openapi.yaml. One file for each resource; one process for all, because the last test says what none
// of them has seen.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { eventually } from "./support/client.mjs";
import { check, covered, promised } from "./support/contract.mjs";
import { Wire } from "./support/http.mjs";
import { api, expiring, server } from "./api/setup.mjs";
import "./api/refusals.mjs";
import "./api/hold.mjs";
import "./api/transactions.mjs";
import "./api/verifications.mjs";
import "./api/checks.mjs";
import "./api/factors.mjs";
import "./api/passkeys.mjs";
import "./api/push.mjs";
import "./api/contacts.mjs";
import "./api/standing.mjs";
import "./api/subjects.mjs";
import "./api/claims.mjs";
import "./api/webhooks.mjs";
import "./api/shared_signals.mjs";
import "./api/events.mjs";
import "./api/spending.mjs";
import "./api/risk.mjs";
import "./api/operations.mjs";

// What only broken machinery brings about; the tests of faults do.
// A service without passkeys is one whose public URL is an IP address.
// Who may object was told, so that no budget was closed a moment ago.
// One code an hour to object with comes after a hundred wrong ones, and those take days.
const unreachable = /^(?!readyz).* (500 internal_error|503 overloaded|503 store_unavailable)$|^readyz 503 store_unavailable$|^metrics 401|^allow_risk_review 409 same_reviewer$|^start_objection (403 not_available_now|429 (resend_too_soon|budget_spent))$|^(challenge_passkey|check|enrol_factor) 422 channel_unavailable$/;

test("a transaction that has expired", async () => {
  const path = `/v1/transactions/${expiring.id}`;
  await eventually("the end of the hold", async () => ((await api.get(path)).status === "expired" ? true : undefined));
  await api.post(`${path}/cancel`, undefined, "409 transaction_expired");
  await api.post(`${path}/verifications`, { channel: "sms" }, "409 transaction_expired");
  await api.post(`${path}/checks`, { code: "123456" }, "409 transaction_expired");
  await api.post(`${path}/challenges`, { method: "webauthn" }, "409 transaction_expired");
  await api.post(`${path}/claim`, undefined, "409 transaction_expired");
  await api.post(`${path}/ack`, { fencing_token: "x" }, "409 transaction_expired");
  await api.post(`${path}/give_up`, undefined, "409 transaction_expired");
});

test("a server that is asked to stop is not ready any more, and ends in order", async () => {
  // With the answer to the first of these the server has read the half of the second, and lets it come to its end.
  const wire = new Wire(server.port).send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /readyz HTTP/1.1\r\nHost: localhost\r\n");
  assert.equal((await wire.answer()).status, 200);
  server.process.kill("SIGTERM");
  const refuses = () => api.get("/healthz").then(() => undefined, () => true);
  await eventually("the end of new connections", refuses);
  const response = await wire.send("\r\n").answer();
  assert.equal(check({ method: "GET", path: "/readyz" }, response).code, "shutting_down");
  assert.equal(await server.exited, 0);
});

test("everything that the description promises was seen", () => {
  const missing = promised().filter((what) => !covered.has(what) && !unreachable.test(what));
  assert.deepEqual(missing, []);
  const seen = [...covered].filter((what) => unreachable.test(what));
  assert.deepEqual(seen.filter((what) => what.includes("internal_error")), []);
});
