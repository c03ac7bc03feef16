import { all } from "./page.js";

/** What a browser is told of passkeys (WebAuthn L3, 5.1.10), where it can be told. */
interface Signals {
  rpId: string;
  userId: string;
  allAcceptedCredentialIds: string[];
  name: string;
  displayName: string;
}
interface Told {
  signalUnknownCredential?(options: { rpId: string; credentialId: string }): Promise<void>;
  signalAllAcceptedCredentials?(options: Pick<Signals, "rpId" | "userId" | "allAcceptedCredentialIds">): Promise<void>;
  signalCurrentUserDetails?(options: Pick<Signals, "rpId" | "userId" | "name" | "displayName">): Promise<void>;
}

const kCreated = "countersign-passkey-created";

/** Until the next page says whether the server has it. */
export function rememberCreated(credentialId: string): void {
  try {
    sessionStorage.setItem(kCreated, credentialId);
  } catch {
    // The browser keeps nothing: then it is told nothing.
  }
}

function takeCreated(): string | null {
  try {
    const id = sessionStorage.getItem(kCreated);
    sessionStorage.removeItem(kCreated);
    return id;
  } catch {
    return null;
  }
}

/** `data-passkey-signals`, `data-passkey-unknown`: the server decides what may be said; failures change nothing. */
export function sendPasskeySignals(): void {
  const told = (window as { PublicKeyCredential?: Told }).PublicKeyCredential;
  const created = takeCreated();
  const ignore = (): void => undefined;
  for (const { dataset } of all("[data-passkey-unknown]")) {
    const rpId = dataset["passkeyUnknown"] ?? "";
    if (created) told?.signalUnknownCredential?.({ rpId, credentialId: created }).catch(ignore);
  }
  for (const { dataset } of all("[data-passkey-signals]")) {
    const { rpId, userId, allAcceptedCredentialIds, name, displayName } = JSON.parse(dataset["passkeySignals"] ?? "{}") as Signals;
    told?.signalAllAcceptedCredentials?.({ rpId, userId, allAcceptedCredentialIds }).catch(ignore);
    told?.signalCurrentUserDetails?.({ rpId, userId, name, displayName }).catch(ignore);
  }
}
