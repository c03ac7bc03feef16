// Ends what the suites of one test file have started.
import { after } from "node:test";
import { endSite } from "./organizer.mjs";
import { endPushService } from "./push_device.mjs";
import { endWorld } from "./world.mjs";

after(async () => {
  await endSite();
  await endWorld();
  await endPushService();
});
