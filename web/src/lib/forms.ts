import { isCode } from "./code.js";
import { all, find, say } from "./page.js";

/** A second press of the same button sends nothing. The server would refuse it too; this spares the person the notice. */
export function guardForms(): void {
  for (const form of all<HTMLFormElement>('form[method="post"]:not([data-again])')) {
    let sent = false;
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      if (sent) return event.preventDefault();
      sent = true;
      const pressed = event.submitter;
      pressed?.setAttribute("aria-disabled", "true");
      // A submission that leads nowhere (stopped, or offline) must not leave the form dead.
      setTimeout(() => {
        sent = false;
        pressed?.removeAttribute("aria-disabled");
      }, 10_000);
    });
  }
}

interface OtpCredential {
  code?: unknown;
}

/** Android hands over the code of a message that names this site. It fills; pressing the button stays the person's. */
export function fillFromMessage(): void {
  const field = find<HTMLInputElement>("input[data-code][autocomplete~=one-time-code]");
  if (!field || !("OTPCredential" in window)) return;
  const waiting = new AbortController();
  const stop = (): void => waiting.abort();
  field.form?.addEventListener("submit", stop);
  addEventListener("pagehide", stop);
  const request = { otp: { transport: ["sms"] }, signal: waiting.signal } as CredentialRequestOptions;
  navigator.credentials.get(request).then(
    (credential) => {
      const { code } = (credential ?? {}) as OtpCredential;
      // What the person has typed meanwhile is hers; what an earlier try left in the field is not worth as much.
      if (!isCode(code) || field.value !== field.defaultValue) return;
      field.value = code;
      field.focus();
      say(field.dataset["filled"]);
    },
    () => undefined,  // Refused, timed out, aborted: the field is there to be typed into.
  );
}

/** Going back, browsers put the old code into the field again: it was wrong, or it is spent. */
export function forgetWhatWasTyped(): void {
  addEventListener("pageshow", () => {
    const [visit] = performance.getEntriesByType("navigation");
    if ((visit as PerformanceNavigationTiming | undefined)?.type !== "back_forward") return;
    for (const field of all<HTMLInputElement>("[data-code]")) field.value = field.defaultValue;
  });
}

/** From the summary of an error to its field, with what stands there selected: the next key replaces it. */
export function selectOnTheWayToAField(): void {
  for (const link of all<HTMLAnchorElement>("a[data-to-field]")) {
    link.addEventListener("click", (event) => {
      const field = document.getElementById(link.hash.slice(1));
      if (!(field instanceof HTMLInputElement)) return;
      event.preventDefault();
      field.focus();
      field.select();
    });
  }
}

/** `data-copy`: the button appears where copying works. */
export function startCopyButtons(within: ParentNode = document): void {
  if (!navigator.clipboard) return;
  for (const button of all<HTMLButtonElement>("button[data-copy]", within)) {
    const source = document.getElementById(button.dataset["copy"] ?? "");
    if (!source) continue;
    button.hidden = false;
    const label = button.textContent;
    button.addEventListener("click", () => {
      const text = source.dataset["value"] ?? source.textContent?.trim() ?? "";
      navigator.clipboard.writeText(text).then(
        () => {
          button.textContent = button.dataset["copied"] ?? label;
          say(button.dataset["copied"]);
          setTimeout(() => (button.textContent = label), 3000);
        },
        () => getSelection()?.selectAllChildren(source),  // Not allowed: selected, a key away from copied.
      );
    });
  }
}

/** `data-print`: the button appears where there is a printer's dialog to open. */
export function startPrintButtons(): void {
  for (const button of all<HTMLButtonElement>("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
}
