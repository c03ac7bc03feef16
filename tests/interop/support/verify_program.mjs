// A program as people write it against Verify, with the official client. It notes what it gets, step by step, in a form in
// which two services can be compared: what is a service's own (SIDs, dates, hosts) by its kind, everything else as it is.

const kindOf = (value) => {
  if (value instanceof Date) return "a date";
  if (typeof value !== "string") return value;
  if (/^[A-Z]{2}[0-9a-f]{32}$/.test(value)) return `${value.slice(0, 2)}…`;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value)) return "a date";
  return value.replace(/^https?:\/\/[^/]+/, "").replace(/\b([A-Z]{2})[0-9a-f]{32}\b/g, "$1…");
};
const plain = (value) => {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object" || value instanceof Date) return kindOf(value);
  return Object.fromEntries(Object.entries(value).sort().map(([key, inner]) => [key, plain(inner)]));
};

/// `phone(n)` is a number that nobody else uses; `codeFor(to)` what was sent there last.
export const run = async ({ client, stranger, serviceSid, phone, codeFor, wrong }) => {
  const notes = [];
  const step = async (name, work) => {
    try {
      const got = await work();
      notes.push([name, plain(typeof got?.toJSON === "function" ? got.toJSON() : got)]);
      return got;
    } catch (error) {
      notes.push([name, { error: error.constructor.name, status: error.status, code: error.code, message: kindOf(String(error.message)).replaceAll(/[A-Z]{2}[0-9a-f]{32}/g, (s) => `${s.slice(0, 2)}…`), moreInfo: error.moreInfo, details: error.details }]);
      return undefined;
    }
  };
  const service = client.verify.v2.services(serviceSid);
  const { verifications, verificationChecks } = service;

  const to = phone(1);
  const sent = await step("a code by SMS", () => verifications.create({ to, channel: "sms" }));
  const code = await codeFor(to);
  await step("fetched by SID", () => verifications(sent.sid).fetch());
  await step("fetched by number", () => verifications(to).fetch());
  await step("a wrong code", () => verificationChecks.create({ to, code: wrong(code) }));
  await step("the right one", () => verificationChecks.create({ verificationSid: sent.sid, code }));
  await step("the right one again", () => verificationChecks.create({ to, code }));
  await step("canceled after its end", () => verifications(sent.sid).update({ status: "canceled" }));
  await step("fetched after its end, by number", () => verifications(to).fetch());
  await step("fetched after its end, by SID", () => verifications(sent.sid).fetch());

  const mail = `${Date.now()}+tag@example.com`;
  const written = await step("a code by e-mail", () => verifications.create({ to: mail, channel: "email", locale: "en" }));
  notes.at(-1)[1].to = "an address";
  await step("canceled", () => verifications(written.sid).update({ status: "canceled" }).then(({ status, valid }) => ({ status, valid })));
  await step("checked after it was canceled", () => verificationChecks.create({ verificationSid: written.sid, code: "123456" }));

  const other = phone(2);
  await step("sent", () => verifications.create({ to: other, channel: "sms" }));
  const first = await codeFor(other);
  await step("called", () => verifications.create({ to: other, channel: "call" }));
  await step("the code that came first", () => verificationChecks.create({ to: other, code: first }));

  const guessed = phone(3);
  await step("to be guessed", () => verifications.create({ to: guessed, channel: "whatsapp" }));
  const secret = await codeFor(guessed);
  for (let i = 1; i <= 6; ++i) await step(`guess ${i}`, () => verificationChecks.create({ to: guessed, code: i < 6 ? wrong(secret) : secret }));
  await step("created while no check is left", () => verifications.create({ to: guessed, channel: "sms" }));

  const often = phone(4);
  for (let i = 1; i <= 6; ++i) await step(`sending ${i}`, () => verifications.create({ to: often, channel: "sms" }));
  await step("reported", () => verifications(often).update({ status: "approved" }));
  await step("sent once more", () => verifications.create({ to: often, channel: "sms" }));

  const limit = await step("a rate limit", () => service.rateLimits.create({ uniqueName: "end_user_ip", description: "d" }));
  await step("the same again", () => service.rateLimits.create({ uniqueName: "end_user_ip" }));
  await step("a bucket", () => service.rateLimits(limit.sid).buckets.create({ max: 1, interval: 600 }));
  await step("within it", () => verifications.create({ to: phone(5), channel: "sms", rateLimits: { end_user_ip: "203.0.113.7" } }));
  await step("beyond it", () => verifications.create({ to: phone(6), channel: "sms", rateLimits: { end_user_ip: "203.0.113.7" } }));
  await step("another address", () => verifications.create({ to: phone(6), channel: "sms", rateLimits: { end_user_ip: "203.0.113.8", nobody: "x" } }));

  await step("a number that is none", () => verifications.create({ to: "12345", channel: "sms" }));
  await step("a channel in capitals", () => verifications.create({ to, channel: "SMS" }));
  await step("a code of its own", () => verifications.create({ to, channel: "sms", customCode: "424242" }));
  await step("an app hash in a call", () => verifications.create({ to, channel: "call", appHash: "FA+9qCX9VSu" }));
  await step("a check of nothing", () => verificationChecks.create({ code: "123456" }));
  await step("a check of a code that is none", () => verificationChecks.create({ to, code: "12" }));
  await step("a check of what was never sent", () => verificationChecks.create({ to: phone(7), code: "123456" }));
  await step("a status that is none", () => verifications(often).update({ status: "expired" }));
  await step("a service that is not there", () => client.verify.v2.services(`VA${"0".repeat(32)}`).verifications.create({ to, channel: "sms" }));
  await step("somebody else", () => stranger.verify.v2.services(serviceSid).verifications.create({ to, channel: "sms" }));

  for (const friendlyName of ["One", "Two", "Three"]) await step(`service ${friendlyName}`, () => client.verify.v2.services.create({ friendlyName, codeLength: 8, lookupEnabled: true }));
  const all = await client.verify.v2.services.list({ pageSize: 2 });
  notes.push(["listed", all.slice(-3).map((one) => one.friendlyName)]);
  await step("changed", () => client.verify.v2.services(all.at(-1).sid).update({ friendlyName: "Four" }));
  await step("deleted", () => client.verify.v2.services(all.at(-1).sid).remove());
  await step("fetched after that", () => client.verify.v2.services(all.at(-1).sid).fetch());
  await step("a name that is none", () => client.verify.v2.services.create({ friendlyName: "a/b" }));
  return notes;
};
