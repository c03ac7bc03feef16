// Two nodes on one PostgreSQL and a phone with Twilio's mobile SDK, each of whose requests goes to the other node than the one
// before: what one node has acknowledged, the other knows, since the SDK reads its own answer back at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exchange } from "../../contract/support/http.mjs";
import { MobileSdk } from "../../contract/support/mobile_sdk.mjs";
import { PushDevice, PushService, newPushKey, pushConfig } from "../../contract/support/push.mjs";
import { secretsFile } from "../../contract/support/server.mjs";
import { Installation } from "../support/installation.mjs";
import { Postgres } from "../support/postgres.mjs";

const rounds = 10;

export const pushOnTwoNodes = () =>
  test("push: a phone's requests go to two nodes in turn, and each sees what the other has written", { timeout: 900_000 }, async () => {
    const installation = new Installation("push");
    const postgres = await Postgres.create();
    try {
      postgres.sql("CREATE DATABASE countersign TEMPLATE template0");
      const store = postgres.url("countersign");
      const nodes = [await installation.node({ store }), await installation.node({ store })];
      const urls = nodes.map(({ url }) => url);
      const { account_sid, auth_token, service_sid } = nodes[0].credentials;
      const authorization = `Basic ${Buffer.from(`${account_sid}:${auth_token}`).toString("base64")}`;
      let turn = 0;
      const api = async (path, form) => {
        const answer = await exchange(urls[turn++ % 2], {
          method: "POST", path: `/v2/Services/${service_sid}${path}`, body: new URLSearchParams(form).toString(),
          headers: { Authorization: authorization, "Content-Type": "application/x-www-form-urlencoded" },
        });
        assert.equal(answer.status, 201, answer.text);
        return answer.json;
      };
      const phones = await Promise.all([0, 1].map(async (first) => {
        const identity = `person-on-${first}`;
        const { token } = await api("/AccessTokens", { Identity: identity, FactorType: "push" });
        const sdk = new MobileSdk(first === 0 ? urls : [...urls].reverse(), { platform: first === 0 ? "android" : "ios" });
        await sdk.createFactor({ accessToken: token, serviceSid: service_sid, identity, friendlyName: "Pixel" });
        assert.equal((await sdk.verifyFactor()).status, "verified");
        // The token was spent on one node, and the other knows.
        await assert.rejects(new MobileSdk([...urls].reverse()).createFactor({ accessToken: token, serviceSid: service_sid, identity, friendlyName: "x" }), /401/);
        return { identity, sdk };
      }));
      for (let round = 0; round < rounds; round++) {
        await Promise.all(phones.map(async ({ identity, sdk }) => {
          const asked = await api(`/Entities/${identity}/Challenges`, { FactorSid: sdk.factor.sid, "Details.Message": `Round ${round}` });
          const pending = await sdk.getAllChallenges({ status: "pending" });
          assert.deepEqual(pending.challenges.map(({ sid }) => sid), [asked.sid]);
          // A denial would be followed by silence.
          const word = round === rounds - 1 ? "denied" : "approved";
          assert.equal((await sdk.updateChallenge(asked.sid, word)).status, word);
        }));
      }
      const { identity, sdk } = phones[0];
      await sdk.deleteFactor();
      sdk.calls.length = 0;
      await sdk.deleteFactor();
      assert.deepEqual(sdk.calls, ["DELETE 401", "DELETE 401"], "removed on one node, unknown to both");
      await assert.rejects(sdk.getAllChallenges(), /401/);
      const other = phones[1];
      assert.equal((await other.sdk.getAllChallenges()).challenges.length, rounds);
      assert.notEqual(identity, other.identity);
    } finally {
      await installation.remove();
      await postgres.remove();
    }
  });

/// Browsers that are asked by Web Push: what one node has asked, the other judges, and both count together.
export const webPushOnTwoNodes = () =>
  test("push: a browser is asked by one node and answers to the other", { timeout: 900_000 }, async () => {
    const installation = new Installation("web-push", secretsFile("", `push_key = """\n${newPushKey()}"""\n`), pushConfig);
    const postgres = await Postgres.create();
    const service = await PushService.start();
    try {
      postgres.sql("CREATE DATABASE countersign TEMPLATE template0");
      const store = postgres.url("countersign");
      const nodes = [await installation.node({ store }), await installation.node({ store })];
      const on = async (node, expected, ...request) => {
        const { status, json } = await nodes[node].call(...request);
        assert.equal(status === 200 || status === 201 ? status : json.code, expected, `${request.slice(0, 2).join(" ")}: ${JSON.stringify(json)}`);
        return json;
      };
      const hold = (node, identity) =>
        on(node, 201, "POST", "/v1/transactions", { type: "payout", subject: { identity }, display: { title: "Pay" }, payload: {}, policy: "push" });
      const ask = (node, expected, { id }, from = "203.0.113.7") =>
        on(node, expected, "POST", `/v1/transactions/${id}/challenges`, { method: "push", end_user_ip: from });
      const look = (node, { id }, { prompt }) => on(node, 200, "GET", `/v1/transactions/${id}/prompts/${prompt}`);
      const say = (node, expected, { id }, answer) => on(node, expected, "POST", `/v1/transactions/${id}/checks`, answer);
      const person = async (identity) => {
        const device = new PushDevice(service);
        const path = `/v1/subjects/${identity}/factors`;
        const enrolment = await on(0, 201, "POST", path, { type: "push" });
        await on(1, 200, "POST", `${path}/${enrolment.id}/confirm`, device.create(enrolment));
        return { identity, device };
      };

      const { identity, device } = await person("person-with-a-browser");
      for (let round = 0; round < 6; round++) {
        const [one, other] = [round % 2, 1 - (round % 2)];
        const held = await hold(one, identity);
        const asked = await ask(one, 201, held);
        const seen = await look(other, held, asked);
        await say(one, "wrong_code", held, device.approve(seen, asked.number === "000000" ? "000001" : "000000"));
        const answer = device.approve(await look(other, held, asked), asked.number);
        assert.equal((await say(other, 200, held, answer)).status, "verified");
        await say(one, "transaction_not_held", held, answer);
        const next = await hold(other, identity);
        await say(one, "wrong_response", next, answer);
      }
      assert.deepEqual(service.faults, []);

      // What one node was refused, the other is silent about too.
      const refused = await hold(0, identity);
      const asked = await ask(0, 201, refused);
      await say(1, 200, refused, device.deny(await look(1, refused, asked)));
      const again = await hold(0, identity);
      for (const node of [0, 1]) await ask(node, "rate_limited", again);

      // Whoever asks both at once is heard three times, not six.
      const other = await person("person-who-is-asked");
      const held = await Promise.all([0, 1, 0, 1, 0, 1, 0, 1].map((node) => hold(node, other.identity)));
      const heard = await Promise.all(held.map(async ({ id }, i) => (await nodes[i % 2].call("POST", `/v1/transactions/${id}/challenges`, { method: "push" })).status));
      assert.deepEqual(heard.filter((status) => status === 201).length, 3, `${heard}`);
      assert.ok(heard.every((status) => status === 201 || status === 429), `${heard}`);
    } finally {
      await installation.remove();
      await postgres.remove();
      service.stop();
    }
  });
