// Webhook endpoints and their deliveries, and the callbacks that deliveries of messages get.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { aPhone, anId, anIdentity, eventually, totpCode } from "../support/client.mjs";
import { signature } from "../support/twilio.mjs";
import { report as metaReport, signed, text as metaText, verifyToken } from "../support/meta.mjs";
import { api, gateway, meta, twilio, mailServer } from "./setup.mjs";

test("webhook endpoints and their deliveries", async () => {
  const path = "/v1/webhook_endpoints";
  const key = { headers: { "Idempotency-Key": "endpoint-1" } };
  const body = { url: `${twilio.url}/hook`, events: ["transaction.canceled", "transaction.canceled"] };
  const endpoint = await api.post(path, body, 201, key);
  assert.deepEqual(endpoint.events, ["transaction.canceled"]);
  assert.deepEqual(await api.post(path, body, 201, key), endpoint);
  await api.post(path, { url: body.url }, "422 idempotency_key_reused", key);
  await api.post(path, { url: "ftp://example.com" }, "422 invalid_field");
  await api.post(path, { url: body.url, events: Array(21).fill("*") }, "422 invalid_field");
  const another = await api.post(path, { url: `${body.url}/another` });
  assert.notEqual(another.secret, endpoint.secret);
  await api.expect(204, "DELETE", `${path}/${another.id}`);
  const { secret, ...shown } = endpoint;
  assert.deepEqual(await api.get(`${path}/${endpoint.id}`), shown);
  assert.deepEqual((await api.get(path)).data, [shown]);
  await api.get(`${path}/${anId("WE")}`, "404 not_found");

  const { id } = await api.hold();
  await api.post(`/v1/transactions/${id}/cancel`, undefined, 200);
  const deliveries = `${path}/${endpoint.id}/deliveries`;
  const delivery = await eventually("the delivery", async () => (await api.get(`${deliveries}?limit=1`)).data.find((d) => d.status === "delivered"));
  assert.equal((await api.get(`${deliveries}?cursor=${delivery.id}`)).data.length, 0);
  await api.get(`${deliveries}?limit=x`, "422 invalid_field");
  await api.get(`${path}/${anId("WE")}/deliveries`, "404 not_found");
  const again = { headers: { "Idempotency-Key": "retry-1" } };
  await api.post(`${deliveries}/${delivery.id}/retry`, undefined, 202, again);
  await api.post(`${deliveries}/${delivery.id}/retry`, {}, "422 idempotency_key_reused", again);
  await api.post(`${deliveries}/${anId("WD")}/retry`, undefined, "404 not_found");
  const of = async (query) => (await api.get(`${deliveries}?${query}`)).data.map((d) => d.id);
  assert.deepEqual(await of(`transaction=${id}&type=transaction.canceled&since=${delivery.created_at}`), [delivery.id]);
  for (const none of [`transaction=${anId("TX")}`, "type=transaction.denied", "status=failed", `until=${delivery.created_at}`]) assert.deepEqual(await of(none), []);
  for (const wrong of ["status=sent", "transaction=x", "type=", "since=x", "until=x", "cursor=x"]) await api.get(`${deliveries}?${wrong}`, "422 invalid_field");

  for (let i = 1; i < 20; ++i) await api.post(path, { url: `https://example.com/${i}`, events: [] });
  await api.post(path, { url: "https://example.com/20" }, "409 endpoint_limit");
  await api.post(path, { url: "https://EXAMPLE.com:443/1" }, "409 endpoint_exists");
  for (const url of ["https://[::1/h", "https://exämple.com", "https://a..b/", "https://example.com:0/", "https://1.2.3.4.5/"]) {
    await api.post(path, { url }, "422 invalid_field");
    await api.expect("422 invalid_field", "PATCH", `${path}/${endpoint.id}`, { body: { url } });
  }
  await api.expect(204, "DELETE", `${path}/${endpoint.id}`, key);
  await api.expect("422 idempotency_key_reused", "DELETE", `${path}/${endpoint.id}`, { ...key, raw: "x" });
  await api.expect("404 not_found", "DELETE", `${path}/${endpoint.id}`);
  for (const { id: rest } of (await api.get(path)).data) await api.expect(204, "DELETE", `${path}/${rest}`);
});

