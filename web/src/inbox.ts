/**
 * The inbox, live. The server renders every state of the page, so all that happens here is fetching it again and
 * putting the new parts in place of the old ones.
 */
import { startCopyButtons } from "./lib/forms.js";
import { all, find, say } from "./lib/page.js";

/** What each part was made from, as the server sent it. */
const sent = new WeakMap<Element, string>();
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

/** What only a script can add to a part. */
function dress(part: Element): void {
  sent.set(part, part.outerHTML);
  for (const element of all("[data-script]", part)) element.hidden = false;
  for (const element of all("[data-no-script]", part)) element.hidden = true;
  for (const time of all<HTMLTimeElement>("time", part)) {
    const when = new Date(time.dateTime);
    time.textContent = time.closest(".list, .timeline") ? when.toLocaleTimeString() : when.toLocaleString();
  }
  startCopyButtons(part);
}

/** A part that has not changed stays the very same: somebody may be about to press something in it. */
function update(place: Element, fresh: Element): void {
  const old = Array.from(place.children);
  Array.from(fresh.children).forEach((part, i) => {
    const present = old[i];
    if (present && sent.get(present) === part.outerHTML) return;
    const made = document.importNode(part, true);
    if (present) present.replaceWith(made);
    else place.append(made);
    dress(made);
  });
  for (const left of old.slice(fresh.children.length)) left.remove();
}

/** Puts what `url` shows now in place. The focus stays on the message that has it; the search field is never touched. */
async function show(url: string): Promise<void> {
  const mine = ++asked;
  let page: Document;
  try {
    page = await fetchPage(url);
  } catch {
    return;  // The server is away; its next news brings the page up to date.
  }
  const [main, freshMain] = [find("main"), find("main", page)];
  const [places, fresh] = [all("[data-live]"), all("[data-live]", page)];
  if (mine !== asked || !main || !freshMain || places.length !== fresh.length) return;
  const focused = document.activeElement?.closest<HTMLElement>("[data-id]")?.dataset["id"];
  main.className = freshMain.className;
  places.forEach((place, i) => update(place, fresh[i] as Element));
  document.title = page.title;
  if (focused && document.activeElement === document.body)
    all(".list [data-id]").find((link) => link.dataset["id"] === focused)?.focus();
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

for (const part of all("[data-live] > *")) dress(part);
followNews();
followLinks();
searchWhileTyping();
copyCodes();
askBeforeDeleting();
