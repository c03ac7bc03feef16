// Two providers carry the codes of one channel, and the first is killed, and then swallows, in the middle of a run. Over the
// real courier and real connections: everybody gets one code that works, and what stands at the transactions as sent and paid
// is what the providers saw. Nobody asks again.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { test } from "node:test";
import { Client, aPhone, anIdentity, eventually } from "../../contract/support/client.mjs";
import { freePort } from "../../contract/support/ports.mjs";
import { Server } from "../../contract/support/server.mjs";
import { accountSid, authToken, signature } from "../../contract/support/twilio.mjs";
import { sleep } from "../support/process.mjs";

const persons = Number(process.env.CARRIER_PERSONS ?? 40);
const price = { first: 5, second: 8 }; // Cents.

/// Twilio's Messaging, as far as it is needed: hands out what it takes, and reports it; or swallows it.
class Carrier {
  static async start(name, deliver, port, taken = []) {
    const carrier = Object.assign(new Carrier(), { name, deliver, taken, swallows: false });
    carrier.server = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () => carrier.take(response, new URLSearchParams(body)));
    });
    await new Promise((resolve) => carrier.server.listen(port, "127.0.0.1", resolve));
    return carrier;
  }

  take(response, form) {
    const sid = `SM${randomBytes(16).toString("hex")}`;
    const message = { sid, by: this.name, to: form.get("To"), code: /\d{6}/.exec(form.get("Body"))[0], swallowed: this.swallows };
    this.taken.push(message);
    response.writeHead(201, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ sid, status: "queued", error_code: null }), () => message.swallowed || this.deliver(form, message));
  }

  /// As a machine that loses its power: what listens is gone at once.
  kill() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

const config = (first, second) => `
public_url = "https://verify.example.com"
trusted_proxies = ["127.0.0.1"]
[policies.default]
any_of = ["sms"]
${Object.entries({ first, second }).map(([name, port]) => `
[providers.${name}]
type = "twilio_messaging"
account_sid = "${accountSid}"
from = "+15005550006"
base_url = "http://127.0.0.1:${port}"
cost = { default = "0.0${price[name]} USD" }`).join("\n")}
[[services]]
name = "default"
[services.channels]
sms = ["first", "second"]
`;

const cents = (cost) => (cost === null ? 0 : Math.round(Number(/^(\d+\.\d+) USD$/.exec(cost)[1]) * 100));

export const carriers = () => {
  test(`one provider is killed, then swallows, and each of ${persons} people has one code`, async (t) => {
    const ports = [await freePort(), await freePort()];
    const server = await Server.start({
      config: config(...ports),
      secrets: `[providers.first]\nauth_token = "${authToken}"\n[providers.second]\nauth_token = "${authToken}"\n`,
    });
    t.after(() => server.stop());
    const api = new Client(server);
    const arrived = new Map(); // By number: the messages that came.
    const deliver = async (form, message) => {
      arrived.set(message.to, [...(arrived.get(message.to) ?? []), message]);
      const url = form.get("StatusCallback");
      const report = new URLSearchParams({ MessageSid: message.sid, MessageStatus: "delivered" });
      await api.call("POST", new URL(url).pathname, { raw: report.toString(), type: "application/x-www-form-urlencoded", headers: { "X-Twilio-Signature": signature(url, report) } });
    };
    let first = await Carrier.start("first", deliver, ports[0]);
    const second = await Carrier.start("second", deliver, ports[1]);
    const taken = { first: first.taken, second: second.taken };
    t.after(() => Promise.all([first.kill(), second.kill()]));

    const people = Array.from({ length: persons }, () => ({ phone: aPhone(), identity: anIdentity(), transactions: [] }));
    const ask = async (person) => {
      arrived.delete(person.phone);
      const { id } = await api.hold({ subject: { identity: person.identity, contacts: [{ channel: "sms", address: person.phone }] } });
      await api.post(`/v1/transactions/${id}/verifications`, { channel: "sms" });
      person.transactions.push(id);
    };
    const prove = async (person) => {
      const transaction = person.transactions.at(-1);
      const [message] = await eventually(`a code for ${person.phone}`, async () => arrived.get(person.phone));
      assert.equal((await api.post(`/v1/transactions/${transaction}/checks`, { code: message.code }, 200)).status, "verified");
    };
    for (const person of people) {
      await ask(person);
      await prove(person);
      person.transactions = [];
    }
    taken.first.length = taken.second.length = 0;

    // A third while all is well, a third while the first is gone, a third while it takes and delivers nothing.
    const third = Math.ceil(persons / 3);
    const run = [];
    const send = async (group) => {
      for (const person of group) {
        await ask(person);
        run.push(prove(person));
      }
    };
    await send(people.slice(0, third));
    await Promise.all(run);
    await first.kill();
    await send(people.slice(third, 2 * third));
    await Promise.all(run);
    first = await Carrier.start("first", deliver, ports[0], taken.first);
    first.swallows = true;
    // Its circuit is open. People come back, until one of them is its trial.
    let visit = 0;
    await eventually("the first in use again", async () => {
      await send([people[visit++ % third]]);
      if (taken.first.some(({ swallowed }) => swallowed)) return true;
      await run.at(-1);
      await sleep(1000);
      return undefined;
    });
    await send(people.slice(2 * third));
    await Promise.all(run);

    let paid = 0;
    let sent = 0;
    let again = 0;
    for (const { phone, transactions } of people) {
      const codes = new Set(arrived.get(phone).map(({ code }) => code));
      assert.equal(codes.size, 1, `${phone} got ${[...codes].join(" and ")}`);
      const messages = [];
      for (const id of transactions) {
        // A report may overtake our own note of the answer.
        messages.push(...(await eventually("the price of each", async () => {
          const written = (await api.get(`/v1/transactions/${id}/events`)).verifications.flatMap((one) => one.messages);
          return written.every(({ cost }) => cost !== null) ? written : undefined;
        })));
      }
      const seenFor = [...taken.first, ...taken.second].filter(({ to }) => to === phone);
      assert.equal(messages.length, seenFor.length, JSON.stringify(messages));
      paid += messages.reduce((sum, { cost }) => sum + cents(cost), 0);
      sent += messages.length;
      again += messages.length - transactions.length;
    }
    const seen = { first: taken.first.length, second: taken.second.length };
    assert.equal(sent, seen.first + seen.second);
    assert.equal(paid, seen.first * price.first + seen.second * price.second);
    assert.ok(again > 0, "nobody was sent a message more while the first swallowed");
    assert.ok(taken.second.length >= third);
    t.diagnostic(`${people.length} people: ${seen.first} messages by the first, of which ${taken.first.filter(({ swallowed }) => swallowed).length} were swallowed, ${seen.second} by the second, ${again} sent once more; ${(paid / 100).toFixed(2)} dollars`);
  });
};
