// What people type into the box office, and what it makes of it: numbers in each language, banks by every name they have,
// errors that lead to their field, and a browser that keeps no cookies.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Visitor } from "../support/browser.mjs";
import { Organizer } from "../support/organizer.mjs";
import { approvalPage, becomeDevice, letSubscribe, received } from "../support/push_device.mjs";

/// The rows of the review, as `label: value`.
const answers = async ({ page }) =>
  Object.fromEntries(await page.locator("main dl.facts > div").evaluateAll((rows) =>
    rows.map((row) => [row.querySelector("dt").textContent, row.querySelector("dd").textContent])));

/// At step 2, in that language.
const atEvent = async (organizer, language) => {
  await organizer.go(`/organizar?lang=${language}`);
  await organizer.go(`/organizar/conta?lang=${language}`);
  await organizer.account();
};

for (const [language, typed, shown, tickets, counted] of [
  ["pt-BR", "10.50", "R$ 10,50", "1.500", "1.500 ingressos"],
  ["pt-BR", "1.050", "R$ 1.050,00", "1", "1 ingresso"],
  ["en", "10,50", "BRL 10.50", "1,500", "1,500 tickets"],
  ["en", "R$ 1.234,56", "BRL 1,234.56", "1 500", "1,500 tickets"],
  ["es", "10.5", "BRL 10.50", "1.500", "1,500 entradas"],
]) {
  test(`${typed} and ${tickets}, typed in ${language}, are ${shown} and ${counted} at the review`, () =>
    Organizer.meet({ width: 360, locale: language }, async (o) => {
      await atEvent(o, language);
      await o.event({ lot1_price: typed, lot1_tickets: tickets });
      await o.bank();
      assert.equal((await answers(o)).Pista, `${shown} · ${counted}`);
    }));
}

for (const [language, price, tickets, why] of [
  ["pt-BR", "10.5.0", "1.5", [/preço do lote 1 em reais/, /lote 1 precisa ser um número inteiro/]],
  ["en", "1.050", "1.500", [/price of ticket type 1 can be read two ways/, /quantity of ticket type 1 can be read two ways/]],
  ["es", "-5", "0", [/precio del tipo de entrada 1/, /de 1 a 200,000 entradas del tipo 1/]],
]) {
  test(`${price} and ${tickets} are asked about in ${language}, each at its field`, () =>
    Organizer.meet({ width: 360, locale: language }, async (o) => {
      const { page } = o;
      await atEvent(o, language);
      await o.event({ lot1_price: price, lot1_tickets: tickets });
      for (const [index, id] of ["lot1_price", "lot1_tickets"].entries()) {
        assert.match(await page.textContent(`#${id}-fault`), why[index]);
        assert.equal(await page.getAttribute(`#${id}`, "aria-invalid"), "true");
        assert.match(await page.getAttribute(`#${id}`, "aria-describedby"), new RegExp(`${id}-fault`));
        const link = page.locator(`.note.bad a[href="#${id}"]`);
        assert.equal(await link.textContent(), await page.textContent(`#${id}-fault`));
        await link.click();
        assert.equal(await page.evaluate(() => document.activeElement.id), id, "the link leads to the field");
      }
      assert.equal(await page.inputValue("#lot1_price"), price, "and what was typed is there still");
      assert.match(await page.title(), /^(Erro|Error): /);
    }));
}

test("another language does not change what was typed", () =>
  Organizer.meet({ width: 360 }, async (o) => {
    await atEvent(o, "pt-BR");
    await o.event({ lot1_price: "1.050", lot1_tickets: "1.500" });
    await o.bank();
    await o.go("/organizar/revisao?lang=en");
    assert.equal((await answers(o)).Pista, "BRL 1,050.00 · 1,500 tickets");
  }));

test("a bank is found by every name and code it has", () =>
  Organizer.meet({ width: 360 }, async (o) => {
    await atEvent(o, "pt-BR");
    await o.event();
    for (const [typed, shown] of [["BB", "001 · Banco do Brasil"], ["Caixa Econômica Federal", "104 · Caixa"], ["33", "033 · Santander"],
      ["0260", "260 · Nubank"], ["pagseguro", "290 · PagBank"], ["60701190", "341 · Itaú Unibanco"]]) {
      await o.go("/organizar/repasse");
      await o.bank({ bank: typed, branch: "1584", account: "1234567-8" });
      if (await o.page.locator("#digit_confirmed").count()) {
        await o.page.check("#digit_confirmed");
        await o.onward();
      }
      assert.equal((await answers(o)).Banco, shown, typed);
    }
  }));

