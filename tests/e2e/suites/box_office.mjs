// The box office in a real browser, with the hosted pages between its steps: the whole way that an organiser goes.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { BoxOffice } from "../../contract/support/box_office.mjs";
import { Visitor } from "../support/browser.mjs";
import { world } from "../support/world.mjs";

let made;
const site = () => (made ??= world().then(({ server }) => BoxOffice.start(server)));
after(async () => made && (await made).stop());

const onward = "main form button.btn";

/// An organiser in her browser; she goes to Countersign's pages and back, so both addresses are no surprise.
const organise = async (options, work) => {
  const { server, app } = await world();
  const office = await site();
  const visitor = await Visitor.arrive({ url: office.url }, options);
  const { page } = visitor;
  const person = app.person();
  const steps = {
    visitor, page, person, app,
    async look(name) {
      if (process.env.CS_SCREENS) await page.screenshot({ path: `${process.env.CS_SCREENS}/${name}-${options.width}${options.dark ? "-dark" : ""}.png`, fullPage: true });
      await visitor.assertAccessible(name);
      await visitor.assertFits(name);
    },
    async account(changes = {}) {
      for (const [id, value] of Object.entries({ name: "Casa do Samba Ltda", document: "12ABC34501DE35", email: "oi@casa.example", mobile: person.phone.slice(3), ...changes }))
        await page.fill(`#${id}`, value);
      await visitor.press(onward);
    },
    async event() {
      await page.locator("details.more summary").first().click();
      for (const [id, value] of Object.entries({ event: "Noite de Samba", date: "2099-06-24", time: "20:00", venue: "Galpão das Artes, São Paulo", postal_code: "01310100",
        lot1_name: "Pista", lot1_price: "80,00", lot1_tickets: "200", lot2_name: "Meia-entrada", lot2_price: "40,00", lot2_tickets: "80" }))
        await page.fill(`#${id}`, value);
      await visitor.press(onward);
    },
    async bank(account = "02366-1") {
      await page.check("#kind-bank");
      for (const [id, value] of Object.entries({ bank: "341", branch: "2545", account })) await page.fill(`#${id}`, value);
      await page.check("#account_type");
      await visitor.press(onward);
    },
    /// On the hosted pages: ask for the code, type it, come back.
    async prove() {
      await visitor.press(onward);
      await visitor.type(await app.code(person.phone));
      await visitor.press(onward);
    },
    async comeBack() {
      await page.locator("main .row a.btn").first().click();
      await page.waitForURL(/\/organizar\/confirmacao\//);
      await page.locator("main .sheet").waitFor();
    },
  };
  try {
    await work(steps);
  } catch (error) {
    error.message += `\nat ${page.url()}\nthe browser: ${visitor.complaints.join("\n")}`;
    await visitor.context.close();
    throw error;
  }
  visitor.complaints = visitor.complaints.filter((one) => !one.startsWith(`asked http://localhost:${server.port}/`));
  await visitor.leave();
};

for (const [width, dark, script] of [[320, false, true], [320, true, false], [1280, true, true]]) {
  test(`organise, confirm, change: ${width}, ${dark ? "dark" : "light"}, ${script ? "with" : "without"} scripts`, () =>
    // A checker of accessibility is a script itself; without scripts there is the way alone.
    organise({ width, dark, script }, async ({ visitor, page, look, account, event, bank, prove, comeBack }) => {
      const see = (name) => (script ? look(name) : undefined);
      await visitor.go("/");
      await see("home");
      await page.locator("main .tickets a").first().click();
      await see("event");
      await page.locator("header nav a").click();
      await see("account");
      await account({ mobile: "(20) 98765-4321", document: "529.982.247-52" });
      await see("account-faults");
      await account();
      await see("event-step");
      await event();
      await page.check("#kind-bank");
      await see("payout");
      await bank("02366-2");
      await see("payout-digit");
      await bank();
      await see("review");
      await visitor.press(onward);
      assert.match(page.url(), /\/verify\/TX/);
      await prove();
      await comeBack();
      await page.getByText("Conta confirmada").first().waitFor();
      await see("confirmed");
      await page.locator("main a.btn").click();
      await see("dashboard");
      await page.locator('main a[href="/organizar/repasse"]').click();
      await page.check("#kind");
      await page.check("#pix_kind-random");
      await page.fill("#pix_key", "123E4567E89B12D3A456426655440000");
      await visitor.press(onward);
      await see("review-change");
      await visitor.press(onward);
      assert.match(await visitor.text(), /Itaú Unibanco final 3661/);
    }));
}

test("leaving the hosted page, and coming back by the browser's own button", () =>
  organise({ width: 320 }, async ({ visitor, page, look, account, event, bank }) => {
    await visitor.go("/organizar");
    await account();
    await event();
    await bank();
    await visitor.press(onward);
    await page.goBack();
    assert.match(await visitor.text(), /02366-1/);
    const review = await page.inputValue('input[name="review"]');
    await visitor.go(`/organizar/confirmacao/${review}`);
    await page.getByText("Ainda não confirmada").first().waitFor();
    await look("not-confirmed");
  }));

test("it was not me: nothing changes, and the site knows", () =>
  organise({ width: 320 }, async ({ visitor, page, look, account, event, bank, prove, comeBack }) => {
    await visitor.go("/organizar");
    await account();
    await event();
    await bank();
    await visitor.press(onward);
    await prove();
    await comeBack();
    await visitor.go("/organizar/repasse");
    await page.check("#kind");
    await page.check("#pix_kind");
    await page.fill("#pix_key", "12.ABC.345/01DE-35");
    await visitor.press(onward);
    await visitor.press(onward);
    await visitor.press(".notme a");
    await visitor.press("main form .btn.bad");
    await comeBack();
    await page.getByText("Você disse que não foi você").first().waitFor();
    await look("denied");
    await visitor.go("/organizar/painel");
    assert.match(await visitor.text(), /Repasses pausados[^]*341 · Itaú Unibanco/);
    await look("paused");
  }));
