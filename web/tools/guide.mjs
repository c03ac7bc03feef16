// The API guide: two pages made from the descriptions in docs/ and from docs/errors.md when web/ is built, so that they
// can never say something else.
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { Description } from "./guide/description.mjs";
import { code, errorsChapter, escape, idOfCode, line, prose } from "./guide/markdown.mjs";

/** Head and bar of all developer pages, which the server fills in for its own: sections and values of one level. */
const shared = (name) => readFileSync(new URL(`../../src/api/developer/${name}.html`, import.meta.url), "utf8");
const fill = (template, values) =>
  template
    .replace(/\{\{([#^])(\w+)\}\}([^]*?)\{\{\/\2\}\}/g, (_, kind, name, inner) => ((kind === "#") === Boolean(values[name]) ? inner : ""))
    .replace(/\{\{(\w+)\}\}/g, (_, name) => escape(values[name]));
const kHead = shared("head");
const kBar = shared("bar");

const kNativeChapters = [
  ["Transactions", "/v1/transactions"],
  ["People: contacts and factors", "/v1/subjects"],
  ["Webhooks", "/v1/webhook_endpoints"],
  ["Events", "/v1/events"],
  ["Test mode", "/v1/test"],
  ["Running a server", "/"],
];

const anchor = (title) => title.toLowerCase().replace(/[^a-z]+/g, "-");

/** A table of errors; the first cell of a row is its code. */
function errorsTable(names, rows) {
  const body = rows.map(([id, name, ...others]) =>
    `<tr id="${idOfCode(id)}"><th scope="row">${name.replaceAll("_", "_<wbr>")}</th>${others.map((cell) => `<td>${cell}</td>`).join("")}</tr>`);
  return `<table class="errors"><thead><tr>${names.map((name) => `<th scope="col">${name}</th>`).join("")}</tr></thead><tbody>${body.join("\n")}</tbody></table>`;
}

/** The errors of the Verify-compatible API, with the operations that give each beside those that any may. */
function verifyErrors(api, calls) {
  const any = new Set(api["x-any-request"]["x-codes"]);
  const rows = Object.entries(api["x-errors"]).map(([number, { status, message }]) => {
    const givers = calls.filter(({ operation }) => operation["x-codes"]?.includes(Number(number))).map(({ operation }) => operation.operationId);
    const where = any.has(Number(number)) ? "any request" : givers.map((id) => `<a href="#${id}">${id}</a>`).join(" ");
    return [number, `<code>${number}</code>`, String(status), line(message), where];
  });
  return `<h2 id="errors">Errors</h2>\n<p>Each has the shape of <a href="#Error">Error</a>. The SDKs raise them with this code.</p>\n` +
    errorsTable(["code", "status", "message", "from"], rows);
}

/** What the script puts together for an operation that is tried. Its words are here. */
const kTryForm = `<template id="try"><form class="try"><p class="line"><b class="verb"></b> <code class="target"></code></p>
<div class="fields"></div>
<label class="body">Body <textarea rows="6" spellcheck="false" autocomplete="off"></textarea></label>
<p class="row"><button class="send">Send</button> <button type="button" class="close">Close</button> <span class="hint">With the development key, to this server. It changes what is there.</span></p>
<div class="outcome" hidden><p class="line" role="status"><b class="status"></b></p><details><summary>Headers</summary><pre class="headers" tabindex="0"></pre></details><pre class="result" tabindex="0"></pre></div></form></template>
<template id="try-field"><label><span></span> <input type="text" spellcheck="false" autocomplete="off"></label></template>`;

function page({ title, file, other, intro, before, groups, calls, errors, description, url }) {
  const contents = groups.map(([name, list]) => `<li class="group"><a href="#${anchor(name)}">${escape(name)}</a><ul>` +
    list.map(({ method, path, operation }) =>
      `<li data-for="${escape(operation.operationId)}"><a href="#${escape(operation.operationId)}"><span class="method ${method}">${method.toUpperCase()}</span> ` +
      `${escape(path.replace(/^\/v[12]/, ""))}</a></li>`).join("") + "</ul></li>");
  const sections = groups.map(([name, list]) => `<div class="chapter"><h2 id="${anchor(name)}">${escape(name)}</h2>\n` +
    list.map((call) => description.operation(call)).join("\n") + "</div>");
  const tab = (href, label) => `<a href="${href}"${href === file ? ' aria-current="page"' : ""}>${label}</a>`;
  return `${fill(kHead, { title, css: url("guide.css"), script: url("guide.js") })}<body data-copy="Copy" data-copied="Copied" data-try="Try it" data-language="Language" data-trying="…" data-unreachable="The server does not answer.">
<a class="skip vh" href="#main">Skip to the guide</a>
${fill(kBar, { guide: file === "/docs" ? "page" : "true" })}<div class="sheet">
<nav class="contents" aria-label="Contents">
<p class="apis">${tab("/docs", "Native API")} ${tab("/docs/verify-v2", "Verify v2")}</p>
<p class="find" hidden data-script><label class="vh" for="find">Search operations and errors</label><input id="find" type="search" placeholder="Search operations and errors" autocomplete="off" spellcheck="false"></p>
<p class="found" role="status" data-status data-found="{operations}, {errors}" data-operations="1 operation|# operations" data-errors="1 error|# errors"></p>
<details class="list" open><summary>Contents</summary><ul><li><a href="#before">Before the first call</a></li>${contents.join("\n")}<li><a href="#errors">Errors</a></li><li><a href="#schemas">Schemas</a></li></ul></details></nav>
<main id="main">
<h1>${title}</h1>
<div class="about"><p class="lede">${escape(intro)}</p>
${prose(description.api.info.description)}
<p>The other one: ${other}</p>
<h2 id="before">Before the first call</h2>
${before}</div>
${sections.join("\n")}
<div class="chapter">${errors}</div>
<div class="chapter schemas"><h2 id="schemas">Schemas</h2>
${description.schemas().join("\n")}</div>
<p class="nothing" hidden>Nothing like that is here.</p>
</main>
</div>
${kTryForm}
</body>
</html>
`;
}

const kFile = "FILE=data/dev/dev-credentials.json";
const fromFile = (name, member) => `export ${name}=$(sed 's/.*"${member}":"\\([^"]*\\)".*/\\1/' $FILE)`;

/** Of docs/openapi.yaml and docs/errors.md. `url` makes a link to a style or script out of its plain name. */
export function nativeGuide(yaml, errors, url) {
  const description = new Description(parse(yaml));
  const calls = description.calls();
  const chapterOf = ({ path }) => kNativeChapters.find(([, prefix]) => path.startsWith(prefix))[0];
  return page({
    title: "API guide", file: "/docs", description, calls, url, intro: description.api.info.summary,
    other: '<a href="/docs/verify-v2">the API of Twilio Verify v2</a>, for the official SDKs.',
    groups: kNativeChapters.map(([title]) => [title, calls.filter((call) => chapterOf(call) === title)]),
    errors: errorsChapter(errors),
    before: `<p>The development mode writes its address and an API key into <code>dev-credentials.json</code> in its data folder. The examples take
both from the environment; ids of your own stand for <code>$ID</code> and the like, what arrived in the inbox for <code>$CODE</code>, and
the claim's <code>fencing_token</code> for <code>$TOKEN</code>. Those of test mode take <code>$TEST_KEY</code>.</p>
${code([kFile, fromFile("URL", "url"), fromFile("KEY", "api_key"), fromFile("TEST_KEY", "test_api_key"), fromFile("METRICS_URL", "metrics_url")].join("\n"))}
<p>The description itself is at <a href="/openapi.yaml">/openapi.yaml</a>.</p>`,
  });
}

/** Of docs/openapi-verify-v2.yaml. */
export function verifyGuide(yaml, url) {
  const description = new Description(parse(yaml));
  const calls = description.calls();
  return page({
    title: "Verify v2 guide", file: "/docs/verify-v2", description, calls, url, intro: description.api.info.summary,
    other: '<a href="/docs">the native API</a>, which holds and releases transactions.',
    groups: description.api.tags.map(({ name }) => [name, calls.filter(({ operation }) => operation.tags[0] === name)]),
    errors: verifyErrors(description.api, calls),
    before: `<p>An official SDK of Twilio works when it is pointed here; docs/migrating-from-twilio.md says how. The examples take address and
credentials from the environment, where <code>dev-credentials.json</code> has them.</p>
${code([kFile, fromFile("URL", "url"), fromFile("ACCOUNT_SID", "account_sid"), fromFile("AUTH_TOKEN", "auth_token"), fromFile("SERVICE_SID", "service_sid")].join("\n"))}`,
  });
}
