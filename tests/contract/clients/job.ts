/** What a generated client is given, and what it brings back from the main job. */
export interface Given {
  url: string;
  key: string;
  identity: string;
  phone: string;
  /** The code that the phone was sent. */
  code: () => Promise<string>;
}
export interface Done {
  held: string;
  metadata: unknown;
  /** The problem that a wrong code is, and how many attempts it left. */
  refused: [string, number | undefined];
  verified: string;
  payload: unknown;
  receipt: string;
  released: string;
}
export const wrong = (code: string): string => code.replace(/./g, (digit) => String((Number(digit) + 5) % 10));
export const payload = { bank: "341", branch: "2545", account: "02366-1" };
