// Two nodes on one PostgreSQL and a phone with Twilio's mobile SDK, each of whose requests goes to the other node than the one
// before: what one node has acknowledged, the other knows, since the SDK reads its own answer back at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exchange } from "../../contract/support/http.mjs";
import { MobileSdk } from "../../contract/support/mobile_sdk.mjs";
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
