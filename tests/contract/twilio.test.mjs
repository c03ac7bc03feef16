// The Verify-compatible API: every parameter out of its bounds gets Twilio's code, status and body.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { raw } from "../interop/support/twilio_client.mjs";
import { Client, aPhone } from "./support/client.mjs";
import { Server } from "./support/server.mjs";
import { operations, resolve } from "./support/verify_api.mjs";

let server;
let service;
before(async () => {
  server = await Server.start();
  service = `/v2/Services/${server.credentials.service_sid}`;
});
after(() => server?.stop());

const long = (length) => "x".repeat(length);
const sid = (prefix) => prefix + "0".repeat(31) + "1";

/// Parameters that were refused for what they were.
const refusedParameters = new Set();

/// The answer is the whole error body, of that status and code; 60200 and 60306 name the parameter.
const refuses = async (method, path, form, status, code, parameter) => {
  if (parameter !== undefined) refusedParameters.add(parameter);
  const answer = await raw(server, method, path, form);
  const what = `${method} ${path} ${JSON.stringify(form)}: ${answer.text}`;
  assert.equal(answer.status, status, what);
  assert.deepEqual(Object.keys(answer.json), ["code", "message", "more_info", "status"], what);
  assert.equal(answer.json.code, code, what);
  assert.equal(answer.json.status, status, what);
  assert.equal(answer.json.more_info, `https://www.twilio.com/docs/errors/${code}`);
  if (parameter !== undefined) assert.ok(answer.json.message.endsWith(`: ${parameter}`), what);
};

const replaced = (form, name, value) => [...form.filter(([key]) => key !== name), ...(value === undefined ? [] : [[name, value]])];

test("what the server refuses before anybody reads it", async () => {
  const answer = await fetch(`${server.credentials.url}/v2/Services`, { method: "POST", body: "a".repeat(3_000_000) });
  assert.equal(answer.status, 413);
  const body = await answer.json();
  assert.deepEqual(Object.keys(body), ["code", "message", "more_info", "status"]);
  assert.equal(body.status, 413);
});

test("what is no form is told to be one", async () => {
  const path = `${service}/Verifications`;
  const fields = { To: aPhone(), Channel: "sms" };
  const query = new URLSearchParams(fields).toString();
  const multipart = `--x\r\nContent-Disposition: form-data; name="To"\r\n\r\n${fields.To}\r\n--x--\r\n`;
  const tries = [
    ["JSON", path, JSON.stringify(fields), "application/json"],
    ["JSON with a charset", path, JSON.stringify(fields), "Application/JSON; charset=utf-8"],
    ["multipart", path, multipart, "multipart/form-data; boundary=x"],
    ["a form that says to be text", path, query, "text/plain;charset=UTF-8"],
    ["a query", `${path}?${query}`, undefined, undefined],
    ["a query and an empty form", `${path}?${query}`, "", "application/x-www-form-urlencoded"],
  ];
  for (const [what, target, body, type] of tries) {
    const answer = await raw(server, "POST", target, body, { headers: type === undefined ? {} : { "Content-Type": type } });
    assert.equal(`${answer.status} ${answer.json?.code}`, "400 20001", `${what}: ${answer.text}`);
    assert.match(answer.json.message, /Send the parameters in the body of a POST as a form: Content-Type application\/x-www-form-urlencoded/, what);
  }
  const taken = await raw(server, "POST", path, query, { headers: { "Content-Type": "Application/X-WWW-Form-Urlencoded; charset=UTF-8" } });
  assert.equal(taken.status, 201, taken.text);
  // Read as before: no Content-Type, no body, a query beside a form.
  const bare = await fetch(server.url + path, { method: "POST", body: Buffer.from(query), headers: { Authorization: `Basic ${btoa(`${server.credentials.account_sid}:${server.credentials.auth_token}`)}` } });
  assert.notEqual((await bare.json()).code, 20001);
  const none = await raw(server, "POST", path, undefined);
  assert.equal(`${none.status} ${none.json.code}`, "400 60200");
});

