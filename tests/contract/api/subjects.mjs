// A subject with all its sources: additions, objections, decisions, erasure.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, aPhone, anId, anIdentity, eventually, wrongCode } from "../support/client.mjs";
import { api, server, whileStopped } from "./setup.mjs";

test("a subject with all its sources, objections and erasure", async () => {
  const identity = anIdentity();
  const path = `/v1/subjects/${identity}`;
  await api.get(path, "404 not_found");
  const phone = aPhone();
  await api.post(`${path}/contacts`, { channel: "sms", address: phone });
  const { id } = await api.hold({ subject: { identity } });
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
  await api.post(`/v1/transactions/${id}/checks`, { code: await api.code(phone) }, 200);
  const fresh = await api.get(path);
  assert.deepEqual([fresh.identity, fresh.founding, fresh.sources.length], [identity, false, 1]);
  assert.equal(fresh.sources[0].standing.counted, "founding");

  // An app of her own, from a page of the application's.
  const adds = { headers: { "Idempotency-Key": `adds-${identity}` } };
  const addition = await api.post(`${path}/additions`, { method: "totp", return_url: "https://shop.example.com/security", locale: "en" }, 201, adds);
  assert.ok(addition.verify_url.includes(`/verify/${addition.id}.`));
  await api.post(`${path}/additions`, { method: "totp" }, "422 idempotency_key_reused", adds);
  await api.post(`${path}/additions`, { method: "sms" }, "422 invalid_field");
  await api.post(`${path}/additions`, { method: "totp", return_url: "javascript:alert(1)" }, "422 invalid_field");
  await api.post(`${path.slice(0, -1)}X/additions`, { method: "totp" }, "404 not_found");

  // All of them on one page.
  const opens = { headers: { "Idempotency-Key": `opens-${identity}` } };
  const page = await api.post(`${path}/methods`, { return_url: "https://shop.example.com/security", locale: "en" }, 201, opens);
  assert.ok(page.url.includes(`/methods/${page.id}.`));
  await api.post(`${path}/methods`, {}, "422 idempotency_key_reused", opens);
  await api.post(`${path}/methods`, { return_url: "javascript:alert(1)" }, "422 invalid_field");
  await api.post(`${path.slice(0, -1)}X/methods`, {}, "404 not_found");
  await api.get(`/v1/transactions/${page.id}`, "404 not_found");
  await api.post(`/v1/transactions/${page.id}/verifications`, { channel: "sms" }, "404 not_found");
  await api.post(`/v1/transactions/${page.id}/checks`, { code: "123456" }, "404 not_found");

  await api.post(`${path}/contacts`, { channel: "email", address: "ana@example.com" });
  // The telephone is told, and so the wait begins.
  const told = await eventually("the notice", async () => {
    const subject = await api.get(path);
    return subject.sources[1].notified.length > 0 ? subject : undefined;
  });
  const [line, mailbox] = told.sources;
  assert.deepEqual([mailbox.notified, mailbox.standing.why_not], [[line.id], "waits"]);
  const messages = await api.get(`/dev/inbox.json?to=${encodeURIComponent(phone)}`);
  assert.ok(messages.some(({ body }) => body.includes("e-mail (a*****") || body.includes("new e-mail")), JSON.stringify(messages));

  const objections = `${path}/objections`;
  const sentBefore = messages[0].code;
  const before = messages.map((message) => message.code);
  const key = { headers: { "Idempotency-Key": `objection-${identity}` } };
  const started = await api.post(objections, { contact: line.id, binding: mailbox.id }, 201, key);
  await api.post(objections, { contact: line.id }, "422 idempotency_key_reused", key);
  await api.post(objections, { contact: line.id }, "404 not_found");
  await api.post(objections, { contact: mailbox.id, binding: mailbox.id }, "409 not_told");
  await api.post(objections, { contact: anId("YB"), binding: mailbox.id }, "422 invalid_field");
  await whileStopped(() => api.post(objections, { contact: line.id, binding: mailbox.id }, "422 spending_stopped"));
  const second = await api.post(objections, { contact: line.id, binding: mailbox.id });
  const codes = await eventually("the codes", async () => {
    const got = (await api.get(`/dev/inbox.json?to=${encodeURIComponent(phone)}`)).map((message) => message.code);
    const fresh = got.filter((one) => one !== sentBefore && one !== "" && !before.includes(one));
    return fresh.length === 2 ? fresh : undefined;
  });
  const confirm = `${objections}/${started.id}/confirm`;
  const right = async (id, list) => {
    for (const one of list) {
      const response = await api.call("POST", `${objections}/${id}/confirm`, { body: { code: one }, headers: { "Idempotency-Key": `confirm-${id}-${one}` } });
      if (response.status === 204) return one;
      assert.equal(response.code, "wrong_code");
    }
    return assert.fail("no code was right");
  };
  await api.post(confirm, { code: wrongCode(codes[0]) }, "422 wrong_code");
  const code = await right(started.id, codes);
  const confirmed = { headers: { "Idempotency-Key": `confirm-${started.id}-${code}` } };
  await api.post(confirm, { code: "0" }, "422 idempotency_key_reused", confirmed);
  await api.post(objections, { contact: line.id, binding: mailbox.id }, "409 objected_before");
  await api.post(`${objections}/${second.id}/confirm`, { code: codes.find((one) => one !== code) }, "409 objected_before");
  await api.post(`${objections}/${anId("OB")}/confirm`, { code }, "404 not_found");
  for (let i = 0, last = ""; last !== "attempts_exhausted"; ++i) {
    last = (await api.call("POST", confirm, { body: { code: wrongCode(code) } })).code;
    assert.ok(i < 6 && ["wrong_code", "attempts_exhausted"].includes(last), last);
  }
  assert.equal((await api.get(path)).sources[1].standing.why_not, "stopped");

  const binding = `${path}/bindings/${mailbox.id}`;
  await api.post(`${binding}/object`, undefined, "409 objected_before");
  // She decides herself, by codes for the operation.
  const hers = { headers: { "Idempotency-Key": `decision-${identity}` } };
  const operation = await api.post(`${binding}/decision`, { keep: true }, 201, hers);
  assert.ok(operation.verify_url.includes(`/verify/${operation.id}.`));
  await api.post(`${binding}/decision`, { keep: false }, "422 idempotency_key_reused", hers);
  await api.post(`${path}/bindings/${line.id}/decision`, { keep: true }, "409 not_stopped");
  await api.post(`${path.slice(0, -1)}X/bindings/${mailbox.id}/decision`, { keep: true }, "404 not_found");
  const decided = { headers: { "Idempotency-Key": `decide-${identity}` } };
  await api.post(`${binding}/decide`, { keep: true }, "403 may_not_vouch");
  const support = new Client(server, "default#vouch");
  const kept = await support.post(`${binding}/decide`, { keep: true }, 200, decided);
  assert.equal(kept.stopped_at, null);
  await api.post(`${binding}/decide`, { keep: false }, "409 not_stopped");
  await support.post(`${binding}/decide`, { keep: false }, "422 idempotency_key_reused", decided);
  await api.post(`${path}/bindings/${anId("YB")}/decide`, { keep: false }, "404 not_found");
  const objected = { headers: { "Idempotency-Key": `object-${identity}` } };
  await api.post(`${path}/bindings/${line.id}/object`, undefined, 200, objected);
  await api.post(`${path}/bindings/${line.id}/object`, {}, "422 idempotency_key_reused", objected);
  await api.post(`${path}/bindings/${line.id}/decision`, { keep: true }, "409 source_does_not_count");  // A mailbox alone.
  await api.post(`${path}/bindings/${anId("YB")}/object`, undefined, "404 not_found");

  await api.post(`${path}/additions`, { method: "totp" }, "409 source_does_not_count");

  const erase = { headers: { "Idempotency-Key": `erase-${identity}` } };
  const asked = await api.expect(202, "DELETE", path, erase);
  await api.expect("422 idempotency_key_reused", "DELETE", path, { ...erase, raw: "x" });
  assert.equal(Date.parse(asked.erases_at) - Date.parse(asked.asked_at), 72 * 3_600_000);
  await api.expect("404 not_found", "DELETE", `/v1/subjects/${anIdentity()}`);
  // Wrong codes count at the line, whichever objection they are for.
  for (let i = 0, last = ""; last !== "locked"; ++i) {
    assert.ok(i < 4);
    // Whoever was not told yet cannot object; the notice of the erasure is on its way.
    const { id } = await eventually("the notice", async () => {
      const response = await api.call("POST", objections, { body: { contact: line.id } });
      if (response.code === "not_told") return undefined;
      assert.equal(response.status, 201, response.text);
      return response.json;
    });
    do {
      last = (await api.call("POST", `${objections}/${id}/confirm`, { body: { code: wrongCode(code) } })).code;
    } while (last === "wrong_code");
    assert.ok(["attempts_exhausted", "locked"].includes(last), last);
  }
  const stop = { headers: { "Idempotency-Key": `stop-${identity}` } };
  await api.post(`${path}/erasure/stop`, undefined, 204, stop);
  await api.post(`${path}/erasure/stop`, {}, "422 idempotency_key_reused", stop);
  await api.post(`${path}/erasure/stop`, undefined, "404 not_found");
  assert.notEqual((await api.get(path)).erasure.stopped_at, null);
});

test("a passkey cannot be added where the page may not ask for one", async () => {
  const identity = anIdentity();
  await api.hold({ service: "texts", subject: { identity, contacts: [{ channel: "sms", address: aPhone() }] } });
  await api.post(`/v1/subjects/${identity}/additions?service=texts`, { method: "webauthn" }, "422 channel_unavailable");
});
