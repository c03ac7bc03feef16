/**
 * The worker of devices: it shows what a push service delivered, and opens the page that it names. It has no handler for
 * fetches: no page passes through it, and it keeps none.
 */
import { renew } from "./lib/push_renew.js";

/** The parts of the worker's scope that are used: TypeScript has them in a library that excludes the one of pages. */
interface WorkerScope {
  registration: ServiceWorkerRegistration;
  clients: { matchAll(options: object): Promise<{ url: string; focus(): Promise<unknown> }[]>; openWindow(url: string): Promise<unknown> };
  location: Location;
  skipWaiting(): Promise<void>;
  addEventListener(name: string, heard: (event: WorkerEvent) => void): void;
}
interface WorkerEvent {
  data?: { json(): unknown } | null;
  notification?: Notification;
  waitUntil(work: Promise<unknown>): void;
}
declare const self: unknown;
const scope = self as WorkerScope;

/** The declarative message (docs/push.md). Whatever came must be shown: browsers end a subscription that shows nothing. */
function read(event: WorkerEvent): { title: string; navigate: string; options: NotificationOptions } {
  let shown: Record<string, unknown> = {};
  try {
    const { notification } = (event.data?.json() ?? {}) as { notification?: Record<string, unknown> };
    shown = notification ?? {};
  } catch {
    // Not ours; shown without content.
  }
  const { title, body, lang, navigate } = shown;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return {
    title: text(title) || scope.location.host,
    navigate: text(navigate),
    // One at a time: a newer prompt takes the place of the one before.
    options: { body: text(body), lang: text(lang), tag: "countersign", requireInteraction: true, data: { navigate: text(navigate) } },
  };
}

scope.addEventListener("push", (event) => {
  const { title, options } = read(event);
  event.waitUntil(scope.registration.showNotification(title, options));
});

scope.addEventListener("notificationclick", (event) => {
  event.notification?.close();
  const { navigate } = (event.notification?.data ?? {}) as { navigate?: string };
  // Only a page of this server: whoever could send another would have a push service's key.
  if (!navigate || new URL(navigate, scope.location.href).origin !== scope.location.origin) return;
  event.waitUntil(
    scope.clients.matchAll({ type: "window", includeUncontrolled: true }).then((windows) => {
      const there = windows.find(({ url }) => url === navigate);
      return there ? there.focus() : scope.clients.openWindow(navigate);
    }),
  );
});

scope.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(renew(scope.registration.pushManager));
});

scope.addEventListener("install", () => void scope.skipWaiting());
