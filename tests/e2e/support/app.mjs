// What an application's back end does, and what a person has at hand: the API, the inbox, an authenticator app.
import { createHmac } from "node:crypto";

let number = 0;

const base32 = (text) => {
  const bits = [...text].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
};

/// The code of an authenticator app, `steps` of 30 seconds from now.
export const totp = (secret, steps = 0) => {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac("sha1", base32(secret)).update(counter).digest();
  return String((digest.readUInt32BE(digest[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
};

export class App {
  constructor(server) {
    this.server = server;
    this.url = server.credentials.url;
    this.key = server.credentials.api_key;
  }

  async call(method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      headers: { Authorization: `Bearer ${this.key}`, ...(body && { "Content-Type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /// A person with a number of her own.
  person() {
    number += 1;
    return { identity: `organizer-${number}`, phone: `+55119${String(80000000 + number)}` };
  }

  /// Held, with her number known: `{id, verify_url, person}`. Without a return_url, since a page that has one leaves by
  /// itself, and a slow machine may not have looked at it by then.
  async hold({ person = this.person(), policy = { any_of: ["sms", "totp"] }, contacts = true, ...changes } = {}) {
    const held = await this.call("POST", "/v1/transactions", {
      type: "payout_account.change",
      subject: {
        identity: person.identity,
        ...(contacts && { contacts: (contacts === true ? ["sms"] : contacts).map((channel) => ({ channel, address: person.phone })) }),
      },
      display: {
        title: "Nova conta de repasse",
        payee: "Festa Junina Ltda",
        amount: { value: "12480.00", currency: "BRL" },
        lines: [
          { label: "CNPJ", value: "12.ABC.345/01DE-35" },
          { label: "Banco", value: "341 · Itaú Unibanco" },
          { label: "Conta", value: "agência 2545 · conta final 3661" },
        ],
        short: "Itaú final 3661",
      },
      payload: { bank: "341", branch: "2545", account: "02366-1" },
      policy,
      ...changes,
    });
    // The person's browser reaches the server where the test does.
    held.verify_url = this.url + new URL(held.verify_url).pathname;
    return { ...held, person };
  }

  status(id) {
    return this.call("GET", `/v1/transactions/${id}`).then(({ status }) => status);
  }

  /// An authenticator app, set up by the application; answers its secret. The step of `confirmed` is spent.
  async enrol(person) {
    const path = `/v1/subjects/${person.identity}/factors`;
    const { id, factor, secret } = await this.call("POST", path, { type: "totp" });
    await this.call("POST", `${path}/${id ?? factor.id}/confirm`, { code: totp(secret, -1) });
    return secret;
  }

  /// A set of recovery codes, made by the application and kept by the person.
  async recoveryCodes(person) {
    const path = `/v1/subjects/${person.identity}/factors`;
    const { id, codes } = await this.call("POST", path, { type: "recovery_codes" });
    await this.call("POST", `${path}/${id}/confirm`, {});
    return codes;
  }

  async messages(to) {
    return this.call("GET", `/dev/inbox.json?to=${encodeURIComponent(to)}`);
  }

  /// The code of the newest message to that number, once there are `count`.
  async code(to, count = 1) {
    for (const deadline = Date.now() + 300_000; ; ) {
      const messages = (await this.messages(to)).filter(({ code }) => code !== "");  // Not notices.
      if (messages.length >= count) return messages[0].code;
      if (Date.now() > deadline) throw new Error(`no message to ${to}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /// How the development provider behaves from now on: `none`, `fails`, `refuses`, `hangs`, `no_sms`, `no_whatsapp`.
  async outage(outage) {
    await fetch(`${this.url}/dev/inbox/provider`, { method: "POST", body: new URLSearchParams({ outage }), redirect: "manual" });
  }

  /// The network's word on the newest message to that number: `delivered`, `failed`, `opted_out`.
  async report(to, report) {
    const inbox = await (await fetch(`${this.url}/dev/inbox?q=${encodeURIComponent(`to:${to}`)}`)).text();
    const [, id] = /data-id="(\w+)"/.exec(inbox);
    await fetch(`${this.url}/dev/inbox/report`, { method: "POST", body: new URLSearchParams({ id, report }) });
  }

  /// Holds one now that is to have expired when oldHold() is called, half a minute is what the API allows at least.
  async holdForLater() {
    this.old = await this.hold({ expires_in: 30 });
  }

  async oldHold() {
    const left = Date.parse(this.old.expires_at) - Date.now();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
    return this.old;
  }
}
