// The official Twilio SDK for Node, unmodified, against a started server.
import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { Client, aPhone, eventually, totpCode, wrongCode } from "../contract/support/client.mjs";
import { Server } from "../contract/support/server.mjs";
import { Authenticator } from "../contract/support/authenticator.mjs";
import { operations, refusedOnce, succeeded } from "../contract/support/verify_api.mjs";
import { clientOf, messageTo, messagesTo, raw, refused, validateRequest } from "./support/twilio_client.mjs";

let server;
let service;
before(async () => {
  server = await Server.start();
  service = clientOf(server).verify.v2.services(server.credentials.service_sid);
});
after(() => server?.stop());

describe("the core pair", () => {
  test("sends a code, checks it, and is over", async () => {
    const to = aPhone();
    const sent = await service.verifications.create({ to, channel: "sms" });
    assert.match(sent.sid, /^VE[0-9a-f]{32}$/);
    assert.equal(sent.status, "pending");
    assert.equal(sent.valid, false);
    assert.equal(sent.to, to);
    assert.ok(sent.dateCreated instanceof Date);
    assert.equal(sent.sendCodeAttempts.length, 1);
    assert.match(sent.sendCodeAttempts[0].attempt_sid, /^VL[0-9a-f]{32}$/);
    const { code, body } = await messageTo(server, to);
    assert.match(code, /^\d{6}$/);
    assert.ok(body.includes(code), body);

    const wrong = await service.verificationChecks.create({ to, code: wrongCode(code) });
    assert.equal(wrong.status, "pending");
    assert.equal(wrong.valid, false);
    const right = await service.verificationChecks.create({ to, code });
    assert.equal(right.status, "approved");
    assert.equal(right.valid, true);
    assert.equal(right.sid, sent.sid);

    await refused(service.verificationChecks.create({ to, code }), 404, 20404);
    await refused(service.verificationChecks.create({ verificationSid: sent.sid, code }), 404, 20404);
    await refused(service.verifications(to).fetch(), 404, 20404);
    await refused(service.verifications(sent.sid).update({ status: "canceled" }), 404, 20404);
  });

  test("why it is over can be read", async () => {
    const to = aPhone();
    const { sid } = await service.verifications.create({ to, channel: "sms" });
    await service.verifications(sid).update({ status: "canceled" });
    assert.equal((await service.verifications(sid).fetch()).status, "canceled");
    const path = `/v2/Services/${server.credentials.service_sid}/VerificationCheck`;
    const gone = await raw(server, "POST", path, [["VerificationSid", sid], ["Code", "123456"]]);
    assert.equal(gone.status, 404);
    assert.equal(gone.headers["countersign-verification-status"], "canceled");
    assert.equal(gone.json.message, `The requested resource ${path.slice(3)} was not found`);
  });

  test("a resend keeps the verification and the codes sent before", async () => {
    const to = aPhone();
    const first = await service.verifications.create({ to, channel: "sms" });
    const { code } = await messageTo(server, to);
    const second = await service.verifications.create({ to, channel: "call" });
    assert.equal(second.sid, first.sid);
    assert.equal(second.channel, "call");
    assert.deepEqual(second.sendCodeAttempts.map((one) => one.channel), ["SMS", "CALL"]);
    const fresh = (await messageTo(server, to, 2)).code;
    assert.notEqual(fresh, code);
    assert.equal((await service.verificationChecks.create({ to, code })).status, "approved");
  });

  test("five sendings, then no more until it is over", async () => {
    const to = aPhone();
    for (let i = 0; i < 5; ++i) await service.verifications.create({ to, channel: "sms" });
    await refused(service.verifications.create({ to, channel: "sms" }), 429, 60203);
    // Nor is another one a way around what a recipient may be sent.
    await service.verifications(to).update({ status: "canceled" });
    await refused(service.verifications.create({ to, channel: "sms" }), 429, 60203);
  });

  test("five wrong codes, then none is evaluated", async () => {
    const to = aPhone();
    await service.verifications.create({ to, channel: "sms" });
    const { code } = await messageTo(server, to);
    for (let i = 0; i < 5; ++i) assert.equal((await service.verificationChecks.create({ to, code: wrongCode(code) })).status, "pending");
    await refused(service.verificationChecks.create({ to, code }), 429, 60202);
    await refused(service.verifications.create({ to, channel: "sms" }), 429, 60202);
  });

  // Five in a row lock the number, too; where only three are allowed, it is the attempts alone that stop them.
  for (const allowed of [5, 3]) {
    test(`a thousand guesses at once: ${allowed} are evaluated`, async () => {
      const { sid } = (await raw(server, "POST", "/v2/Services", [["FriendlyName", "Guessed"], ["Countersign.CheckAttempts", String(allowed)]])).json;
      const to = aPhone();
      await clientOf(server).verify.v2.services(sid).verifications.create({ to, channel: "sms" });
      const { code } = await messageTo(server, to);
      const path = `/v2/Services/${sid}/VerificationCheck`;
      const guesses = Array.from({ length: 1000 }, () => raw(server, "POST", path, [["To", to], ["Code", wrongCode(code)]]));
      const statuses = (await Promise.all(guesses)).map((answer) => answer.status);
      assert.equal(statuses.filter((status) => status === 201).length, allowed);
      assert.equal(statuses.filter((status) => status === 429).length, 1000 - allowed);
    });
  }

  test("a code works once, however often it comes at once", async () => {
    const to = aPhone();
    await service.verifications.create({ to, channel: "sms" });
    const { code } = await messageTo(server, to);
    const path = `/v2/Services/${server.credentials.service_sid}/VerificationCheck`;
    const answers = await Promise.all(Array.from({ length: 50 }, () => raw(server, "POST", path, [["To", to], ["Code", code]])));
    assert.equal(answers.filter((answer) => answer.json.status === "approved").length, 1);
    assert.equal(answers.filter((answer) => answer.status === 404).length, 49);
  });

  test("by e-mail, with a plus in the address", async () => {
    const to = `a+${Date.now()}@example.com`;
    const sent = await service.verifications.create({ to, channel: "email", locale: "de" });
    const { code, body } = await messageTo(server, to);
    assert.match(body, /Bestätigungscode/);
    assert.equal((await service.verifications(to).fetch()).sid, sent.sid);
    const escaped = await raw(server, "GET", `/v2/Services/${server.credentials.service_sid}/Verifications/${encodeURIComponent(to)}`);
    assert.equal(escaped.json.sid, sent.sid);
    assert.equal((await service.verificationChecks.create({ to, code })).status, "approved");
  });

  test("looked at sixty times a minute, and no more", async () => {
    const { sid } = await service.verifications.create({ to: aPhone(), channel: "sms" });
    const path = `/v2/Services/${server.credentials.service_sid}/Verifications/${sid}`;
    const statuses = [];
    for (let i = 0; i < 60; ++i) statuses.push((await raw(server, "GET", path)).status);
    assert.deepEqual([...new Set(statuses)], [200]);
    const limited = await raw(server, "GET", path);
    assert.deepEqual([limited.status, limited.json.code], [429, 20429]);
    assert.ok(Number(limited.headers["countersign-retry-after"]) >= 1 && Number(limited.headers["countersign-retry-after"]) <= 60);
    const other = await service.verifications.create({ to: aPhone(), channel: "sms" });
    assert.equal((await service.verifications(other.sid).fetch()).status, "pending");
  });

  test("with an API key", async () => {
    const [user, password] = server.credentials.api_key.split(".");
    const byKey = clientOf(server, { user, password }).verify.v2.services(server.credentials.service_sid);
    assert.equal((await byKey.verifications.create({ to: aPhone(), channel: "sms" })).status, "pending");
  });

  test("credentials that are wrong, services of others, parameters that do not fit", async () => {
    const stranger = clientOf(server, { password: "0".repeat(32) }).verify.v2.services(server.credentials.service_sid);
    await refused(stranger.verifications.create({ to: aPhone(), channel: "sms" }), 401, 20003);
    const foreign = clientOf(server).verify.v2.services(`VA${"0".repeat(32)}`);
    await refused(foreign.verifications.create({ to: aPhone(), channel: "sms" }), 404, 20404);
    await refused(service.verifications.create({ to: "12345", channel: "sms" }), 400, 60200);
    await refused(service.verifications.create({ to: aPhone(), channel: "SMS" }), 400, 60200);
    await refused(service.verifications.create({ to: aPhone(), channel: "sna" }), 400, 60223);
    assert.equal((await service.verifications.create({ to: aPhone(), channel: "auto" })).channel, "sms");
    await refused(service.verificationChecks.create({ code: "123456" }), 400, 60221);
    await refused(service.verificationChecks.create({ to: aPhone(), code: "12" }), 400, 60200);
    await refused(service.verifications.create({ to: aPhone(), channel: "sms", customCode: "424242" }), 403, 60204);
    await refused(service.verifications.create({ to: aPhone(), channel: "call", appHash: "FA+9qCX9VSu" }), 400, 60602);
  });
});

