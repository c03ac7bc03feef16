// Every page and state of the hosted pages, the inbox and the guide, and how a person gets there. The tests look at
// each, and `./dev screens` takes its picture.
import { totp } from "./app.mjs";
import { methodsStates } from "./methods_states.mjs";
import { enrolSomewhere } from "./passkeys.mjs";
import { pushStates } from "./push_states.mjs";

const kWrong = (right) => (right === "000000" ? "111111" : "000000");

const openHeld = async (visitor, app, options) => {
  const held = await app.hold(options);
  await visitor.go(held.verify_url);
  return held;
};

/// On the code page, after asking for an SMS.
const sent = async (visitor, app, options = { policy: { any_of: ["sms"] } }) => {
  const held = await openHeld(visitor, app, options);
  await visitor.press("main form button.btn, button.way");
  return { ...held, code: await app.code(held.person.phone) };
};

/// A code that Countersign was to send by the best channel, which text messages are not: it went by the next one.
export const wentBy = async (visitor, app, channel) => {
  await app.outage("no_sms");
  try {
    const contacts = ["sms", channel];
    const held = await app.hold({ policy: { any_of: contacts }, contacts, send: "auto" });
    await app.code(held.person.phone);
    await visitor.go(held.verify_url);
    return held;
  } finally {
    await app.outage("none");
  }
};

const guess = async (visitor, code) => {
  await visitor.type(code);
  await visitor.press("main form button.btn");
};

/// A payout account that takes the place of another.
export const kReplacing = {
  display: {
    title: "Nova conta de repasse",
    payee: "Festa Junina Ltda",
    lines: [
      { label: "Conta", previous: "Bradesco final 1234", value: "Itaú final 3661" },
      { label: "Titular", previous: "Associação Cultural Festa Junina de São Luiz do Paraitinga e Região", value: "Festa Junina Ltda" },
      { label: "CNPJ", value: "12.ABC.345/01DE-35" },
    ],
    short: "Itaú final 3661",
  },
};

/// What most applications show, and where they want their people back.
export const kUsual = (app) => ({
  policy: { any_of: ["sms"] },
  return_url: `${app.url}/healthz`,
  display: {
    title: "Nova conta de repasse",
    payee: "Festa Junina Ltda",
    amount: { value: "12480.00", currency: "BRL" },
    lines: [
      { label: "Banco", value: "341 · Itaú Unibanco" },
      { label: "Conta", value: "agência 2545 · conta final 3661" },
    ],
  },
});

const onUse = { any_of: ["totp"], trust_on_first_use: true, enrol: ["totp"] };

/// Somebody who has approved something by SMS, so that whatever comes later waits; and an app that has come since.
const withNewApp = async (visitor, app) => {
  const { person, code } = await sent(visitor, app);
  await guess(visitor, code);
  await app.enrol(person);
  const { sources } = await app.call("GET", `/v1/subjects/${person.identity}`);
  return { person, added: sources.find((source) => source.kind === "authenticator") };
};

const kTwo = { any_of: ["sms", "totp"], min_kinds: 2 };
/// The first of two kinds is proved.
const oneProved = async (visitor, app) => {
  const person = app.person();
  await app.enrol(person);
  await openHeld(visitor, app, { person, policy: kTwo });
  await visitor.press("form button.way"); // The telephone: a message has to be asked for.
  await guess(visitor, await app.code(person.phone));
  return person;
};

/// At the key of an app that she adds after she has approved something.
const addingApp = async (visitor, app) => {
  const { person, code } = await sent(visitor, app, { policy: { any_of: ["sms"], enrol: ["totp"] } });
  await guess(visitor, code);
  await visitor.press(".offer a");
  await visitor.press("main form button.btn");
  await visitor.press("main form button.btn"); // The operation is approved by a message of its own.
  await guess(visitor, await app.code(person.phone, 2));
  await visitor.press("main form button.btn");
};