test("a webhook endpoint is changed, tested, given another secret, and catches up", async () => {
  const { id, secret } = await api.post("/v1/webhook_endpoints", { url: `${twilio.url}/hook/1`, events: ["transaction.denied"] });
  const other = await api.post("/v1/webhook_endpoints", { url: `${twilio.url}/hook/2` });
  const path = `/v1/webhook_endpoints/${id}`;
  const patch = (expected, body, options) => api.expect(expected, "PATCH", path, { body, ...options });
  const key = (name) => ({ headers: { "Idempotency-Key": name } });
  const since = new Date(Date.now() - 1000).toISOString();

  assert.deepEqual((await patch(200, { url: `${twilio.url}/hook/3`, events: null })).events, ["transaction.denied"]);
  assert.deepEqual((await patch(200, { events: ["*"] }, key("patch-1"))).events, ["*"]);
  await patch("422 idempotency_key_reused", { events: ["transaction.denied"] }, key("patch-1"));
  for (const wrong of [{ events: [] }, { events: ["x"] }, { status: "gone" }, { url: 1 }]) await patch("422 invalid_field", wrong);
  await patch("409 endpoint_exists", { url: other.url });
  await api.expect("404 not_found", "PATCH", `/v1/webhook_endpoints/${anId("WE")}`, { body: {} });

  const rotated = await api.post(`${path}/rotate_secret`, { overlap_seconds: 60 }, 200, key("rotate-1"));
  assert.notEqual(rotated.secret, secret);
  assert.deepEqual(await api.post(`${path}/rotate_secret`, { overlap_seconds: 60 }, 200, key("rotate-1")), rotated);
  await api.post(`${path}/rotate_secret`, {}, "422 idempotency_key_reused", key("rotate-1"));
  for (const wrong of [{ overlap_seconds: -1 }, { overlap_seconds: 604801 }, { secret: "x" }, { secret: rotated.secret }]) await api.post(`${path}/rotate_secret`, wrong, "422 invalid_field");
  assert.ok(Date.parse((await api.get(path)).previous_secret_until) > Date.now() + 30_000);
  await api.post(`/v1/webhook_endpoints/${anId("WE")}/rotate_secret`, {}, "404 not_found");

  const off = await patch(200, { status: "disabled" });
  assert.deepEqual([off.status, typeof off.disabled_reason], ["disabled", "string"]);
  const test = await api.post(`${path}/test`, undefined, 202, key("test-1"));
  await api.post(`${path}/test`, {}, "422 idempotency_key_reused", key("test-1"));
  await api.post(`/v1/webhook_endpoints/${anId("WE")}/test`, undefined, "404 not_found");
  await eventually("the test event", async () => (await api.get(`${path}/deliveries?type=webhook_endpoint.test&status=delivered`)).data.find((d) => d.id === test.id));
  await api.post(`${path}/replay`, { since }, "409 endpoint_disabled");
  const on = await patch(200, { status: "enabled" });
  assert.deepEqual([on.status, on.disabled_reason], ["enabled", null]);
  assert.deepEqual(await api.post(`${path}/replay`, { since }, 202, key("replay-1")), { queued: 0, more: false });
  await api.post(`${path}/replay`, { since, until: since }, "422 idempotency_key_reused", key("replay-1"));
  for (const wrong of [{}, { since: "x" }, { since, until: "x" }]) await api.post(`${path}/replay`, wrong, "422 invalid_field");
  await api.post(`/v1/webhook_endpoints/${anId("WE")}/replay`, { since }, "404 not_found");
  await patch(200, { status: "disabled" });
  const queued = { id: test.id };
  await api.post(`${path}/deliveries/${queued.id}/retry`, undefined, 202);  // A test goes there all the same.
  await patch(200, { status: "enabled" });
  const { id: held } = await api.hold();
  await api.post(`/v1/transactions/${held}/cancel`, undefined, 200);
  const sent = await eventually("the webhook", async () => (await api.get(`${path}/deliveries?transaction=${held}&status=delivered`)).data[0]);
  await patch(200, { status: "disabled" });
  await api.post(`${path}/deliveries/${sent.id}/retry`, undefined, "409 endpoint_disabled");

  const types = (await api.get(`/v1/events?since=${since}&type=webhook_endpoint.secret_rotated`)).data;
  assert.deepEqual(types.map(({ data }) => data.endpoint), [id]);
  for (const one of [id, other.id]) await api.expect(204, "DELETE", `/v1/webhook_endpoints/${one}`);
});

