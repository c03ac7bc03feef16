// The API guide says all that the descriptions say, is searched while typing, and sends what it shows.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { npm, repository } from "../../contract/npm.mjs";
import { eventually } from "../../contract/support/client.mjs";
import { meet } from "../support/world.mjs";

const english = { locale: "en" };
const apis = [["/docs", "openapi.yaml"], ["/docs/verify-v2", "openapi-verify-v2.yaml"]];
const described = (file) => npm("@stoplight/yaml").parse(readFileSync(`${repository}docs/${file}`, "utf8"));
const operationsOf = (api) => Object.values(api.paths).flatMap((path) => Object.values(path).flatMap((one) => one.operationId ?? []));
const shown = (visitor, selector) => visitor.page.locator(selector).filter({ visible: true });

for (const [page, file] of apis) {
  test(`each operation of docs/${file} is in the guide, with a sample in each language`, () =>
    meet(english, async (visitor) => {
      const operations = operationsOf(described(file));
      assert.ok(operations.length > 20);
      await visitor.go(page);
      const seen = await visitor.page.evaluate(() =>
        Object.fromEntries([...document.querySelectorAll("section.call")].map((section) => [section.id, {
          heads: section.querySelectorAll("h3").length,
          samples: [...section.querySelectorAll("details[data-lang]")].map((one) => [one.dataset.lang, one.querySelector("pre").textContent]),
          links: document.querySelectorAll(`.contents a[href="#${section.id}"]`).length,
        }])));
      for (const id of operations) {
        assert.equal(seen[id]?.heads, 1, id);
        assert.equal(seen[id].links, 1, id);
        const samples = Object.fromEntries(seen[id].samples);
        assert.match(samples.curl, /^curl /, id);
        assert.match(samples.javascript, /await fetch\(/, id);
        assert.match(samples.python, /urllib\.request/, id);
        assert.match(samples.go, /^package main/, id);
      }
      const broken = await visitor.page.evaluate(() =>
        [...document.querySelectorAll('a[href^="#"]')].filter((a) => !document.getElementById(a.hash.slice(1))).map((a) => a.hash));
      assert.deepEqual(broken, []);
      const doubled = await visitor.page.evaluate(() => {
        const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
        return ids.filter((id, i) => ids.indexOf(id) !== i);
      });
      assert.deepEqual(doubled, []);
    }));

  test(`the guide of docs/${file} names operations and answers, and leaves out what is for programs`, () =>
    meet(english, async (visitor) => {
      await visitor.go(page);
      const text = await visitor.page.locator("main").evaluate((main) => main.textContent);
      for (const word of [/\bx-(codes|any-request|ours|shell)\b/, /\b(she|her|hers|herself)\b/i, /\bAs it is\b/, /No, and why/, /Describe it otherwise/])
        assert.doesNotMatch(text, word);
      const summaries = await visitor.page.locator(".call .what").allInnerTexts();
      assert.deepEqual(summaries.filter((one) => /^(A|An|The|Those|That|It|This|Whether) /.test(one)), []);
    }));
}

test("each code of docs/errors.md is in the guide, with what to do, and answers link to it", () =>
  meet(english, async (visitor) => {
    const codes = [...readFileSync(`${repository}docs/errors.md`, "utf8").matchAll(/^\| `(\w+)` \| (\d+) \| (.*) \|$/gm)];
    assert.ok(codes.length > 60);
    await visitor.go("/docs#errors");
    for (const [, code, status] of codes) {
      const row = await visitor.page.locator(`tr#code-${code}`).innerText();
      assert.ok(row.includes(code) && row.includes(status), code);
    }
    assert.match(await visitor.page.locator("tr#code-locked").innerText(), /Wait, or offer another method/);
    assert.equal(await visitor.page.locator('#check .answer a[href="#code-wrong_code"]').count(), 1);
    assert.equal(await visitor.page.locator('.contents a[href="#errors"]').count(), 1);
  }));

test("each code of the Verify v2 API has its status, its message and who gives it", () =>
  meet(english, async (visitor) => {
    const api = described("openapi-verify-v2.yaml");
    const given = Object.values(api.paths).flatMap((path) => Object.values(path).flatMap((one) => one["x-codes"] ?? []));
    await visitor.go("/docs/verify-v2");
    for (const code of new Set([...given, ...api["x-any-request"]["x-codes"]])) {
      const row = await visitor.page.locator(`tr#code-${code}`).innerText();
      assert.ok(row.includes(String(api["x-errors"][code].status)) && row.includes(api["x-errors"][code].message), `${code}: ${row}`);
    }
    assert.match(await visitor.page.locator("tr#code-60202").innerText(), /CreateVerificationCheck/);
  }));

/// What each sample does when it is run as it stands.
const run = (language, program, environment) => {
  const [command, ...options] = { curl: ["bash", "-c"], javascript: ["node", "--input-type=module", "-e"], python: ["python3", "-c"] }[language];
  return spawnSync(command, [...options, program], { encoding: "utf8", env: { ...process.env, ...environment } });
};

test("the samples do what they say in the languages that this machine has", () =>
  meet(english, async (visitor, app) => {
    const { account_sid, auth_token, service_sid, test_api_key, metrics_url } = app.server.credentials;
    const environment = { URL: app.url, KEY: app.key, TEST_KEY: test_api_key, METRICS_URL: metrics_url,
      ACCOUNT_SID: account_sid, AUTH_TOKEN: auth_token, SERVICE_SID: service_sid };
    const codeOf = (id) => eventually("the code", async () =>
      (await (await fetch(`${app.url}/dev/inbox.json`)).json()).find(({ code, transaction, verification }) => code !== "" && [transaction, verification].includes(id))?.code);
    const sample = (id, language) => visitor.page.locator(`#${id} details[data-lang="${language}"] pre`).textContent();
    for (const language of ["curl", "javascript", "python"]) {
      await visitor.go("/docs");
      const held = run(language, await sample("hold", language), environment);
      const id = /"id":\s*"(TX\w+)"/.exec(held.stdout)?.[1];
      assert.ok(id, `${language}: ${held.stdout}${held.stderr}`);
      const started = run(language, await sample("start_verification", language), { ...environment, ID: id });
      assert.match(started.stdout, /"id":\s*"VE/, `${language}: ${started.stdout}${started.stderr}`);
      const show = run(language, await sample("show_transaction", language), { ...environment, ID: id });
      assert.match(show.stdout, /"status":\s*"held"/, `${language}: ${show.stdout}${show.stderr}`);
      const does = async (call, pattern, more = {}) => {
        const ran = run(language, await sample(call, language), { ...environment, ID: id, ...more });
        assert.match(ran.stdout, pattern, `${call}, ${language}: ${ran.stdout}${ran.stderr}`);
        return ran.stdout;
      };
      await does("claim", /not_verified/);
      await does("check", /"status":\s*"verified"/, { CODE: await codeOf(id) });
      const claim = await does("claim", /"fencing_token"/);
      await does("ack", /"status":\s*"released"/, { TOKEN: /"fencing_token":\s*"([^"]+)"/.exec(claim)[1] });
      await does("inbox_timeline", /transaction\.released/);
      await does("metrics", /# HELP/);
      await does("show_test_clock", /"ahead_seconds"/);
      await visitor.go("/docs/verify-v2");
      const verification = await does("CreateVerification", /"status":\s*"pending"/);
      const code = await codeOf(/"sid":\s*"(VE\w+)"/.exec(verification)[1]);
      const check = (await sample("CreateVerificationCheck", language)).replaceAll("482913", code);
      assert.match(run(language, check, environment).stdout, /"status":\s*"approved"/, language);
      const list = run(language, await sample("ListService", language), environment);
      assert.ok(list.stdout.includes(service_sid), `${language}: ${list.stdout}${list.stderr}`);
      const entity = run(language, (await sample("CreateEntity", language)).replaceAll("organizer-42", `organizer-${language}`), environment);
      assert.match(entity.stdout, /"sid":\s*"YE/, `${language}: ${entity.stdout}${entity.stderr}`);
    }
  }));

test("what works in test mode alone is not offered to be tried with the other key", () =>
  meet(english, async (visitor) => {
    await visitor.go("/docs");
    assert.ok(await visitor.page.locator("#hold button.begin").isVisible());
    for (const id of ["show_test_clock", "advance_test_clock", "list_test_messages"])
      assert.equal(await visitor.page.locator(`#${id} button.begin`).count(), 0, id);
  }));

test("the table of errors keeps a status on one line, and has no head where it has no columns", () =>
  meet(english, async (visitor) => {
    await visitor.page.setViewportSize({ width: 1280, height: 800 });
    for (const [page] of apis) {
      await visitor.go(`${page}#errors`);
      const cells = await visitor.page.locator("table.errors :is(th, td):nth-child(2)").evaluateAll((all) =>
        all.map((cell) => { const range = document.createRange(); range.selectNodeContents(cell); return new Set([...range.getClientRects()].map(({ top }) => Math.round(top / 8))).size; }));
      assert.ok(cells.length > 20 && cells.every((lines) => lines === 1), `${page}: ${cells}`);
      await visitor.page.setViewportSize({ width: 360, height: 800 });
      assert.equal(await shown(visitor, "table.errors thead th").count(), 0);
      await visitor.page.setViewportSize({ width: 1280, height: 800 });
    }
  }));

test("search filters operations and errors while typing, and a link brings all back", () =>
  meet(english, async (visitor) => {
    await visitor.go("/docs");
    const all = await shown(visitor, "section.call").count();
    await visitor.page.fill("#find", "claim");
    const some = await shown(visitor, "section.call").count();
    assert.ok(some > 0 && some < all / 3, `${some} of ${all}`);
    assert.ok(await visitor.page.locator("#claim").isVisible());
    assert.ok(!(await visitor.page.locator("#add_contact").isVisible()));
    assert.equal(await shown(visitor, '.contents a[href="#add_contact"]').count(), 0);
    assert.ok(await visitor.page.locator("tr#code-already_claimed").isVisible());
    assert.ok(!(await visitor.page.locator("tr#code-wrong_code").isVisible()));
    assert.match(await visitor.page.locator("[data-found]").innerText(), /^\d+ operations, \d+ errors$/);
    await visitor.page.evaluate(() => scrollTo({ top: document.body.scrollHeight, behavior: "instant" }));
    await visitor.page.fill("#find", "not_claimed");
    assert.match(await visitor.page.locator("[data-found]").innerText(), /^1 operation, 1 error$/);
    assert.ok(await visitor.page.locator("#give_up").evaluate((hit) => hit.getBoundingClientRect().top >= 0 && hit.getBoundingClientRect().top < innerHeight / 2), "the first hit is in sight");
    await visitor.page.fill("#find", "WRONG_CODE");
    assert.ok(await visitor.page.locator("#check").isVisible(), "an operation is found by the codes that it gives");
    await visitor.page.fill("#find", "no such thing at all");
    assert.ok(await visitor.page.locator(".nothing").isVisible());
    await visitor.assertAccessible("a search without matches");
    await visitor.page.fill("#find", "");
    assert.equal(await shown(visitor, "section.call").count(), all);
    await visitor.page.fill("#find", "claim");
    await visitor.page.evaluate(() => (location.hash = "#add_contact"));
    await visitor.page.locator("#add_contact").waitFor();
  }));

test("one choice of language is for all samples, and is kept", () =>
  meet({ ...english, permissions: ["clipboard-read", "clipboard-write"] }, async (visitor) => {
    await visitor.go("/docs");
    assert.match(await shown(visitor, "#hold .samples pre").innerText(), /^curl/);
    await visitor.page.locator("#hold .langs button", { hasText: "Python" }).click();
    assert.match(await shown(visitor, "#claim .samples pre").innerText(), /urllib/);
    await visitor.go("/docs/verify-v2");
    const sample = shown(visitor, "#CreateVerification .samples pre");
    assert.match(await sample.innerText(), /urllib/);
    await visitor.page.locator("#CreateVerification .samples button.copy").filter({ visible: true }).click();
    await visitor.hasCopied(await sample.textContent());
    const without = await visitor.page.locator("main pre").evaluateAll((all) => all.filter((pre) => !pre.parentElement.querySelector("button.copy")).length);
    assert.equal(without, 0, "blocks without a button to copy them");
  }));

test("without scripts the contents lead everywhere, and every sample can be opened", () =>
  meet({ ...english, script: false, width: 360 }, async (visitor) => {
    await visitor.go("/docs");
    assert.equal(await shown(visitor, "#find, button.copy, button.begin, .langs").count(), 0);
    await visitor.page.locator('.contents a[href="#claim"]').click();
    assert.equal(new URL(visitor.page.url()).hash, "#claim");
    await visitor.page.locator('#claim details[data-lang="go"] summary').click();
    assert.match(await visitor.page.locator('#claim details[data-lang="go"] pre').innerText(), /package main/);
    await visitor.assertFits("the guide without scripts");
  }));

for (const width of [320, 360]) {
  for (const [page] of apis) {
    test(`${page} is read on a telephone, ${width} pixels wide`, () =>
      meet({ ...english, width }, async (visitor) => {
        await visitor.go(page);
        await visitor.assertFits(page);
        assert.equal(await shown(visitor, ".contents details a").count(), 0, "the contents are folded");
        await visitor.page.locator(".contents summary").click();
        assert.ok((await shown(visitor, ".contents details a").count()) > 20);
        await visitor.assertFits(`${page}, contents`);
        const cut = await visitor.page.locator("main pre").evaluateAll((all) =>
          all.filter((pre) => pre.scrollWidth > pre.clientWidth + 1 && getComputedStyle(pre).overflowX !== "auto").length);
        assert.equal(cut, 0);
        // A program keeps its lines and scrolls by itself.
        assert.ok(await shown(visitor, ".samples pre").evaluateAll((all) => all.some((pre) => pre.scrollWidth > pre.clientWidth)));
      }));
  }
}

const tryIt = async (visitor, id, fill = {}) => {
  const section = visitor.page.locator(`#${id}`);
  if (await section.locator("button.begin").isVisible()) await section.locator("button.begin").click();
  await section.locator("form.try").waitFor();
  for (const [name, value] of Object.entries(fill))
    await section.locator(name === "body" ? "textarea" : `input[name="${name}"]`).fill(value);
  await section.locator("button.send").click();
  await section.locator(".status", { hasText: /^\d/ }).waitFor();
  return { status: await section.locator(".status").innerText(), body: await section.locator(".result").innerText(), section };
};

test("a call is tried from its example, and its id is filled into the next", () =>
  meet(english, async (visitor, app) => {
    await visitor.go("/docs");
    const held = await tryIt(visitor, "hold");
    assert.equal(held.status, "201 Created");
    const { id } = JSON.parse(held.body);
    assert.equal(await app.status(id), "held");
    const show = await tryIt(visitor, "show_transaction");
    assert.equal(JSON.parse(show.body).id, id);
    await show.section.locator(".outcome summary").click();
    assert.match(await show.section.locator(".headers").innerText(), /Content-Type: application\/json[^]*X-Request-Id: \w+/);
    const refused = await tryIt(visitor, "check", { body: '{"code": "12"}' });
    assert.match(refused.status, /^4\d\d /);
    // What was not tried is judged elsewhere, and judging all of it takes half a minute.
    const left = await visitor.page.evaluate(() => {
      for (const section of document.querySelectorAll(".call:not(:has(.try .status)), .schema")) section.remove();
      return document.querySelectorAll(".call .try .status").length;
    });
    assert.equal(left, 3);
    await visitor.assertAccessible("forms to try");
    // The inbox shows what was tried like any other call.
    const { entries } = await (await fetch(`${app.url}/dev/timeline.json?id=${id}`)).json();
    assert.ok(entries.some(({ what, outcome }) => what === "POST /v1/transactions" && outcome === "201"), JSON.stringify(entries));
  }));

test("a call of the Verify v2 API is tried with the service's name filled in", () =>
  meet(english, async (visitor, app) => {
    const { phone } = app.person();
    await visitor.go("/docs/verify-v2");
    const made = await tryIt(visitor, "CreateVerification", { body: `To=${phone}\nChannel=sms` });
    assert.equal(made.status, "201 Created", made.body);
    const check = await tryIt(visitor, "CreateVerificationCheck", { body: `To=${phone}\nCode=${await app.code(phone)}` });
    assert.equal(JSON.parse(check.body).status, "approved", check.body);
  }));

test("what an answer holds is text to the page that shows it", () =>
  meet(english, async (visitor) => {
    await visitor.go("/docs");
    const evil = '"><img src=x onerror="document.title=1"><script>document.title=1</script>';
    const body = JSON.stringify({
      type: "x", subject: { identity: "organizer-42" }, display: { title: evil, lines: [{ label: "a", value: evil }] }, payload: {},
      policy: { any_of: ["totp"] },
    });
    await tryIt(visitor, "hold", { body });
    const show = await tryIt(visitor, "show_transaction");
    assert.ok(JSON.parse(show.body).display?.title === evil || show.body.includes("onerror"), show.body);
    assert.equal(await visitor.page.locator("form.try img, form.try script").count(), 0);
    assert.notEqual(await visitor.page.title(), "1");
  }));

test("the key is in no page, and another site cannot make it work", () =>
  meet(english, async (visitor, app) => {
    const asked = [];
    visitor.page.on("response", async (response) => asked.push([response.url(), JSON.stringify(response.request().headers()), await response.text().catch(() => "")]));
    await visitor.go("/docs");
    await tryIt(visitor, "hold");
    assert.ok(asked.length > 2);
    for (const [url, headers, text] of asked) assert.ok(!headers.includes(app.key) && !text.includes(app.key), url);
    assert.equal(await visitor.page.evaluate((key) => document.documentElement.outerHTML.includes(key), app.key), false);
    const body = JSON.stringify({ method: "POST", path: "/v1/webhook_endpoints", body: '{"url":"https://evil.example/"}', headers: { "content-type": "application/json" } });
    for (const [headers, expected] of [
      [{ origin: "https://evil.example", "content-type": "application/json" }, "403 forbidden"], [{ origin: "null", "content-type": "application/json" }, "403 forbidden"],
      [{ "sec-fetch-site": "cross-site", "content-type": "application/json" }, "403 forbidden"],
      [{ "content-type": "text/plain" }, "415 unsupported_media_type"], [{}, "415 unsupported_media_type"],
    ]) {
      const response = await fetch(`${app.url}/docs/try`, { method: "POST", headers, body });
      assert.equal(`${response.status} ${(await response.json()).code}`, expected, JSON.stringify(headers));
    }
    for (const path of ["/healthz", "/dev/inbox.json", "/.well-known/jwks.json"]) {
      const response = await fetch(`${app.url}/docs/try`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ method: "GET", path }) });
      assert.equal(`${response.status} ${(await response.json()).code}`, "422 invalid_field", path);
      assert.equal(await visitor.page.locator(`[data-try*='"${path}"']`).count(), 0, `no form offers ${path}`);
    }
    const preflight = await fetch(`${app.url}/docs/try`, { method: "OPTIONS", headers: { origin: "https://evil.example", "access-control-request-method": "POST", "access-control-request-headers": "content-type" } });
    assert.equal(preflight.headers.get("access-control-allow-origin"), null);
  }));
