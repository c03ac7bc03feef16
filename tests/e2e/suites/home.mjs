// The start page of the development mode, and what browsers get where a page cannot be.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { meet, world } from "../support/world.mjs";

const english = { locale: "en" };
const wantsPage = { accept: "text/html,application/xhtml+xml", "accept-language": "es" };

test("every address of the start page answers", () =>
  meet(english, async (visitor) => {
    await visitor.go("/");
    const links = await visitor.page.locator("main a").evaluateAll((all) => all.map((a) => a.href));
    assert.ok(links.length >= 6, links.join(" "));
    for (const link of links) assert.equal((await fetch(link)).status, 200, link);
    const metrics = await visitor.page.locator("code", { hasText: "/metrics" }).innerText();
    assert.equal((await fetch(metrics)).status, 200, metrics);
  }));

test("its lines, typed one after the other, end with the payload", () =>
  meet(english, async (visitor) => {
    await visitor.go("/");
    const steps = await visitor.page.locator(".steps pre").allInnerTexts();
    assert.equal(steps.length, 4);
    assert.match(steps[1], /"short": "Itau ending 3661"/, "the text message names the account");
    assert.match(await visitor.page.locator("main").innerText(), /--listen 127\.0\.0\.1:8081/);
    // Not where another run writes.
    const script = steps.join("\n").replace(/\/tmp\/(held|claim)\.json/g, "$D/$1.json");
    const run = spawnSync("bash", ["-ec", `D=$(mktemp -d); ${script}; rm -r "$D"`], { encoding: "utf8" });
    assert.equal(run.status, 0, run.stderr);
    assert.match(run.stdout, /"payload":\{"account":"02366-1","bank":"341","branch":"2545"\}/);
    assert.match(run.stdout, /"status":"released"/);
  }));

for (const script of [true, false]) {
  test(`the lines can be copied with scripts, and read without (${script ? "with" : "without"})`, () =>
    meet({ ...english, script, permissions: ["clipboard-read", "clipboard-write"] }, async (visitor) => {
      await visitor.go("/");
      const button = visitor.page.locator('button[data-copy="step-key"]');
      assert.equal(await button.isVisible(), script);
      if (!script) return;
      await button.click();
      await visitor.hasCopied(await visitor.page.locator("#step-key").innerText());
    }));
}

test("no page for developers shows a secret", () =>
  meet(english, async (visitor, app) => {
    const held = await app.hold({ policy: { any_of: ["sms"] } });
    await app.call("POST", `/v1/transactions/${held.id}/verifications`, { channel: "sms" });
    const { credentials } = app.server;
    const secrets = [credentials.api_key, credentials.test_api_key, credentials.auth_token, held.verify_url].map((text) => text.split(".").pop());
    for (const secret of secrets) assert.ok(secret.length > 20);
    for (const path of ["/", "/docs", "/docs/verify-v2", "/docs/try", "/dev/inbox", `/dev/inbox?t=${held.id}`, "/dev/inbox.json", `/dev/timeline.json?id=${held.id}`]) {
      const text = await (await fetch(app.url + path)).text();
      for (const secret of secrets) assert.ok(!text.includes(secret), path);
    }
  }));

test("a site that was made to point here reads none of it", async () => {
  const { app } = await world();
  const { exchange } = await import("../../contract/support/http.mjs");
  for (const path of ["/", "/docs", "/docs/try", "/dev/inbox", "/dev/timeline.json?id=x"]) {
    const response = await exchange(app.url, { path, headers: { Host: "evil.example" } });
    assert.equal(response.status, 421, path);
  }
});

test("where a page cannot be, a browser gets a page and a program a problem", async () => {
  const { app } = await world();
  const asked = [
    ["GET", "/verify/nothing", 404], ["GET", "/verify/a/b/c", 404], ["PUT", "/verify/nothing", 405], ["POST", "/", 405], ["PUT", "/dev/inbox", 405],
    ["DELETE", "/docs", 405], ["POST", "/dev/inbox/report", 422], ["POST", "/verify/nothing/check", 413],
  ];
  for (const [method, path, status] of asked) {
    const body = status === 413 ? "x".repeat(1 << 20) : method === "GET" ? undefined : "";
    const page = await fetch(app.url + path, { method, body, headers: { ...wantsPage, "content-type": "application/x-www-form-urlencoded" } });
    const text = await page.text();
    assert.equal(page.status, status, path);
    assert.match(page.headers.get("content-type"), /^text\/html/, `${method} ${path}`);
    assert.match(page.headers.get("content-security-policy"), /default-src 'none'/);
    assert.match(text, /<html lang="es"/);
    assert.ok(text.includes(page.headers.get("x-request-id")), `${path}: ${text}`);
    if (status === 405) assert.ok(page.headers.get("allow"), path);
  }
  for (const [method, path, status] of [["GET", "/v1/nothing", 404], ["PUT", "/v1/transactions", 405], ["POST", "/v1/transactions", 413], ["GET", "/dev/nothing.json", 404]]) {
    const body = status === 413 ? "x".repeat(1 << 20) : undefined;
    const problem = await fetch(app.url + path, { method, body, headers: wantsPage });
    assert.equal(problem.status, status);
    assert.equal(problem.headers.get("content-type"), "application/problem+json", path);
  }
  const program = await fetch(`${app.url}/verify/a/check`, { method: "PUT", headers: { accept: "application/json" } });
  assert.equal(program.headers.get("content-type"), "application/problem+json");
});

test("where a developer finds nothing, the page says so and leads to what there is", () =>
  meet(english, async (visitor, app) => {
    visitor.expected = /404/;
    for (const path of ["/nowhere", "/dev", "/dev/", "/inbox", "/docs/nothing", "/dev/inbox/nothing", "/docsx/<b>"]) {
      const response = await fetch(app.url + path, { headers: wantsPage });
      const text = await response.text();
      assert.equal(response.status, 404, path);
      assert.match(text, /<h1>Nothing is here<\/h1>/, path);
      assert.ok(text.includes(response.headers.get("x-request-id")) && !text.includes("<b>x"), path);
    }
    await visitor.go("/nowhere");
    await visitor.assertAccessible("a page that is not there");
    await visitor.assertFits("a page that is not there");
    const links = await visitor.page.locator("main a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    assert.deepEqual(links, ["/", "/dev/inbox", "/docs"]);
    await visitor.press('main a[href="/dev/inbox"]');
    assert.equal(new URL(visitor.page.url()).pathname, "/dev/inbox");
    for (const [path, place] of [["/dev/inbox/?q=a%26b", "/dev/inbox?q=a%26b"], ["/docs/", "/docs"], ["/docs/verify-v2/", "/docs/verify-v2"]])
      assert.equal((await fetch(app.url + path, { headers: wantsPage, redirect: "manual" })).headers.get("location"), place);
    // Programs, and people on their page, get what they got.
    assert.equal((await fetch(`${app.url}/nowhere`)).headers.get("content-type"), "application/problem+json");
    assert.match(await (await fetch(`${app.url}/verify/nothing`, { headers: { ...wantsPage, "accept-language": "en" } })).text(), /This link doesn(&#39;|’|')t work anymore/);
  }));