test("the audit log says who asked", async () => {
  const to = aPhone();
  const started = await raw(server, "POST", `${service}/Verifications`, [["To", to], ["Channel", "sms"]]);
  assert.equal(started.status, 201, started.text);
  const wrong = await raw(server, "POST", `${service}/VerificationCheck`, [["To", to], ["Code", "000000"]]);
  assert.equal(wrong.status, 201, wrong.text);
  const id = started.json.sid.replace(/^VE/, "TX");
  const { data } = await new Client(server).get(`/v1/events?transaction=${id}`);
  assert.deepEqual(data.map(({ type }) => type), ["verification.started", "check.failed"]);
  for (const { type, actor, request_id } of data) {
    assert.match(actor, /^api:(AC|SK)[0-9a-f]{32}$/, type);
    assert.notEqual(request_id, "", type);
  }
});

test("Verifications", async () => {
  const good = [["To", aPhone()], ["Channel", "sms"]];
  const bad = {
    To: [undefined, "", "5511974300001", "+1", "+5511", "nobody", "a@b", `${long(260)}@example.com`],
    Channel: [undefined, "", "SMS", "fax"],
    Locale: [long(17)],
    CustomCode: ["123", "12345678901", "12 34", "12é45"],
    CustomFriendlyName: [long(31), "a\u202eb", "a\nb", "123456 is your code"],
    Amount: [long(51)],
    Payee: [long(101)],
    AppHash: ["short", long(12), "x.co/abcdef"],
    TemplateSid: [long(35)],
    TemplateCustomSubstitutions: ["{", "[]", `{"a":"${long(101)}"}`, '{"a":"b\\n@evil.example #1"}', `{"a":"${long(5000)}"}`],
    RateLimits: ["x", "[1]"],
    RiskCheck: ["maybe", "ENABLE"],
    Tags: ["x", '{"a":1}', JSON.stringify({ [long(129)]: "v" }), JSON.stringify(Object.fromEntries([...Array(11).keys()].map((i) => [`k${i}`, "v"])))],
    DeviceIp: ["1.2.3", "300.1.1.1", "localhost"],
    ChannelConfiguration: ["x"],
    SendDigits: [long(33)],
    EnableSnaClientToken: ["x"],
  };
  for (const [name, values] of Object.entries(bad)) {
    for (const value of values) await refuses("POST", `${service}/Verifications`, replaced(good, name, value), 400, 60200, name);
  }
  await refuses("POST", `${service}/Verifications`, [["To", "a@example.com"], ["Channel", "sms"]], 400, 60200, "To");
  await refuses("POST", `${service}/Verifications`, [["To", aPhone()], ["Channel", "email"]], 400, 60200, "To");
  for (const path of [`${service}/Verifications/${sid("VE")}`, `${service}/Verifications/x`, `/v2/Services/${sid("VA")}/Verifications/${sid("VE")}`, `/v2/Services/x/Verifications/${sid("VE")}`]) {
    await refuses("GET", path, undefined, 404, 20404);
  }
  const sent = await raw(server, "POST", `${service}/Verifications`, good);
  assert.equal(sent.status, 201, sent.text);
  for (const status of [undefined, "", "expired", "Canceled"]) await refuses("POST", `${service}/Verifications/${sent.json.sid}`, replaced([["Status", "canceled"]], "Status", status), 400, 60200, "Status");
  for (const code of [undefined, "", "123", "12345678901", "1 2 3 4"]) await refuses("POST", `${service}/VerificationCheck`, replaced([["To", good[0][1]], ["Code", "123456"]], "Code", code), 400, 60200, "Code");
  // As it is pasted: the digits of another script, marks of direction, a hyphen that does not break.
  const arabic = (text) => text.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)));
  for (const paste of [arabic, (text) => `\u2066${text.slice(0, 3)}\u2011${text.slice(3)}\u2069`]) {
    const number = aPhone();
    const own = await raw(server, "POST", `${service}/Verifications`, [["To", paste(number)], ["Channel", "sms"]]);
    assert.equal(`${own.status} ${own.json.to}`, `201 ${number}`, own.text);
    const code = paste(await new Client(server).code(number));
    const good = await raw(server, "POST", `${service}/VerificationCheck`, [["To", paste(number)], ["Code", code]]);
    assert.equal(`${good.status} ${good.json.status}`, "201 approved", good.text);
  }
  await refuses("POST", `${service}/VerificationCheck`, [["To", "x"], ["Code", "123456"]], 400, 60200, "To");
  await refuses("POST", `${service}/VerificationCheck`, [["VerificationSid", long(35)], ["Code", "123456"]], 400, 60200, "VerificationSid");
  await refuses("POST", `${service}/Verifications`, [...good, ["Templates", "x"]], 400, 60251);
  await refuses("POST", `${service}/VerificationCheck`, [["Code", "123456"]], 400, 60221);
  await refuses("POST", `${service}/VerificationCheck`, [["To", aPhone()], ["Code", "123456"]], 404, 20404);
  await refuses("POST", `${service}/VerificationCheck`, [["VerificationSid", sid("VE")], ["Code", "123456"]], 404, 20404);
});

