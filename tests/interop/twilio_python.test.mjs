// The official Twilio SDK for Python, as Debian has it, against a started server: every operation that it has.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { repository } from "../contract/npm.mjs";
import { Server } from "../contract/support/server.mjs";
import { operations, refusedOnce, succeeded } from "../contract/support/verify_api.mjs";
import { HeldProxy } from "./support/held_proxy.mjs";

// What there is only for a phone that has signed something.
const needsAPhone = ["CreateNotification"];
// It is of 2022: passkeys, the safe list and the summary of attempts came later. The two that are ours no SDK has.
const unknownToIt = ["FetchVerificationAttemptsSummary", "CreateSafelist", "FetchSafelist", "DeleteSafelist", "CreateNewFactorPasskey", "UpdatePasskeysFactor", "CreateChallengePasskeys", "UpdateChallengePasskeys", "CreateTemplate", "DeleteTemplate"];

const run = async (...parameters) => {
  const python = spawn("/usr/bin/python3", ["-B", `${repository}tests/interop/twilio_python.py`, ...parameters]);
  let out = "";
  let errors = "";
  python.stdout.on("data", (text) => (out += text));
  python.stderr.on("data", (text) => (errors += text));
  const status = await new Promise((resolve) => python.once("close", resolve));
  assert.equal(status, 0, out + errors);
  return out;
};

test("everything that the Python client has for Verify, said and refused", async () => {
  const proxy = await HeldProxy.start();
  const server = await Server.start({ environment: { COUNTERSIGN_PUBLIC_URL: proxy.url } });
  proxy.target = server.url;
  try {
    const { account_sid, auth_token, service_sid } = server.credentials;
    const out = await run(proxy.url, account_sid, auth_token, service_sid);
    assert.deepEqual(proxy.faults, []);
    assert.equal(out, "core_pair\nservices\nrate_limits\nattempts\nauthenticator\nwebhooks\nothers\nrefusals\n");
    const those = (seen) => operations.map(({ id }) => id).filter((id) => !seen.has(id)).sort();
    assert.deepEqual(those(succeeded), [...new Set([...needsAPhone, ...unknownToIt])].sort());
    assert.deepEqual(those(refusedOnce), unknownToIt.slice().sort());
  } finally {
    await server.stop();
    await proxy.stop();
  }
});
