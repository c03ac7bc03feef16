// One server and one browser for all suites of a test file; both are started by whoever needs them first.
import { Server } from "../../contract/support/server.mjs";
import { newPushKey } from "../../contract/support/push.mjs";
import { App } from "./app.mjs";
import { Visitor, closeBrowser } from "./browser.mjs";

let made;
const make = async () => {
  // One machine plays many people.
  const config = "[limits]\nsends_per_ip = \"10000 per 10m\"\nchecks_per_ip = \"10000 per 10m\"\n";
  const server = await Server.start({ config, environment: { COUNTERSIGN_PUSH_KEY: newPushKey() } });
  const app = new App(server);
  await app.holdForLater();
  return { server, app };
};
export const world = () => (made ??= make());

export const endWorld = async () => {
  await closeBrowser();
  if (made) await (await made).server.stop();
};

/// A visitor for as long as `work` takes. What her browser complained of fails the test.
export const meet = async (options, work) => {
  const { app } = await world();
  const visitor = await Visitor.arrive(app, options);
  try {
    await work(visitor, app);
  } catch (error) {
    if (visitor.complaints.length) error.message += `\nthe browser: ${visitor.complaints.join("\n")}`;
    await visitor.context.close();
    throw error;
  }
  await visitor.leave();
};
