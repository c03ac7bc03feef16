/** The code of a message as the person would type it. */
export function isCode(text: unknown): text is string {
  return typeof text === "string" && /^[0-9]{4,10}$/.test(text);
}
