// The page where people manage their methods: each change an operation of its own, what stays, who can stop it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { approveBySms, askToRemoveApp, card, managing, openMethods, toPage } from "../support/methods_states.mjs";
import { Visitor } from "../support/browser.mjs";
import { enrolSomewhere } from "../support/passkeys.mjs";
import { meet } from "../support/world.mjs";

const source = async (app, person, kind) =>
  (await app.call("GET", `/v1/subjects/${person.identity}`)).sources.find((one) => one.kind === kind && !one.ended_at);

/// The text of the notice, once it has come.
const told = async (app, to, words) => {
  for (const deadline = Date.now() + 300_000; ; ) {
    const found = (await app.messages(to)).find(({ code, body }) => code === "" && words.test(body));
    if (found) return found.body;
    assert.ok(Date.now() < deadline, `no notice says ${words}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

for (const script of [true, false]) {
  const how = script ? "with" : "without";

  test(`a method gets another name, ${how} scripts`, () =>
    meet({ script, width: 320 }, async (visitor, app) => {
      const { person } = await managing(visitor, app);
      await visitor.press(".cards a[href*='rename-']");
      await visitor.page.locator("#name").fill("meu celular");
      await visitor.press("main form button.btn");
      assert.match(await visitor.text(), /Mudar o nome de um aplicativo[^]*meu celular/);
      assert.equal((await source(app, person, "authenticator")).name, "", "nothing is proved yet");
      await approveBySms(visitor, app, person);
      assert.match(await visitor.text(), /O nome foi mudado/);
      await toPage(visitor);
      assert.match(await card(visitor, "meu celular").innerText(), /Vale/);
      const notice = await told(app, person.phone, /mudou de nome/);
      assert.doesNotMatch(notice, /meu celular/, "what a person writes is not sent to anybody");
    }));

  test(`a removal is asked for and taken back, ${how} scripts`, () =>
    meet({ script, width: 320 }, async (visitor, app) => {
      const { person } = await askToRemoveApp(visitor, app);
      assert.match(await visitor.text(), /A remoção foi pedida/);
      const leaving = await source(app, person, "authenticator");
      assert.ok(leaving.removal_asked_at);
      assert.equal(leaving.standing.counted, "founding", "it counts until then");
      await toPage(visitor);
      assert.match(await card(visitor, "Aplicativo autenticador").innerText(), /Remoção/);
      await visitor.press(".cards button[value=keep]");
      await approveBySms(visitor, app, person, 2);
      assert.match(await visitor.text(), /Fica como está/);
      assert.equal((await source(app, person, "authenticator")).removal_asked_at, null);
    }));
}

test("recovery codes are made from the page, and shown only by the operation", () =>
  meet({ script: false, width: 320 }, async (visitor, app) => {
    const { person } = await managing(visitor, app, { codes: false });
    await visitor.press("button[value=recovery_code]");
    await approveBySms(visitor, app, person);
    await visitor.press("main form button.btn");
    assert.equal(await visitor.page.locator("#codes li").count(), 10);
    await visitor.press("main form[action*='/confirm'] button");
    await toPage(visitor);
    assert.match(await card(visitor, "Códigos de recuperação").innerText(), /Sobram 10/);
  }));

test("the last method that is enough stays", () =>
  meet({ script: false, width: 320 }, async (visitor, app) => {
    const person = app.person();
    await app.hold({ person, contacts: false });
    await app.enrol(person);
    await openMethods(visitor, app, person);
    assert.match(await card(visitor, "Aplicativo autenticador").innerText(), /Fica: sem esta forma/);
    assert.equal(await visitor.page.locator("a[href*='remove-']").count(), 0);
    const app_binding = (await source(app, person, "authenticator")).id;
    await visitor.go(`${visitor.page.url()}?way=remove-${app_binding}`);
    assert.equal(await visitor.page.locator("button[value=remove]").count(), 0, "nor by its address");
  }));

test("who has only a security key without a PIN is told what to do, and shown nothing that cannot work", () =>
  meet({ script: false, width: 320 }, async (visitor, app) => {
    const person = app.person();
    await app.hold({ person, contacts: false });
    await enrolSomewhere(app, person, { flags: 1 });
    await openMethods(visitor, app, person);
    assert.match(await visitor.text(), /Sua chave de segurança precisa de um PIN/);
    assert.equal(await visitor.page.locator("main form, .acts a").count(), 0);
  }));

test("a mailbox that was told stops a removal, and the page removes it no more", () =>
  meet({ width: 320 }, async (visitor, app) => {
    const { person } = await askToRemoveApp(visitor, app);
    const path = `/v1/subjects/${person.identity}`;
    const mailbox = await source(app, person, "email");
    await told(app, `${person.identity}@example.com`, /será removido/);
    let leaving;
    do leaving = await source(app, person, "authenticator");
    while (leaving.removed_from === null);  // Until it is written down that the mailbox was told.
    const mail = `${person.identity}@example.com`;
    const before = (await app.messages(mail)).filter(({ code }) => code !== "").length;
    const { id } = await app.call("POST", `${path}/objections`, { contact: mailbox.id, binding: leaving.id });
    await app.call("POST", `${path}/objections/${id}/confirm`, { code: await app.code(mail, before + 1) });
    await openMethods(visitor, app, person);
    const text = await card(visitor, "Aplicativo autenticador").innerText();
    assert.match(text, /Por 30 dias, só Palco pode remover/);
    assert.match(text, /Vale/);
    assert.equal(await card(visitor, "Aplicativo autenticador").locator("a[href*='remove-']").count(), 0);
  }));

test("who has only the link sees what is masked, and changes nothing", () =>
  meet({ width: 320 }, async (visitor, app) => {
    const { person } = await managing(visitor, app);
    const thief = await Visitor.arrive(app, { width: 320 });
    await thief.go(visitor.page.url());
    assert.doesNotMatch(await thief.page.content(), new RegExp(person.phone.slice(-8)));
    assert.doesNotMatch(await thief.page.content(), /credential/i);
    await thief.press("button[value=totp]");
    const operation = thief.page.url();
    assert.equal(await thief.page.locator("form[action*='/enrol']").count(), 0, "a proof comes first");
    // Even once the person has approved that very operation, in her own browser.
    await visitor.go(operation);
    await approveBySms(visitor, app, person);
    await thief.page.reload();
    assert.equal(await thief.page.locator("img, .qr").count(), 0);
    await thief.leave();
  }));

test("two tabs: what one has done, the other says", () =>
  meet({ script: false, width: 320 }, async (visitor, app) => {
    const { person } = await managing(visitor, app);
    const other = await visitor.open();
    await other.goto(visitor.page.url());
    await other.locator(".cards a[href*='remove-']").first().click();
    await visitor.press(".cards a[href*='remove-']");
    await visitor.press("main form button.btn");
    await approveBySms(visitor, app, person);
    await other.locator("main form button.btn").click();
    assert.match(await other.locator("main").innerText(), /Isso já mudou/);
  }));

test("the page of methods is worked with the keyboard alone", () =>
  meet({ width: 320 }, async (visitor, app) => {
    await managing(visitor, app);
    const { page } = visitor;
    const reach = async (selector) => {
      for (let i = 0; i < 60; ++i) {
        await page.keyboard.press("Tab");
        if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
      }
      assert.fail(`no way to ${selector}`);
    };
    await reach("a[href*='rename-']");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    await reach("#name");
    await page.keyboard.type("novo");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    assert.match(page.url(), /\/verify\//);
  }));

/// A platform authenticator that verifies whoever asks.
const withAuthenticator = async ({ page }) => {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
  });
  return { cdp, authenticatorId };
};

/// What the page tells the browser of passkeys.
const hearSignals = (page) =>
  page.addInitScript(() => {
    window.told = [];
    for (const name of ["signalAllAcceptedCredentials", "signalCurrentUserDetails", "signalUnknownCredential"])
      PublicKeyCredential[name] = async (options) => void window.told.push([name, options]);
  });

test("a passkey is added, named, and told to the browser only behind the proof", () =>
  meet({ width: 320 }, async (visitor, app) => {
    const { page } = visitor;
    await hearSignals(page);
    const { person } = await managing(visitor, app);
    const { cdp, authenticatorId } = await withAuthenticator(visitor);
    await visitor.press("button[value=webauthn]");
    await approveBySms(visitor, app, person);
    assert.equal((await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials.length, 0, "never by itself");
    await visitor.page.locator("#name").fill("chave nova");
    await visitor.press("form[data-passkey=create] button");
    assert.match(await visitor.text(), /Chave de acesso criada/);
    const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
    assert.equal(credentials.length, 1);
    const told = await page.evaluate("window.told");
    const accepted = told.find(([name]) => name === "signalAllAcceptedCredentials")[1];
    assert.deepEqual(accepted.allAcceptedCredentialIds, [Buffer.from(credentials[0].credentialId, "base64").toString("base64url")]);
    assert.ok(told.some(([name]) => name === "signalCurrentUserDetails"));
    await toPage(visitor);
    assert.deepEqual(await page.evaluate("window.told"), [], "the link proves nothing");
    const text = await card(visitor, "chave nova").innerText();
    assert.match(text, /Só neste aparelho/);
    assert.match(text, /Vale no lugar da forma usada para adicionar/);
    const [factor] = (await app.call("GET", `/v1/subjects/${person.identity}/factors`)).data;
    assert.deepEqual([factor.type, factor.status, factor.name], ["webauthn", "active", "chave nova"]);
  }));

test("a passkey that the server did not take is told to the browser as unknown", () =>
  meet({ width: 320 }, async (visitor, app) => {
    const { page } = visitor;
    await hearSignals(page);
    const { person } = await managing(visitor, app);
    await withAuthenticator(visitor);
    await visitor.press("button[value=webauthn]");
    await approveBySms(visitor, app, person);
    // As another origin would have signed it.
    await page.evaluate(() => {
      const submit = HTMLFormElement.prototype.submit;
      HTMLFormElement.prototype.submit = function () {
        const field = this.elements.response;
        const answer = JSON.parse(field.value);
        const said = JSON.parse(atob(answer.response.clientDataJSON.replaceAll("-", "+").replaceAll("_", "/")));
        answer.response.clientDataJSON = btoa(JSON.stringify({ ...said, origin: "https://evil.example" })).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
        field.value = JSON.stringify(answer);
        submit.call(this);
      };
    });
    await visitor.press("form[data-passkey=create] button");
    assert.match(await visitor.text(), /A chave não foi criada/);
    const told = await page.evaluate("window.told");
    assert.deepEqual(told.map(([name]) => name), ["signalUnknownCredential"]);
    assert.ok(!(await app.call("GET", `/v1/subjects/${person.identity}/factors`)).data.some(({ type, status }) => type === "webauthn" && status === "active"));
  }));

test("without scripts the page of a new passkey says what to do", () =>
  meet({ script: false, width: 320 }, async (visitor, app) => {
    const { person } = await managing(visitor, app);
    await visitor.press("button[value=webauthn]");
    await approveBySms(visitor, app, person);
    await visitor.press("form[data-passkey=create] button");
    assert.match(await visitor.text(), /ative o JavaScript ou abra esta página em outro navegador/);
    await visitor.press("a.btn[href*='/methods/']");
    assert.match(await visitor.text(), /Segurança/);
  }));

test("a person without methods is told who sets up the first", () =>
  meet({ script: false, width: 320 }, async (visitor, app) => {
    const person = app.person();
    await app.hold({ person, contacts: false });
    await openMethods(visitor, app, person);
    assert.match(await visitor.text(), /Ainda não há nenhuma forma de confirmar[^]*Perdeu tudo\?/);
    assert.equal(await visitor.page.locator("main button").count(), 0);
  }));
