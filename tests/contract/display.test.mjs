// What a hold may show, in whose money and at which time, on a development server as it comes: its brand is Palco.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client, aHold, aPhone, anIdentity, eventually } from "./support/client.mjs";
import { Server } from "./support/server.mjs";

let server;
let api;

before(async () => {
  server = await Server.start();
  api = new Client(server);
});
after(() => server?.stop());

test("display.short is kept, shown, bound, and said whole in the text message", async () => {
  const subject = { identity: anIdentity(), contacts: [{ channel: "sms", address: aPhone() }] };
  const display = { title: "Repasse", payee: "Casa do Samba Produções Artísticas Ltda", amount: { value: "12480.00", currency: "BRL" }, lines: [{ label: "Banco", value: "341" }], short: "Itaú final 3661" };
  const held = await api.hold({ subject, display, locale: "pt-BR" });
  assert.deepEqual((await api.get(`/v1/transactions/${held.id}`)).display, display);
  await api.post(`/v1/transactions/${held.id}/verifications`, { channel: "sms" });
  const message = await eventually("a message", async () => (await api.get(`/dev/inbox.json?to=${encodeURIComponent(subject.contacts[0].address)}`))[0]);
  assert.match(message.body, /^Palco: \d{6} autoriza R\$ 12\.480,00 para Itau final 3661\. Vale \d+ min\. Nao pediu\? Nao passe a ninguem\.\n\n@localhost #\d{6}$/);

  const long = await api.post("/v1/transactions", { ...aHold(), display: { ...display, short: "x".repeat(60), amount: { value: "999999999999999.99", currency: "BRL" } } }, "422 short_line_too_long");
  assert.equal(long.field, "display.short");
  const [, fit, has] = long.detail.match(/^does not fit whole .*: (\d+) characters fit, and it has (\d+)$/);
  assert.equal(has, "60");
  const most = { ...display, short: "x".repeat(fit), amount: { value: "999999999999999.99", currency: "BRL" } };
  await api.hold({ subject, display: most });
  await api.post("/v1/transactions", { ...aHold(), display: { ...most, short: "x".repeat(Number(fit) + 1) } }, "422 short_line_too_long");
  await api.post("/v1/transactions", { ...aHold(), display: { ...display, short: "x".repeat(61) } }, "422 invalid_field");
  await api.hold({ subject, display: { ...display, short: null } });

  // What a text message could not say as the page does.
  for (const short of ["Pix ana@banco.com.br", "palco·cc", ".", "\u2800"]) {
    const refused = await api.post("/v1/transactions", { ...aHold(), display: { ...display, short } }, "422 invalid_field");
    assert.equal(refused.field, "display.short");
    await api.hold({ ...aHold(), display: { ...display, short }, policy: { any_of: ["totp", "call"] } });
  }
  for (const short of ["C6 Bank S.A. 3661", "CNPJ 12.ABC.345/01DE-35"]) await api.hold({ subject, display: { ...display, short } });
});

test("an amount has no more decimals than its currency", async () => {
  const amount = (value, currency) => ({ ...aHold(), display: { title: "t", amount: { value, currency } } });
  for (const [value, currency] of [["1000", "JPY"], ["25000", "CLP"], ["1.250", "KWD"], ["1.5", "BHD"]]) await api.post("/v1/transactions", amount(value, currency), 201);
  for (const [value, currency] of [["1000.00", "JPY"], ["25000.5", "CLP"], ["1.2505", "KWD"], ["1.250", "BRL"]]) {
    const problem = await api.post("/v1/transactions", amount(value, currency), "422 invalid_field");
    assert.equal(problem.field, "display.amount.value");
    assert.match(problem.detail, new RegExp(currency));
  }
});

test("times as Java, Go and people write them", async () => {
  const times = ["2026-11-29T12:00Z", "2026-11-29t12:00:00z", "2026-11-29T12:00:00.123456789Z", "2026-11-29T09:00-03:00", "2026-11-29T17:30:00+05:30", "2016-12-31T23:59:60Z"];
  for (const time of times) {
    await api.get(`/v1/transactions?since=${encodeURIComponent(time)}`);
    // A plus that stands in a query as it is means a space, by the letter; the description knows nothing of it.
    const asItStands = await fetch(`${server.url}/v1/transactions?since=${time}`, { headers: { Authorization: `Bearer ${api.key}` } });
    assert.equal(asItStands.status, 200, time);
  }
  for (const time of ["2026-11-29T12:00", "2026-11-29T12:00:61Z", "2026-11-29T25:00Z", "2026-11-29", "1795953600"]) {
    const problem = await api.get(`/v1/transactions?since=${time}`, "422 invalid_field");
    assert.match(problem.detail, /^must be a time with its offset, such as 2026-11-22T16:57:29\.744Z/);
  }
});
