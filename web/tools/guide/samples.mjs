// A request of the description as a program in several languages. All of it follows from method, path, headers and
// body; nothing is written for an operation by hand.

/** What a program takes from its environment, by the name that sh gives it. */
const variable = (name) => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();

/** `/v1/transactions/{id}` in pieces: texts and names. */
const pieces = (path) => path.split(/\{(\w+)\}/).map((text, i) => (i % 2 ? { name: text } : { text })).filter(({ text }) => text !== "");
const names = (path) => pieces(path).flatMap(({ name }) => name ?? []);

/** `claim-$ID` in pieces likewise. A member of a body that is `$CODE` and nothing else is taken from the environment, too. */
const shellPieces = (text) => text.split(/\$([A-Z_]+)/).map((part, i) => (i % 2 ? { name: part } : { text: part })).filter(({ text: t }) => t !== "");

const lines = (...all) => all.flat().filter((line) => line !== undefined).join("\n");
const indented = (text, by) => text.split("\n").map((line, i) => (i ? by + line : line)).join("\n");
const quoted = JSON.stringify;
const kFromShell = /"\$([A-Z_]+)"/g;
const inBody = (json) => [...JSON.stringify(json ?? null).matchAll(kFromShell)].map(([, name]) => name);
/** Where a request goes: the server's address, or another one's variable. */
const baseOf = ({ base }) => ({ name: base ?? "URL" });

/** The fields of a form, lists as their name repeated. */
const fields = (form) => Object.entries(form).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]));

function curl({ method, path, base, auth, key, headers, json, form }) {
  const url = path.replace(/\{(\w+)\}/g, (_, name) => "$" + variable(name));
  const one = (text) => `'${text.replace(/'/g, "'\\''")}'`;
  const plain = method === "GET" || (method === "POST" && (json || form));
  const words = [`curl ${plain ? "" : `-X ${method} `}"$${baseOf({ base }).name}${url}"`];
  if (auth === "bearer") words.push(`-H "Authorization: Bearer $${key}"`);
  if (auth === "basic") words.push('-u "$ACCOUNT_SID:$AUTH_TOKEN"');
  for (const [name, value] of headers) words.push(`-H "${name}: ${value ?? "$(uuidgen)"}"`);
  if (json !== undefined) words.push("-H 'Content-Type: application/json'", `-d ${one(JSON.stringify(json, null, 2)).replace(kFromShell, `"'"$$$1"'"`)}`);
  for (const [name, value] of fields(form ?? {})) words.push(`--data-urlencode ${one(`${name}=${value}`)}`);
  return words.join(" \\\n  ");
}

function javascript({ method, path, base, auth, key, headers, json, form }) {
  const local = (name) => variable(name).toLowerCase().replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
  const wanted = [baseOf({ base }).name, ...(auth === "bearer" ? [key] : auth === "basic" ? ["ACCOUNT_SID", "AUTH_TOKEN"] : []), ...names(path).map(variable), ...inBody(json)];
  const template = (parts) => "`" + parts.map(({ text, name }) => text ?? "${" + local(name) + "}").join("") + "`";
  const head = [];
  if (auth === "bearer") head.push("    Authorization: `Bearer ${" + local(key) + "}`,");
  if (auth === "basic") head.push('    Authorization: "Basic " + btoa(`${accountSid}:${authToken}`),');
  for (const [name, value] of headers) head.push(`    ${quoted(name)}: ${value ? template(shellPieces(value)) : "crypto.randomUUID()"},`);
  if (json !== undefined) head.push('    "Content-Type": "application/json",');
  const body = json !== undefined ? `  body: JSON.stringify(${indented(JSON.stringify(json, null, 2).replace(kFromShell, (_, name) => local(name)), "  ")}),`
    : form ? `  body: new URLSearchParams([\n${fields(form).map((field) => `    ${quoted(field).replace(",", ", ")},`).join("\n")}\n  ]),` : undefined;
  const url = template([baseOf({ base }), ...pieces(path)]);
  const options = [method === "GET" ? undefined : `  method: "${method}",`, ...(head.length ? ["  headers: {", ...head, "  },"] : []), body].filter(Boolean);
  return lines(
    `const { ${[...new Set(wanted)].map((name) => `${name}: ${local(name)}`).join(", ")} } = process.env;`,
    options.length ? [`const response = await fetch(${url}, {`, ...options, "});"] : `const response = await fetch(${url});`,
    "console.log(response.status, await response.text());");
}

/** JSON as Python writes it. */
function literal(value, by = "") {
  const inner = by + "    ";
  if (value === null) return "None";
  if (value === true || value === false) return value ? "True" : "False";
  if (Array.isArray(value)) return value.length ? `[${value.map((one) => literal(one, by)).join(", ")}]` : "[]";
  if (typeof value !== "object") return quoted(value).replace(kFromShell, 'os.environ["$1"]');
  const members = Object.entries(value).map(([name, member]) => `${inner}${quoted(name)}: ${literal(member, inner)},`);
  return members.length ? `{\n${members.join("\n")}\n${by}}` : "{}";
}

