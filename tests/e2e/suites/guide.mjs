// The API guide says all that the description says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { npm, repository } from "../../contract/npm.mjs";
import { meet } from "../support/world.mjs";

test("each operation of docs/openapi.yaml is in the guide, with a sample", () =>
  meet({ locale: "en" }, async (visitor) => {
    const api = npm("@stoplight/yaml").parse(readFileSync(`${repository}docs/openapi.yaml`, "utf8"));
    await visitor.go("/docs");
    const operations = Object.values(api.paths).flatMap((path) => Object.values(path).flatMap((one) => one.operationId ?? []));
    assert.ok(operations.length > 20);
    for (const id of operations) {
      assert.equal(await visitor.page.locator(`#${id} h3`).count(), 1, id);
      assert.match(await visitor.page.locator(`#${id} pre`).first().innerText(), /curl /, id);
      assert.equal(await visitor.page.locator(`.contents a[href="#${id}"]`).count(), 1, id);
    }
    const broken = await visitor.page.evaluate(() =>
      [...document.querySelectorAll('a[href^="#"]')].filter((a) => !document.getElementById(a.hash.slice(1))).map((a) => a.hash));
    assert.deepEqual(broken, []);
  }));
