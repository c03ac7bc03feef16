// Pictures of every page and state, narrow and wide, light and dark, into build/screens, with one page and one picture
// that show them all. With --readme: two pictures into docs/images. With names: only those.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../contract/npm.mjs";
import { Server } from "../contract/support/server.mjs";
import { App } from "./support/app.mjs";
import { Visitor } from "./support/browser.mjs";
import { officeStates } from "./support/box_office_states.mjs";
import { Organizer, endSite, site } from "./support/organizer.mjs";
import { developerStates, states } from "./support/states.mjs";
import { endWorld, world } from "./support/world.mjs";

const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const readme = process.argv.includes("--readme");
const folder = join(repository, "build/screens");

const kKinds = [
  { kind: "320-light", width: 320, dark: false },
  { kind: "320-dark", width: 320, dark: true },
  { kind: "360-light", width: 360, dark: false },
  { kind: "360-dark", width: 360, dark: true },
  { kind: "1280-light", width: 1280, dark: false },
  { kind: "1280-dark", width: 1280, dark: true },
];

/// The box office is a site of its own, and whoever goes there an organizer.
const ofOffice = officeStates.map(([name, reach]) => [name, (visitor, app) => reach(new Organizer(visitor, app)), { office: true }]);

const shoot = async (app, name, reach, locale, { office, after }) => {
  const visitor = await Visitor.arrive(office ? { url: (await site()).url } : app, { locale, width: 320 });
  visitor.expected = /./;
  await reach(visitor, app);
  const { page } = visitor;
  for (const { kind, width, dark } of kKinds) {
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
    await page.setViewportSize({ width, height: width < 600 ? 640 : 800 });
    await page.evaluate(() => document.activeElement.blur());
    // The guide is as long as the API; its beginning is enough.
    if (name === "guide-try") await page.locator("#hold .try").evaluate((form) => form.scrollIntoView());
    await page.screenshot({ path: join(folder, `${name}-${kind}.png`), fullPage: !name.startsWith("guide") });
  }
  await visitor.context.close();
  await after?.(app);
};

const all = async (app) => {
  const wanted = [["inbox-empty", (visitor) => visitor.go("/dev/inbox")], ...states, ...developerStates, ...ofOffice]
    .filter(([name]) => names.length === 0 || names.includes(name))
    .sort(([a], [b]) => (a === "expired") - (b === "expired"));
  if (names.length === 0) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, reach, options = {}] of wanted) {
    await shoot(app, name, reach, /^(inbox|guide|home)/.test(name) ? "en" : "pt-BR", options);
    console.log(name);
  }
  await contactSheet(app, wanted.map(([name]) => name));
};

/// One page with all pictures, and a picture of it.
const contactSheet = async (app, shown) => {
  const rows = shown.map((name) => `<section><h2>${name}</h2>${kKinds.map(({ kind, width }) =>
    `<figure class="w${width}"><img src="${name}-${kind}.png" alt=""><figcaption>${kind}</figcaption></figure>`).join("")}</section>`);
  const style = "body{font:14px sans-serif;margin:16px;background:#999}section{display:flex;flex-wrap:wrap;gap:12px;align-items:flex-start;" +
    "margin-bottom:24px}h2{width:100%;margin:0}figure{margin:0}.w320 img{width:200px}.w1280 img{width:480px}img{display:block}";
  const file = join(folder, "index.html");
  writeFileSync(file, `<!doctype html><meta charset="utf-8"><title>Countersign: screens</title><style>${style}</style>${rows.join("\n")}`);
  const visitor = await Visitor.arrive(app, { width: 1440 });
  await visitor.page.goto(`file://${file}`);
  await visitor.page.screenshot({ path: join(folder, "all.png"), fullPage: true, timeout: 120_000 });
  await visitor.context.close();
};

/// What a reader of the README sees: the page that a person confirms on, and the inbox of who integrates it.
const forReadme = async () => {
  const images = join(repository, "docs/images");
  mkdirSync(images, { recursive: true });
  const config = `
[[accounts]]
name = "default"
[[services]]
name = "default"
friendly_name = "Palco"
channels = {sms = "inbox", whatsapp = "inbox", email = "inbox"}
time_zone = "America/Sao_Paulo"
`;
  const server = await Server.start({ config });
  const app = new App(server);
  const display = {
    title: "New payout account",
    payee: "Festa Junina Ltda",
    lines: [
      { label: "Bank", value: "341 · Itaú Unibanco" },
      { label: "Account", value: "2545, ending 3661" },
      { label: "Instead of", value: "Nubank, ending 0714" },
    ],
  };
  try {
    for (const title of ["Payout of June", "New organiser", "New payout account"]) {
      const held = await app.hold({ display: { ...display, title } });
      await app.call("POST", `/v1/transactions/${held.id}/verifications`, { channel: "sms" });
      await app.code(held.person.phone);
    }
    const held = await app.hold({ display, policy: { any_of: ["sms"] } });
    const page = await Visitor.arrive(app, { locale: "en", deviceScaleFactor: 2, width: 400 });
    await page.go(held.verify_url);
    await page.press("main form button.btn");
    await page.type((await app.code(held.person.phone)).slice(0, 4));
    await page.page.locator("#code").blur();
    await page.page.screenshot({ path: join(images, "verify.png"), fullPage: true });
    await page.context.close();
    const inbox = await Visitor.arrive(app, { locale: "en", deviceScaleFactor: 2, width: 1100 });
    await inbox.go("/dev/inbox");
    await inbox.page.screenshot({ path: join(images, "inbox.png"), fullPage: true });
    await inbox.context.close();
  } finally {
    await server.stop();
    await endWorld();
  }
};

const shootAll = async () => {
  const { app } = await world();
  try {
    await all(app);
  } finally {
    await endSite();
    await endWorld();
  }
};

await (readme ? forReadme() : shootAll());
console.log(readme ? "docs/images" : "build/screens/index.html");
