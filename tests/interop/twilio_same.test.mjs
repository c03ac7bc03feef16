// One program, run against a double of the real service and against this server: what it notes is the same but for what
// docs/migrating-from-twilio.md says is different.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { npm } from "../contract/npm.mjs";
import { aPhone, eventually, wrongCode } from "../contract/support/client.mjs";
import { Server } from "../contract/support/server.mjs";
import { messagesTo } from "./support/twilio_client.mjs";
import { VerifyDouble } from "./support/verify_double.mjs";
import { run } from "./support/verify_program.mjs";

const twilio = npm("twilio");
let double;
let server;
before(async () => {
  double = await VerifyDouble.start();
  server = await Server.start();
});
after(async () => {
  await double?.stop();
  await server?.stop();
});

/// The official client, pointed somewhere by the line that the documents name.
const clientFor = (url, user, password) => {
  const client = twilio(user, password);
  client.verify.baseUrl = url;
  return client;
};

const phones = Array.from({ length: 8 }, aPhone);
const record = (url, account, token, serviceSid, codeFor) =>
  run({ client: clientFor(url, account, token), stranger: clientFor(url, account, "0".repeat(32)), serviceSid, phone: (n) => phones[n], codeFor, wrong: wrongCode });

/// Everything that this server adds, and what it says otherwise: the relying party of passkeys is its operator's, which no
/// service resource widens.
const withoutOurs = (notes) => notes.map(([name, note]) => {
  if (note === null || typeof note !== "object" || Array.isArray(note)) return [name, note];
  const { countersign: _, ...rest } = note;
  if (rest.passkeys) {
    assert.equal(rest.passkeys.relying_party.id, "localhost");
    rest.passkeys = { ...rest.passkeys, relying_party: { id: null, name: null, origins: [] } };
  }
  return [name, rest];
});

test("the same program, the same notes", async () => {
  const there = await record(double.url, double.account, double.token, double.service, async (to) => double.codeFor(to));
  const counts = new Map();
  const codeFor = async (to) => {
    const count = (counts.get(to) ?? 0) + 1;
    counts.set(to, count);
    return (await eventually(`message ${count}`, async () => { const all = await messagesTo(server, to); return all.length >= count ? all[0] : undefined; })).code;
  };
  const { account_sid, auth_token, service_sid } = server.credentials;
  const here = withoutOurs(await record(server.url, account_sid, auth_token, service_sid, codeFor));
  assert.deepEqual(here.map(([name]) => name), there.map(([name]) => name));
  const differing = here.map(([name, note], i) => ({ name, here: note, there: there[i][1] })).filter(({ here: a, there: b }) => {
    try {
      assert.deepEqual(a, b);
      return false;
    } catch {
      return true;
    }
  });
  // Here the SID goes on to say how it ended; the service itself says 404. And a verification that was canceled is no way
  // around what a recipient may be sent.
  assert.deepEqual(differing.map(({ name }) => name), ["fetched after its end, by SID", "sent once more"], JSON.stringify(differing.map((one) => one), null, 1));
  assert.equal(differing[0].here.status, "approved");
  assert.equal(differing[0].there.code, 20404);
  assert.equal(differing[1].here.code, 60203);
});
