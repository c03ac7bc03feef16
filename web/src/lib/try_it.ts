import { all, find } from "./page.js";
import { bodyText, idIn, placesOf, requestOf, type Tried } from "./try_request.js";

const words = document.body.dataset;
const where = "/docs/try";

/** Ids that answers gave, by the path of their collection; and the names that the server tells. */
const ids = new Map<string, string>();
let names: Promise<Record<string, string>> | undefined;

const namesOfServer = (): Promise<Record<string, string>> =>
  (names ??= fetch(where, { headers: { accept: "application/json" } }).then(
    (answer) => (answer.ok ? (answer.json() as Promise<Record<string, string>>) : {}),
    () => ({}),
  ));

const copyOf = <T extends Element>(id: string): T | undefined => {
  const template = document.getElementById(id) as HTMLTemplateElement | null;
  return (template?.content.firstElementChild?.cloneNode(true) as T | null) ?? undefined;
};

/** The name in a query or a path that is as good as its example says. */
function suggestion(tried: Tried, name: string, known: Record<string, string>): string {
  const place = placesOf(tried.path).find((one) => one.name === name);
  const remembered = place ? ids.get(place.collection.replace(/\{\w+\}/g, "{}")) : undefined;
  if (remembered) return remembered;
  if (name === "ServiceSid" || (name === "Sid" && tried.path === "/v2/Services/{Sid}")) return known["service_sid"] ?? "";
  if (/^identity$/i.test(name)) return "organizer-42";
  return "";
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

interface Answer {
  status: number;
  reason: string;
  headers: [string, string][];
  body: string;
}

/** All of it is text to the page, whatever it holds. */
function showAnswer(form: Element, tried: Tried, answer: Answer): void {
  const set = (selector: string, text: string): void => {
    const place = find(selector, form);
    if (place) place.textContent = text;
  };
  set(".status", `${answer.status} ${answer.reason}`);
  set(".headers", answer.headers.map(([name, value]) => `${name}: ${value}`).join("\n"));
  set(".result", pretty(answer.body));
  const status = find(".status", form);
  if (status) status.className = `status s${String(answer.status).slice(0, 1)}`;
  if (answer.status < 200 || answer.status > 299) return;
  try {
    const id = idIn(JSON.parse(answer.body));
    if (id) ids.set(tried.path.replace(/\{\w+\}/g, "{}"), id);
  } catch {
    // No JSON, so no id.
  }
}

async function send(form: HTMLFormElement, tried: Tried): Promise<void> {
  const values = new Map(all<HTMLInputElement>(".fields input", form).map((input) => [input.name, input.value]));
  const request = requestOf(tried, values, find<HTMLTextAreaElement>("textarea", form)?.value ?? "");
  const outcome = find(".outcome", form);
  const status = find(".status", form);
  if (!outcome || !status) return;
  outcome.hidden = false;
  status.textContent = words["trying"] ?? "";
  for (const place of all("pre", outcome)) place.textContent = "";
  try {
    const response = await fetch(where, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(request),
    });
    if (response.ok) return showAnswer(form, tried, (await response.json()) as Answer);
    showAnswer(form, tried, { status: response.status, reason: response.statusText, headers: [], body: await response.text() });
  } catch {
    status.textContent = words["unreachable"] ?? "";
    status.className = "status s5";
  }
}

async function open(tried: Tried, button: HTMLButtonElement): Promise<void> {
  const form = copyOf<HTMLFormElement>("try");
  if (!form) return;
  const known = await namesOfServer();
  const set = (selector: string, text: string): void => {
    const place = find(selector, form);
    if (place) place.textContent = text;
  };
  set(".verb", tried.method);
  set(".target", tried.path);
  const fields = find(".fields", form);
  const listed = new Set((tried.fields ?? []).filter((field) => field.in === "path").map((field) => field.name));
  const missing = placesOf(tried.path).filter(({ name }) => !listed.has(name)).map(({ name }) => ({ name, in: "path", required: true as const }));
  for (const { name, in: place, required } of [...missing, ...(tried.fields ?? [])]) {
    const row = copyOf<HTMLLabelElement>("try-field");
    const input = row ? find<HTMLInputElement>("input", row) : undefined;
    if (!row || !input) continue;
    row.firstElementChild!.textContent = name;
    input.name = `${place} ${name}`;
    input.required = required === true;
    input.value = place === "header" ? (required ? crypto.randomUUID() : "") : suggestion(tried, name, known);
    fields?.append(row);
  }
  const body = find<HTMLTextAreaElement>("textarea", form);
  const text = bodyText(tried);
  if (body) {
    body.value = text;
    body.rows = Math.min(16, Math.max(3, text.split("\n").length));
    if (["GET", "DELETE"].includes(tried.method)) body.closest("label")!.hidden = true;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(form, tried);
  });
  find("button.close", form)?.addEventListener("click", () => {
    form.remove();
    button.hidden = false;
    button.focus();
  });
  button.hidden = true;
  button.after(form);
  (find<HTMLElement>("input, textarea:not([hidden])", form) ?? find<HTMLElement>("button.send", form))?.focus();
}

/** A button at each operation, whose form is made when it is asked for. */
export function startTrying(): void {
  const label = words["try"];
  if (!label || !document.getElementById("try")) return;
  for (const section of all("section[data-try]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet begin";
    button.textContent = label;
    const tried = JSON.parse(section.dataset["try"] ?? "{}") as Tried;
    button.addEventListener("click", () => void open(tried, button));
    find(".samples", section)?.after(button);
  }
}
