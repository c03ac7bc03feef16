import { all, find, refetch } from "./page.js";
import { isOutOfDate, knownFrom, type Known } from "./state.js";

const typing = (): boolean => all<HTMLInputElement>("[data-code]").some((field) => field.value !== "");

/** Two tabs, one transaction: what one finishes, the other shows. */
export function followOtherTabs(): void {
  const { poll, state, revision, transaction, quick } = document.body.dataset;
  const shown: Known = { state: state ?? "", revision: revision ?? "" };
  let leaving = false;
  const hear = (news: Known | undefined): void => {
    if (leaving || !news || !isOutOfDate(shown, news, typing())) return;
    leaving = true;
    refetch();
  };
  if (transaction && "BroadcastChannel" in window) {
    const channel = new BroadcastChannel(`countersign ${transaction}`);
    channel.onmessage = (event: MessageEvent<unknown>) => hear(knownFrom(event.data));
    channel.postMessage(shown);
  }
  if (poll) askEvery(quick === undefined ? 5000 : 1500, poll, hear);  // Quick: a device answers in seconds.
}

/** Asks while the page is visible, and at once when it becomes so. Gone means: nothing will ever change again. */
function askEvery(period: number, url: string, hear: (news: Known | undefined) => void): void {
  let stopped = false;
  let asking = false;
  const ask = async (): Promise<void> => {
    if (stopped || asking || document.visibilityState !== "visible") return;
    asking = true;
    try {
      const answer = await fetch(url, { headers: { accept: "application/json" }, cache: "no-store" });
      if (answer.status === 404 || answer.status === 410) stopped = true;
      if (answer.ok) hear(knownFrom(await answer.json()));
    } catch {
      // Offline, or an answer cut short: the next one will tell.
    } finally {
      asking = false;
    }
  };
  setInterval(() => void ask(), period);
  document.addEventListener("visibilitychange", () => void ask());
}

/** The browser may show a page again as it was when it was left. Its state may have gone on since. */
export function refetchWhenShownAgain(): void {
  addEventListener("pageshow", (event) => {
    if (event.persisted) refetch();
  });
}

/** `data-offline`: shown while there is no network; what was typed stays. */
export function watchNetwork(): void {
  const notice = find("[data-offline]");
  if (!notice) return;
  const show = (): void => {
    notice.hidden = navigator.onLine;
  };
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}
