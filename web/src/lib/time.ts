/** `9:41`, or `1:02:03` from an hour on; never below zero. */
export function clockText(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** The moments, in seconds left, at which a countdown is said aloud. */
export const kPhases = [300, 60, 30, 0] as const;

/**
 * The phase that was entered between two looks at the clock, or undefined. After a pause (a sleeping laptop) only the
 * last one counts: nobody wants to hear of five minutes when thirty seconds are left.
 */
export function phaseEntered(beforeMs: number, nowMs: number): (typeof kPhases)[number] | undefined {
  const entered = kPhases.filter((seconds) => beforeMs > seconds * 1000 && nowMs <= seconds * 1000);
  return entered[entered.length - 1];
}

/** How much the server's clock is ahead of this one, in milliseconds; 0 where the page does not say. */
export function clockOffset(serverNow: string | undefined, here: number): number {
  const there = serverNow === undefined ? NaN : Date.parse(serverNow);
  return Number.isNaN(there) ? 0 : there - here;
}
