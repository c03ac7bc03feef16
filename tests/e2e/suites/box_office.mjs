// The box office in a real browser, with the hosted pages between its steps: the whole way that an organizer goes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Organizer } from "../support/organizer.mjs";

for (const [width, dark, script] of [[320, false, true], [320, true, false], [1280, true, true]]) {
  test(`organize, confirm, change: ${width}, ${dark ? "dark" : "light"}, ${script ? "with" : "without"} scripts`, () =>
    // A checker of accessibility is a script itself; without scripts there is the way alone.
    Organizer.meet({ width, dark, script }, async (o) => {
      const { visitor, page } = o;
      const see = async (name) => {
        if (!script) return;
        await visitor.assertAccessible(name);
        await visitor.assertFits(name);
      };
      await visitor.go("/");
      await see("home");
      await page.locator("main .tickets a").first().click();
      await see("event");
      await page.locator("header nav a").click();
      await see("account");
      await o.account({ mobile: "(20) 98765-4321", document: "529.982.247-52" });
      await see("account-faults");
      await o.account();
      await see("event-step");
      await o.event();
      await page.check("#kind-bank");
      await see("payout");
      await o.bank({ account: "02366-2" });
      await see("payout-digit");
      await o.bank();
      await see("review");
      await o.onward();
      assert.match(page.url(), /\/verify\/TX/);
      await o.prove();
      await o.comeBack();
      await page.getByText("Conta confirmada").first().waitFor();
      await see("confirmed");
      await page.locator("main a.btn").click();
      await see("dashboard");
      await page.locator('main a[href="/organizar/repasse"]').click();
      await page.check("#kind");
      await page.check("#pix_kind-random");
      await page.fill("#pix_key", "123E4567E89B12D3A456426655440000");
      await o.onward();
      await see("review-change");
      await o.onward();
      assert.match(await visitor.text(), /Itaú Unibanco final 3661/);
    }));
}

for (const locale of ["pt-BR", "en", "es"]) {
  test(`a change of account: code and button stand in sight on a telephone, ${locale}`, () =>
    Organizer.meet({ width: 360, locale }, async (o) => {
      const { visitor, page } = o;
      await o.go(`/?lang=${locale}`);
      await o.confirmed();
      await o.go("/organizar/repasse");
      await o.bank({ bank: "237", branch: "1234", account: "0123456-8" });
      if (await page.locator("#digit_confirmed").count()) {
        await page.check("#digit_confirmed");
        await o.onward();
      }
      await page.setViewportSize({ width: 360, height: 640 });
      await o.onward();
      assert.match(page.url(), new RegExp(`/verify/TX[^?]*\\?lang=${locale}$`), "her choice goes along");
      assert.match(await visitor.text(), /Itaú Unibanco[^]*3661[^]*Bradesco[^]*4568/);
      for (const what of ["#code", "main form button.btn"]) {
        const { y, height } = await page.locator(what).first().boundingBox();
        assert.ok(y >= 0 && y + height <= 640, `${what} ends at ${y + height}`);
      }
    }));
}

test("leaving the hosted page, and coming back by the browser's own button", () =>
  Organizer.meet({ width: 320 }, async (o) => {
    const { visitor, page } = o;
    await o.review();
    await o.onward();
    await page.goBack();
    assert.match(await visitor.text(), /02366-1/);
    const review = await page.inputValue('input[name="review"]');
    await visitor.go(`/organizar/confirmacao/${review}`);
    await page.getByText("Confirmação pendente").first().waitFor();
  }));

test("it was not me: nothing changes, and the site knows", () =>
  Organizer.meet({ width: 320 }, async (o) => {
    const { visitor, page } = o;
    await o.review();
    await o.onward();
    await o.prove();
    await o.comeBack();
    await visitor.go("/organizar/repasse");
    await page.check("#kind");
    await page.check("#pix_kind");
    await page.fill("#pix_key", "12.ABC.345/01DE-35");
    await o.onward();
    await o.onward();
    await visitor.press(".notme a");
    await visitor.press("main form .btn.bad");
    await o.comeBack();
    await page.getByText("Você recusou este pedido").first().waitFor();
    await visitor.go("/organizar/painel");
    assert.match(await visitor.text(), /Repasses pausados[^]*341 · Itaú Unibanco/);
  }));
