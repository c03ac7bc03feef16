// Leaving Twilio Verify in steps: by channel, by country, by a share of the numbers. The application sees one service,
// and SIDs of this server's own, whichever way a code goes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { aPhone, eventually, wrongCode } from "../contract/support/client.mjs";
import { Server } from "../contract/support/server.mjs";
import { Twilio, accountSid, authToken, verifyServiceSid } from "../contract/support/twilio.mjs";
import { clientOf, messagesTo, refused } from "./support/twilio_client.mjs";

let twilio;
let server;
let service;
const route = (lines) => `[[services.routes]]\nprovider = "verify"\n${lines}\n`;
before(async () => {
  twilio = await Twilio.start();
  const config = `[providers.verify]\ntype = "twilio_verify"\naccount_sid = "${accountSid}"\nservice_sid = "${verifyServiceSid}"\nbase_url = "${twilio.url}"
[[accounts]]\nname = "default"\n[[services]]\nname = "default"\nchannels = {sms = "inbox", call = "inbox", email = "inbox"}\n${route('channel = "call"')}
${route('channel = "sms"\ncountries = ["PT"]')}${route('channel = "sms"\ncountries = ["BR"]\npercent = 50')}`;
  server = await Server.start({ config, secrets: `[providers.verify]\nauth_token = "${authToken}"\n` });
  service = clientOf(server).verify.v2.services(server.credentials.service_sid);
});
after(async () => {
  await server?.stop();
  await twilio?.stop();
});

const callsFor = (to) => twilio.calls.filter(({ path, form }) => path.endsWith("/Verifications") && form.get("To") === to);

/// Where the newest code for that number went: the way, and the code.
const wayOf = (to, count = 1) => eventually(`code ${count} for ${to}`, async () => {
  const messages = await messagesTo(server, to);
  const calls = callsFor(to);
  if (messages.length + calls.length < count) return undefined;
  return calls.length > 0 ? { way: "upstream", code: twilio.rightCode } : { way: "here", code: messages[0].code };
});

/// The provider may not have answered yet that it took it over.
const check = (form) => eventually("a verdict", () =>
  service.verificationChecks.create(form).catch((error) => (error.code === 20429 ? undefined : Promise.reject(error))));

const approve = async (to, channel) => {
  const sent = await service.verifications.create({ to, channel });
  assert.match(sent.sid, /^VE[0-9a-f]{32}$/);
  const { way, code } = await wayOf(to);
  assert.equal((await check({ to, code: wrongCode(code) })).status, "pending");
  const right = await check({ verificationSid: sent.sid, code });
  assert.deepEqual([right.status, right.sid], ["approved", sent.sid]);
  await refused(service.verificationChecks.create({ to, code }), 404, 20404);
  return way;
};

test("a channel, a country", async () => {
  assert.equal(await approve(aPhone(), "call"), "upstream");
  assert.equal(await approve("+351912345678", "sms"), "upstream");
  assert.equal(await approve("+4915112345678", "sms"), "here");
  assert.equal(await approve("somebody@example.com", "email"), "here");
});

test("a share of the numbers, the same ones each time", async () => {
  const ways = new Map();
  for (let i = 0; i < 24; ++i) {
    const to = aPhone();
    ways.set(to, await approve(to, "sms"));
  }
  const upstream = [...ways.values()].filter((way) => way === "upstream").length;
  assert.ok(upstream >= 3 && upstream <= 21, `${upstream} of 24`);
  for (const [to, way] of [...ways].slice(0, 6)) {
    await service.verifications.create({ to, channel: "sms" });
    assert.equal((await wayOf(to, 2)).way, way);
    await service.verifications(to).update({ status: "canceled" });
  }
});

test("a code of the application's own cannot be checked elsewhere", async () => {
  await service.update({ customCodeEnabled: true });
  await refused(service.verifications.create({ to: aPhone(), channel: "call", customCode: "424242" }), 400, 60223);
});

test("what fails upstream stands in the attempts, and costs no check", async () => {
  twilio.isDown = true;
  const to = aPhone();
  const sent = await service.verifications.create({ to, channel: "call" });
  await eventually("the call upstream", async () => callsFor(to)[0]);
  await refused(service.verificationChecks.create({ to, code: "123456" }), 429, 20429);
  twilio.isDown = false;
  assert.equal((await service.verifications(sent.sid).fetch()).status, "pending");
  await service.verifications(sent.sid).update({ status: "canceled" });
});
