// One official SDK, unmodified, against a started server: `./dev interop` says which, in CS_SDK.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Server } from "../contract/support/server.mjs";
import { succeeded } from "../contract/support/verify_api.mjs";
import { HeldProxy } from "../interop/support/held_proxy.mjs";
import { Driver, sdks } from "./driver.mjs";
import { mainJob, steps } from "./steps.mjs";

const name = process.env.CS_SDK;
assert.ok(name in sdks, `CS_SDK is one of ${Object.keys(sdks)}`);

describe(`the SDK for ${name}`, () => {
  let proxy;
  let server;
  let driver;
  before(async () => {
    proxy = await HeldProxy.start();
    server = await Server.start({ environment: { COUNTERSIGN_PUBLIC_URL: proxy.url } });
    proxy.target = server.url;
    driver = new Driver(name, proxy.url, server.credentials.account_sid, server.credentials.auth_token);
  });
  after(async () => {
    await driver?.stop();
    await server?.stop();
    await proxy?.stop();
  });

  for (const [title, step] of steps) {
    test(title, () => step({ call: driver.call.bind(driver), refused: driver.refused.bind(driver), service: server.credentials.service_sid, server }));
  }

  test("it was that SDK, it asked for all of the main job, and every answer was as described", () => {
    assert.deepEqual(proxy.faults, []);
    assert.deepEqual(mainJob.filter((id) => !succeeded.has(id)), []);
    const agents = [...new Set([...proxy.agents].map((agent) => agent?.match(sdks[name].agent)?.[0]))];
    assert.ok(agents.length === 1 && agents[0] !== undefined, String([...proxy.agents]));
    console.log(`spoke as ${agents[0]}`);
  });

  test("it ends when it is told to", async () => assert.equal(await driver.stop(), 0, driver.errors));
});
