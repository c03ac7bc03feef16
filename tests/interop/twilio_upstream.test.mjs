// A service whose codes Twilio Verify itself makes and checks: the application sees this server's SIDs alone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { aPhone, eventually } from "../contract/support/client.mjs";
import { Server } from "../contract/support/server.mjs";
import { Twilio, accountSid, authToken, verifyServiceSid } from "../contract/support/twilio.mjs";
import { clientOf, refused } from "./support/twilio_client.mjs";

let twilio;
let server;
before(async () => {
  twilio = await Twilio.start();
  const config = `[providers.verify]\ntype = "twilio_verify"\naccount_sid = "${accountSid}"\nservice_sid = "${verifyServiceSid}"\nbase_url = "${twilio.url}"
[[accounts]]\nname = "default"\n[[services]]\nname = "default"\nchannels = {sms = "verify"}\n`;
  server = await Server.start({ config, secrets: `[providers.verify]\nauth_token = "${authToken}"\n` });
});
after(async () => {
  await server?.stop();
  await twilio?.stop();
});

test("starts and checks there, under SIDs of our own", async () => {
  const service = clientOf(server).verify.v2.services(server.credentials.service_sid);
  const to = aPhone();
  const sent = await service.verifications.create({ to, channel: "sms" });
  const started = await eventually("the call upstream", async () => twilio.calls.find(({ path }) => path.endsWith("/Verifications")));
  assert.equal(started.path, `/v2/Services/${verifyServiceSid}/Verifications`);
  assert.equal(started.form.get("To"), to);
  const wrong = await eventually("an answer to the check", () =>
    service.verificationChecks.create({ to, code: "000000" }).catch((error) => (error.code === 20429 ? undefined : Promise.reject(error))));
  assert.equal(wrong.status, "pending");
  assert.equal(wrong.sid, sent.sid);
  const right = await service.verificationChecks.create({ verificationSid: sent.sid, code: twilio.rightCode });
  assert.equal(right.status, "approved");
  assert.equal(right.sid, sent.sid);
  const asked = twilio.calls.filter(({ path }) => path.endsWith("/VerificationCheck"));
  assert.ok(asked.every(({ form }) => form.get("VerificationSid") !== sent.sid));
  await refused(service.verificationChecks.create({ to, code: twilio.rightCode }), 404, 20404);
  await refused(service.verifications.create({ to: aPhone(), channel: "call" }), 400, 60223);
});