const kBeside = { any_of: ["sms", "recovery_code"], min_kinds: 2, enrol: ["recovery_code"] };
/// At the field for a recovery code; answers her codes.
const askedForRecovery = async (visitor, app, used = 0) => {
  const person = app.person();
  await app.hold({ person, policy: kBeside });
  const codes = await app.recoveryCodes(person);
  for (let i = 0; i < used; ++i) {
    const { id } = await app.hold({ person, policy: kBeside });
    await app.call("POST", `/v1/transactions/${id}/checks`, { code: codes[i], factor: "recovery_code" });
  }
  await openHeld(visitor, app, { person, policy: kBeside });
  await visitor.press("a.way");
  return { person, codes: codes.slice(used) };
};

/// On the page that shows new codes, after she has approved something.
/// After a step-up, on the page that offers a passkey.
const offeredPasskey = async (visitor, app) => {
  const person = app.person();
  await visitor.go((await app.hold({ person, policy: { any_of: ["sms"], enrol: ["webauthn"] } })).verify_url);
  await visitor.press("main form button.btn");
  await visitor.type(await app.code(person.phone));
  await visitor.press("main form button.btn");
};

export const makingCodes = async (visitor, app) => {
  const { person, code } = await sent(visitor, app, { policy: { any_of: ["sms"], enrol: ["recovery_code"] } });
  await guess(visitor, code);
  await visitor.press(".offer a");
  await visitor.press("main form button.btn");
  await visitor.press("main form button.btn"); // The operation is approved by a message of its own.
  await guess(visitor, await app.code(person.phone, 2));
  await visitor.press("main form button.btn");
  return person;
};

/// At the button for her passkey, which is on no device of this visitor.
const askedForPasskey = async (visitor, app, policy = { any_of: ["webauthn", "sms"] }) => {
  const person = app.person();
  const device = await enrolSomewhere(app, person);
  const held = await openHeld(visitor, app, { ...kUsual(app), person, policy });
  return { ...held, device };
};
/// The form arrives with that answer.
const answered = async (visitor, response) => {
  const form = visitor.page.locator("form[data-passkey]");
  await Promise.all([
    visitor.page.waitForNavigation({ waitUntil: "load" }),
    form.evaluate((element, value) => { element.elements.response.value = value; element.submit(); }, response),
  ]);
};

/// One program made all sections of the guide, so some of them speak for all: judging every one takes a minute.
const fewSections = (visitor) =>
  visitor.page.evaluate(() => {
    for (const kind of [".call", ".schema"]) [...document.querySelectorAll(kind)].slice(4).forEach((section) => section.remove());
    for (const { rows } of document.querySelectorAll("tbody")) [...rows].slice(6).forEach((row) => row.remove());
  });