test("delivery reports of Twilio", async () => {
  const phone = aPhone();
  const { id } = await api.hold({ service: "texts", subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] } });
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
  const { form } = await eventually("the message at Twilio", () => twilio.calls.find((call) => call.form.get("To") === phone));
  const url = form.get("StatusCallback");
  const report = new URLSearchParams({ MessageSid: `SM${"1".repeat(32)}`, MessageStatus: "delivered" });
  const send = (expected, headers, to = new URL(url).pathname) =>
    api.expect(expected, "POST", to, { raw: report.toString(), type: "application/x-www-form-urlencoded", headers });
  await send(204, { "X-Twilio-Signature": signature(url, report) });
  await send("403 forbidden", { "X-Twilio-Signature": signature(`${url}/`, report) });
  await send("403 forbidden", {});
  await send("403 forbidden", { "X-Twilio-Signature": signature(url, report) }, `/callbacks/twilio/${anId("AC")}/${anId("VL")}`);
  await api.expect("413 body_too_large", "POST", new URL(url).pathname, { raw: "x".repeat(256 * 1024 + 1) });
});

test("what people write to a number at Twilio", async () => {
  const phone = aPhone();
  const identity = anIdentity();
  const hold = () => api.hold({ service: "texts", subject: { identity, contacts: [{ channel: "sms", address: phone }] } });
  const { id } = await hold();
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
  const { form } = await eventually("the message at Twilio", () => twilio.calls.find((call) => call.form.get("To") === phone));
  const url = new URL("/callbacks/inbound/twilio/texts", form.get("StatusCallback"));
  const write = (expected, body, sign = signature) => {
    const message = new URLSearchParams({ MessageSid: `SM${"2".repeat(32)}`, From: phone, Body: body });
    const headers = { "X-Twilio-Signature": sign(url.href, message) };
    return api.expect(expected, "POST", url.pathname, { raw: message.toString(), type: "application/x-www-form-urlencoded", headers });
  };
  await write("403 forbidden", "STOP", () => "");
  await write(200, "STOP");
  const { id: next } = await hold();
  await api.post(`/v1/transactions/${next}/verifications`, { channel: "sms" }, "422 opted_out");
  const { data } = await api.get(`/v1/subjects/${identity}/contacts?service=texts`);
  assert.deepEqual(data.map(({ unreachable }) => unreachable), ["opted_out"]);
  const sending = { type: "payout", service: "texts", subject: { identity }, display: { title: "New account" }, payload: {}, send: "sms" };
  await api.post("/v1/transactions", sending, "422 opted_out");
  await write(200, "Start");
  await api.post(`/v1/transactions/${next}/verifications`, { channel: "sms" });
  // Nor does the code of an objection go there.
  const texts = () => twilio.calls.filter((call) => call.form.get("To") === phone).map((call) => call.form.get("Body"));
  await eventually("the code at Twilio", () => (texts().length > 1 ? true : undefined));
  await api.post(`/v1/transactions/${next}/checks`, { code: /[0-9]{6}/.exec(texts().at(-1))[0] }, 200);
  const factors = `/v1/subjects/${identity}/factors`;
  const app = await api.post(factors, { type: "totp", service: "texts" });
  await api.post(`${factors}/${app.id}/confirm`, { code: totpCode(app.secret) }, 200);
  await eventually("the notice at Twilio", () => (texts().length > 2 ? true : undefined));
  const { sources } = await api.get(`/v1/subjects/${identity}?service=texts`);
  const [line, added] = ["phone", "authenticator"].map((kind) => sources.find((source) => source.kind === kind).id);
  await write(200, "STOP");
  await api.post(`/v1/subjects/${identity}/objections?service=texts`, { contact: line, binding: added }, "422 opted_out");
  await api.expect("413 body_too_large", "POST", url.pathname, { raw: "x".repeat(256 * 1024 + 1) });
});

