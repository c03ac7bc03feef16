import { base64url, sign, subscribed, subscriptionText } from "./push_sign.js";
import { devicesHere, forget, keep, type Device } from "./push_store.js";

/** By which this browser subscribes: its own or, where Safari shows notifications without a worker, the window's. */
export interface Subscriber {
  getSubscription(): Promise<PushSubscription | null>;
  subscribe(options: PushSubscriptionOptionsInit): Promise<PushSubscription>;
}

async function tell(device: Device, subscription: PushSubscription, serverKey: string, now: number): Promise<void> {
  const to = subscribed(subscription);
  const signedAt = Math.floor(now / 1000);
  const signature = await sign(device.pair, subscriptionText(device.factor, signedAt, to));
  const body = new URLSearchParams({ factor: device.factor, public_key: device.public_key, signed_at: String(signedAt), ...to, signature });
  const answer = await fetch("/approve/renew", { method: "POST", body, cache: "no-store" });
  if (answer.status === 404) await forget(device.factor);  // It was removed, or never confirmed.
  if (answer.ok) await keep({ ...device, endpoint: to.endpoint, server_key: serverKey });
}

/**
 * The browser renewed its subscription, lost it, or the server has another key by now: each device that this browser is
 * gives the new one, signed with the key that it still has. Asks nobody, and does nothing without a permission.
 */
export async function renew(subscriber: Subscriber): Promise<void> {
  const devices = await devicesHere();
  if (devices.length === 0) return;
  const answer = await fetch("/approve/key", { cache: "no-store" });
  if (!answer.ok) return;
  // What is signed bears the server's time: clocks of telephones are off, and a renewal is refused then.
  const time = Date.parse(answer.headers.get("date") ?? "") || Date.now();
  const { server_key } = (await answer.json()) as { server_key: string };
  let now = await subscriber.getSubscription();
  const key = now?.options?.applicationServerKey;
  if (now && key && base64url(key) !== server_key) {
    await now.unsubscribe();
    now = null;
  }
  now ??= await subscriber.subscribe({ userVisibleOnly: true, applicationServerKey: server_key });
  for (const device of devices) {
    if (device.endpoint !== now.endpoint || device.server_key !== server_key) await tell(device, now, server_key, time);
  }
}