/// `[name, reach, {error, after}]`; `error`: the console is to complain of a status; `after`: what is to be put back.
export const states = [
  ...methodsStates,
  ...pushStates,
  ["offer-passkey", (visitor, app) => offeredPasskey(visitor, app)],
  ["add-passkey", async (visitor, app) => {
    await offeredPasskey(visitor, app);
    await visitor.press('.offer a[href*="add_passkey"]');
  }],
  ["methods", async (visitor, app) => {
    const person = app.person();
    await app.enrol(person);
    await openHeld(visitor, app, { person });
  }],
  ["send", (visitor, app) => openHeld(visitor, app, { policy: { any_of: ["sms"] } })],
  ["send-replacing", (visitor, app) => openHeld(visitor, app, { policy: { any_of: ["sms"] }, ...kReplacing })],
  ["code", (visitor, app) => sent(visitor, app)],
  ["code-sent-by-hold", (visitor, app) => openHeld(visitor, app, { policy: { any_of: ["sms"] }, send: "sms", ...kReplacing })],
  ["code-went-by-whatsapp", (visitor, app) => wentBy(visitor, app, "whatsapp")],
  ["code-went-by-call", (visitor, app) => wentBy(visitor, app, "call")],
  ["code-cookies-blocked", async (visitor, app) => {
    await openHeld(visitor, app, { policy: { any_of: ["sms"] }, send: "sms" });
    await visitor.context.clearCookies();  // As after a form that came without one (suites/flow.mjs has the real thing).
    await Promise.all([visitor.page.waitForNavigation({ waitUntil: "load" }), visitor.page.evaluate("location.search = 'cookies=none'")]);
  }],
  ["code-help", async (visitor, app) => {
    await sent(visitor, app);
    await visitor.page.locator("details.help summary").click();
  }],
  ["code-empty", async (visitor, app) => {
    await sent(visitor, app);
    await guess(visitor, "");
  }],
  ["code-short", async (visitor, app) => {
    const { code } = await sent(visitor, app);
    await guess(visitor, code.slice(0, 5));
  }],
  ["code-usual", (visitor, app) => sent(visitor, app, kUsual(app))],
  ["code-foreign", async (visitor, app) => {
    await sent(visitor, app, { ...kUsual(app), locale: "pt-BR", display: { ...kUsual(app).display, payee: "شركة المسرح" } });
    await visitor.press('.lang a[hreflang="es"], .lang a[hreflang="en"]');
  }],
  ["code-wrong", async (visitor, app) => {
    const { code } = await sent(visitor, app);
    await guess(visitor, kWrong(code));
  }],
  ["code-few-left", async (visitor, app) => {
    const { code } = await sent(visitor, app);
    for (let i = 0; i < 3; ++i) await guess(visitor, kWrong(code));
  }],
  ["code-exhausted", async (visitor, app) => {
    const { code } = await sent(visitor, app);
    for (let i = 0; i < 5; ++i) await guess(visitor, kWrong(code));
  }],
  ["code-not-delivered", async (visitor, app) => {
    const { person } = await sent(visitor, app);
    await app.report(person.phone, "opted_out");
    await visitor.page.reload();
  }],
  ["app-code", async (visitor, app) => {
    const person = app.person();
    await app.enrol(person);
    await openHeld(visitor, app, { person, contacts: false, policy: { any_of: ["totp"] } });
  }],
  ["app-code-wrong", async (visitor, app) => {
    const person = app.person();
    const secret = await app.enrol(person);
    await openHeld(visitor, app, { person, contacts: false, policy: { any_of: ["totp"] } });
    await guess(visitor, kWrong(totp(secret)));
  }],
  ["passkey", (visitor, app) => askedForPasskey(visitor, app)],
  ["passkey-alone", async (visitor, app) => {
    await askedForPasskey(visitor, app, { any_of: ["webauthn"], user_verification: true });
    await visitor.page.locator("details.help summary").click();
  }],
  ["passkey-canceled", async (visitor, app) => {
    await askedForPasskey(visitor, app);
    await visitor.page.evaluate(() => (navigator.credentials.get = () => Promise.reject(new DOMException("closed", "NotAllowedError"))));
    await visitor.page.locator("form[data-passkey] button.btn").click();
    await visitor.page.locator("[data-passkey-said]:not(:empty)").filter({ hasNotText: "…" }).waitFor();
  }],
  ["passkey-unable", async (visitor, app) => {
    await visitor.context.addInitScript(() => delete window.PublicKeyCredential);
    await askedForPasskey(visitor, app);
  }],
  ["passkey-refused", async (visitor, app) => {
    await askedForPasskey(visitor, app);
    await answered(visitor, "{}");
  }],
  ["passkey-no-script", async (visitor, app) => {
    await askedForPasskey(visitor, app);
    await answered(visitor, "");
  }],
  ["enrol", (visitor, app) => openHeld(visitor, app, { policy: onUse, contacts: false })],
  ["enrol-key", async (visitor, app) => {
    await openHeld(visitor, app, { policy: onUse, contacts: false });
    await visitor.press("main form button.btn");
  }],
  ["enrol-wrong", async (visitor, app) => {
    await openHeld(visitor, app, { policy: onUse, contacts: false });
    await visitor.press("main form button.btn");
    await guess(visitor, "000000");
  }],
  ["blocked", (visitor, app) => openHeld(visitor, app, { policy: { any_of: ["totp"] }, contacts: false })],
  ["source-waits", async (visitor, app) => {
    const { person } = await withNewApp(visitor, app);
    await openHeld(visitor, app, { person });
  }],
  ["blocked-waits", async (visitor, app) => {
    const { person } = await withNewApp(visitor, app);
    await openHeld(visitor, app, { person, policy: { any_of: ["totp"] } });
  }],
  ["change-stopped", async (visitor, app) => {
    const { person, added } = await withNewApp(visitor, app);
    await app.call("POST", `/v1/subjects/${person.identity}/bindings/${added.id}/object`, {});
    await openHeld(visitor, app, { person, policy: { any_of: ["totp"] } });
  }],
  ["blocked-more", (visitor, app) => openHeld(visitor, app, { policy: kTwo })],
  ["one-more", async (visitor, app) => {
    await oneProved(visitor, app);
  }],
  ["voided", async (visitor, app) => {
    const { identity } = await oneProved(visitor, app);
    const [contact] = (await app.call("GET", `/v1/subjects/${identity}/contacts`)).data;
    await app.call("DELETE", `/v1/subjects/${identity}/contacts/${contact.id}`);
    await visitor.page.reload();
  }],
  ["add-app", async (visitor, app) => {
    const { code } = await sent(visitor, app, { policy: { any_of: ["sms"], enrol: ["totp"] } });
    await guess(visitor, code);
    await visitor.press(".offer a");
  }],
  ["add-app-approve", async (visitor, app) => {
    const { code } = await sent(visitor, app, { policy: { any_of: ["sms"], enrol: ["totp"] } });
    await guess(visitor, code);
    await visitor.press(".offer a");
    await visitor.press("main form button.btn");
  }],
  ["add-app-key", async (visitor, app) => {
    await addingApp(visitor, app);
  }],
  ["add-app-added", async (visitor, app) => {
    await addingApp(visitor, app);
    await visitor.type(totp((await visitor.page.innerText("#key")).replace(/\s/g, "")));
    await visitor.press("main form button.btn");
    await visitor.page.keyboard.press("Shift");  // Else the page leaves while it is looked at.
  }],
  ["recovery", (visitor, app) => askedForRecovery(visitor, app)],
  ["recovery-wrong", async (visitor, app) => {
    await askedForRecovery(visitor, app);
    await guess(visitor, "00000-00000-00000");
  }],
  ["recovery-short", async (visitor, app) => {
    await askedForRecovery(visitor, app);
    await guess(visitor, "7K3QM-XA9");
  }],
  ["recovery-used", async (visitor, app) => {
    const { codes } = await askedForRecovery(visitor, app);
    await guess(visitor, codes[0]);
  }],
  ["recovery-done-few", async (visitor, app) => {
    const { person, codes } = await askedForRecovery(visitor, app, 8);
    await guess(visitor, codes[0]);
    await visitor.press("main form button.btn, form button.way");
    await guess(visitor, await app.code(person.phone));
  }],
  ["codes-offer", async (visitor, app) => {
    const { code } = await sent(visitor, app, { ...kUsual(app), policy: { any_of: ["sms"], enrol: ["recovery_code"] } });
    await guess(visitor, code);
  }],
  ["codes", async (visitor, app) => {
    const { code } = await sent(visitor, app, { policy: { any_of: ["sms"], enrol: ["recovery_code"] } });
    await guess(visitor, code);
    await visitor.press(".offer a");
  }],
  ["codes-list", (visitor, app) => makingCodes(visitor, app)],
  ["codes-kept", async (visitor, app) => {
    await makingCodes(visitor, app);
    await visitor.press("main form[action*='/confirm'] button");
    await visitor.page.keyboard.press("Shift");  // Else the page leaves while it is looked at.
  }],
  ["done-replaced", async (visitor, app) => {
    const { code } = await sent(visitor, app, { policy: { any_of: ["sms"] }, ...kReplacing });
    await guess(visitor, code);
  }],
  ["done", async (visitor, app) => {
    const { code } = await sent(visitor, app, { policy: { any_of: ["sms"] } });
    await guess(visitor, code);
  }],
  ["done-offer", async (visitor, app) => {
    const { code } = await sent(visitor, app, { ...kUsual(app), policy: { any_of: ["sms"], enrol: ["totp"] } });
    await guess(visitor, code);
  }],
  ["done-again", async (visitor, app) => {
    const held = await sent(visitor, app, { policy: { any_of: ["sms"] }, return_url: `${app.url}/healthz` });
    await guess(visitor, held.code);
    await visitor.go(held.verify_url);
  }],
  ["deny", async (visitor, app) => {
    await openHeld(visitor, app, kUsual(app));
    await visitor.press(".notme a");
  }],
  ["denied", async (visitor, app) => {
    await openHeld(visitor, app);
    await visitor.press(".notme a");
    await visitor.press("main form button.btn");
  }],
  ["canceled", async (visitor, app) => {
    const held = await app.hold();
    await app.call("POST", `/v1/transactions/${held.id}/cancel`);
    await visitor.go(held.verify_url);
  }],
  ["expired", async (visitor, app) => {
    const held = await app.oldHold();
    await visitor.go(held.verify_url);
  }],
  ["unavailable", (visitor) => visitor.go("/verify/TX00000000000000000000000000000000.wrong"), { error: /404/ }],
];

