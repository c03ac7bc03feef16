// kill -9 while a provider that makes and checks codes itself is being asked: between our commit and the request, and before its
// answer is written down. Such a provider sends the code of whatever is pending for a number, so what a crash leaves there must
// release nothing else. And the person must be able to go on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { aPhone, eventually } from "../../contract/support/client.mjs";
import { secretsFile } from "../../contract/support/server.mjs";
import { VerifyDouble } from "../../interop/support/verify_double.mjs";
import { table } from "../support/history.mjs";
import { Installation } from "../support/installation.mjs";
import { sleep } from "../support/process.mjs";

const each = Number(process.env.UPSTREAM_PERSONS ?? 3);

/// What is lost of the requests about a number.
const losses = {
  "every request": () => undefined,
  "the request to begin": (begins, answer) => (begins ? undefined : answer()),
  "the answer": (begins, answer) => (begins ? (answer(), undefined) : answer()),
};
const anyMoment = "whatever a kill loses";

/// The provider, on a line that loses things.
class LossyProvider extends VerifyDouble {
  losing = new Map(); // By number.
  lost = new Set();

  answer(request, form) {
    const begins = request.url.endsWith("/Verifications");
    const number = form.get("To") ?? decodeURIComponent(request.url.split("/").at(-1));
    const answered = () => super.answer(request, form);
    if (!this.losing.has(number)) return answered();
    const answer = losses[this.losing.get(number)](begins, answered);
    if (answer === undefined) this.lost.add(number);
    return answer;
  }
}

/// Somebody who was sent a code for one payment, and asks for one for another.
class Person {
  constructor(loss) {
    this.loss = loss;
    this.number = aPhone();
    this.identity = `person-${this.number}`;
    this.tried = new Set();
  }

  async hold(node, amount, payee) {
    const held = await node.call("POST", "/v1/transactions", {
      type: "payout", subject: { identity: this.identity, contacts: [{ channel: "sms", address: this.number }] },
      display: { title: "Payment", amount: { value: amount, currency: "BRL" }, payee }, payload: { amount }, policy: { any_of: ["sms"] },
    });
    assert.equal(held.status, 201, JSON.stringify(held.json));
    return held.json.id;
  }
  start(node, id) {
    return node.call("POST", `/v1/transactions/${id}/verifications`, { channel: "sms" });
  }
  check(node, id, code) {
    return node.call("POST", `/v1/transactions/${id}/checks`, { code });
  }
  async status(node, id) {
    return (await node.call("GET", `/v1/transactions/${id}`)).json.status;
  }

  async prepare(node, provider) {
    this.small = await this.hold(node, "1.00", "A");
    assert.equal((await this.start(node, this.small)).status, 201);
    this.smallCode = await eventually("the first code", async () => provider.codeFor(this.number));
    await eventually("its name", async () => (await this.check(node, this.small, "000000")).json.code === "wrong_code" || undefined);
    this.large = await this.hold(node, "99999.00", "B");
  }

  /// Types whatever arrives, and asks for another code as often as she may. Answers how long it took.
  async goOn(node, provider) {
    for (const from = Date.now(); ; await sleep(1000)) {
      const code = provider.codeFor(this.number);
      if (code !== this.smallCode && !this.tried.has(code)) {
        const answer = await this.check(node, this.large, code);
        if (answer.json?.code !== "not_sent_yet") this.tried.add(code);
      }
      if ((await this.status(node, this.large)) === "verified") return (Date.now() - from) / 1000;
      assert.ok(Date.now() - from < 1_200_000, `${this.loss}: the person cannot go on`);
      await this.start(node, this.large);
    }
  }
}

export const upstream = () =>
  test("a code that a provider sent for one payment releases no other, whatever a kill leaves there", { timeout: 1_800_000 }, async () => {
    const provider = await LossyProvider.start();
    const secrets = secretsFile(`[providers.verify]\nauth_token = "${provider.token}"\n`);
    const installation = new Installation("upstream", secrets, `[providers.verify]
type = "twilio_verify"\naccount_sid = "${provider.account}"\nservice_sid = "${provider.service}"\nbase_url = "${provider.url}"
[[accounts]]\nname = "default"\n[[services]]\nname = "default"\nchannels = {sms = "verify"}\n`);
    try {
      const node = await installation.node();
      const kinds = [...Object.keys(losses), anyMoment];
      const persons = kinds.flatMap((loss) => Array.from({ length: each }, () => new Person(loss)));
      for (const person of persons) await person.prepare(node, provider);

      for (const person of persons.filter(({ loss }) => loss !== anyMoment)) {
        provider.losing.set(person.number, person.loss);
        assert.equal((await person.start(node, person.large)).status, 201);
        await eventually("the lost request", async () => provider.lost.has(person.number) || undefined);
      }
      const racing = persons.filter(({ loss }) => loss === anyMoment).map((person) => person.start(node, person.large));
      await sleep(Math.random() * 20);
      await node.kill();
      await Promise.all(racing);
      provider.losing.clear();
      await node.start();

      for (const person of persons) {
        const old = await person.check(node, person.large, person.smallCode);
        assert.notEqual(old.status, 200, `${person.loss}: the code for the small payment`);
        assert.equal(await person.status(node, person.large), "held");
      }
      const took = await Promise.all(persons.map((person) => person.goOn(node, provider)));
      for (const person of persons) {
        // Nor does the other one's code release the first, which had been given up for it.
        assert.notEqual((await person.check(node, person.small, provider.codeFor(person.number))).status, 200);
        assert.equal(await person.status(node, person.small), "held");
      }
      console.log(table(kinds.map((loss) => ({
        lost: loss, persons: each, "longest until they went on, s": Math.max(...took.filter((_, i) => persons[i].loss === loss)).toFixed(0),
      }))));
    } finally {
      await installation.remove();
      await provider.stop();
    }
  });
