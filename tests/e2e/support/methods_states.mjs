// The page with a person's methods, and what a person does there.
import { totp } from "./app.mjs";
import { enrolSomewhere } from "./passkeys.mjs";

/// Somebody with a phone, a mailbox, an app and recovery codes, on the page. `key`: of the app.
export const managing = async (visitor, app, { codes = true, ...more } = {}) => {
  const person = app.person();
  await app.hold({ person });
  await app.call("POST", `/v1/subjects/${person.identity}/contacts`, { channel: "email", address: `${person.identity}@example.com` });
  const key = await app.enrol(person);
  if (codes) await app.recoveryCodes(person);
  await openMethods(visitor, app, person, more);
  return { person, key };
};

export const openMethods = async (visitor, app, person, more = {}) => {
  const opened = await app.call("POST", `/v1/subjects/${person.identity}/methods`, more);
  await visitor.go(opened.url);
  return opened;
};

/// On the page of an operation: approved with a code by SMS. `count`: how many the phone then has had.
export const approveBySms = async (visitor, app, person, count = 1) => {
  const { page } = visitor;
  if ((await page.locator("#code").count()) === 0) await visitor.press("form button.way, form.sign button.btn");
  await visitor.type(await app.code(person.phone, count));
  await visitor.press("main form button.btn");
};

export const card = (visitor, text) => visitor.page.locator(".cards li").filter({ hasText: text });

export const askToRemoveApp = async (visitor, app) => {
  const all = await managing(visitor, app);
  await visitor.press(".cards a[href*='remove-']");
  await visitor.press("main form button.btn");
  await approveBySms(visitor, app, all.person);
  return all;
};

const toPage = async (visitor) => visitor.go(await visitor.page.locator("a.btn[href*='/methods/']").getAttribute("href"));

export const methodsStates = [
  ["manage", (visitor, app) => managing(visitor, app)],
  ["manage-empty", async (visitor, app) => {
    const person = app.person();
    await app.hold({ person, contacts: false });
    await openMethods(visitor, app, person);
  }],
  ["manage-rename", async (visitor, app) => {
    await managing(visitor, app);
    await visitor.press(".cards a[href*='rename-']");
  }],
  ["manage-name-wrong", async (visitor, app) => {
    await managing(visitor, app);
    await visitor.press(".cards a[href*='rename-']");
    await visitor.page.locator("#name").fill("");
    await visitor.press("main form button.btn");
  }],
  ["manage-remove", async (visitor, app) => {
    await managing(visitor, app);
    await visitor.press(".cards a[href*='remove-']");
  }],
  ["manage-asked", (visitor, app) => askToRemoveApp(visitor, app)],
  ["manage-passkey", async (visitor, app) => {
    const { person } = await managing(visitor, app);
    await visitor.press("button[value=webauthn]");
    await approveBySms(visitor, app, person);
  }],
  ["manage-waiting", async (visitor, app) => {
    const { person } = await managing(visitor, app, { codes: false });
    await visitor.press("button[value=recovery_code]");
    await approveBySms(visitor, app, person);
    await visitor.press("main form button.btn");
    await visitor.press("main form[action*='/confirm'] button");
    await toPage(visitor);
  }],
  ["manage-needs-pin", async (visitor, app) => {
    const person = app.person();
    await app.hold({ person, contacts: false });
    await enrolSomewhere(app, person, { flags: 1 });
    await openMethods(visitor, app, person);
  }],
  ["change-needs-pin", async (visitor, app) => {
    const person = app.person();
    await app.hold({ person });
    await enrolSomewhere(app, person, { flags: 1 });
    const { sources } = await app.call("GET", `/v1/subjects/${person.identity}`);
    await app.call("POST", `/v1/subjects/${person.identity}/bindings/${sources.find((one) => one.kind === "phone").id}/object`, { change: "addition" });
    const held = await app.hold({ person, contacts: false, policy: { any_of: ["webauthn", "sms"] } });
    await visitor.go(`${held.verify_url}?way=change`);
  }],
  ["manage-leaving", async (visitor, app) => {
    await askToRemoveApp(visitor, app);
    await toPage(visitor);
  }],
];

export { toPage, totp };
