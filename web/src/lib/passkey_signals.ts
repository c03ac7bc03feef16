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

const kUsed = "countersign-passkey-used";

/** The passkey that was made or answered, until the next page says whether the server has it. */
export function rememberUsed(credentialId: string): void {
  try {
    sessionStorage.setItem(kUsed, credentialId);
  } catch {
    // The browser keeps nothing: then it is told nothing.
  }
}

function takeUsed(): string | null {
  try {
    const id = sessionStorage.getItem(kUsed);
    sessionStorage.removeItem(kUsed);
    return id;
  } catch {
    return null;
  }
}

/** `data-passkey-signals`, `data-passkey-unknown`: the server decides what may be said; failures change nothing. */
export function sendPasskeySignals(): void {
  const told = (window as { PublicKeyCredential?: Told }).PublicKeyCredential;
  const used = takeUsed();
  const ignore = (): void => undefined;
  for (const { dataset } of all("[data-passkey-unknown]")) {
    const rpId = dataset["passkeyUnknown"] ?? "";
    if (used) told?.signalUnknownCredential?.({ rpId, credentialId: used }).catch(ignore);
  }
  for (const { dataset } of all("[data-passkey-signals]")) {
    const { rpId, userId, allAcceptedCredentialIds, name, displayName } = JSON.parse(dataset["passkeySignals"] ?? "{}") as Signals;
    told?.signalAllAcceptedCredentials?.({ rpId, userId, allAcceptedCredentialIds }).catch(ignore);
    told?.signalCurrentUserDetails?.({ rpId, userId, name, displayName }).catch(ignore);
  }
}
