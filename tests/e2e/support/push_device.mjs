// Browsers that are devices. Chromium's own push service cannot be replaced, so a page's subscriptions come from the
// double; what that receives is handed to the worker over the debugging protocol, as the browser would.
import assert from "node:assert/strict";
import { PushDevice, PushService } from "../../contract/support/push.mjs";
import { Visitor } from "./browser.mjs";
import { world } from "./world.mjs";

let service;
export const pushService = async () => (service ??= await PushService.start());
export const endPushService = async () => service?.stop();

const until = async (what, find) => {
  for (const deadline = Date.now() + 300_000; ; ) {
    const found = await find();
    if (found) return found;
    assert.ok(Date.now() < deadline, `no ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};

/// Lets the visitor's browser subscribe with the double.
export const letSubscribe = async (visitor) => {
  const double = await pushService();
  visitor.subscription = undefined;
  await visitor.context.exposeFunction("subscribeAtDouble", (key) => (visitor.subscription = { key, ...double.subscribe(key) }));
  await visitor.context.exposeFunction("subscriptionAtDouble", () => visitor.subscription);
  await visitor.context.addInitScript(() => {
    const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0)).buffer;
    const made = (one) => one && { endpoint: one.endpoint, options: { applicationServerKey: bytes(one.key) }, toJSON: () => one, unsubscribe: async () => true };
    PushManager.prototype.subscribe = async ({ applicationServerKey }) => made(await window.subscribeAtDouble(applicationServerKey));
    PushManager.prototype.getSubscription = async () => made(await window.subscriptionAtDouble()) ?? null;
  });
  await visitor.context.grantPermissions(["notifications"], { origin: new URL(visitor.app.url).origin });
};

/// On the page of an approved operation that adds a device: does it, and waits for the end.
export const becomeDevice = async (visitor, name = "My phone") => {
  await visitor.page.locator("#name").fill(name);
  await visitor.press('form[data-push="enrol"] button');
};

/// A second browser, enrolled by the application's own API with the key that its page keeps.
export const enrolDevice = async (app, person, name = "My phone") => {
  const path = `/v1/subjects/${person.identity}/factors`;
  const device = new PushDevice(await pushService());
  const enrolment = await app.call("POST", path, { type: "push", name });
  await app.call("POST", `${path}/${enrolment.id}/confirm`, device.create(enrolment));
  return Object.assign(device, { id: enrolment.id });
};

/// Makes the visitor's browser such a device, without the pages.
export const enrolHere = async (visitor, app, person, name = "My phone") => {
  const path = `/v1/subjects/${person.identity}/factors`;
  const enrolment = await app.call("POST", path, { type: "push", name });
  await visitor.go("/approve/");
  visitor.subscription = { key: enrolment.server_key, ...(await pushService()).subscribe(enrolment.server_key) };
  const { endpoint, keys } = visitor.subscription;
  const answer = await visitor.page.evaluate(async ({ id, server_key, challenge, endpoint, keys }) => {
    const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
    const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
    const public_key = base64url(await crypto.subtle.exportKey("raw", pair.publicKey));
    const text = `Countersign push enrolment 1\n${challenge}\n${endpoint}\n${keys.p256dh}\n${keys.auth}`;
    const signature = base64url(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, new TextEncoder().encode(text)));
    await new Promise((resolve, reject) => {
      const open = indexedDB.open("countersign", 1);
      open.onupgradeneeded = () => open.result.createObjectStore("devices", { keyPath: "factor" });
      open.onsuccess = () => {
        const write = open.result.transaction("devices", "readwrite");
        write.objectStore("devices").put({ factor: id, pair, public_key, endpoint, server_key });
        write.oncomplete = () => (open.result.close(), resolve());
        write.onabort = reject;
      };
    });
    return { public_key, signature };
  }, { ...enrolment, endpoint, keys });
  await app.call("POST", `${path}/${enrolment.id}/confirm`, { ...answer, challenge: enrolment.challenge, subscription: { endpoint, keys } });
  return enrolment.id;
};

/// The newest message to that device, once there are `count`.
export const received = (device, count = 1) =>
  until("push", async () => {
    const own = (await pushService()).received.filter(({ endpoint }) => endpoint === device.subscription.endpoint);
    return own.length >= count && own.at(-1);
  });

/// The page that a message opens, where the tests reach it.
export const approvalPage = (app, { text }) => app.url + new URL(JSON.parse(text).notification.navigate).pathname;

/// As the browser would: what the double received goes to the worker. Answers the notifications that it shows.
export const deliver = async (visitor, { text }) => {
  const cdp = await visitor.context.newCDPSession(visitor.page);
  const scope = `${new URL(visitor.app.url).origin}/approve/`;
  const registered = new Promise((resolve) =>
    cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const own = registrations.find(({ scopeURL, isDeleted }) => scopeURL === scope && !isDeleted);
      if (own) resolve(own.registrationId);
    }));
  await cdp.send("ServiceWorker.enable");
  await cdp.send("ServiceWorker.deliverPushMessage", { origin: new URL(visitor.app.url).origin, registrationId: await registered, data: text });
  return until("notification", async () => {
    const shown = await visitor.page.evaluate(async () =>
      (await (await navigator.serviceWorker.getRegistration("/approve/")).getNotifications()).map(({ title, body, data }) => ({ title, body, data })));
    return shown.length > 0 && shown;
  });
};

/// A visitor whose browser can be a device.
export const meetDevice = async (options, work) => {
  const { app } = await world();
  const visitor = await Visitor.arrive(app, options);
  try {
    await letSubscribe(visitor);
    await work(visitor, app);
  } catch (error) {
    if (visitor.complaints.length) error.message += `\nthe browser: ${visitor.complaints.join("\n")}`;
    await visitor.context.close();
    throw error;
  }
  await visitor.leave();
};