test("Services", async () => {
  const good = [["FriendlyName", "Shop"]];
  const bad = {
    FriendlyName: [undefined, "", long(31), "12345", "a/b", "Ünder"],
    CodeLength: ["3", "4", "5", "11", "x", "6.5"],
    LookupEnabled: ["maybe", "1"],
    Psd2Enabled: ["yes"],
    DefaultTemplateSid: ["HJ1"],
    "Totp.TimeStep": ["19", "61"],
    "Totp.CodeLength": ["2", "5", "9"],
    "Totp.Skew": ["-1", "2", "3"],
    "Push.ApnCredentialSid": ["x"],
    "Whatsapp.MsgServiceSid": ["x"],
    "Passkeys.AuthenticatorAttachment": ["other"],
    "Passkeys.UserVerification": ["never"],
    "Countersign.CodeTtl": ["119", "601", "86400", "86401"],
    "Countersign.CheckAttempts": ["0", "6"],
    "Countersign.SendAttempts": ["0", "6"],
    SkipSmsToLandlines: ["2"],
    DtmfInputRequired: ["on"],
    DoNotShareWarningEnabled: ["x"],
    CustomCodeEnabled: ["y"],
    VerifyEventSubscriptionEnabled: ["n"],
    TtsName: [long(65)],
    "Totp.Issuer": [long(65)],
    "Push.IncludeDate": ["x"],
    "Push.FcmCredentialSid": ["CR1"],
    "Whatsapp.From": [long(65)],
    "Passkeys.RelyingParty.Id": [long(254)],
    "Passkeys.RelyingParty.Name": [long(65)],
    "Passkeys.RelyingParty.Origins": [long(2001)],
    "Passkeys.DiscoverableCredentials": ["x"],
    "Countersign.TestCode": ["123", "abcdef"],
  };
  for (const [name, values] of Object.entries(bad)) {
    for (const value of values) await refuses("POST", "/v2/Services", replaced(good, name, value), 400, 60200, name);
  }
  await refuses("POST", `/v2/Services/${sid("VA")}`, good, 404, 20404);
  await refuses("DELETE", `/v2/Services/${sid("VA")}`, undefined, 404, 20404);
  for (const query of ["PageSize=0", "PageSize=1001", "PageSize=x"]) await refuses("GET", `/v2/Services?${query}`, undefined, 400, 60200, "PageSize");
  await refuses("GET", "/v2/Services?PageToken=zz", undefined, 400, 60200, "PageToken");
  await refuses("GET", "/v2/Services?Page=-1", undefined, 400, 60200, "Page");
  for (const [name, value] of [["FriendlyName", long(65)], ["FriendlyName", ""], ["Translations", "x"], ["Translations", '{"en":"no code"}'], ["Translations", '{"en":1}'], ["DefaultLocale", "fr"], ["DefaultLocale", long(17)]]) {
    await refuses("POST", "/v2/Templates", replaced([["FriendlyName", "t"], ["Translations", '{"en":"{{code}}"}']], name, value), 400, 60200, name);
  }
});