test("reports of mail servers", async () => {
  const address = `ana.${Date.now()}@example.com`;
  const { id } = await api.hold({ service: "mails", subject: { identity: anIdentity(), contacts: [{ channel: "email", address }] } });
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "email" });
  const mail = await eventually("the mail", () => mailServer.mails.find(({ to }) => to === address));
  const report = (to) => `To: ${to}\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n`;
  const send = (expected, raw) => api.expect(expected, "POST", "/callbacks/mail", { raw, type: "message/rfc822" });
  await send("403 forbidden", report("bounces@palco.example"));
  await send("403 forbidden", report(mail.from.replace(/\+./, (start) => (start === "+a" ? "+b" : "+a"))));
  await send("413 body_too_large", "x".repeat(256 * 1024 + 1));
  // A report may come before what the server answered is written down; it is taken all the same.
  await send(204, report(mail.from));
  const failed = await eventually("the event", async () => (await api.get(`/v1/events?transaction=${id}&type=message.failed`)).data[0]);
  assert.equal(failed.data.fault, "invalid_address");
  assert.equal(failed.data.provider_code, "5.1.1");
});

test("reports of WhatsApp", async () => {
  const address = aPhone();
  const identity = anIdentity();
  const { id } = await api.hold({ service: "whatsapp", subject: { identity, contacts: [{ channel: "whatsapp", address }] } });
  assert.equal((await api.post(`/v1/transactions/${id}/verifications`, { channel: "whatsapp" })).shows_display, false);
  assert.equal((await api.get(`/v1/transactions/${id}`)).verifications[0].shows_display, false);
  const mine = ({ to }) => `+${to}` === address;
  const message = await eventually("the message", () => meta.messages.find(mine));
  const number = 1 + meta.messages.findIndex(mine);
  const [body, button] = message.template.components.map(({ parameters }) => parameters[0].text);
  assert.match(body, /^[0-9]{6}$/);
  assert.equal(body, button);
  const path = "/callbacks/whatsapp/meta";
  const send = (expected, raw, headers, to = path) => api.expect(expected, "POST", to, { raw, type: "application/json", headers });
  const failed = metaReport(message, number, "failed", { errors: [{ code: 131026 }] });
  await send("403 forbidden", failed, {});
  await send("403 forbidden", failed, signed(failed, "a guess"));
  await send("403 forbidden", `${failed} `, signed(failed));
  await send("403 forbidden", failed, signed(failed), "/callbacks/whatsapp/texts");
  await send("413 body_too_large", "x".repeat(3 * 1024 * 1024 + 1), {});
  await send(200, `{"entry":7}`, signed(`{"entry":7}`));
  // A batch of Meta's that is longer than any request of ours: of others, and of one of ours at its end.
  const others = Array.from({ length: 1500 }, (_, i) => JSON.parse(metaReport({ ...message, biz_opaque_callback_data: "of somebody else" }, 5000 + i, "delivered")).entry).flat();
  const batch = JSON.stringify({ object: "whatsapp_business_account", entry: others });
  assert.ok(batch.length > 300 * 1024 && batch.length < 3 * 1024 * 1024, `${batch.length}`);
  await send("403 forbidden", batch, {});
  await send(200, batch, signed(batch));
  const faults = async () => (await api.get(`/v1/events?transaction=${id}&type=message.failed`)).data;
  assert.deepEqual(await faults(), []);
  await send(200, failed, signed(failed));
  await send(200, failed, signed(failed));
  assert.deepEqual((await faults()).map(({ data }) => [data.fault, data.provider_code]), [["unsupported_address", "131026"]]);

  // What she writes comes to the same address.
  const again = async (expected) => {
    const next = await api.hold({ service: "whatsapp", subject: { identity } });
    return api.post(`/v1/transactions/${next.id}/verifications`, { channel: "whatsapp" }, expected);
  };
  const write = (word, secret) => {
    const body = metaText(address.slice(1), word);
    return send(secret ? "403 forbidden" : 200, body, signed(body, secret));
  };
  await write("STOP", "a guess");
  await write("I shall not stop");
  await again(201);
  await write("Sair");
  await again("422 opted_out");
  await write("START");
  await again(201);

  const ask = (expected, token, more = "") => api.expect(expected, "GET", `${path}?hub.mode=subscribe&hub.verify_token=${encodeURIComponent(token)}&hub.challenge=1158201444${more}`);
  assert.equal(await ask(200, verifyToken), "1158201444");
  await ask("403 forbidden", "a guess");
  await ask("403 forbidden", verifyToken, "&hub.challenge=2");
});

