// A client of the API whose every exchange is held against the description.
import assert from "node:assert/strict";
import { createHmac, randomInt } from "node:crypto";
import { check } from "./contract.mjs";
import { exchange } from "./http.mjs";

/// Waits for `ask` to answer something other than undefined. For what another thread or process has to do first. `tries`
/// counts how often it was asked, where that is wanted: on a busy machine a try takes as much longer as all else does.
export const eventually = async (what, ask, seconds = 300, tries = {}) => {
  const deadline = Date.now() + seconds * 1000;
  for (tries.count = 1; ; tries.count++) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    assert.ok(Date.now() < deadline, `${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

export class Client {
  constructor(server, account = "default") {
    this.server = server;
    this.key = server.keys[account];
  }

  /// `body` is sent as JSON; `raw` as it stands. `headers` replace those made here.
  async call(method, path, { body, raw, headers = {}, type = "application/json", from } = {}) {
    const bytes = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const all = { Authorization: `Bearer ${this.key}`, ...(bytes === undefined ? {} : { "Content-Type": type }), ...headers };
    if (from !== undefined) all["X-Forwarded-For"] = from;
    for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
    const { url, metrics_url: metrics } = this.server.credentials;
    const response = await exchange(path.split("?")[0] === "/metrics" ? metrics : url, { method, path, headers: all, body: bytes });
    response.code = check({ method, path, headers: all, body: bytes }, response).code;
    return response;
  }

  /// The answer, which must have that status and, where it is a problem, that code.
  async expect(expected, method, path, options) {
    const response = await this.call(method, path, options);
    const got = response.code === "" ? response.status : `${response.status} ${response.code}`;
    assert.equal(String(got), String(expected), `${method} ${path}: ${response.text}`);
    return response.text === "" || !response.headers["content-type"].includes("json") ? response.text : response.json;
  }

  get(path, expected = 200) {
    return this.expect(expected, "GET", path);
  }
  post(path, body, expected = 201, options = {}) {
    return this.expect(expected, "POST", path, { body, ...options });
  }

  hold(changes = {}, options) {
    return this.post("/v1/transactions", { ...aHold(), ...changes }, 201, options);
  }

  /// The code that the inbox has for that address.
  code(to, { not } = {}) {
    return eventually(`a message to ${to}`, async () => {
      const messages = await this.get(`/dev/inbox.json?to=${encodeURIComponent(to)}`);
      return messages.find((message) => message.code !== "" && message.code !== not)?.code;
    });
  }

  /// Holds, sends an SMS, proves its code: a transaction that is ready to be claimed.
  async verified(changes = {}) {
    const phone = aPhone();
    const subject = { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] };
    const held = await this.hold({ subject, ...changes });
    await this.post(`/v1/transactions/${held.id}/verifications`, { channel: "sms" });
    const checked = await this.post(`/v1/transactions/${held.id}/checks`, { code: await this.code(phone) }, 200);
    assert.equal(checked.status, "verified");
    return { ...held, phone, subject };
  }

  /// An active authenticator app; the code that confirmed it is spent.
  async authenticator(identity, totp = {}) {
    const path = `/v1/subjects/${encodeURIComponent(identity)}/factors`;
    const enrolment = await this.post(path, { type: "totp", totp });
    await this.post(`${path}/${enrolment.id}/confirm`, { code: totpCode(enrolment.secret, 0, totp) }, 200);
    return enrolment;
  }
}

let serial = randomInt(1, 1_000_000);
export const anIdentity = () => `person-${++serial}`;
/// A Brazilian mobile number that nobody else of this run has.
export const aPhone = () => `+55119${String(80_000_000 + (++serial % 9_999_999)).padStart(8, "0")}`;
export const anId = (prefix) => prefix + "0".repeat(31) + "1";
export const aHold = () => ({ type: "payout", subject: { identity: anIdentity() }, display: { title: "New account" }, payload: { bank: "341" } });

const fromBase32 = (text) => {
  const bits = [...text].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
};

/// RFC 6238; `steps` away from now.
export const totpCode = (secret, steps = 0, { algorithm = "SHA1", digits = 6, period = 30 } = {}) => {
  const counter = Buffer.alloc(8);
  counter.writeBigInt64BE(BigInt(Math.floor(Date.now() / 1000 / period) + steps));
  const mac = createHmac(algorithm, fromBase32(secret)).update(counter).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, "0");
};

/// Digits that are not this code.
export const wrongCode = (code) => code.replace(/./g, (digit) => String((Number(digit) + 5) % 10));
