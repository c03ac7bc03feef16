/** What a page, another tab or the server says about the transaction. */
export interface Known {
  state: string;
  revision: number;
}

export function knownFrom(value: unknown): Known | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { state, revision } = value as Record<string, unknown>;
  return typeof state === "string" && typeof revision === "number" ? { state, revision } : undefined;
}

/**
 * Whether a page that shows `shown` is out of date, given news. An older revision never is (messages cross). While a
 * code is being typed only a change of state counts: a resend in another tab must not take away what was typed.
 */
export function isOutOfDate(shown: Known, news: Known, typing: boolean): boolean {
  if (news.revision <= shown.revision) return false;
  return news.state !== shown.state || !typing;
}