test("calls", async () => {
  const address = aPhone();
  const { id } = await api.hold({ service: "calls", locale: "en", subject: { identity: anIdentity(), contacts: [{ channel: "call", address }] }, display: { title: "Pay <Dial>1</Dial> & more" } });
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "call" });
  const [sid, form] = await eventually("the call", () => [...twilio.made].find(([, made]) => made.get("To") === address));
  const [, action] = /action="([^"]+)"/.exec(form.get("Twiml"));
  const url = action.replaceAll("&amp;", "&");
  const key = new URLSearchParams({ CallSid: sid, CallStatus: "in-progress", Digits: "5" });
  const path = url.slice(new URL(url).origin.length);
  const press = (expected, headers, to = path) => api.expect(expected, "POST", to, { raw: key.toString(), type: "application/x-www-form-urlencoded", headers });
  const signed = () => ({ "X-Twilio-Signature": signature(url, key) });
  await press("403 forbidden", {});
  await press("403 forbidden", { "X-Twilio-Signature": signature(`${url}x`, key) });
  await press("403 forbidden", signed(), path.split("?")[0]);
  await api.expect("413 body_too_large", "POST", path, { raw: "x".repeat(256 * 1024 + 1) });
  const spoken = await press(200, signed());
  assert.ok(spoken.includes("Pay &lt;Dial&gt;1&lt;/Dial&gt; &amp; more"), spoken);
  const digits = [...spoken.matchAll(/<Say language="en-US" voice="Polly.Joanna-Neural">([0-9])<\/Say>/g)].map(([, digit]) => digit).join("");
  assert.equal(digits.length, 12);
  const code = digits.slice(0, 6);
  assert.equal(digits.slice(6), code);
  assert.ok(!form.get("Twiml").includes(code) && !url.includes(code));
  assert.ok(!(await press(200, signed())).includes(">5<") && !(await press(200, signed())).includes(code[0] + "</Say>"));
  const ended = new URLSearchParams({ CallSid: sid, CallStatus: "completed" });
  const status = form.get("StatusCallback");
  await api.expect(204, "POST", new URL(status).pathname, { raw: ended.toString(), type: "application/x-www-form-urlencoded", headers: { "X-Twilio-Signature": signature(status, ended) } });
  assert.deepEqual((await api.get(`/v1/events?transaction=${id}&type=message.failed`)).data, []);
  await api.post(`/v1/transactions/${id}/checks`, { code }, 200);
});

