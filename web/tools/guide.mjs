// The API guide: one page made from docs/openapi.yaml and docs/errors.md when web/ is built, so that it can never say
// something else.
import { parse } from "yaml";

const kChapters = [
  ["Transactions", "/v1/transactions"],
  ["People: contacts and factors", "/v1/subjects"],
  ["Webhooks", "/v1/webhook_endpoints"],
  ["Events", "/v1/events"],
  ["Running a server", "/"],
];
const kMethods = ["get", "post", "put", "patch", "delete"];

const escape = (text) =>
  String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

/** Links lead to files beside the description, so they are only words here. */
const inline = (part) =>
  escape(part).replace(/\[([^\]]+)\]\([^)]+\)/g, "$1").replace(/`([^`]+)`/g, "<code>$1</code>").replace(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>");

/** The little Markdown that descriptions use: `code`, **strong**, lists, paragraphs. */
function prose(text) {
  if (!text) return "";
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((block) =>
      block.startsWith("- ")
        ? `<ul>${block.split(/\n?^- /m).filter(Boolean).map((item) => `<li>${inline(item)}</li>`).join("")}</ul>`
        : `<p>${inline(block)}</p>`)
    .join("\n");
}
const line = (text) => prose(text).replace(/^<p>|<\/p>$/g, "");

const idOfCode = (code) => `code-${code}`;

/** docs/errors.md as a chapter: besides prose it has headings, tables whose first column are codes, and one sample. */
function errorsChapter(markdown) {
  const cells = (row) => row.split("|").slice(1, -1).map((cell) => inline(cell.trim()));
  const tableOf = (rows) => {
    const [names, , ...rest] = rows.map(cells);
    const body = rest.map(([name, ...others]) => {
      const id = idOfCode(/<code>(\w+)<\/code>/.exec(name)[1]);
      return `<tr id="${id}"><th scope="row">${name}</th>${others.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
    });
    return `<table class="errors"><thead><tr>${names.map((name) => `<th scope="col">${name}</th>`).join("")}</tr></thead><tbody>${body.join("\n")}</tbody></table>`;
  };
  return markdown.trim().split(/\n(?:[ \t]*\n)+(?! {4})/).map((block) => {
    if (block.startsWith("# ")) return `<h2 id="errors">${inline(block.slice(2))}</h2>`;
    if (block.startsWith("## ")) return `<h3>${inline(block.slice(3))}</h3>`;
    if (block.startsWith("|")) return tableOf(block.split("\n"));
    const sample = /\n+((?: {4}.*\n*)+)$/.exec(block);
    return prose(block.slice(0, sample?.index)) + (sample ? `<pre tabindex="0">${escape(sample[1].replace(/^ {4}/gm, ""))}</pre>` : "");
  }).join("\n");
}

class Guide {
  constructor(api) {
    this.api = api;
  }

  /** What a $ref stands for, with what is said beside it. */
  at(node) {
    if (!node?.$ref) return node ?? {};
    const { $ref, ...beside } = node;
    const target = $ref.slice(2).split("/").reduce((place, key) => place[key.replace(/~1/g, "/").replace(/~0/g, "~")], this.api);
    return { ...this.at(target), ...beside };
  }

