// What an OpenAPI description says, in the pieces that the guide is made of.
import { code, escape, idOfCode, line, prose } from "./markdown.mjs";
import { samplesOf } from "./samples.mjs";

export const kMethods = ["get", "post", "put", "patch", "delete"];

const isOfTestMode = (path) => path.startsWith("/v1/test/");

/** Something that the schema's own words make likely: what the server takes for its form, if not for its content. */
function invented(name, schema) {
  const sid = /^\^([A-Z]{2})\[0-9a-f/.exec(schema.pattern ?? "");
  if (sid) return sid[1] + "0".repeat(32);
  if (schema.format === "uri") return "https://example.com/";
  if (schema.format === "date-time") return "2026-11-22T12:00:00Z";
  switch ([schema.type].flat()[0]) {
    case "integer":
    case "number":
      return Math.max(schema.minimum ?? 1, 1);
    case "boolean":
      return true;
    case "object":
      return {};
    default:
      return name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  }
}

export class Description {
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
    if (schema.enum) return schema.enum.map((value) => `<code>${escape(value === "" ? '""' : value)}</code>`).join(" ");
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

  /** The first example that the description gives; undefined where it gives none. */
  example(content) {
    const { examples, example } = content ?? {};
    return example ?? (examples && this.at(Object.values(examples)[0]).value);
  }

  /** A value that a schema takes: its example, else what must be there, made up. */
  valueOf(schema, name = "") {
    const whole = this.at(schema);
    const given = whole.example ?? whole.examples?.[0] ?? whole.const ?? whole.enum?.[0];
    if (given !== undefined) return given;
    const choice = whole.anyOf?.[0] ?? whole.oneOf?.[0] ?? whole.allOf?.[0];
    if (choice && !whole.properties) return this.valueOf(choice, name);
    if (whole.type === "array") return [this.valueOf(whole.items, name)];
    if (!whole.properties) return invented(name, whole);
    const entries = Object.entries(whole.properties);
    const exemplary = entries.filter(([, member]) => this.at(member).example !== undefined).map(([member]) => member);
    const wanted = new Set([...(whole.required ?? []), ...exemplary]);
    return Object.fromEntries(entries.filter(([member]) => wanted.has(member)).map(([member, inner]) => [member, this.valueOf(inner, member)]));
  }

  /**
   * What the samples and the form of an operation send. `x-shell` of an example has what samples take from the environment,
   * that of a server the variable of its address.
   */
  request(method, path, operation, parameters) {
    const content = this.at(operation.requestBody).content ?? {};
    const [type] = Object.keys(content);
    const body = type && (this.example(content[type]) ?? this.valueOf(content[type].schema));
    const shell = this.at(Object.values(content[type]?.examples ?? {})[0])["x-shell"];
    const empty = body === undefined || (typeof body === "object" && !Object.keys(body).length && !content[type].schema?.required);
    const secured = (operation.security ?? this.api.security ?? []).flatMap((one) => Object.keys(one));
    return {
      method: method.toUpperCase(), path, base: operation.servers?.[0]["x-shell"],
      key: isOfTestMode(path) ? "TEST_KEY" : "KEY", query: parameters.filter(({ in: where, required }) => where === "query" && required).map(({ name }) => name),
      auth: secured.includes("apiKey") ? "bearer" : secured.includes("basic") ? "basic" : undefined,
      headers: parameters.filter(({ in: where, name }) => where === "header" && name === "Idempotency-Key")
        .map((parameter) => [parameter.name, parameter["x-shell"]]),
      ...(empty ? {} : type === "application/json" ? { json: body, shell } : typeof body === "string"
        ? { form: Object.fromEntries(new URLSearchParams(body)) } : { form: body }),
    };
  }

  /** What the form to try it is made of, for the script. */
  form(request, parameters) {
    const { method, path, json, form } = request;
    const fields = parameters.filter(({ in: where }) => where !== "header" || request.headers.length)
      .filter(({ name, in: where }) => where !== "header" || name === "Idempotency-Key")
      .map(({ name, in: where, required }) => ({ name, in: where, ...(required ? { required } : {}) }));
    return escape(JSON.stringify({ method, path, ...(fields.length ? { fields } : {}), ...(json !== undefined ? { json } : {}), ...(form ? { form } : {}) }));
  }

  samples(request) {
    const asked = request.query.map((name, i) => `${i ? "&" : "?"}${name}={${name}}`).join("");
    return `<div class="samples">${samplesOf({ ...request, path: request.path + asked, ...(request.shell ? { json: { ...request.json, ...request.shell } } : {}) }).map(([language, name, program]) =>
      `<details data-lang="${language}"${language === "curl" ? " open" : ""}><summary>${name}</summary>${code(program)}</details>`).join("")}</div>`;
  }

  answer(status, given) {
    const response = this.at(given);
    const [[type, content] = []] = Object.entries(response.content ?? {});
    const codes = this.at(content?.schema)?.properties?.code?.enum ?? [];
    const example = this.example(content);
    const shown = example !== undefined && status.startsWith("2") && type?.includes("json");
    return `<div class="answer"><dt><b class="s${status[0]}">${escape(status)}</b></dt><dd>${prose(response.description)}` +
      (content?.schema?.$ref && status.startsWith("2") ? `<p>${this.type(content.schema)}</p>` : "") +
      this.codes(codes) +
      (shown ? code(typeof example === "string" ? example : JSON.stringify(example, null, 2)) : "") + "</dd></div>";
  }

  codes(codes) {
    if (!codes.length) return "";
    return `<p class="codes">${codes.map((one) => `<a href="#${idOfCode(one)}"><code>${escape(one)}</code></a>`).join(" ")}</p>`;
  }

  operation({ method, path, item, operation }) {
    const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((parameter) => this.at(parameter));
    const content = Object.values(this.at(operation.requestBody).content ?? {})[0];
    const rows = parameters.map(({ name, required, schema, description, in: where }) => ({
      name, required, description, type: `${this.type(schema)}, in the ${where}`,
    }));
    const request = this.request(method, path, operation, parameters);
    // The page tries calls with the development key, which does not work in test mode.
    const tried = operation.servers || !/^\/v[12]\//.test(path) || isOfTestMode(path) ? "" : ` data-try="${this.form(request, parameters)}"`;
    return `<section class="call" id="${escape(operation.operationId)}"${tried}>
<h3><span class="method ${method}">${method.toUpperCase()}</span> <code>${escape(path)}</code></h3>
<p class="what">${line(operation.summary)}</p>
${prose(operation.description)}
${this.table("Parameters", rows)}
${content ? this.table("Body", this.members(content.schema)) : ""}
<h4>Example</h4>
${this.samples(request)}
<h4>Answers</h4>
<dl>${Object.entries(operation.responses).map(([status, response]) => this.answer(status, response)).join("\n")}</dl>
${operation["x-codes"] ? this.codes(operation["x-codes"]) : ""}</section>`;
  }

  /** Every operation, in the order of the description. */
  calls() {
    return Object.entries(this.api.paths).flatMap(([path, item]) =>
      kMethods.filter((method) => item[method]).map((method) => ({ path, method, item, operation: item[method] })));
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