for (const script of [true, false]) {
  test(`several banks fit: she chooses, ${script ? "with" : "without"} scripts`, () =>
    Organizer.meet({ width: 320, script }, async (o) => {
      await atEvent(o, "pt-BR");
      await o.event();
      await o.bank({ bank: "banco do estado" });
      assert.match(await o.page.textContent("#bank_choice-fault"), /Escolha o seu/);
      assert.equal(await o.page.locator('.note.bad a[href="#bank_choice"]').count(), 1);
      await o.page.getByLabel("047 · Banese").check();
      await o.onward();
      assert.equal((await answers(o)).Banco, "047 · Banese");
      await o.go("/organizar/repasse");
      assert.ok(await o.page.getByLabel("047 · Banese").isChecked(), "what she chose is there when she comes back");
    }));
}

test("the whole list is suggested, the most used first", () =>
  Organizer.meet({ width: 1280 }, async (o) => {
    await atEvent(o, "pt-BR");
    await o.event();
    const suggested = await o.page.locator("#banks option").evaluateAll((options) => options.map((one) => one.value));
    assert.equal(suggested.length, 511);
    assert.equal(suggested[0], "001 · Banco do Brasil");
    assert.equal(await o.page.getAttribute("#bank", "list"), "banks");
  }));

test("a field that was left empty says what belongs into it", () =>
  Organizer.meet({ width: 360 }, async (o) => {
    await o.go("/organizar/conta");
    await o.onward();
    assert.ok(await o.page.evaluate(() => document.activeElement.matches(".note.bad")), "the summary has the focus");
    assert.deepEqual(await o.page.locator(".note.bad a").allTextContents(), [
      "Digite seu nome ou a razão social", "Digite o CPF ou CNPJ", "Digite seu e-mail", "Digite o celular com DDD"]);
    await o.account({ name: "a".repeat(101), document: "12.ABC.345/01DE-3A" });
    assert.deepEqual(await o.page.locator(".note.bad a").allTextContents(), [
      "Use no máximo 100 caracteres", "Os dois últimos caracteres do CNPJ são sempre números"]);
  }));

test("a browser without cookies is told so on the page, and loses nothing that it typed", () =>
  Organizer.meet({ width: 360 }, async (o) => {
    const { visitor, page } = o;
    visitor.expected = /404/;
    /// What such a browser sends: no cookie, whatever it was given.
    const press = async () => {
      await page.context().clearCookies();
      await o.onward();
    };
    await o.go("/organizar");
    assert.doesNotMatch(await visitor.text(), /cookie/, "nobody is told before it matters");
    for (let i = 0; i < 2; ++i) {
      await page.fill("#name", "Casa do Samba");
      await press();
      assert.match(await page.textContent(".note"), /Permita cookies para este site/);
      assert.match(await page.title(), /^Erro: /);
      assert.equal(await page.inputValue("#name"), "Casa do Samba");
    }
    // Deeper in, the note comes along in the address.
    for (const action of ["/organizar/confirmar", "/organizar/seguranca", "/organizar/confirmacao/review_x/desistir"]) {
      await page.evaluate((to) => document.forms[0].setAttribute("action", to), action);
      await press();
      assert.match(page.url(), /\/organizar\/conta\?cookies=no$/);
      assert.match(await page.title(), /^Erro: /);
      assert.match(await page.textContent(".note"), /Permita cookies para este site/);
    }
    await page.context().clearCookies();
    await o.go("/organizar/confirmacao/review_x");
    assert.match(await visitor.text(), /Permita cookies para este site/);
  }));

test("a browser that keeps cookies again sees no note", () =>
  Organizer.meet({ width: 360 }, async (o) => {
    await o.go("/organizar/conta?cookies=no");
    await o.go("/organizar/conta?cookies=no");
    assert.equal(await o.page.locator(".note").count(), 0);
    assert.doesNotMatch(await o.page.title(), /Erro/);
  }));

test("Segurança offers an authenticator app, opens the hosted page, and comes back", () =>
  Organizer.meet({ width: 360 }, async (o) => {
    const { page } = o;
    await o.confirmed();
    await o.go("/organizar/painel");
    assert.match(await page.textContent("#seguranca"), /códigos por SMS no celular[^]*aplicativo autenticador/);
    await o.addApp();
    assert.match(page.url(), /\/verify\/TX/);
    await page.locator("main .row a.btn").first().click();
    await page.waitForURL(/\/organizar\/painel$/);
    assert.match(await page.textContent("#seguranca"), /Aplicativo autenticador\s*Ativo/);
    assert.equal(await page.locator("#seguranca button").count(), 0);
  }));

