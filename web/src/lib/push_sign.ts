/** What a device signs (docs/push.md), and bytes as the server wants them. */
export const base64url = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

export interface Subscribed {
  endpoint: string;
  p256dh: string;
  auth: string;
}

export function subscribed(subscription: PushSubscription): Subscribed {
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint: endpoint ?? "", p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" };
}

const lines = ({ endpoint, p256dh, auth }: Subscribed): string => `${endpoint}\n${p256dh}\n${auth}`;

export const enrolmentText = (challenge: string, to: Subscribed): string => `Countersign push enrolment 1\n${challenge}\n${lines(to)}`;
export const subscriptionText = (factor: string, signedAt: number, to: Subscribed): string =>
  `Countersign push subscription 1\n${factor}\n${signedAt}\n${lines(to)}`;
export const approvalText = (challenge: string, number: string): string => `Countersign push approval 1\n${challenge}\n${number}`;
export const denialText = (challenge: string): string => `Countersign push denial 1\n${challenge}`;

export const newPair = (): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);

export async function sign(pair: CryptoKeyPair, text: string): Promise<string> {
  return base64url(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, new TextEncoder().encode(text)));
}

/** The digits that were typed, in whatever script. */
export const digitsOf = (typed: string): string => typed.normalize("NFKC").replace(/\D/g, "");