test("reports of a gateway", async () => {
  const address = aPhone();
  const { id } = await api.hold({ service: "gateway", subject: { identity: anIdentity(), contacts: [{ channel: "sms", address }] } });
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
  const message = await eventually("the message", () => gateway.messages.find(({ to }) => `+${to[0]}` === address));
  const path = new URL(message.callback_url).pathname;
  assert.match(path, /^\/callbacks\/gateway\/sinch\/AC[0-9a-f]{32}\/VL[0-9a-f]{32}\/[0-9a-f]{32}$/);
  const report = { type: "recipient_delivery_report_sms", batch_id: `batch-${message.client_reference}`, status: "Failed", code: 404 };
  const send = (expected, to, body, type = "application/json") => api.expect(expected, "POST", to, { raw: body, type });
  const forged = path.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  await send("403 forbidden", forged, JSON.stringify(report));
  await send("403 forbidden", path.replace("/sinch/", "/texts/"), JSON.stringify(report));
  await api.expect("403 forbidden", "GET", forged);
  await api.expect(204, "GET", path);
  await send("403 forbidden", "/callbacks/gateway/sinch", JSON.stringify(report));
  await send(204, path, JSON.stringify({ ...report, batch_id: "another" }));
  await send("413 body_too_large", path, "x".repeat(256 * 1024 + 1));
  await send(204, path, JSON.stringify(report));
  const failed = await eventually("the event", async () => (await api.get(`/v1/events?transaction=${id}&type=message.failed`)).data[0]);
  assert.equal(failed.data.fault, "unavailable");
  assert.equal(failed.data.provider_code, "404");
  for (const status of ["Delivered", "Dispatched", "Failed"]) await send(204, path, JSON.stringify({ ...report, status }));
  const [verification] = (await api.get(`/v1/transactions/${id}`)).verifications;
  assert.equal(verification.send_error, null, "it has arrived after all");
});

test("reports of a gateway that signs the body", async () => {
  const raw = JSON.stringify({ state: "delivered", ref: anId("VL") });
  const headers = { "X-Signature": createHmac("sha256", "of signed reports").update(raw).digest("hex") };
  await api.expect(204, "POST", "/callbacks/gateway/signing", { raw, headers });
  await api.expect("403 forbidden", "POST", "/callbacks/gateway/signing", { raw: `${raw} `, headers });
  const nothing = { "X-Signature": createHmac("sha256", "of signed reports").update("").digest("hex") };
  await api.expect("403 forbidden", "GET", "/callbacks/gateway/signing", { headers: nothing });
});

test("reports of a gateway at one address for all messages", async () => {
  const report = { message: { id: "1", externalId: anId("VL") }, messageStatus: { code: "DELIVERED" } };
  const send = (expected, secret, raw = JSON.stringify(report)) =>
    api.expect(expected, "POST", "/callbacks/gateway/zenvia", { raw, type: "application/json", headers: { "X-Countersign": secret } });
  await send("403 forbidden", "of Reports");
  await api.expect("403 forbidden", "GET", "/callbacks/gateway/zenvia");
  await api.expect(204, "GET", "/callbacks/gateway/zenvia", { headers: { "X-Countersign": "of reports" } });
  await send(204, "of reports");
  await send("413 body_too_large", "of reports", "x".repeat(256 * 1024 + 1));
});

