import { all, find, refetch, say, serverNow } from "./page.js";
import { clockText, phaseEntered } from "./time.js";

/** `data-deadline`: digits for the eye, a few words for the ear, and at zero the page as it is by then. */
export function startCountdown(): void {
  const place = find("[data-deadline]");
  const deadline = Date.parse(place?.dataset["deadline"] ?? "");
  if (!place || Number.isNaN(deadline)) return;
  const words: Record<number, string | undefined> = {
    300: place.getAttribute("data-say-300") ?? undefined,
    60: place.getAttribute("data-say-60") ?? undefined,
    30: place.getAttribute("data-say-30") ?? undefined,
    0: place.getAttribute("data-say-0") ?? undefined,
  };
  const digits = find("[data-remaining]", place);
  let before = deadline - serverNow();
  if (before <= 0) return;  // The server rendered it lapsed, or the clocks disagree by a little: nothing to count.
  const tick = (): void => {
    const left = deadline - serverNow();
    if (digits) digits.textContent = clockText(left);
    const phase = phaseEntered(before, left);
    before = left;
    if (phase !== undefined) say(words[phase], phase === 0);
    if (left > 0) {
      setTimeout(tick, (left % 1000) + 20);
    } else {
      // After the words, and surely after the deadline on the server's side as well.
      setTimeout(refetch, 2500);
    }
  };
  tick();
}

/** `data-resend-at`: not before then, and the button says when. */
export function startResendWaits(): void {
  for (const button of all("[data-resend-at]")) {
    const due = Date.parse(button.dataset["resendAt"] ?? "");
    const label = button.textContent ?? "";
    const wait = button.dataset["wait"] ?? label;
    const block = (event: Event): void => {
      if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
    };
    button.addEventListener("click", block);
    const tick = (): void => {
      const left = due - serverNow();
      if (left > 0) {
        button.setAttribute("aria-disabled", "true");
        button.textContent = wait.replace("{time}", clockText(left));
        setTimeout(tick, (left % 1000) + 20);
      } else {
        button.removeAttribute("aria-disabled");
        button.textContent = label;
      }
    };
    if (!Number.isNaN(due) && due > serverNow()) tick();
  }
}

/** `data-show-at`: hidden until then, and said when it appears. */
export function showInTime(): void {
  for (const element of all("[data-show-at]")) {
    const due = Date.parse(element.dataset["showAt"] ?? "");
    if (Number.isNaN(due)) continue;
    setTimeout(() => {
      element.hidden = false;
      say(element.dataset["shown"]);
    }, Math.max(0, due - serverNow()));
  }
}

/** `data-return`: on to the application by itself, unless the person does anything at all. */
export function startReturn(): void {
  const link = find<HTMLAnchorElement>("a[data-return]");
  const seconds = Number(link?.dataset["return"]);
  if (!link || !(seconds > 0)) return;
  const due = serverNow() + seconds * 1000;
  const digits = link.parentElement ? find("[data-remaining]", link.parentElement) : undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    clearTimeout(timer);
    if (digits) digits.textContent = "";
  };
  const tick = (): void => {
    const left = due - serverNow();
    if (left <= 0) return location.assign(link.href);
    if (digits) digits.textContent = (link.dataset["returnText"] ?? "").replace("{time}", clockText(left));
    timer = setTimeout(tick, (left % 1000) + 20);
  };
  for (const sign of ["keydown", "pointerdown", "wheel"]) addEventListener(sign, stop, { once: true, passive: true });
  tick();
}
