// A push service on loopback, and browsers that are subscribed with it: what they read of our messages by npm
// `http_ece`, and of our tokens by npm `jose`. And what a page does with WebCrypto.
import assert from "node:assert/strict";
import { createECDH, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer } from "node:http";
import { npm } from "../npm.mjs";

const ece = npm("http_ece");
const { importJWK, jwtVerify } = npm("jose");

/// A key of VAPID, as the configuration has it.
export const newPushKey = () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" });

const point = (key) => {
  const { x, y } = key.export({ format: "jwk" });
  return Buffer.concat([Buffer.from([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]).toString("base64url");
};

export class PushService {
  static async start() {
    const service = new PushService();
    service.devices = new Map();
    service.received = [];
    service.faults = [];
    service.server = createServer((request, response) => {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () =>
        service.take(request, Buffer.concat(parts)).then(
          (status) => response.writeHead(status).end(),
          (error) => (service.faults.push(String(error)), response.writeHead(400).end('{"reason":"BadJwtToken"}')),
        ));
    });
    await new Promise((resolve) => service.server.listen(0, "127.0.0.1", resolve));
    service.url = `http://127.0.0.1:${service.server.address().port}`;
    return service;
  }

  subscribe(serverKey) {
    const pair = createECDH("prime256v1");
    const keys = { p256dh: pair.generateKeys("base64url"), auth: randomBytes(16).toString("base64url") };
    const endpoint = `${this.url}/push/${randomBytes(12).toString("base64url")}`;
    this.devices.set(endpoint, { pair, auth: keys.auth, serverKey, over: false });
    return { endpoint, expirationTime: null, keys };
  }

  async take(request, body) {
    const device = this.devices.get(this.url + request.url);
    if (device === undefined) return 404;
    const [, token, k] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(request.headers.authorization);
    assert.equal(k, device.serverKey, "the key that was subscribed with");
    const raw = Buffer.from(k, "base64url");
    const jwk = { kty: "EC", crv: "P-256", x: raw.subarray(1, 33).toString("base64url"), y: raw.subarray(33).toString("base64url") };
    await jwtVerify(token, await importJWK(jwk, "ES256"), { audience: this.url });
    if (device.over) return 410;
    assert.match(request.headers.ttl, /^[0-9]+$/);
    assert.equal(request.headers.urgency, "high");
    assert.match(request.headers.topic, /^[\w-]{1,32}$/);
    assert.equal(request.headers["content-encoding"], "aes128gcm");
    const text = ece.decrypt(body, { version: "aes128gcm", privateKey: device.pair, authSecret: device.auth }).toString();
    this.received.push({ endpoint: this.url + request.url, topic: request.headers.topic, ttl: Number(request.headers.ttl), text });
    return 201;
  }

  stop() {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/// A browser with a key pair, whose page does what docs/push.md says.
export class PushDevice {
  constructor(service) {
    this.service = service;
    this.key = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.public_key = point(this.key.publicKey);
  }
  sign(text) {
    return sign("sha256", Buffer.from(text), { key: this.key.privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url");
  }
  /// The answer to an enrolment.
  create({ server_key, challenge }) {
    this.subscription = this.service.subscribe(server_key);
    const { endpoint, keys } = this.subscription;
    const signature = this.sign(`Countersign push enrolment 1\n${challenge}\n${endpoint}\n${keys.p256dh}\n${keys.auth}`);
    return { public_key: this.public_key, challenge, subscription: this.subscription, signature };
  }
  approve({ prompt, challenge }, number) {
    const signature = this.sign(`Countersign push approval 1\n${challenge}\n${number}`);
    return { method: "push", prompt, challenge, public_key: this.public_key, number, signature };
  }
  deny({ prompt, challenge }) {
    const signature = this.sign(`Countersign push denial 1\n${challenge}`);
    return { method: "push", prompt, challenge, public_key: this.public_key, denied: true, signature };
  }
  renew(factor, serverKey, signed_at = Math.floor(Date.now() / 1000)) {
    this.subscription = this.service.subscribe(serverKey);
    const { endpoint, keys } = this.subscription;
    const signature = this.sign(`Countersign push subscription 1\n${factor}\n${signed_at}\n${endpoint}\n${keys.p256dh}\n${keys.auth}`);
    return { public_key: this.public_key, signed_at, subscription: this.subscription, signature };
  }
}

/// A configuration with devices, and a page of the application that notifications open.
export const pushConfig = `
[policies.push]
any_of = ["push"]
[policies.default]
any_of = ["sms"]
[[accounts]]
name = "default"
[[services]]
name = "default"
channels = {sms = "inbox"}
push_page = "https://app.example.com/approve"
`;
