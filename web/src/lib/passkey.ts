import {
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/browser";

import { all, find, refetch } from "./page.js";
import { passkeyEnd } from "./passkey_end.js";
import { rememberUsed } from "./passkey_signals.js";

/** What the server gives for the dialog: its options, and fields that the form is to send along with the answer. */
interface Ceremony {
  options: PublicKeyCredentialCreationOptionsJSON & PublicKeyCredentialRequestOptionsJSON;
  fields?: Record<string, string>;
}

/** `data-passkey`: the browser's dialog, begun by the form's button and never by itself. */
export function startPasskeyForms(): void {
  const able = browserSupportsWebAuthn();
  if (!able) for (const element of all("[data-passkey-unable]")) element.hidden = false;
  for (const form of all<HTMLFormElement>("form[data-passkey]")) {
    if (able) start(form);
    else form.hidden = true;
  }
}

function start(form: HTMLFormElement): void {
  const button = find<HTMLButtonElement>("button:not([type=button])", form);
  const place = find("[data-passkey-said]", form);
  const said = (moment: string): void => {
    if (place) place.textContent = form.getAttribute(`data-say-${moment}`) ?? "";
  };
  let busy = false;
  const wait = (is: boolean): void => {
    busy = is;
    if (is) button?.setAttribute("aria-disabled", "true");
    else button?.removeAttribute("aria-disabled");
  };
  // The click and not the submission: the form itself is submitted with the answer.
  button?.addEventListener("click", (event) => {
    event.preventDefault();
    if (busy || !form.reportValidity()) return;
    wait(true);
    ceremony(form, said).then(
      (leaves) => leaves || wait(false),
      () => {
        said("failed");
        wait(false);
      },
    );
  });
}

/** Whether the page is being left. */
async function ceremony(form: HTMLFormElement, said: (moment: string) => void): Promise<boolean> {
  said("waiting");
  let asked: Ceremony;
  try {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
    const answer = await fetch(form.dataset["optionsUrl"] ?? "", { method: "POST", body, cache: "no-store" });
    // Whatever stands in the way, the page as it is now says it.
    if (answer.status >= 400 && answer.status < 500) {
      refetch();
      return true;
    }
    if (!answer.ok) throw new Error("no options");
    asked = (await answer.json()) as Ceremony;
  } catch {
    said("unreached");
    return false;
  }
  const from = performance.now();
  try {
    const create = form.dataset["passkey"] === "create";
    const response = create
      ? await startRegistration({ optionsJSON: asked.options })
      : await startAuthentication({ optionsJSON: asked.options });
    said("done");
    rememberUsed(response.id);
    fill(form, "response", JSON.stringify(response));
  } catch (error) {
    said(passkeyEnd(error instanceof Error ? error.name : "", performance.now() - from, asked.options.timeout));
    return false;
  }
  for (const [name, value] of Object.entries(asked.fields ?? {})) fill(form, name, value);
  form.submit();
  return true;
}

function fill(form: HTMLFormElement, name: string, value: string): void {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement) field.value = value;
}
