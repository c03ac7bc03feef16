/** What a page, another tab or the server says about the transaction. Another `revision` is another page. */
export interface Known {
  state: string;
  revision: string;
}

export function knownFrom(value: unknown): Known | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { state, revision } = value as Record<string, unknown>;
  return typeof state === "string" && typeof revision === "string" ? { state, revision } : undefined;
}

/**
 * Whether a page that shows `shown` is out of date, given news. While a code is being typed only a change of state
 * counts: a resend in another tab must not take away what was typed.
 *
 * Revisions have no order, so news that is itself out of date makes a page fetch itself once too often, never for ever:
 * both then show the same.
 */
export function isOutOfDate(shown: Known, news: Known, typing: boolean): boolean {
  return news.state !== shown.state || (news.revision !== shown.revision && !typing);
}
