// What the server says at a site's own host of pages elsewhere and of apps that may use its passkeys.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { Authenticator } from "./support/authenticator.mjs";
import { Client } from "./support/client.mjs";
import { exchange } from "./support/http.mjs";
import { Server } from "./support/server.mjs";

const fingerprint = Array.from({ length: 32 }, (_, i) => (i * 7 + 3).toString(16).padStart(2, "0").toUpperCase()).join(":");
const config = `
[[accounts]]
name = "default"
[policies.default]
any_of = ["webauthn"]
[[services]]
name = "default"
policies = ["default"]
[services.webauthn]
rp_id = "example.com"
origins = ["https://example.com", "https://verify.example.com"]
related_origins = ["https://example.org", "https://shop.example.net:8443"]
android_apps = ["com.example.app ${fingerprint}"]
apple_apps = ["ABCDE12345.com.example.app"]
[[services]]
name = "second"
policies = ["default"]
[services.webauthn]
rp_id = "example.com"
origins = ["https://example.com"]
related_origins = ["https://example.org", "https://example.se"]
[[services]]
name = "third"
policies = ["default"]
[services.webauthn]
rp_id = "tickets.test"
origins = ["https://tickets.test"]
apple_apps = ["ABCDE12345.test.tickets"]
`;

let server;
before(async () => {
  server = await Server.start({ config });
});
after(() => server?.stop());

const get = (path, host, method = "GET") => exchange(server.url, { method, path: `/.well-known/${path}`, headers: { Host: host } });

test("each host says what its services have, with the headers that browsers and phones want", async () => {
  const related = await get("webauthn", "example.com");
  assert.deepEqual(JSON.parse(related.text), { origins: ["https://example.org", "https://shop.example.net:8443", "https://example.se"] });
  const android = await get("assetlinks.json", "example.com");
  assert.deepEqual(JSON.parse(android.text), [
    { relation: ["delegate_permission/common.get_login_creds"], target: { namespace: "android_app", package_name: "com.example.app", sha256_cert_fingerprints: [fingerprint] } },
  ]);
  const apple = await get("apple-app-site-association", "example.com");
  assert.deepEqual(JSON.parse(apple.text), { webcredentials: { apps: ["ABCDE12345.com.example.app"] } });
  for (const answer of [related, android, apple]) {
    assert.deepEqual([answer.status, answer.headers["content-type"], answer.headers["cache-control"]], [200, "application/json", "public, max-age=3600"]);
  }
  assert.deepEqual(JSON.parse((await get("apple-app-site-association", "tickets.test")).text), { webcredentials: { apps: ["ABCDE12345.test.tickets"] } });
  for (const host of ["EXAMPLE.com", "example.com:443", "example.com."]) assert.equal((await get("webauthn", host)).text, related.text, host);
});

test("no other host says anything", async () => {
  for (const host of ["verify.example.com", "evil.example", "com", "example.com.evil.example", "xexample.com", "127.0.0.1", "[::1]", "example.com@evil.example", ""]) {
    for (const path of ["webauthn", "assetlinks.json", "apple-app-site-association"]) {
      const answer = await get(path, host);
      assert.ok([400, 404].includes(answer.status), `${host} ${path}: ${answer.status}`);
      assert.ok(!answer.text.includes("example"), answer.text);
      assert.equal(answer.headers.location, undefined);
    }
  }
  for (const path of ["webauthn", "assetlinks.json"]) assert.equal((await get(path, "tickets.test")).status, 404);
  for (const path of ["../webauthn", "webauthn/", "webauthn/..%2f..%2fetc/passwd", "%2e%2e/secrets.toml", "assetlinks.json/x"]) assert.notEqual((await get(path, "example.com")).status, 200, path);
  assert.equal((await get("webauthn", "example.com", "POST")).status, 405);
});

test("an app is asked by the hash of its key, and another one is not", async () => {
  const api = new Client(server);
  const hash = Buffer.from(fingerprint.replaceAll(":", ""), "hex").toString("base64url");
  const enrolled = async (origin) => {
    const device = new Authenticator("https://example.com");
    device.origin = origin;
    const path = `/v1/subjects/${createHash("sha256").update(origin).digest("hex").slice(0, 20)}/factors`;
    const { id, options } = await api.post(path, { type: "webauthn" });
    return api.call("POST", `${path}/${id}/confirm`, { body: { response: device.create(options) } });
  };
  for (const origin of [`android:apk-key-hash:${hash}`, "https://example.org", "https://shop.example.net:8443", "https://verify.example.com"]) assert.equal((await enrolled(origin)).status, 200, origin);
  for (const origin of [`android:apk-key-hash:${hash.slice(0, -1)}A`, `android:apk-key-hash:${hash}=`, "https://example.net:8443", "https://evil.example", "https://example.se", "ABCDE12345.com.example.app"]) {
    assert.equal((await enrolled(origin)).code, "wrong_response", origin);
  }
});