function python({ method, path, base, auth, key, headers, json, form }) {
  const get = (name) => `os.environ["${variable(name)}"]`;
  const together = (parts) => parts.map(({ text, name }) => (name ? get(name) : quoted(text))).join(" + ");
  const head = [];
  if (auth === "bearer") head.push(`"Authorization": "Bearer " + ${get(key)}`);
  if (auth === "basic") head.push('"Authorization": "Basic " + base64.b64encode(account.encode()).decode()');
  for (const [name, value] of headers) head.push(`${quoted(name)}: ${value ? together(shellPieces(value)) : "str(uuid.uuid4())"}`);
  if (json !== undefined) head.push('"Content-Type": "application/json"');
  const modules = [auth === "basic" && "base64", json !== undefined && "json", "os", "urllib.error", form && "urllib.parse", "urllib.request", headers.some(([, value]) => !value) && "uuid"];
  const data = json !== undefined ? `    data=json.dumps(${literal(json, "    ")}).encode(),`
    : form ? `    data=urllib.parse.urlencode([\n${fields(form).map(([name, value]) => `        (${quoted(name)}, ${quoted(value)}),`).join("\n")}\n    ]).encode(),` : undefined;
  return lines(
    `import ${modules.filter(Boolean).join(", ")}`, "",
    auth === "basic" ? `account = ${get("ACCOUNT_SID")} + ":" + ${get("AUTH_TOKEN")}` : undefined,
    "request = urllib.request.Request(",
    `    ${together([baseOf({ base }), ...pieces(path)])},`,
    method === "GET" ? undefined : `    method="${method}",`,
    head.length ? ["    headers={", ...head.map((one) => `        ${one},`), "    },"] : undefined,
    data, ")",
    "try:",
    "    with urllib.request.urlopen(request) as response:",
    "        print(response.status, response.read().decode())",
    "except urllib.error.HTTPError as error:",
    "    print(error.code, error.read().decode())");
}

function go({ method, path, base, auth, key, headers, json, form }) {
  const get = (name) => `os.Getenv("${variable(name)}")`;
  const together = (parts) => parts.map(({ text, name }) => (name ? get(name) : quoted(text))).join(" + ");
  const raw = (text) => (text.includes("`") ? quoted(text) : "`" + text + "`");
  const set = [];
  if (auth === "bearer") set.push(`request.Header.Set("Authorization", "Bearer "+${get(key)})`);
  if (auth === "basic") set.push(`request.SetBasicAuth(${get("ACCOUNT_SID")}, ${get("AUTH_TOKEN")})`);
  for (const [name, value] of headers) set.push(`request.Header.Set(${quoted(name)}, ${value ? together(shellPieces(value)).replace(/ \+ /g, "+") : "rand.Text()"})`);
  if (json !== undefined) set.push('request.Header.Set("Content-Type", "application/json")');
  if (form) set.push('request.Header.Set("Content-Type", "application/x-www-form-urlencoded")');
  const body = json !== undefined ? `strings.NewReader(${raw(JSON.stringify(json, null, 2)).replace(kFromShell, (_, name) => "\"`+" + get(name) + "+`\"")})` : form ? "strings.NewReader(form.Encode())" : "nil";
  const modules = [headers.some(([, value]) => !value) && "crypto/rand", "fmt", "io", "log", "net/http", form && "net/url", "os", body !== "nil" && "strings"];
  return lines(
    "package main", "", "import (", modules.filter(Boolean).map((name) => `\t"${name}"`), ")", "",
    "func main() {",
    form ? ["\tform := url.Values{}", ...fields(form).map(([name, value]) => `\tform.Add(${quoted(name)}, ${quoted(value)})`)] : undefined,
    `\trequest, err := http.NewRequest("${method}", ${together([baseOf({ base }), ...pieces(path)]).replace(/ \+ /g, "+")}, ${body})`,
    "\tif err != nil {", "\t\tlog.Fatal(err)", "\t}",
    set.map((line) => "\t" + line),
    "\tresponse, err := http.DefaultClient.Do(request)",
    "\tif err != nil {", "\t\tlog.Fatal(err)", "\t}",
    "\tdefer response.Body.Close()",
    "\tanswer, err := io.ReadAll(response.Body)",
    "\tfmt.Println(response.StatusCode, string(answer), err)",
    "}");
}

/**
 * `[language, name, program]` of a request: `method` in capitals, `path` with its `{places}`, `base` the variable of its
 * address unless that is `URL`, `auth` (`bearer`, `basic` or none), `key` the variable of a bearer's key, `headers` as `[name, value of sh]` where no value means any unique one, and a `json` or a `form`.
 */
export const samplesOf = (request) => [
  ["curl", "curl", curl(request)],
  ["javascript", "JavaScript", javascript(request)],
  ["python", "Python", python(request)],
  ["go", "Go", go(request)],
];
