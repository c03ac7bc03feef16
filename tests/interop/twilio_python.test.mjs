// The official Twilio SDK for Python, as Debian has it, against a started server.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { Server } from "../contract/support/server.mjs";
import { repository } from "../contract/npm.mjs";

test("everything that the Python client has for Verify", async () => {
  const server = await Server.start();
  try {
    const { url, account_sid, auth_token, service_sid } = server.credentials;
    const python = spawn("/usr/bin/python3", ["-B", `${repository}tests/interop/twilio_python.py`, url, account_sid, auth_token, service_sid]);
    let out = "";
    let errors = "";
    python.stdout.on("data", (text) => (out += text));
    python.stderr.on("data", (text) => (errors += text));
    const status = await new Promise((resolve) => python.once("close", resolve));
    assert.equal(status, 0, out + errors);
    assert.equal(out, "core_pair\nservices\nrate_limits\nattempts\nauthenticator\nothers\n");
  } finally {
    await server.stop();
  }
});
