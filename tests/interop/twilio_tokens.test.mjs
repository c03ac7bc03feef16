// The auth token is replaced in two steps while the server runs, and both tokens are good in between.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { aPhone, eventually } from "../contract/support/client.mjs";
import { exchange } from "../contract/support/http.mjs";
import { Server, binary } from "../contract/support/server.mjs";
import { clientOf, refused, validateRequest } from "./support/twilio_client.mjs";

/// What `api-key auth-token` prints, by what each token is.
const tokens = (server, ...flags) => {
  const run = spawnSync(binary, ["api-key", "auth-token", ...flags, ...server.options], { encoding: "utf8", env: server.environment });
  const lines = run.stdout.trim().split("\n").filter((line) => line !== "").map((line) => line.split(" "));
  return { status: run.status, errors: run.stderr, ...Object.fromEntries(lines.map(([account, token, what = "primary"]) => [what, { account, token }])) };
};

test("a second token beside the first, then in its place", async () => {
  const server = await Server.start();
  try {
    const account = server.credentials.account_sid;
    const first = server.credentials.auth_token;
    const fetched = (password) => clientOf(server, { user: account, password }).verify.v2.services(server.credentials.service_sid).fetch();

    const shown = tokens(server);
    assert.deepEqual([shown.primary.account, shown.primary.token, shown.secondary], [account, first, undefined]);
    assert.match(shown.test.token, /^[0-9a-f]{32}$/);
    assert.equal(tokens(server, "--promote").status, 1);

    // Test credentials see no people, however the path is spelled.
    const tested = await clientOf(server, { user: account, password: shown.test.token }).verify.v2.services.create({ friendlyName: "test" });
    const services = `/v2/Services/${tested.sid}`;
    const asTest = { auth: `${account}:${shown.test.token}`, headers: { "Content-Type": "application/json" } };
    for (const path of ["Entities/somebody-1/Factors", "%45ntities/somebody-1/Factors", "Passkeys/Factors", "Passkeys/VerifyFactor", "Passkeys/Challenges", "Passkeys/ApproveChallenge", "%50asskeys/Challenges", "Passkey%73/Challenges"]) {
      const { status } = await exchange(server.url, { method: "POST", path: `${services}/${path}`, body: "{}", headers: { Authorization: `Basic ${btoa(asTest.auth)}`, ...asTest.headers } });
      assert.ok([403, 404].includes(status), `${path}: ${status}`);
    }

    const added = tokens(server, "--add-secondary");
    const second = added.secondary.token;
    assert.match(second, /^[0-9a-f]{32}$/);
    assert.equal(added.primary.token, first);
    assert.equal((await fetched(first)).sid, server.credentials.service_sid);
    assert.equal((await fetched(second)).sid, server.credentials.service_sid);
    assert.equal(tokens(server, "--add-secondary").secondary.token, second, "there is one already");

    assert.equal(tokens(server, "--drop-secondary").status, 0);
    await refused(fetched(second), 401, 20003);
    assert.equal(tokens(server, "--drop-secondary").status, 1);
  } finally {
    await server.stop();
  }
});

test("the promoted token signs webhooks, and the old one is void", async () => {
  const { createServer } = await import("node:http");
  const received = [];
  const receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      received.push({ signature: request.headers["x-twilio-signature"], form: Object.fromEntries(new URLSearchParams(body)) });
      response.end();
    });
  });
  await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${receiver.address().port}/hooks`;
  // The development mode's credentials file would name the first token again; the account beside that one is not in it.
  const config = '[[accounts]]\nname = "default"\n[[accounts]]\nname = "shop"\n[[services]]\nname = "default"\nchannels = {sms = "inbox"}\n'
    + '[[services]]\nname = "shop"\naccount = "shop"\nchannels = {sms = "inbox"}\n';
  const server = await Server.start({ config });
  try {
    const asked = (name, ...flags) => tokens(server, "--account", name, ...flags);
    const named = asked("shop").primary.account;
    const name = named === server.credentials.account_sid ? "default" : "shop";
    const { primary, secondary } = asked(name, "--add-secondary");
    const user = primary.account;
    const promoted = asked(name, "--promote");
    assert.deepEqual([promoted.primary.token, promoted.secondary], [secondary.token, undefined]);
    await refused(clientOf(server, { user, password: primary.token }).verify.v2.services.create({ friendlyName: "x" }), 401, 20003);
    const { verify } = clientOf(server, { user, password: secondary.token });
    const [{ sid }] = await verify.v2.services.list();
    const service = verify.v2.services(sid);
    await service.webhooks.create({ friendlyName: "h", eventTypes: ["*"], webhookUrl: url });
    await service.entities("somebody-new").newFactors.create({ friendlyName: "app", factorType: "totp" });
    const { signature, form } = await eventually("the webhook", async () => received[0]);
    assert.ok(validateRequest(secondary.token, signature, url, form));
    assert.ok(!validateRequest(primary.token, signature, url, form));
    assert.equal((await service.verifications.create({ to: aPhone(), channel: "sms" })).status, "pending");
  } finally {
    await server.stop();
    receiver.close();
  }
});