/// Everything that the list of that resource has, page by page.
const everyPage = async (list, pageSize) => {
  const seen = [];
  for (let page = await list.page({ pageSize }); page !== undefined; page = await page.nextPage()) {
    assert.ok(page.instances.length <= pageSize);
    seen.push(...page.instances);
  }
  return seen;
};

describe("services", () => {
  test("made, shown, changed, listed page by page, deleted", async () => {
    const { verify } = clientOf(server);
    const made = [];
    for (let i = 0; i < 5; ++i) made.push(await verify.v2.services.create({ friendlyName: `Shop ${i}`, codeLength: 6 + i, "totp.issuer": "Acme" }));
    assert.equal(made[0].codeLength, 6);
    assert.equal(made[0].totp.issuer, "Acme");
    const all = await everyPage(verify.v2.services, 2);
    assert.equal(all[0].sid, server.credentials.service_sid);
    // In the order of time; two that were made in the same millisecond may stand either way.
    assert.deepEqual(all.slice(-5).map((one) => one.sid).sort(), made.map((one) => one.sid).sort());
    assert.equal((await verify.v2.services.list({ limit: 3, pageSize: 1 })).length, 3);
    const changed = await verify.v2.services(made[1].sid).update({ friendlyName: "Store", psd2Enabled: true });
    assert.equal(changed.friendlyName, "Store");
    assert.equal(changed.psd2Enabled, true);
    assert.equal(changed.totp.issuer, "Acme");
    assert.equal((await verify.v2.services(made[1].sid).update({})).friendlyName, "Store");
    assert.equal((await verify.v2.services(made[1].sid).fetch()).codeLength, 7);
    assert.equal(await verify.v2.services(made[4].sid).remove(), true);
    await refused(verify.v2.services(made[4].sid).fetch(), 404, 20404);
    await refused(verify.v2.services(server.credentials.service_sid).remove(), 403, 20403);
    await refused(verify.v2.services.create({ friendlyName: "12345" }), 400, 60200);
    await refused(verify.v2.services.create({ friendlyName: "Shop", codeLength: 11 }), 400, 60200);
    await refused(verify.v2.services.create({ friendlyName: "Shop", codeLength: 4 }), 400, 60200);
  });

  test("length, custom codes, names and payments are the service's", async () => {
    const { verify } = clientOf(server);
    const { sid } = await verify.v2.services.create({ friendlyName: "Bank", codeLength: 8, customCodeEnabled: true, psd2Enabled: true, doNotShareWarningEnabled: true });
    const bank = verify.v2.services(sid);
    const to = aPhone();
    await refused(bank.verifications.create({ to, channel: "sms" }), 400, 60206);
    await refused(bank.verifications.create({ to, channel: "call", amount: "€39.99", payee: "Acme" }), 400, 60214);
    const payment = { amount: "€39.99", payee: "Acme & Co" };
    const sent = await bank.verifications.create({ to, channel: "sms", locale: "en", ...payment });
    assert.equal(sent.amount, "€39.99");
    const { code, body } = await messageTo(server, to);
    assert.match(code, /^\d{8}$/);
    assert.match(body, /Bank .* €39\.99 to Acme & Co.*Don't share/s);
    await refused(bank.verificationChecks.create({ to, code }), 400, 60206);
    assert.equal((await bank.verificationChecks.create({ to, code, amount: "€39.98", payee: payment.payee })).status, "pending");
    assert.equal((await bank.verificationChecks.create({ to, code, ...payment })).status, "approved");
    const other = aPhone();
    const own = await bank.verifications.create({ to: other, channel: "sms", customCode: "A1B2C3", customFriendlyName: "Branch", ...payment });
    assert.match((await messageTo(server, other)).body, /Branch.*A1B2C3/);
    assert.equal((await bank.verifications(own.sid).update({ status: "approved" })).valid, true);
  });

  test("landlines get no text messages where the service says so", async () => {
    const { verify } = clientOf(server);
    const { sid } = await verify.v2.services.create({ friendlyName: "Lines", lookupEnabled: true, skipSmsToLandlines: true });
    const to = "+551139000000";
    await refused(verify.v2.services(sid).verifications.create({ to, channel: "sms" }), 403, 60205);
    assert.equal((await verify.v2.services(sid).verifications.create({ to, channel: "call" })).lookup.carrier.type, "landline");
  });

  test("how long a code is good and how often it is sent and checked is the service's", async () => {
    const form = [["FriendlyName", "Short"], ["Countersign.CodeTtl", "120"], ["Countersign.CheckAttempts", "2"], ["Countersign.SendAttempts", "2"]];
    const { sid, countersign } = (await raw(server, "POST", "/v2/Services", form)).json;
    assert.deepEqual([countersign.code_ttl, countersign.check_attempts, countersign.send_attempts], [120, 2, 2]);
    const short = clientOf(server).verify.v2.services(sid);
    const to = aPhone();
    for (let i = 0; i < 2; ++i) await short.verifications.create({ to, channel: "sms" });
    await refused(short.verifications.create({ to, channel: "sms" }), 429, 60203);
    const { code } = await messageTo(server, to, 2);
    // Two codes are good, so a guess is two.
    assert.equal((await short.verificationChecks.create({ to, code: wrongCode(code) })).status, "pending");
    await refused(short.verificationChecks.create({ to, code }), 429, 60202);
    const path = `/v2/Services/${sid}/VerificationCheck`;
    const locked = await raw(server, "POST", path, [["To", to], ["Code", code]]);
    assert.ok(Number(locked.headers["countersign-retry-after"]) <= 120, "until the time of the service is over");
    assert.equal(locked.headers["retry-after"], undefined, "clients sleep by it");
  });

  test("a test service sends nothing and knows one code", async () => {
    const made = await raw(server, "POST", "/v2/Services", [["FriendlyName", "Tests"], ["Countersign.TestCode", "424242"], ["Countersign.CodeTtl", "120"]]);
    assert.equal(made.status, 201);
    assert.equal(made.json.countersign.test_code, "424242");
    const tests = clientOf(server).verify.v2.services(made.json.sid);
    const to = aPhone();
    await tests.verifications.create({ to, channel: "whatsapp" });
    assert.equal((await tests.verificationChecks.create({ to, code: "424242" })).status, "approved");
    assert.deepEqual(await messagesTo(server, to), []);
    const path = `/v2/Services/${server.credentials.service_sid}`;
    assert.equal((await raw(server, "POST", path, [["Countersign.TestCode", "424242"]])).json.code, 60200);
    // Nor can one that sends become it by its creation's other parameters, or in a second step.
    const plainly = (await raw(server, "POST", "/v2/Services", [["FriendlyName", "Plain"]])).json;
    assert.equal((await raw(server, "POST", `/v2/Services/${plainly.sid}`, [["Countersign.TestCode", "424242"]])).json.code, 60200);
    assert.equal((await raw(server, "GET", `/v2/Services/${plainly.sid}`)).json.countersign.test_code, null);
  });

  test("test numbers show what may be refused one day, in test services alone", async () => {
    const { sid } = (await raw(server, "POST", "/v2/Services", [["FriendlyName", "Numbers"], ["Countersign.TestCode", "424242"]])).json;
    const tests = clientOf(server).verify.v2.services(sid);
    const refusals = [[1, 400, 60200], [2, 403, 60205], [3, 403, 60605], [4, 403, 60410], [5, 429, 60212], [6, 429, 60203], [7, 429, 20429]];
    for (const [n, status, code] of refusals) {
      await refused(tests.verifications.create({ to: `+1202555010${n}`, channel: "sms" }), status, code);
      assert.equal((await service.verifications.create({ to: `+1202555010${n}`, channel: "call" })).status, "pending");
    }
    assert.equal((await tests.verifications.create({ to: "+12025550108", channel: "sms" })).status, "pending");
  });

  test("test credentials reach test services alone", async () => {
    const { account_sid, auth_token } = server.credentials;
    // What `api-key auth-token` shows as the test token: it follows from the auth token.
    const { createHmac } = await import("node:crypto");
    const testToken = createHmac("sha256", auth_token).update("countersign test token 1").digest("hex").slice(0, 32);
    const { verify } = clientOf(server, { user: account_sid, password: testToken });
    const made = await verify.v2.services.create({ friendlyName: "CI", codeLength: 8 });
    const to = aPhone();
    await verify.v2.services(made.sid).verifications.create({ to, channel: "sms" });
    assert.equal((await verify.v2.services(made.sid).verificationChecks.create({ to, code: "12345678" })).status, "approved");
    assert.deepEqual(await messagesTo(server, to), []);
    assert.ok((await verify.v2.services.list()).every((one) => one.friendlyName !== "Plain" && one.sid !== server.credentials.service_sid));
    const live = verify.v2.services(server.credentials.service_sid);
    await refused(live.fetch(), 404, 20404);
    await refused(live.verifications.create({ to, channel: "sms" }), 404, 20404);
    await refused(live.update({ friendlyName: "Mine" }), 404, 20404);
    await refused(verify.v2.safelist.create({ phoneNumber: to }), 403, 20403);
    await refused(verify.v2.verificationAttempts(`VL${"0".repeat(32)}`).fetch(), 403, 20403);
    await refused(verify.v2.services(made.sid).entities.create({ identity: "a-person-of-tests" }), 403, 20403);
    const native = await raw(server, "GET", "/v1/transactions", undefined, { headers: { Authorization: `Bearer ${testToken}` } });
    assert.equal(native.status, 401);
  });
});

describe("what belongs to a service", () => {
  test("rate limits are enforced by every bucket", async () => {
    const limit = await service.rateLimits.create({ uniqueName: "end_user_ip", description: "d" });
    await refused(service.rateLimits.create({ uniqueName: "end_user_ip" }), 400, 60208);
    await refused(service.rateLimits.create({ uniqueName: "no spaces" }), 400, 60209);
    const { buckets } = service.rateLimits(limit.sid);
    const bucket = await buckets.create({ max: 2, interval: 600 });
    await refused(buckets.create({ max: 3, interval: 600 }), 400, 60211);
    await refused(buckets.create({ max: 3, interval: 0 }), 400, 60200);
    const rateLimits = { end_user_ip: "203.0.113.7", unknown: "x" };
    for (let i = 0; i < 2; ++i) await service.verifications.create({ to: aPhone(), channel: "sms", rateLimits });
    await refused(service.verifications.create({ to: aPhone(), channel: "sms", rateLimits }), 429, 20429);
    await service.verifications.create({ to: aPhone(), channel: "sms", rateLimits: { end_user_ip: "203.0.113.8" } });
    const form = [["To", aPhone()], ["Channel", "sms"], ["RateLimits", JSON.stringify(rateLimits)]];
    const limited = await raw(server, "POST", `/v2/Services/${server.credentials.service_sid}/Verifications`, form);
    assert.equal(limited.headers["twilio-reached-rate-limit"], "end_user_ip");
    assert.ok(Number(limited.headers["retry-after"]) > 0);
    assert.equal((await buckets(bucket.sid).update({ max: 100 })).max, 100);
    await service.verifications.create({ to: aPhone(), channel: "sms", rateLimits });
    assert.equal((await buckets(bucket.sid).fetch()).interval, 600);
    assert.equal((await buckets.list()).length, 1);
    assert.equal((await service.rateLimits(limit.sid).update({ description: "e" })).description, "e");
    assert.equal((await service.rateLimits(limit.sid).fetch()).uniqueName, "end_user_ip");
    assert.equal((await service.rateLimits.list()).length, 1);
    assert.equal(await buckets(bucket.sid).remove(), true);
    assert.equal(await service.rateLimits(limit.sid).remove(), true);
    await refused(service.rateLimits(limit.sid).fetch(), 404, 20404);
  });

  test("messaging configurations by country", async () => {
    const messagingServiceSid = `MG${"a".repeat(32)}`;
    const made = await service.messagingConfigurations.create({ country: "CA", messagingServiceSid });
    assert.equal(made.country, "CA");
    await refused(service.messagingConfigurations.create({ country: "CA", messagingServiceSid }), 400, 60213);
    await refused(service.messagingConfigurations.create({ country: "ZZ", messagingServiceSid }), 400, 60200);
    const other = `MG${"b".repeat(32)}`;
    assert.equal((await service.messagingConfigurations("CA").update({ messagingServiceSid: other })).messagingServiceSid, other);
    assert.equal((await service.messagingConfigurations("CA").fetch()).messagingServiceSid, other);
    assert.equal((await service.messagingConfigurations.list()).length, 1);
    assert.equal(await service.messagingConfigurations("CA").remove(), true);
    await refused(service.messagingConfigurations("CA").fetch(), 404, 20404);
  });

  test("the safe list", async () => {
    const { safelist } = clientOf(server).verify.v2;
    const phoneNumber = aPhone();
    assert.equal((await safelist.create({ phoneNumber })).phoneNumber, phoneNumber);
    await refused(safelist.create({ phoneNumber }), 409, 60411);
    assert.match((await safelist(phoneNumber).fetch()).sid, /^GN/);
    assert.equal(await safelist(phoneNumber).remove(), true);
    await refused(safelist(phoneNumber).fetch(), 404, 20404);
    await refused(safelist.create({ phoneNumber: "1800" }), 400, 60200);
  });

  test("templates with what the application puts into them", async () => {
    const { templates, forms } = clientOf(server).verify.v2;
    const translations = JSON.stringify({ en: "{{shop}}: {{code}} for {{friendly_name}}", es: "{{shop}}: {{code}}!" });
    const made = await raw(server, "POST", "/v2/Templates", [["FriendlyName", "order"], ["Translations", translations]]);
    assert.equal(made.status, 201, made.text);
    const all = await everyPage(templates, 1);
    assert.deepEqual(all.map((one) => one.friendlyName), ["Countersign default", "order"]);
    assert.equal((await templates.list({ friendlyName: "order" })).length, 1);
    const spare = await raw(server, "POST", "/v2/Templates", [["FriendlyName", "spare"], ["Translations", translations]]);
    assert.equal((await raw(server, "DELETE", `/v2/Templates/${spare.json.sid}`)).status, 204);
    const to = aPhone();
    const templateSid = made.json.sid;
    const verifications = `/v2/Services/${server.credentials.service_sid}/Verifications`;
    const listed = [["To", aPhone()], ["Channel", "sms"], ["Templates", JSON.stringify([{ sid: templateSid, substitutions: { shop: "Bia" } }])]];
    assert.equal((await raw(server, "POST", verifications, listed)).status, 201);
    assert.match((await messageTo(server, listed[0][1])).body, /^Bia: /);
    for (const templates of ["x", "[]", '[{"sid":1}]', "{}"]) {
      assert.equal((await raw(server, "POST", verifications, [["To", to], ["Channel", "sms"], ["Templates", templates]])).json.code, 60251);
    }
    await refused(service.verifications.create({ to, channel: "sms", templateSid }), 400, 60224);
    await refused(service.verifications.create({ to, channel: "sms", templateSid: `HJ${"0".repeat(31)}1` }), 404, 60228);
    await refused(service.verifications.create({ to: "a@example.com", channel: "email", templateSid }), 400, 60408);
    await service.verifications.create({ to, channel: "sms", locale: "es", templateSid, templateCustomSubstitutions: JSON.stringify({ shop: "Ana" }) });
    assert.match((await messageTo(server, to)).body, /^Ana: \d{6}!$/);
    assert.equal((await forms("form-push").fetch()).formType, "form-push");
  });

  test("attempts are counted as they were", async () => {
    const { verify } = clientOf(server);
    const { sid } = await verify.v2.services.create({ friendlyName: "Counted" });
    const counted = verify.v2.services(sid);
    const to = aPhone();
    const sent = await counted.verifications.create({ to, channel: "sms" });
    await counted.verifications.create({ to, channel: "call" });
    const { code } = await messageTo(server, to, 2);
    await counted.verificationChecks.create({ to, code });
    await counted.verifications.create({ to: aPhone(), channel: "sms" });
    const filter = { verifyServiceSid: sid };
    const all = await verify.v2.verificationAttempts.list({ ...filter, pageSize: 2 });
    assert.equal(all.length, 3);
    assert.deepEqual(all.map((one) => one.conversionStatus), ["unconverted", "converted", "converted"]);
    assert.equal((await verify.v2.verificationAttempts.list({ ...filter, status: "converted" })).length, 2);
    assert.equal((await verify.v2.verificationAttempts.list({ ...filter, channel: "call" })).length, 1);
    assert.equal((await verify.v2.verificationAttempts.list({ "channelData.to": to })).length, 2);
    assert.equal((await verify.v2.verificationAttempts.list({ verificationSid: sent.sid })).length, 2);
    assert.equal((await verify.v2.verificationAttempts.list({ ...filter, country: "BR" })).length, 3);
    assert.equal((await verify.v2.verificationAttempts.list({ ...filter, country: "US" })).length, 0);
    const one = await verify.v2.verificationAttempts(sent.sendCodeAttempts[0].attempt_sid).fetch();
    assert.equal(one.verificationSid, sent.sid);
    assert.equal(one.channelData.to, to);
    const summary = await verify.v2.verificationAttemptsSummary().fetch(filter);
    assert.deepEqual([summary.totalAttempts, summary.totalConverted, summary.totalUnconverted], [3, 2, 1]);
    assert.match(String(summary.conversionRatePercentage), /^66\.6/);
  });
});

/// Receives webhooks, and answers 200.
const receiver = async () => {
  const received = [];
  const { createServer } = await import("node:http");
  const http = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      received.push({ url: request.url, headers: request.headers, form: Object.fromEntries(new URLSearchParams(body)) });
      response.end();
    });
  });
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  return { received, url: `http://127.0.0.1:${http.address().port}/hooks?tenant=7`, close: () => http.close() };
};

