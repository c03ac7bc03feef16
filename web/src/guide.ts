/**
 * The guide: search, the language of the samples, copying, and trying a call. The page says everything without it, and
 * all words are in its markup.
 */
import { startCopyButtons } from "./lib/forms.js";
import { fillSearch } from "./lib/guide_search.js";
import { all, find } from "./lib/page.js";
import { startTrying } from "./lib/try_it.js";

const words = document.body.dataset;

/** `localStorage` may be forbidden; then the choice lasts as long as the page. */
function remembered(): string | null {
  try {
    return localStorage.getItem("countersign guide language");
  } catch {
    return null;
  }
}
function remember(language: string): void {
  try {
    localStorage.setItem("countersign guide language", language);
  } catch {
    // See above.
  }
}

function choose(language: string): void {
  for (const sample of all(".samples")) {
    const given = all<HTMLDetailsElement>("details[data-lang]", sample);
    const shown = given.some((one) => one.dataset["lang"] === language) ? language : given[0]?.dataset["lang"];
    for (const one of given) {
      one.hidden = one.dataset["lang"] !== shown;
      one.open = !one.hidden;
    }
    for (const button of all(".langs button", sample))
      button.setAttribute("aria-pressed", String(button.dataset["lang"] === shown));
  }
}

/** Buttons in place of the summaries, the same choice for all samples. */
function offerLanguages(): void {
  for (const sample of all(".samples")) {
    const bar = document.createElement("div");
    bar.className = "langs";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", words["language"] ?? "");
    for (const one of all<HTMLDetailsElement>("details[data-lang]", sample)) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset["lang"] = one.dataset["lang"] ?? "";
      button.textContent = find("summary", one)?.textContent ?? "";
      bar.append(button);
    }
    sample.prepend(bar);
    sample.classList.add("tabbed");
  }
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>(".langs button");
    const language = button?.dataset["lang"];
    if (!button || !language) return;
    // What is above may grow or shrink with the choice: the button stays under the pointer.
    const before = button.getBoundingClientRect().top;
    choose(language);
    remember(language);
    scrollBy({ top: button.getBoundingClientRect().top - before, behavior: "instant" });
  });
  choose(remembered() ?? "curl");
}

/** A button at each block of code. */
function offerCopying(): void {
  if (!navigator.clipboard) return;
  for (const block of all("main pre:not([id])")) {
    const frame = document.createElement("div");
    frame.className = "code";
    block.replaceWith(frame);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = words["copy"] ?? "";
    frame.append(block, button);
  }
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button.copy:not([data-copy])");
    const block = button?.parentElement ? find("pre", button.parentElement) : undefined;
    if (!button || !block) return;
    navigator.clipboard.writeText(block.textContent ?? "").then(
      () => {
        button.textContent = words["copied"] ?? "";
        setTimeout(() => (button.textContent = words["copy"] ?? ""), 2000);
      },
      () => getSelection()?.selectAllChildren(block),
    );
  });
}

/** Long on a telephone, where it would stand before everything else. */
function foldContents(): void {
  const list = find<HTMLDetailsElement>(".contents details");
  const narrow = matchMedia("(max-width: 60rem)");
  const fold = (): void => {
    if (list) list.open = !narrow.matches;
  };
  narrow.addEventListener("change", fold);
  fold();
  list?.addEventListener("click", (event) => {
    if (narrow.matches && (event.target as Element).closest("a")) list.open = false;
  });
}

for (const element of all("[data-script]")) element.hidden = false;
startCopyButtons();
if (words["copy"]) {
  offerLanguages();
  offerCopying();
  foldContents();
  fillSearch();
  startTrying();
}