  /** A schema in a few words, with a link where it has a name of its own. */
  type(schema) {
    if (!schema || schema === true) return "anything";
    if (schema.$ref) {
      const name = schema.$ref.split("/").pop();
      return `<a href="#${escape(name)}">${escape(name)}</a>`;
    }
    if (schema.const !== undefined) return `<code>${escape(JSON.stringify(schema.const))}</code>`;
    if (schema.enum) return schema.enum.map((value) => `<code>${escape(value)}</code>`).join(" ");
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices) return choices.map((choice) => this.type(choice)).join(" or ");
    if (schema.allOf) return schema.allOf.map((part) => this.type(part)).join(" and ");
    const types = [schema.type ?? (schema.properties ? "object" : "anything")].flat();
    return types.map((type) => (type === "array" ? `list of ${this.type(schema.items)}` : type)).join(" or ");
  }

  /** Members of an object, those of objects within it indented by their path. */
  members(schema, path = "") {
    const whole = this.at(schema);
    const required = new Set(whole.required ?? []);
    return Object.entries(whole.properties ?? {}).flatMap(([name, member]) => {
      const { description } = this.at(member);
      const own = { name: path + name, type: this.type(member), required: required.has(name), description };
      const inner = member.$ref ? undefined : member.properties ? member : member.items?.properties ? member.items : undefined;
      return [own, ...(inner ? this.members(inner, `${path}${name}${member.items ? "[]" : ""}.`) : [])];
    });
  }

  table(caption, rows) {
    if (!rows.length) return "";
    const cells = rows.map(({ name, type, required, description }) =>
      `<tr><th scope="row"><code>${escape(name)}</code>${required ? ' <span class="must">required</span>' : ""}</th>` +
      `<td>${type}${description ? `<br>${line(description)}` : ""}</td></tr>`);
    return `<table><caption>${caption}</caption><tbody>${cells.join("\n")}</tbody></table>`;
  }

  example(content) {
    const { examples, example } = content ?? {};
    const first = example ?? (examples && this.at(Object.values(examples)[0]).value);
    return first === undefined ? undefined : typeof first === "string" ? first : JSON.stringify(first, null, 2);
  }

  curl(method, path, parameters, body, servers) {
    const needs = (name) => parameters.find((parameter) => parameter.name === name);
    const url = path.replace(/\{(\w+)\}/g, (_, name) => "$" + name.toUpperCase());
    const base = servers?.[0].url ?? "$URL";
    const words = [method === "post" && body === undefined ? `curl -X POST "${base}${url}"`
      : ["get", "post"].includes(method) ? `curl "${base}${url}"` : `curl -X ${method.toUpperCase()} "${base}${url}"`];
    if (path.startsWith("/v1/")) words.push('-H "Authorization: Bearer $KEY"');
    const key = needs("Idempotency-Key");
    if (key) words.push(`-H "Idempotency-Key: ${key["x-shell"] ?? "$(uuidgen)"}"`);
    if (body !== undefined) words.push("-H 'Content-Type: application/json'", `-d '${body.replace(/'/g, "'\\''")}'`);
    return words.join(" \\\n  ");
  }

  answer(status, given) {
    const response = this.at(given);
    const [[type, content] = []] = Object.entries(response.content ?? {});
    const codes = this.at(content?.schema)?.properties?.code?.enum ?? [];
    const example = this.example(content);
    const shown = example !== undefined && status.startsWith("2") && type?.includes("json");
    return `<div class="answer"><dt><b class="s${status[0]}">${escape(status)}</b></dt><dd>${prose(response.description)}` +
      (codes.length ? `<p class="codes">${codes.map((code) => `<a href="#${idOfCode(code)}"><code>${escape(code)}</code></a>`).join(" ")}</p>` : "") +
      (shown ? `<pre tabindex="0">${escape(example)}</pre>` : "") + "</dd></div>";
  }

  operation(method, path, operation, shared) {
    const parameters = [...shared, ...(operation.parameters ?? [])].map((parameter) => this.at(parameter));
    const content = this.at(operation.requestBody).content ?? {};
    const json = content["application/json"];
    const rows = parameters.map(({ name, required, schema, description, in: where }) => ({
      name, required, description, type: `${this.type(schema)}, in the ${where}`,
    }));
    return `<section class="call" id="${escape(operation.operationId)}">
<h3><span class="method ${method}">${method.toUpperCase()}</span> <code>${escape(path)}</code></h3>
<p class="what">${line(operation.summary)}</p>
${prose(operation.description)}
${this.table("Parameters", rows)}
${json ? this.table("Body", this.members(json.schema)) : ""}
<h4>Example</h4>
<pre tabindex="0">${escape(this.curl(method, path, parameters, this.example(json), operation.servers))}</pre>
<h4>Answers</h4>
<dl>${Object.entries(operation.responses).map(([status, response]) => this.answer(status, response)).join("\n")}</dl>
</section>`;
  }

  chapters() {
    const calls = Object.entries(this.api.paths).flatMap(([path, item]) =>
      kMethods.filter((method) => item[method]).map((method) => ({ path, method, item, operation: item[method] })));
    const chapterOf = ({ path }) => kChapters.find(([, prefix]) => path.startsWith(prefix))[0];
    return kChapters.map(([title]) => [title, calls.filter((call) => chapterOf(call) === title)]);
  }

  schemas() {
    return Object.entries(this.api.components.schemas).map(([name, schema]) => {
      const rows = this.members(schema);
      const { description, pattern } = schema;
      return `<section class="schema" id="${escape(name)}"><h3>${escape(name)}</h3>${prose(description)}` +
        (rows.length ? this.table("Members", rows)
          : `<p>${this.type(schema)}${pattern ? `, <code>${escape(pattern)}</code>` : ""}</p>`) + "</section>";
    });
  }
}