// How each vendor passes on what somebody wrote to our number, as the pages name it that docs/sms-gateways.md links.
const mac = (text, encoding) => createHmac("sha256", "of texts").update(text).digest(encoding);
const json = (body, headers) => ({ raw: JSON.stringify(body), type: "application/json", headers });
const passOn = {
  sinch: (from, text, at) => {
    const message = json({ type: "mo_text", id: "01XXXXX21XXXXX119Z8P1XXXXX", from, to: "12025550100", body: text, operator_id: "72405", received_at: at.toISOString() });
    const [nonce, timestamp] = ["n1", String(Math.floor(at / 1000))];
    const name = "X-Sinch-Webhook-Signature";
    message.headers = { [name]: mac(`${message.raw}.${nonce}.${timestamp}`, "base64"), [`${name}-Nonce`]: nonce, [`${name}-Timestamp`]: timestamp };
    return message;
  },
  zenvia: (from, text, at) => {
    const message = { id: "m7", from, to: "palco", direction: "IN", channel: "sms", contents: [{ type: "text", text }] };
    return json({ id: "e7", timestamp: at.toISOString(), type: "MESSAGE", subscriptionId: "s1", channel: "sms", direction: "IN", message }, { "X-Countersign": "of texts" });
  },
  infobip: (from, text, at) => {
    const one = { messageId: "817790313235066447", from, to: "5511400000000", text, cleanText: text, keyword: "", receivedAt: at.toISOString().replace("Z", "+0000"), smsCount: 1, price: { pricePerMessage: 0, currency: "EUR" } };
    return json({ results: [one], messageCount: 1, pendingMessageCount: 0 }, { Authorization: `Basic ${Buffer.from("countersign:of texts").toString("base64")}` });
  },
  vonage: (from, text, at) => {
    const form = new URLSearchParams({ msisdn: from, to: "447700900000", messageId: "0A0000000123ABCD1", text, type: "text", keyword: text, "message-timestamp": at.toISOString().slice(0, 19).replace("T", " "), timestamp: String(Math.floor(at / 1000)), nonce: "a1b2" });
    const sorted = [...form].sort().map(([name, value]) => `&${name}=${value.replaceAll(/[&=]/g, "_")}`).join("");
    form.append("sig", mac(sorted, "hex").toUpperCase());
    return { raw: form.toString(), type: "application/x-www-form-urlencoded" };
  },
};

test("what people write to a number at a gateway", async () => {
  const address = aPhone();
  const identity = anIdentity();
  const hold = () => api.hold({ service: "answered", subject: { identity, contacts: [{ channel: "sms", address }] } });
  await hold();
  const starts = async (expected) => api.post(`/v1/transactions/${(await hold()).id}/verifications`, { channel: "sms" }, expected);
  const whole = (ms) => new Date(Math.floor(Date.now() / 1000) * 1000 + ms);
  for (const [name, message] of Object.entries(passOn)) {
    const path = `/callbacks/inbound/gateway/${name}`;
    const write = (expected, text, at = whole(0), change = {}) => api.expect(expected, "POST", path, { ...message(address.slice(1), text, at), ...change });
    const earlier = whole(-60_000);
    await write(204, "hello, please STOP");
    await write(204, "SAIR");
    await starts("422 opted_out");
    await write(204, "START", earlier);
    await starts("422 opted_out");
    await write(204, "START");
    assert.equal((await starts(201)).status, "pending", name);
    if (name === "vonage") {
      const { raw } = message(address.slice(1), "STOP", whole(0));
      await api.expect("403 forbidden", "GET", `${path}?${raw.replace("STOP", "stop")}`);
      await api.expect(204, "GET", `${path}?${raw}`);
      await starts("422 opted_out");
    } else {
      await api.expect("403 forbidden", "GET", path);
      await write("403 forbidden", "STOP", whole(0), { headers: {} });
      await write(name === "sinch" ? "403 forbidden" : 204, "STOP", whole(0), { raw: '["STOP",{"from":7}]' });
    }
    await api.expect("413 body_too_large", "POST", path, { raw: "x".repeat(256 * 1024 + 1) });
  }
  const stop = passOn.sinch(address.slice(1), "STOP", whole(0));
  await api.expect("403 forbidden", "POST", "/callbacks/inbound/gateway/sinch", { ...stop, raw: stop.raw.replace(address.slice(1), aPhone().slice(1)) });
  for (const other of ["signing", "texts", "none"]) await api.expect("403 forbidden", "POST", `/callbacks/inbound/gateway/${other}`, stop);
  const { data } = await api.get(`/v1/subjects/${identity}/contacts?service=answered`);
  assert.deepEqual(data.map(({ unreachable }) => unreachable), ["opted_out"]);
});
