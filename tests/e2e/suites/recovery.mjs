// Recovery codes in a browser: made, taken along, and used in place of one of two kinds.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { makingCodes } from "../support/states.mjs";
import { meet } from "../support/world.mjs";

const shownCodes = async ({ page }) => (await page.locator("#codes li").allInnerTexts()).map((text) => text.trim());

for (const script of [true, false]) {
  test(`codes are made, downloaded and kept, ${script ? "with" : "without"} scripts`, () =>
    meet({ script, width: 320 }, async (visitor, app) => {
      const { page } = visitor;
      const person = await makingCodes(visitor, app);
      const codes = await shownCodes(visitor);
      assert.equal(new Set(codes).size, 10);
      assert.ok(codes.every((code) => /^[0-9A-Z]{5}(-[0-9A-Z]{5}){2}$/.test(code)), codes.join(" "));
      assert.equal(await page.locator("[data-print]").isVisible(), script, "what only a script can do is not offered without one");
      await page.reload();
      assert.deepEqual(await shownCodes(visitor), codes);
      assert.ok(!codes.some((code) => page.url().includes(code)));

      for (let times = 0; times < 2; ++times) {
        const [download] = await Promise.all([page.waitForEvent("download"), page.locator("main form[action*='/codes'] button").click()]);
        assert.equal(download.suggestedFilename(), "recovery-codes.txt");
        const lines = readFileSync(await download.path(), "utf8").split("\r\n");
        assert.deepEqual(lines.filter((line) => codes.includes(line)), codes);
      }

      await visitor.press("main form[action*='/confirm'] button");
      await page.goBack();
      assert.deepEqual(await shownCodes(visitor), [], "going back shows none");
      const [factor] = (await app.call("GET", `/v1/subjects/${person.identity}/factors`)).data;
      assert.deepEqual([factor.type, factor.status, factor.codes_left], ["recovery_codes", "active", 10]);
    }));
}

test("a recovery code is typed in place of one of two kinds, without scripts", () =>
  meet({ script: false, width: 320 }, async (visitor, app) => {
    const policy = { any_of: ["sms", "totp", "recovery_code"], min_kinds: 2 };
    const person = app.person();
    await app.hold({ person, policy });
    const codes = await app.recoveryCodes(person);
    const { id, verify_url } = await app.hold({ person, policy });
    await visitor.go(verify_url);
    await visitor.press("a.way");
    await visitor.type(codes[3].toLowerCase().replaceAll("-", " "));
    await visitor.press("main form button.btn");
    assert.match(await visitor.text(), /9\p{Cf}? códigos de recuperação/u);
    await visitor.press("main form button.btn, form button.way");
    await visitor.type(await app.code(person.phone));
    await visitor.press("main form button.btn");
    assert.equal(await app.status(id), "verified");
    assert.match(await visitor.text(), /9\p{Cf}? códigos de recuperação/u);
  }));
