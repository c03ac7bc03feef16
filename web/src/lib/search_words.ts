/** Lower case without marks: `ação` is found by `acao`. */
export const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Whether each word that was typed is somewhere in `text`, which is plain(). */
export function matches(typed: string, text: string): boolean {
  return plain(typed).split(/\s+/).every((word) => text.includes(word));
}