/** The whole page, of docs/openapi.yaml and docs/errors.md. `url` makes a link to a style or script out of its plain name. */
export function guidePage(yaml, errors, url) {
  const api = parse(yaml);
  const guide = new Guide(api);
  const chapters = guide.chapters();
  const anchor = (title) => title.toLowerCase().replace(/[^a-z]+/g, "-");
  const contents = chapters.map(([title, calls]) => `<li><a href="#${anchor(title)}">${escape(title)}</a><ul>` +
    calls.map(({ method, path, operation }) =>
      `<li><a href="#${escape(operation.operationId)}"><span class="method ${method}">${method.toUpperCase()}</span> ` +
      `${escape(path.replace(/^\/v1/, ""))}</a></li>`).join("") + "</ul></li>");
  const sections = chapters.map(([title, calls]) => `<h2 id="${anchor(title)}">${escape(title)}</h2>\n` +
    calls.map(({ method, path, operation, item }) => guide.operation(method, path, operation, item.parameters ?? [])).join("\n"));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>API guide – Countersign</title>
<link rel="stylesheet" href="${url("guide.css")}">
</head>
<body>
<a class="skip vh" href="#main">Skip to the guide</a>
<header class="bar"><a class="brand" href="/docs"><svg width="24" height="24" viewBox="0 0 26 26" aria-hidden="true"><rect x="1.5" y="1.5" width="23" height="23" rx="6" fill="none" stroke="currentColor" stroke-width="2"/><path class="mark" d="M6.5 17.5c3-1 4-8 6-8s.5 7 2.5 7 2-3 4.5-4.5" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round"/></svg> Countersign</a>
<nav aria-label="Development"><a href="/dev/inbox">Inbox</a> <a href="/docs" aria-current="page">API guide</a></nav></header>
<div class="sheet">
<nav class="contents" aria-label="Contents"><ul>${contents.join("\n")}<li><a href="#errors">Errors</a></li><li><a href="#schemas">Schemas</a></li></ul></nav>
<main id="main">
<h1>API guide</h1>
<p class="lede">${escape(api.info.summary)}</p>
${prose(api.info.description)}
<h2 id="before">Before the first call</h2>
<p>The development mode writes its address and an API key into <code>dev-credentials.json</code> in its data folder. The examples take
both from the environment; ids of your own stand for <code>$ID</code> and the like.</p>
<pre tabindex="0">FILE=data/dev/dev-credentials.json
URL=$(sed 's/.*"url":"\\([^"]*\\)".*/\\1/' $FILE)
KEY=$(sed 's/.*"api_key":"\\([^"]*\\)".*/\\1/' $FILE)</pre>
<p>The description itself is at <a href="/openapi.yaml">/openapi.yaml</a>.</p>
${sections.join("\n")}
${errorsChapter(errors)}
<h2 id="schemas">Schemas</h2>
${guide.schemas().join("\n")}
</main>
</div>
</body>
</html>
`;
}
