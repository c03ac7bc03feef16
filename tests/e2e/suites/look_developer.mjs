// Every developer page and state, narrow and wide, light, dark and in forced colours.
import { test } from "node:test";
import { developerStates } from "../support/states.mjs";
import { meet } from "../support/world.mjs";

for (const [name, reach, { after } = {}] of developerStates) {
  test(`the page: ${name}`, () =>
    meet({ locale: "en", width: 320 }, async (visitor, app) => {
      await reach(visitor, app);
      await visitor.assertLooks(name).finally(() => after?.(app));
    }));
}
