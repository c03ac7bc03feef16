import { all } from "./page.js";

/** `data-push-offer`: shown where this browser can be a device, or can on the home screen of an iPhone or iPad. */
export function offerDevice(): void {
  const able = "pushManager" in window || ("serviceWorker" in navigator && "PushManager" in window);
  if (able || "standalone" in navigator) for (const element of all("[data-push-offer]")) element.hidden = false;
}
