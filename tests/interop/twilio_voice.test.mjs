// A call with a code: Twilio's own library signs the key, and builds the same TwiML that we write.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { Client, aPhone, anIdentity, eventually } from "../contract/support/client.mjs";
import { npm } from "../contract/npm.mjs";
import { Server } from "../contract/support/server.mjs";
import { Twilio, accountSid, authToken } from "../contract/support/twilio.mjs";

const twilio = npm("twilio");

let vendor;
let server;
let api;
before(async () => {
  vendor = await Twilio.start();
  const config = `[providers.voice]\ntype = "twilio_voice"\naccount_sid = "${accountSid}"\nfrom = "+15005550006"\nbase_url = "${vendor.url}"
[policies.default]\nany_of = ["call"]\n[[accounts]]\nname = "default"\n[[services]]\nname = "default"\nfriendly_name = "A & B"\nchannels = {call = "voice"}\n`;
  server = await Server.start({ config, secrets: `[providers.voice]\nauth_token = "${authToken}"\n` });
  api = new Client(server);
});
after(async () => {
  await server?.stop();
  await vendor?.stop();
});

/// Tags, attributes and texts as Python's XML parser reads them.
const parsed = (xml) => {
  const program = "import json, sys, xml.etree.ElementTree as E\nwalk = lambda e: [e.tag, e.attrib, e.text or '', [walk(c) for c in e]]\nprint(json.dumps(walk(E.fromstring(sys.stdin.buffer.read()))))";
  const { stdout, stderr, status } = spawnSync("/usr/bin/python3", ["-B", "-c", program], { input: xml });
  assert.equal(status, 0, stderr.toString());
  return JSON.parse(stdout);
};

test("a key that Twilio's library has signed brings the code", async () => {
  const address = aPhone();
  const { id } = await api.hold({ locale: "en", subject: { identity: anIdentity(), contacts: [{ channel: "call", address }] } });
  await api.post(`/v1/transactions/${id}/verifications`, { channel: "call" });
  const [sid, form] = await eventually("the call", () => [...vendor.made].find(([, made]) => made.get("To") === address));
  const [, , , [gather, hangup]] = parsed(form.get("Twiml"));
  assert.equal(hangup[0], "Hangup");
  const [name, attributes, , inner] = gather;
  assert.equal(name, "Gather");
  const ask = inner.find(([tag]) => tag === "Say")[2];
  assert.match(ask, /from A & B\. To hear your code, press any key/);

  const expected = new twilio.twiml.VoiceResponse();
  const built = expected.gather({ input: "dtmf", numDigits: 1, finishOnKey: "", timeout: 8, method: "POST", action: attributes.action });
  built.pause({ length: 1 });
  built.say({ language: "en-US" }, ask);
  built.pause({ length: 3 });
  built.say({ language: "en-US" }, ask);
  expected.hangup();
  assert.deepEqual(parsed(form.get("Twiml")), parsed(expected.toString()));

  const params = { CallSid: sid, CallStatus: "in-progress", Digits: "1", From: "+15005550006", To: address };
  const press = (headers) => fetch(attributes.action, { method: "POST", body: new URLSearchParams(params), headers });
  const signature = twilio.getExpectedTwilioSignature(authToken, attributes.action, params);
  assert.equal((await press({ "X-Twilio-Signature": twilio.getExpectedTwilioSignature("a guess", attributes.action, params) })).status, 403);
  const answer = await press({ "X-Twilio-Signature": signature });
  assert.equal(answer.status, 200);
  const [, , , verbs] = parsed(await answer.text());
  const digits = verbs.filter(([tag, , text]) => tag === "Say" && /^[0-9]$/.test(text)).map(([, , text]) => text).join("");
  const code = digits.slice(0, digits.length / 2);
  assert.equal(digits, code + code);
  await api.post(`/v1/transactions/${id}/checks`, { code }, 200);
});
