/** How the browser's dialog ended when it gave no answer; each has its words on the page. */
export type PasskeyEnd = "canceled" | "late" | "already" | "failed";

/**
 * `NotAllowedError` says that nothing came of it, and browsers keep to themselves why: only the time tells whether the
 * person closed the dialog or it waited in vain. `InvalidStateError` is only ever said of a passkey that is there already.
 */
export function passkeyEnd(errorName: string, waitedMs: number, timeoutMs: number | undefined): PasskeyEnd {
  if (errorName === "InvalidStateError") return "already";
  if (errorName === "AbortError") return "canceled";
  if (errorName !== "NotAllowedError") return "failed";
  return timeoutMs !== undefined && waitedMs >= timeoutMs - 500 ? "late" : "canceled";
}
