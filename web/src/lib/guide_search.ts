import { all, find } from "./page.js";
import { matches, plain } from "./search_words.js";

/** What is looked through, and what goes with it. */
interface Entry {
  element: HTMLElement;
  text: string;
  also: HTMLElement[];
}

const textOf = (element: Element, selectors: string): string =>
  all(selectors, element).map((part) => part.textContent ?? "").join(" ");

const entriesOf = (selector: string, text: (element: HTMLElement) => string): Entry[] =>
  all(selector).map((element) => ({ element, text: plain(`${element.id} ${text(element)}`), also: all(`[data-for="${element.id}"]`) }));

/** Operations and errors that are looked for, while typing; the rest of the page stands back meanwhile. */
export function fillSearch(): void {
  const field = find<HTMLInputElement>("#find");
  if (!field) return;
  const operations = entriesOf(".call", (call) => textOf(call, "h3, .what, th code, .codes code"));
  const errors = entriesOf("tr[id^=code-]", (row) => row.textContent ?? "");
  const schemas = entriesOf(".schema", (schema) => textOf(schema, "h3"));
  const found = find("[data-found]");
  const nothing = find(".nothing");
  const list = find<HTMLDetailsElement>(".contents details");

  const filter = (): void => {
    const typed = field.value.trim();
    const show = ({ element, text, also }: Entry): boolean => {
      const shown = matches(typed, text);
      for (const one of [element, ...also]) one.hidden = !shown;
      return shown;
    };
    const [calls, rows, shapes] = [operations, errors, schemas].map((entries) => entries.filter(show).length) as [number, number, number];
    for (const about of all(".about, .errors-about")) about.hidden = typed !== "";
    for (const place of all(".chapter")) place.hidden = typed !== "" && !all(".call, .schema, tr[id]", place).some((one) => !one.hidden);
    for (const table of all("table.errors")) table.hidden = typed !== "" && !all("tr[id]", table).some((one) => !one.hidden);
    for (const group of all(".contents .group")) group.hidden = !all("li", group).some((one) => !one.hidden);
    if (nothing) nothing.hidden = calls + rows + shapes > 0;
    if (found) {
      const counted = (name: string, count: number): string =>
        ((found.dataset[name] ?? "").split("|")[count === 1 ? 0 : 1] ?? "").replace("#", String(count));
      const words = found.dataset["found"] ?? "";
      found.textContent =
        typed === "" ? "" : words.replace("{operations}", counted("operations", calls)).replace("{errors}", counted("errors", rows));
    }
    // On a telephone the field stands above what it finds, and would scroll away from under the fingers.
    if (typed === "" || matchMedia("(max-width: 60rem)").matches) return;
    if (list && calls > 0) list.open = true;
    const first = [...operations, ...errors, ...schemas].find(({ element }) => !element.hidden);
    first?.element.scrollIntoView({ block: "start", behavior: "instant" });
  };
  field.addEventListener("input", filter);
  // `/` begins a search, as in many guides, unless something is being typed.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.target as Element).closest("input, textarea, select")) return;
    event.preventDefault();
    field.focus();
  });
  // A link to what is filtered away brings all of it back.
  addEventListener("hashchange", () => {
    const aim = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!aim?.closest("[hidden]")) return;
    field.value = "";
    filter();
    aim.scrollIntoView();
  });
  if (field.value) filter();
}
