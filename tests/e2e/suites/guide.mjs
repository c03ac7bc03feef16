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

test("each code of docs/errors.md is in the guide, with what to do, and answers link to it", () =>
  meet({ locale: "en" }, async (visitor) => {
    const codes = [...readFileSync(`${repository}docs/errors.md`, "utf8").matchAll(/^\| `(\w+)` \| (\d+) \| (.*) \|$/gm)];
    assert.ok(codes.length > 60);
    await visitor.go("/docs#errors");
    for (const [, code, status] of codes) {
      const row = await visitor.page.locator(`tr#code-${code}`).innerText();
      assert.ok(row.includes(code) && row.includes(status), code);
    }
    assert.match(await visitor.page.locator("tr#code-locked").innerText(), /Wait, or offer another method/);
    assert.equal(await visitor.page.locator('#check .answer a[href="#code-wrong_code"]').count(), 1);
    assert.equal(await visitor.page.locator('.contents a[href="#errors"]').count(), 1);
  }));
