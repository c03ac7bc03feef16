// Codes of messages, ours and those of Twilio Verify.
import assert from "node:assert/strict";
import { test } from "node:test";
import { aPhone, anId, anIdentity, eventually, wrongCode } from "../support/client.mjs";
import { api, twilio } from "./setup.mjs";

test("check codes of messages", async () => {
  const phone = aPhone();
  const { id } = await api.hold({ subject: { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] } });
  const path = `/v1/transactions/${id}/checks`;
  await api.post(path, { code: "123456", verification: anId("VE") }, "409 no_verification");
  const started = await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
  const code = await api.code(phone);
  await api.post(path, { code: "12345" }, "422 invalid_field");
  for (let left = 4; left >= 0; --left) {
    const wrong = await api.post(path, { code: wrongCode(code), verification: started.id, end_user_ip: "2001:db8::1" }, "422 wrong_code");
    assert.equal(wrong.attempts_left, left);
  }
  await api.post(path, { code }, "409 attempts_exhausted");
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" }, "429 locked");
  await api.post(`/v1/transactions/${id}/cancel`, undefined, 200);
  await api.post(path, { code }, "409 transaction_not_held");
  await api.post(`/v1/transactions/${anId("TX")}/checks`, { code }, "404 not_found");
  const onlySms = await api.hold({ policy: { any_of: ["sms"] } });
  await api.post(`/v1/transactions/${onlySms.id}/checks`, { code }, "422 method_not_in_policy");
});

test("check codes that Twilio Verify made", async () => {
  const phone = aPhone();
  const subject = { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] };
  const { id } = await api.hold({ service: "verify", subject });
  const path = `/v1/transactions/${id}/checks`;
  twilio.holdsBack = true;
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
  await api.post(path, { code: twilio.rightCode }, "409 not_sent_yet");
  await eventually("the call of Twilio", () => twilio.waiting.at(0));
  twilio.release();
  const isTaken = async () => ((await api.call("POST", path, { body: { code: "111111" } })).code === "wrong_code" ? true : undefined);
  await eventually("the verification's SID", isTaken);
  twilio.isDown = true;
  await api.post(path, { code: twilio.rightCode }, "503 provider_unavailable");
  twilio.isDown = false;
  await api.post(path, { code: twilio.rightCode }, 200);
});
