import { clockOffset } from "./time.js";

/** The first match, typed; undefined where the page has none. */
export function find<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T | undefined {
  return root.querySelector<T>(selector) ?? undefined;
}

export function all<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T[] {
  return Array.from(root.querySelectorAll<T>(selector));
}

/**
 * The time on the server's clock. A page from the back/forward cache keeps its offset, which is right: the clock here
 * went on. A page from the HTTP cache cannot be: pages are `no-store`.
 */
const offset = clockOffset(document.documentElement.dataset["now"], Date.now());
export const serverNow = (): number => Date.now() + offset;

/** Said by screen readers when they have a moment; `urgent` interrupts. Saying the same again is said again. */
export function say(words: string | undefined, urgent = false): void {
  const place = find(urgent ? "[data-alert]" : "[data-status]");
  if (!place || !words) return;
  place.textContent = "";
  setTimeout(() => (place.textContent = words), 50);
}

/** The answer to a form has the form's address; back and reload should find the page's own. */
export function takeOwnAddress(): void {
  const { here } = document.body.dataset;
  if (here) history.replaceState(null, "", here);
}

const kCaughtUp = "countersign caught up";

/** Whether this page took the place of one that was out of date, and not because the person went anywhere. Once. */
export function hasCaughtUp(): boolean {
  try {
    const mark = sessionStorage.getItem(kCaughtUp);
    sessionStorage.removeItem(kCaughtUp);
    return mark === location.pathname;
  } catch {
    return false;
  }
}

/** GET always shows the present state, so this is how a page catches up. Focus and scroll start anew. */
export function refetch(): void {
  try {
    sessionStorage.setItem(kCaughtUp, location.pathname);
  } catch {
    // Nothing may be stored: then the heading is not read out by itself.
  }
  location.replace(location.pathname + location.search);
}