test("what belongs to a service", async () => {
  await refuses("POST", `${service}/RateLimits`, [], 400, 60200, "UniqueName");
  await refuses("POST", `${service}/RateLimits`, [["UniqueName", "a b"]], 400, 60209);
  await refuses("POST", `${service}/RateLimits`, [["UniqueName", "a"], ["Description", long(256)]], 400, 60200, "Description");
  const limit = (await raw(server, "POST", `${service}/RateLimits`, [["UniqueName", "who"]])).json;
  await refuses("POST", `${service}/RateLimits/${limit.sid}/Buckets`, [["Max", "1"]], 400, 60200, "Interval");
  await refuses("POST", `${service}/RateLimits/${limit.sid}/Buckets`, [["Max", "-1"], ["Interval", "60"]], 400, 60200, "Max");
  for (let i = 1; i <= 5; ++i) assert.equal((await raw(server, "POST", `${service}/RateLimits/${limit.sid}/Buckets`, [["Max", "9"], ["Interval", `${i}`]])).status, 201);
  await refuses("POST", `${service}/RateLimits/${limit.sid}/Buckets`, [["Max", "9"], ["Interval", "6"]], 400, 60210);
  for (let i = 1; i <= 9; ++i) assert.equal((await raw(server, "POST", `${service}/RateLimits`, [["UniqueName", `n${i}`]])).status, 201);
  await refuses("POST", `${service}/RateLimits`, [["UniqueName", "n10"]], 400, 60207);
  await refuses("POST", `${service}/MessagingConfigurations`, [["Country", "XX"], ["MessagingServiceSid", sid("MG")]], 400, 60200, "Country");
  await refuses("POST", `${service}/MessagingConfigurations`, [["Country", "BR"], ["MessagingServiceSid", "x"]], 400, 60200, "MessagingServiceSid");
  await refuses("POST", "/v2/SafeList/Numbers", [["PhoneNumber", "1"]], 400, 60200, "PhoneNumber");
  const hook = [["FriendlyName", "h"], ["EventTypes", "*"], ["WebhookUrl", "https://example.com/"]];
  for (const [name, value] of [["FriendlyName", undefined], ["EventTypes", "x"], ["WebhookUrl", "ftp://example.com"], ["Status", "on"], ["Version", "v3"]]) {
    await refuses("POST", `${service}/Webhooks`, replaced(hook, name, value), 400, 60306, name);
  }
});

