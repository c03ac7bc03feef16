/**
 * The inbox, live. The server renders every state of the page, so all that happens here is fetching it again and
 * putting the new parts in place of the old ones.
 */
import { startCopyButtons } from "./lib/forms.js";
import { all, find, say } from "./lib/page.js";

const kParts = ["main", "[data-live]"] as const;
let asked = 0;

/** Fetched as a document, which no other way allows without making markup out of text. Scripts in it do not run. */
function fetchPage(url: string): Promise<Document> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", url);
    request.responseType = "document";
    request.onload = () => (request.status === 200 && request.responseXML ? resolve(request.responseXML) : reject());
    request.onerror = reject;
    request.send();
  });
}

function dress(): void {
  for (const element of all("[data-live] [data-script]")) element.hidden = false;
  for (const element of all("[data-live] [data-no-script]")) element.hidden = true;
  for (const time of all<HTMLTimeElement>("[data-live] time")) {
    const when = new Date(time.dateTime);
    time.textContent = time.closest(".list") ? when.toLocaleTimeString() : when.toLocaleString();
  }
  startCopyButtons("[data-live]");
}

/** Puts what `url` shows now in place. The focus stays on the message that has it; the search field is never touched. */
async function show(url: string): Promise<void> {
  const mine = ++asked;
  const focused = document.activeElement?.closest<HTMLElement>("[data-id]")?.dataset["id"];
  let page: Document;
  try {
    page = await fetchPage(url);
  } catch {
    return;  // The server is away; its next news brings the page up to date.
  }
  if (mine !== asked) return;
  for (const selector of kParts) {
    const [old, fresh] = [find(selector), find(selector, page)];
    if (!old || !fresh) continue;
    if (selector === "main") old.className = fresh.className;
    else old.replaceChildren(...Array.from(fresh.childNodes, (node) => document.importNode(node, true)));
  }
  document.title = page.title;
  dress();
  if (focused) all(".list [data-id]").find((link) => link.dataset["id"] === focused)?.focus();
}

const here = (): string => location.pathname + location.search;

function followNews(): void {
  const { feed, revision } = document.body.dataset;
  if (!feed) return;
  const source = new EventSource(`${feed}?after=${revision ?? 0}`);
  const count = (): number => all(".list [data-id]").length;
  source.onmessage = async () => {
    const before = count();
    await show(here());
    if (count() > before) say(`${count() - before} new`);
  };
}

/** Choosing a message changes the address, not the place in the list. */
function followLinks(): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("[data-live] a[href^='/dev/inbox']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    const field = find<HTMLInputElement>("#q");
    if (field) field.value = new URL(link.href).searchParams.get("q") ?? "";
    void show(here());
  });
  addEventListener("popstate", () => void show(here()));
}

function searchWhileTyping(): void {
  const field = find<HTMLInputElement>("#q");
  let timer: ReturnType<typeof setTimeout> | undefined;
  field?.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      history.replaceState(null, "", field.value ? `/dev/inbox?q=${encodeURIComponent(field.value)}` : "/dev/inbox");
      void show(here());
    }, 150);
  });
}

function copyCodes(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("[data-code]");
    const code = button?.dataset["code"];
    if (!button || !code) return;
    void navigator.clipboard.writeText(code).then(() => {
      button.textContent = button.dataset["copied"] ?? code;
      say(`${code} ${button.dataset["copied"] ?? ""}`);
      setTimeout(() => (button.textContent = code), 1500);
    });
  });
}

function askBeforeDeleting(): void {
  for (const form of all<HTMLFormElement>("form[data-ask]"))
    form.addEventListener("submit", (event) => {
      if (!confirm(form.dataset["ask"])) event.preventDefault();
    });
}

dress();
followNews();
followLinks();
searchWhileTyping();
copyCodes();
askBeforeDeleting();