test("the offer is taken without scripts too, and coming back without an app still offers it", () =>
  Organizer.meet({ width: 320, script: false, locale: "en" }, async (o) => {
    await o.confirmed();
    await o.go("/organizar/painel");
    await o.visitor.press("#seguranca button");
    assert.match(o.page.url(), /\/verify\/TX/);
    assert.equal(await o.page.getAttribute("html", "lang"), "en");
    await o.go("/organizar/painel");
    assert.match(await o.page.textContent("#seguranca button"), /Add an authenticator app/);
  }));

test("Segurança adds her phone, which approves the next change by the number that this page shows", () =>
  Organizer.meet({ width: 360 }, async (o) => {
    const { page, visitor, app } = o;
    await o.confirmed();
    await o.go("/organizar/painel");
    assert.match(await page.textContent("#seguranca"), /códigos por SMS/);
    await visitor.press("#aparelho button");
    await visitor.assertAccessible("device");
    await visitor.assertFits("device");
    const address = new URL(await visitor.scan());
    assert.equal(await page.innerText("#address"), address.href);
    const phone = await Visitor.arrive(app, { width: 360 });
    await letSubscribe(phone);
    // The browser of these tests denies all notifications by itself.
    await phone.context.addInitScript(() => {
      Object.defineProperty(Notification, "permission", { get: () => "granted" });
      Notification.requestPermission = async () => "granted";
    });
    await phone.go(app.url + address.pathname);
    const there = Object.assign(new Organizer(phone, app), { person: o.person, codes: o.codes });
    await there.prove();
    await becomeDevice(phone, "Meu celular");
    assert.match(await phone.text(), /Aparelho adicionado/);

    await o.go("/organizar/painel");
    assert.match(await page.textContent("#seguranca"), /com a notificação no seu aparelho ou com códigos por SMS/);
    assert.match(await page.textContent("#aparelho"), /Ativa/);
    assert.equal(await page.locator("#aparelho button").count(), 0);
    assert.doesNotMatch(await page.textContent("#seguranca"), /Ativo/, "a device is no app");
    await o.go("/organizar/repasse");
    await o.pix();
    await o.onward();
    await visitor.press('a.way[href*="push"]');
    await visitor.press('form[data-push="ask"] button.btn');
    const number = (await page.innerText("#number [aria-hidden]")).replace(/\D/g, "");
    await phone.go(approvalPage(app, await received(phone)));
    await phone.page.locator('html[data-push="started"]').waitFor();
    await phone.page.fill("#code", number);
    await phone.press('form[data-push="approve"] button');
    await o.comeBack();
    await page.locator("main .tag.ok").waitFor();
    await phone.leave();
  }));

test("Segurança opens the page of all methods, which offers recovery codes and leads back", () =>
  Organizer.meet({ width: 320, script: false }, async (o) => {
    const { page, visitor } = o;
    await o.confirmed();
    await o.go("/organizar/painel");
    await visitor.press("#formas button");
    assert.match(page.url(), /\/methods\/TX/);
    assert.match(await visitor.text(), /Telefones[^]*Códigos de recuperação/);
    await visitor.press(".back a");
    assert.match(page.url(), /\/organizar\/painel$/);
  }));

test("'published' is said once: a change of the account says what has changed", () =>
  Organizer.meet({ width: 360 }, async (o) => {
    await o.confirmed();
    assert.match(await o.visitor.text(), /Seu evento está publicado/);
    await o.changePayout();
    assert.doesNotMatch(await o.visitor.text(), /publicado/);
    assert.match(await o.visitor.text(), /Os próximos repasses vão para esta conta/);
  }));

test("texts in another language say which", () =>
  Organizer.meet({ width: 1280, locale: "en" }, async (o) => {
    await o.go("/");
    assert.equal(await o.page.getAttribute(".tickets h3 a >> nth=0", "lang"), "pt-BR");
    await o.page.locator(".tickets h3 a").first().click();
    assert.equal(await o.page.getAttribute("h1", "lang"), "pt-BR");
    assert.ok((await o.page.locator(".lots .name").evaluateAll((names) => names.map((name) => name.lang))).every((lang) => lang === "pt-BR"));
    await atEvent(o, "en");
    await o.event();
    await o.bank();
    assert.equal(await o.page.locator("main dd[lang]").count(), 0, "typed on an English page");
    await o.go("/organizar/revisao?lang=es");
    assert.deepEqual(await o.page.locator("main dd[lang]").evaluateAll((all) => all.map((dd) => `${dd.lang} ${dd.textContent}`)),
      ["en Noite de Samba", "en Galpão das Artes, São Paulo"]);
  }));
