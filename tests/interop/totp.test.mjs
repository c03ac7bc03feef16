// An authenticator app's whole life with other people's tools alone: curl speaks, rsvg-convert and zbarimg take the
// picture of the QR code, oathtool and pyotp make the codes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Server } from "../contract/support/server.mjs";

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());

const run = (command, ...options) => execFileSync(command, options, { encoding: "utf8" }).trim();

const curl = (method, path, body) => {
  const options = ["--silent", "--show-error", "--fail-with-body", "--request", method, `${server.url}${path}`];
  options.push("--header", `Authorization: Bearer ${server.credentials.api_key}`);
  if (body !== undefined) options.push("--header", "Content-Type: application/json", "--data", JSON.stringify(body));
  return JSON.parse(run("curl", ...options));
};

const scan = (svg) => {
  const [picture, photo] = ["qr.svg", "qr.png"].map((name) => join(server.directory, name));
  writeFileSync(picture, svg);
  run("rsvg-convert", "--width", "400", "--output", photo, picture);
  return run("zbarimg", "--quiet", "--raw", photo);
};

/// What both make of the secret, for the step that many steps from now; the same in both, or the test fails.
const code = (uri, steps) => {
  const parameters = new URL(uri).searchParams;
  const get = (name, otherwise) => parameters.get(name) ?? otherwise;
  const period = Number(get("period", "30"));
  const time = Math.floor(Date.now() / 1000) + steps * period;
  const oathtool = run(
    "oathtool",
    `--totp=${get("algorithm", "SHA1").toLowerCase()}`,
    "--base32",
    `--digits=${get("digits", "6")}`,
    `--time-step-size=${period}s`,
    `--now=@${time}`,
    parameters.get("secret"),
  );
  const pyotp = run("/usr/bin/python3", "-c", "import pyotp, sys; print(pyotp.parse_uri(sys.argv[1]).at(int(sys.argv[2])))", uri, String(time));
  assert.equal(oathtool, pyotp);
  return oathtool;
};

const kinds = [undefined, { algorithm: "SHA256", digits: 8, period: 60 }, { algorithm: "SHA512", digits: 7 }];

for (const totp of kinds) {
  test(`enrol, scan, confirm, prove, claim: ${JSON.stringify(totp ?? "the usual kind")}`, () => {
    const identity = `ana & zoé+${kinds.indexOf(totp)}@example.com`;
    const factors = `/v1/subjects/${encodeURIComponent(identity)}/factors`;
    const enrolment = curl("POST", factors, { type: "totp", totp });
    const uri = scan(enrolment.qr_svg);
    assert.equal(uri, enrolment.otpauth_uri);
    assert.equal(new URL(uri).searchParams.get("secret"), enrolment.secret);
    const named = run("/usr/bin/python3", "-c", "import pyotp, sys; t = pyotp.parse_uri(sys.argv[1]); print(t.issuer, t.name, sep='|')", uri);
    assert.equal(named, `Palco|${identity}`);

    // A hold before the confirmation would not trust it: the factor has to be older than the transaction.
    const confirmed = curl("POST", `${factors}/${enrolment.id}/confirm`, { code: code(uri, 0) });
    assert.equal(confirmed.status, "active");
    const display = { title: "New account", lines: [] };
    const held = curl("POST", "/v1/transactions", { type: "payout", subject: { identity }, display, payload: { n: 1 }, policy: { any_of: ["totp"] } });
    const path = `/v1/transactions/${held.id}`;
    // The step of the confirmation is spent; the one after it is accepted already.
    assert.equal(curl("POST", `${path}/checks`, { code: code(uri, 1), factor: "totp" }).status, "verified");
    const claim = curl("POST", `${path}/claim`);
    assert.deepEqual(claim.payload, { n: 1 });
    assert.equal(curl("POST", `${path}/ack`, { fencing_token: claim.fencing_token }).status, "released");
  });
}