describe("authenticator apps", () => {
  const identity = "ff483d1ff591898a9942916050d2ca3f";

  test("an entity, its factor, its challenges, and the webhooks about them", async () => {
    const hooks = await receiver();
    const hook = await service.webhooks.create({ friendlyName: "all", eventTypes: ["factor.created", "challenge.approved", "factor.deleted"], webhookUrl: hooks.url });
    assert.deepEqual(hook.eventTypes, ["factor.created", "challenge.approved", "factor.deleted"]);
    await refused(service.webhooks.create({ friendlyName: "x", eventTypes: ["nothing"], webhookUrl: hooks.url }), 400, 60306);

    const entity = await service.entities.create({ identity });
    assert.match(entity.sid, /^YE/);
    await refused(service.entities.create({ identity }), 409, 60301);
    await refused(service.entities.create({ identity: "short" }), 400, 60306);
    const { newFactors, factors, challenges } = service.entities(identity);
    const created = await newFactors.create({ friendlyName: "Ana's phone", factorType: "totp", "config.codeLength": 8, metadata: { os: "Android" } });
    assert.equal(created.status, "unverified");
    assert.equal(created.config.code_length, 8);
    assert.deepEqual(created.metadata, { os: "Android" });
    assert.match(created.binding.uri, /^otpauth:\/\/totp\/.*Ana%27s%20phone.*digits=8/);
    await refused(challenges.create({ factorSid: created.sid }), 403, 60318);
    const totp = { digits: 8 };
    const code = totpCode(created.binding.secret, 0, totp);
    await refused(factors(created.sid).update({ authPayload: wrongCode(code) }), 403, 60311);
    assert.equal((await factors(created.sid).update({ authPayload: code })).status, "verified");
    assert.equal((await factors(created.sid).update({ friendlyName: "New phone" })).friendlyName, "New phone");

    const wrong = await challenges.create({ factorSid: created.sid, authPayload: code });
    assert.equal(wrong.status, "pending", "a code works once");
    const next = totpCode(created.binding.secret, 1, totp);
    const right = await challenges.create({ factorSid: created.sid, authPayload: next, "details.message": "Log in?", "details.fields": [{ label: "IP", value: "1.2.3.4" }], hiddenDetails: { ip: "1.2.3.4" } });
    assert.equal(right.status, "approved");
    assert.deepEqual(right.details.fields, [{ label: "IP", value: "1.2.3.4" }]);
    await refused(challenges(wrong.sid).update({ authPayload: wrongCode(next) }), 403, 60324);
    await refused(challenges(right.sid).update({ authPayload: next }), 403, 60322);
    assert.equal((await challenges(right.sid).fetch()).status, "approved");
    assert.deepEqual((await everyPage(challenges, 1)).map((one) => one.sid), [wrong.sid, right.sid]);
    assert.deepEqual((await challenges.list({ order: "desc" })).map((one) => one.sid), [right.sid, wrong.sid]);
    assert.equal((await challenges.list({ status: "approved" })).length, 1);
    assert.equal((await factors.list()).length, 1);
    assert.equal((await factors(created.sid).fetch()).status, "verified");
    await refused(challenges(right.sid).notifications.create(), 403, 60204);
    assert.equal(await factors(created.sid).remove(), true);
    await refused(factors(created.sid).fetch(), 404, 20404);
    const last = await eventually("the third webhook", async () => hooks.received[2]);
    assert.deepEqual(hooks.received.map((one) => one.form.type), ["factor.created", "challenge.approved", "factor.deleted"]);
    assert.equal(last.form.entity_identity, identity);
    for (const { headers, form } of hooks.received) {
      const signature = headers["x-twilio-signature"];
      assert.ok(validateRequest(server.credentials.auth_token, signature, hooks.url, form));
      assert.ok(!validateRequest(server.credentials.auth_token, signature, hooks.url, { ...form, type: "x" }));
    }
    hooks.close();

    assert.equal((await service.webhooks(hook.sid).update({ status: "disabled" })).status, "disabled");
    assert.equal((await service.webhooks(hook.sid).fetch()).webhookUrl, hooks.url);
    assert.equal((await service.webhooks.list()).length, 1);
    assert.equal(await service.webhooks(hook.sid).remove(), true);
    assert.equal((await service.entities(identity).fetch()).identity, identity);
    assert.equal((await service.entities.list()).length, 1);
    assert.equal(await service.entities(identity).remove(), true);
    await refused(service.entities(identity).fetch(), 404, 20404);
  });

  test("five wrong answers close a challenge", async () => {
    const { newFactors, factors, challenges } = service.entities("a-second-person");
    const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    const factor = await newFactors.create({ friendlyName: "app", factorType: "totp", "binding.secret": secret });
    assert.equal(factor.binding.secret, secret);
    await factors(factor.sid).update({ authPayload: totpCode(secret) });
    const asked = await challenges.create({ factorSid: factor.sid });
    assert.equal((await challenges(asked.sid).update({})).status, "pending");
    assert.equal((await challenges(asked.sid).update({ authPayload: totpCode(secret, 1) })).status, "approved");
    const { sid } = await challenges.create({ factorSid: factor.sid });
    const wrong = wrongCode(totpCode(secret));
    for (let i = 0; i < 5; ++i) await refused(challenges(sid).update({ authPayload: wrong }), 403, 60324);
    await refused(challenges(sid).update({ authPayload: totpCode(secret, 1) }), 429, 60308);
    await refused(newFactors.create({ friendlyName: "app", factorType: "totp", "binding.secret": "no" }), 400, 60314);
  });
});

