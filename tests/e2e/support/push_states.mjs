// Pages of devices, each in its states.
import { approvalPage, enrolDevice, enrolHere, letSubscribe, received } from "./push_device.mjs";

const kEither = { any_of: ["push", "sms"] };

/// Asked, at the page with the number.
const asked = async (visitor, app, policy = kEither) => {
  const person = app.person();
  const device = await enrolDevice(app, person, "Celular da Ana");
  const held = await app.hold({ person, policy });
  await visitor.go(`${held.verify_url}?way=push`);
  await visitor.press('form[data-push="ask"] button.btn');
  return { person, device, held, message: await received(device) };
};

/// Asked through the application, at the page that the visitor's own device opens.
const opened = async (visitor, app) => {
  const person = app.person();
  await letSubscribe(visitor);
  await enrolHere(visitor, app, person);
  const held = await app.hold({ person, policy: { any_of: ["push"] } });
  const { number } = await app.call("POST", `/v1/transactions/${held.id}/challenges`, { method: "push", end_user_ip: "198.51.100.7" });
  await visitor.go(approvalPage(app, await received(visitor)));
  await visitor.page.locator('html[data-push="started"]').waitFor();
  return { held, number };
};

const typed = async (visitor, number) => {
  await visitor.page.locator("#code").fill(number);
  await visitor.press('form[data-push="approve"] button');
};
const other = (right) => (right === "000000" ? "111111" : "000000");

export const pushStates = [
  ["push", async (visitor, app) => {
    const person = app.person();
    await enrolDevice(app, person, "Celular da Ana");
    await visitor.go(`${(await app.hold({ person, policy: kEither })).verify_url}?way=push`);
    await visitor.page.locator('form[data-push="ask"]:not([hidden])').waitFor();
  }],
  ["push-number", async (visitor, app) => {
    await asked(visitor, app);
    await visitor.page.locator("details.help summary").click();
  }],
  ["push-wrong", async (visitor, app) => {
    const { device, held, message } = await asked(visitor, app);
    const seen = await app.call("GET", `/v1/transactions/${held.id}/prompts/${approvalPage(app, message).split(".").at(-1)}`);
    const { page } = visitor;
    const shown = (await page.locator("#number [aria-hidden]").innerText()).replace(/\D/g, "");
    await app.call("POST", `/v1/transactions/${held.id}/checks`, device.approve(seen, other(shown))).catch(() => undefined);
    await page.locator("#note").waitFor();
  }],
  ["approve", async (visitor, app) => {
    await opened(visitor, app);
  }],
  ["approve-wrong", async (visitor, app) => {
    const { number } = await opened(visitor, app);
    await typed(visitor, other(number));
    await visitor.page.locator('html[data-push="started"]').waitFor();
  }],
  ["approve-no-key", async (visitor, app) => {
    const { message } = await asked(visitor, app);
    await visitor.go(approvalPage(app, message));
    await visitor.page.locator("[data-push-nokey]:not([hidden])").waitFor();
  }],
  ["approved", async (visitor, app) => {
    const { number } = await opened(visitor, app);
    await typed(visitor, number);
  }],
  ["approve-home", (visitor) => visitor.go("/approve/")],
  ["add-device", async (visitor, app) => {
    await visitor.context.addInitScript(() => { delete window.PushManager; navigator.standalone = false; });
    const person = app.person();
    await app.hold({ person });
    await visitor.go(`${(await app.hold({ person, policy: { any_of: ["sms"], enrol: ["push"] } })).verify_url}?way=add_device`);
    await visitor.page.locator("[data-push-ios]:not([hidden])").waitFor();
  }],
  ["enrol-device", async (visitor, app) => {
    const person = app.person();
    await app.hold({ person });
    const { verify_url } = await app.call("POST", `/v1/subjects/${person.identity}/additions`, { method: "push" });
    await visitor.go(app.url + new URL(verify_url).pathname);
    await visitor.press("form button.way, form.sign button.btn");
    await visitor.type(await app.code(person.phone));
    await visitor.press("main form button.btn");
  }],
];