test("entities, factors and challenges", async () => {
  for (const identity of [undefined, "short", long(65), "with space", "with_underscore"]) await refuses("POST", `${service}/Entities`, replaced([["Identity", "x"]], "Identity", identity), 400, 60306, "Identity");
  const factors = `${service}/Entities/somebody-1/Factors`;
  const good = [["FriendlyName", "phone"], ["FactorType", "totp"]];
  const bad = { FriendlyName: [undefined, "", long(65)], FactorType: [undefined, "sms"], "Config.TimeStep": ["19", "61"], "Config.CodeLength": ["5", "9"], "Config.Skew": ["2", "3"], "Config.Alg": ["md5"], Metadata: ["x", '{"a":1}', `{"a":"${long(1024)}"}`] };
  for (const [name, values] of Object.entries(bad)) {
    for (const value of values) await refuses("POST", factors, replaced(good, name, value), 400, 60306, name);
  }
  for (const secret of ["no", "1", "GEZA"]) await refuses("POST", factors, [...good, ["Binding.Secret", secret]], 400, 60314);
  await refuses("POST", factors, replaced(good, "FactorType", "passkeys"), 403, 60204);
  await refuses("POST", factors, replaced(good, "FactorType", "push"), 400, 60306, "Config.AppId");
  const factor = (await raw(server, "POST", factors, good)).json;
  await refuses("POST", `${factors}/${factor.sid}`, [["AuthPayload", "12"]], 400, 60306, "AuthPayload");
  await refuses("POST", `${factors}/${factor.sid}`, [["Config.TimeStep", "30"]], 400, 60306, "Config.TimeStep");
  const challenges = `${service}/Entities/somebody-1/Challenges`;
  const hours = (count) => new Date(Date.now() + count * 3_600_000).toISOString();
  for (const [name, value] of [["FactorSid", "x"], ["ExpirationDate", hours(-1)], ["ExpirationDate", hours(1.1)], ["ExpirationDate", "soon"], ["Details.Message", long(257)], ["Details.Fields", "x"], ["Details.Fields", JSON.stringify({ label: long(37), value: "v" })], ["HiddenDetails", "[]"], ["HiddenDetails", '{"a":1}'], ["AuthPayload", "1"]]) {
    await refuses("POST", challenges, replaced([["FactorSid", factor.sid]], name, value), 400, 60306, name);
  }
  await refuses("GET", `${challenges}?Status=open`, undefined, 400, 60306, "Status");
  await refuses("GET", `${challenges}?Order=random`, undefined, 400, 60306, "Order");
  await refuses("GET", `${challenges}?FactorSid=${long(35)}`, undefined, 400, 60306, "FactorSid");
  await refuses("POST", `${challenges}/${sid("YC")}`, [["Metadata", "x"]], 400, 60306, "Metadata");
  await refuses("GET", `${challenges}/${sid("YC")}`, undefined, 404, 20404);
});

test("attempts", async () => {
  for (const [name, value] of [["Channel", "fax"], ["Status", "x"], ["DateCreatedAfter", "yesterday"], ["VerifyServiceSid", "x"], ["VerificationSid", "x"]]) {
    await refuses("GET", `/v2/Attempts?${name}=${value}`, undefined, 400, 60200, name);
    await refuses("GET", `/v2/Attempts/Summary?${name}=${value}`, undefined, 400, 60200, name);
  }
  for (const [name, value] of [["Country", "BRA"], ["DateCreatedBefore", "x"], ["ChannelData.To", long(255)], ["DestinationPrefix", long(21)]]) {
    await refuses("GET", `/v2/Attempts/Summary?${name}=${value}`, undefined, 400, 60200, name);
  }
  await refuses("GET", `/v2/Attempts/${sid("VL")}`, undefined, 404, 20404);
});

test("whatever is bounded was tried beyond its bounds", () => {
  // They are refused by a code of their own (60305, 60314, 60251).
  const elsewhere = ["FactorFriendlyName", "Ttl", "Binding.Secret", "Templates"];
  const isBound = (schema) => {
    const plain = resolve(schema);
    return plain.allOf !== undefined || ["enum", "pattern", "minimum", "maximum", "maxLength", "format", "items", "anyOf", "not"].some((word) => plain[word] !== undefined) || plain.type === "boolean";
  };
  const bound = new Set();
  for (const { definition } of operations) {
    for (const parameter of (definition.parameters ?? []).map(resolve)) if (isBound(parameter.schema)) bound.add(parameter.name);
    const form = definition.requestBody?.content["application/x-www-form-urlencoded"];
    for (const [name, schema] of Object.entries(form?.schema.properties ?? {})) if (isBound(schema)) bound.add(name);
  }
  assert.ok(bound.size > 60);
  assert.deepEqual([...bound].filter((name) => !refusedParameters.has(name) && !elsewhere.includes(name)).sort(), []);
});