describe("the edges", () => {
  test("paths and methods that are not there, in the same shape", async () => {
    const nowhere = await raw(server, "GET", "/v2/Nowhere");
    assert.deepEqual(nowhere.json, { code: 20404, message: "The requested resource /Nowhere was not found", more_info: "https://www.twilio.com/docs/errors/20404", status: 404 });
    const wrong = await raw(server, "DELETE", "/v2/Services");
    assert.deepEqual([wrong.status, wrong.json.code], [405, 20004]);
    assert.equal((await raw(server, "GET", "/v2/Services", undefined, { auth: "x:y" })).headers["www-authenticate"], 'Basic realm="Countersign"');
  });

  test("booleans as Python writes them, spaces as plus, what nobody knows", async () => {
    const made = await raw(server, "POST", "/v2/Services", "FriendlyName=My+Shop&LookupEnabled=True&FutureParameter=1");
    assert.equal(made.json.friendly_name, "My Shop");
    assert.equal(made.json.lookup_enabled, true);
    const looked = await raw(server, "POST", `/v2/Services/${made.json.sid}/Verifications`, [["To", aPhone()], ["Channel", "sms"]]);
    assert.equal(looked.json.lookup.carrier.type, "mobile");
  });

  test("what the native API lists has no such verifications in it", async () => {
    const headers = { Authorization: `Bearer ${server.credentials.api_key}` };
    const listed = await raw(server, "GET", "/v1/transactions", undefined, { headers });
    assert.deepEqual(listed.json.data, []);
  });

  test("each operation once in vain", async () => {
    const { verify } = clientOf(server);
    const { v2 } = verify;
    const none = (prefix) => `${prefix}${"0".repeat(31)}1`;
    await service.entities.create({ identity: "somebody-in-vain" });
    const entity = service.entities("somebody-in-vain");
    const nobody = service.entities("nobody-at-all");
    const limit = service.rateLimits(none("RK"));
    const bucket = limit.buckets(none("BL"));
    const hook = service.webhooks(none("YW"));
    const gone = v2.services(none("VA"));
    const missing = [() => gone.fetch(), () => gone.update({}), () => gone.remove(), () => gone.verificationChecks.create({ to: aPhone(), code: "123456" }),
      () => limit.fetch(), () => limit.update({}), () => limit.remove(), () => limit.buckets.create({ max: 1, interval: 1 }), () => bucket.fetch(), () => bucket.update({}), () => bucket.remove(),
      () => hook.fetch(), () => hook.update({}), () => hook.remove(), () => entity.factors(none("YF")).fetch(), () => entity.factors(none("YF")).update({}), () => entity.factors(none("YF")).remove(),
      () => entity.challenges.create({ factorSid: none("YF") }), () => entity.challenges(none("YC")).fetch(), () => entity.challenges(none("YC")).update({}),
      () => nobody.fetch(), () => nobody.remove(), () => nobody.challenges(none("YC")).notifications.create(), () => service.accessTokens(none("YK")).fetch(),
      () => service.messagingConfigurations("CA").fetch(), () => service.messagingConfigurations("CA").update({ messagingServiceSid: none("MG") }), () => service.messagingConfigurations("CA").remove(),
      () => v2.safelist("+18005550100").fetch(), () => v2.safelist("+18005550100").remove(), () => v2.verificationAttempts(none("VL")).fetch(), () => v2.forms("form-other").fetch(),
      () => service.verifications(none("VE")).fetch(), () => service.verifications(none("VE")).update({ status: "canceled" })];
    for (const one of missing) await refused(one(), 404, 20404);
    for (const list of [gone.rateLimits, limit.buckets, gone.messagingConfigurations, gone.webhooks, gone.entities, nobody.factors, nobody.challenges]) {
      await assert.rejects(list.page({ pageSize: 1 }), { status: 404, code: 20404 });
    }
    for (const list of [v2.services, v2.templates, v2.verificationAttempts]) await assert.rejects(list.page({ pageSize: 1001 }), { status: 400, code: 60200 });
    await refused(v2.verificationAttemptsSummary().fetch({ channel: "fax" }), 400, 60200);
    const passkeys = `/v2/Services/${server.credentials.service_sid}/Passkeys`;
    const json = { headers: { "Content-Type": "application/json" } };
    for (const [path, code] of [["Factors", 60306], ["VerifyFactor", 60378], ["Challenges", 60306], ["ApproveChallenge", 60375]]) {
      assert.equal((await raw(server, "POST", `${passkeys}/${path}`, path === "Challenges" ? "[]" : "{}", json)).json.code, code);
    }
    assert.equal((await raw(server, "POST", "/v2/Templates", [["FriendlyName", "x"]])).json.code, 60200);
    assert.equal((await raw(server, "DELETE", `/v2/Templates/${none("HJ")}`)).json.code, 20404);
  });

  test("passkeys", async () => {
    const { newFactors, newVerifyFactors, newChallenge, approveChallenge } = clientOf(server).verify.v2.services(server.credentials.service_sid);
    const device = new Authenticator(server.credentials.url.replace("127.0.0.1", "localhost"));
    // As the types of this client name them, and as the description does.
    const identity = "somebody-with-a-key";
    const config = { relyingParty: { id: "localhost" }, authenticatorAttachment: "platform", discoverableCredentials: "preferred", userVerification: "preferred" };
    const made = await newFactors.create({ friendlyName: "key", identity, config });
    assert.deepEqual([made.status, made.factorType, made.config.relying_party.id, made.options.publicKey.authenticatorSelection.authenticatorAttachment], ["unverified", "passkeys", "localhost", "platform"]);
    const verified = await newVerifyFactors.update(device.create(made.options.publicKey));
    assert.deepEqual([verified.sid, verified.status], [made.sid, "verified"]);
    for (const asked of [await newChallenge().create({}), await newChallenge().create({ identity }), await newChallenge().create({ identity, factorSid: made.sid }), await newChallenge().create({ identity, factor_sid: made.sid })]) {
      assert.equal(asked.status, "pending");
      const approved = await approveChallenge.update(device.get(asked.options.publicKey));
      assert.deepEqual([approved.sid, approved.status, approved.identity, approved.factorSid], [asked.sid, "approved", identity, made.sid]);
    }
    const asked = await newChallenge().create({ identity });
    await refused(approveChallenge.update(device.get(asked.options.publicKey, { forged: true })), 403, 60324);
    await refused(newFactors.create({ friendlyName: "key", identity, config: { ...config, relyingParty: { id: "evil.example" } } }), 400, 60371);
  });

  test("what was done is in the audit log, as the native description has it", async () => {
    const api = new Client(server);
    const types = new Set();
    for (let cursor = ""; cursor !== null; ) {
      const page = await api.get(`/v1/events?limit=200${cursor && `&cursor=${cursor}`}`);
      for (const { type } of page.data) types.add(type);
      cursor = page.next_cursor;
    }
    for (const type of ["service.created", "service.updated", "service.removed", "entity.created", "entity.removed", "verification.started", "verification.reported", "challenge.created", "challenge.approved"]) {
      assert.ok(types.has(type), `${type}: ${[...types]}`);
    }
  });

  test("push factors, by the application's side", async () => {
    const identity = `person-${Math.random().toString(36).slice(2)}`;
    const { newFactors, factors, challenges } = service.entities(identity);
    await refused(newFactors.create({ friendlyName: "p", factorType: "push" }), 400, 60306);
    await refused(service.accessTokens.create({ identity, factorType: "push", ttl: 1 }), 400, 60305);
    await refused(service.accessTokens(`YK${"0".repeat(32)}`).fetch(), 404, 20404);
    const token = await service.accessTokens.create({ identity, factorType: "push", ttl: 120 });
    assert.ok(token.token);
    assert.deepEqual([token.entityIdentity, token.ttl, (await service.accessTokens(token.sid).fetch()).token], [identity, 120, null]);
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const phone = await newFactors.create({
      friendlyName: "Ana's phone", factorType: "push", "binding.alg": "ES256", "binding.publicKey": publicKey.export({ type: "spki", format: "der" }).toString("base64"),
      "config.appId": "br.example.shop", "config.sdkVersion": "1.0", "config.notificationPlatform": "fcm", "config.notificationToken": "registration-token-0123456789012345",
    });
    assert.equal(phone.binding.alg, "ES256");
    await refused(factors(phone.sid).update({ authPayload: "123456" }), 403, 60311);
    const authPayload = sign("sha256", Buffer.from(phone.sid), privateKey).toString("base64");
    assert.equal((await factors(phone.sid).update({ authPayload })).status, "verified");
    const asked = await challenges.create({ factorSid: phone.sid, "details.message": "Log in?" });
    const notified = await challenges(asked.sid).notifications.create({ ttl: 60 });
    assert.deepEqual([notified.challengeSid, notified.ttl], [asked.sid, 60]);
    assert.equal(await factors(phone.sid).remove(), true);
  });

  test("every operation was seen to be refused, and all that are served to succeed", () => {
    const those = (seen) => operations.filter(({ id }) => !seen.has(id)).map(({ id }) => id).sort();
    assert.deepEqual(those(refusedOnce), []);
    assert.deepEqual(those(succeeded), []);
  });
});