export const developerStates = [
  ["inbox", async (visitor, app) => {
    const { person, code } = await sent(visitor, app);
    await visitor.go(`/dev/inbox?q=${encodeURIComponent(`to:${person.phone} code:${code}`)}`);
  }],
  ["inbox-message", async (visitor, app) => {
    const { person } = await sent(visitor, app);
    await visitor.go(`/dev/inbox?q=${encodeURIComponent(`to:${person.phone}`)}`);
    const link = await visitor.page.locator(".list [data-id]").first().getAttribute("href");
    await visitor.go(link);
  }],
  ["inbox-no-match", (visitor) => visitor.go("/dev/inbox?q=nothing-like-it")],
  ["inbox-email", async (visitor, app) => {
    const held = await app.hold({
      subject: { identity: app.person().identity, contacts: [{ channel: "email", address: "maria.souza@example.com" }] }, policy: { any_of: ["email"], email_alone: true },
    });
    await app.call("POST", `/v1/transactions/${held.id}/verifications`, { channel: "email" });
    await app.code("maria.souza@example.com");
    await visitor.go(`/dev/inbox?q=tx:${held.id}`);
    await visitor.go(await visitor.page.locator(".list [data-id]").first().getAttribute("href"));
  }],
  ["inbox-transaction", async (visitor, app) => {
    const { id, code } = await sent(visitor, app);
    await guess(visitor, kWrong(code));
    await guess(visitor, code);
    await fetch(`${app.url}/v1/transactions/${id}/claim`, { method: "POST", headers: { Authorization: `Bearer ${app.key}`, "Idempotency-Key": `claim-${id}` } });
    await visitor.go(`/dev/inbox?t=${id}`);
  }],
  ["inbox-outage", async (visitor, app) => {
    await app.outage("refuses");
    await visitor.go("/dev/inbox");
  }, { after: (app) => app.outage("none") }],
  ["home", (visitor) => visitor.go("/")],
  ["guide", async (visitor) => {
    await visitor.go("/docs");
    await fewSections(visitor);
  }],
  ["guide-try", async (visitor) => {
    await visitor.go("/docs");
    await fewSections(visitor);
    await visitor.page.locator("#hold button.begin").click();
    await visitor.page.locator("#hold button.send").click();
    await visitor.page.locator("#hold .status.s2").waitFor();
    await visitor.page.locator("#hold .try").evaluate((form) => form.scrollIntoView());
  }],
  ["guide-verify", async (visitor) => {
    await visitor.go("/docs/verify-v2");
    await fewSections(visitor);
  }],
];
