// The solver of a proof of work in the format of ALTCHA version 2, in its deterministic mode (src/crypto/proof_of_work.h).

export interface WorkParameters {
  cost: number;
  keyLength: number;
  keyPrefix: string;
  nonce: string;
  salt: string;
}
export interface WorkChallenge {
  parameters: WorkParameters;
  signature: string;
}
export interface WorkSolution {
  counter: number;
  derivedKey: string;
  time: number;
}

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(hex.match(/../g) ?? [], (two) => parseInt(two, 16));
const hexOf = (bytes: ArrayBuffer): string => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Reads what a form has before it is solved. */
export function workIn(payload: string): WorkChallenge | undefined {
  try {
    const { challenge } = JSON.parse(atob(payload)) as { challenge?: WorkChallenge };
    return challenge?.parameters.keyPrefix ? challenge : undefined;
  } catch {
    return undefined;
  }
}

/** What the form has after that. */
export const payloadOf = (challenge: WorkChallenge, solution: WorkSolution): string => btoa(JSON.stringify({ challenge, solution }));

async function keyOf({ cost, keyLength, salt }: WorkParameters, password: Uint8Array<ArrayBuffer>): Promise<string> {
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  return hexOf(await crypto.subtle.deriveBits({ name: "PBKDF2", salt: bytesOf(salt), iterations: cost, hash: "SHA-256" }, key, keyLength * 8));
}

/**
 * Tries counters from 0 on until the key begins as it must. Browsers derive keys on threads of their own, `atOnce` at a
 * time, so the page stays quick without a worker. Undefined if none up to `most` does.
 */
export async function solveWork({ parameters }: WorkChallenge, atOnce = 4, most = 100_000): Promise<WorkSolution | undefined> {
  const began = performance.now();
  const nonce = bytesOf(parameters.nonce);
  const password = (counter: number): Uint8Array<ArrayBuffer> => {
    const bytes = new Uint8Array(nonce.length + 4);
    bytes.set(nonce);
    new DataView(bytes.buffer).setUint32(nonce.length, counter);
    return bytes;
  };
  for (let first = 0; first <= most; first += atOnce) {
    const keys = await Promise.all(Array.from({ length: atOnce }, (_, i) => keyOf(parameters, password(first + i))));
    const found = keys.findIndex((key) => key.startsWith(parameters.keyPrefix));
    if (found >= 0) return { counter: first + found, derivedKey: keys[found] as string, time: Math.round(performance.now() - began) };
  }
  return undefined;
}
