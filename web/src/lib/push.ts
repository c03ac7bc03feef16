import { all, find, refetch } from "./page.js";
import { renew, type Subscriber } from "./push_renew.js";
import { approvalText, base64url, denialText, digitsOf, enrolmentText, newPair, sign, subscribed } from "./push_sign.js";
import { devicesHere, keep, type Device } from "./push_store.js";

const kWorker = "/approve/worker.js";
const kScope = "/approve/";

/** What keeps this browser from being a device; undefined: nothing. */
type Lack = "ios" | "inapp" | "unable" | "denied";

/** Safari shows a declarative message by itself, and has a subscriber without a worker. */
const windowSubscriber = (): Subscriber | undefined => (window as { pushManager?: Subscriber }).pushManager;

function lack(): Lack | undefined {
  if (/\b(FBAN|FBAV|FB_IAB|Instagram|Line\/|MicroMessenger|Snapchat|TikTok)|; wv\)/.test(navigator.userAgent)) return "inapp";
  const able = "indexedDB" in window && "Notification" in window && (windowSubscriber() !== undefined || ("serviceWorker" in navigator && "PushManager" in window));
  // On iPhones and iPads only an app on the home screen has Web Push.
  if (!able) return (navigator as { standalone?: boolean }).standalone === false ? "ios" : "unable";
  return Notification.permission === "denied" ? "denied" : undefined;
}

interface Policies {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** The one address that this page may run as a worker: its security policy lets no other script in. */
function workerUrl(): string {
  const { trustedTypes } = window as { trustedTypes?: Policies };
  return trustedTypes?.createPolicy("countersign-worker", { createScriptURL: () => kWorker }).createScriptURL("") ?? kWorker;
}

async function subscriber(): Promise<Subscriber> {
  const own = windowSubscriber();
  if (own) return own;
  const registration = (await navigator.serviceWorker.getRegistration(kScope)) ?? (await navigator.serviceWorker.register(workerUrl(), { scope: kScope }));
  for (let worker = registration.installing; worker && worker.state !== "activated" && worker.state !== "redundant"; )
    await new Promise((resolve) => worker.addEventListener("statechange", resolve, { once: true }));
  return registration.pushManager;
}

/** Where a device has a permission still, a subscription that changed is told; nobody is asked anything. */
async function renewQuietly(): Promise<void> {
  if (lack() || Notification.permission !== "granted" || (await devicesHere()).length === 0) return;
  await renew(await subscriber());
}

function fill(form: HTMLFormElement, values: Record<string, string>): void {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = value;
  }
}

/** `work` says whether the form is submitted; its button is off meanwhile. */
function onSubmit(form: HTMLFormElement, work: (said: (moment: string) => void) => Promise<boolean>): void {
  const button = find<HTMLButtonElement>("button:not([type=button])", form);
  const place = find("[data-push-said]", form) ?? find("[data-push-said]");
  const said = (moment: string): void => {
    if (place) place.textContent = form.getAttribute(`data-say-${moment}`) ?? "";
  };
  let busy = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    button?.setAttribute("aria-disabled", "true");
    const rest = (): void => {
      busy = false;
      button?.removeAttribute("aria-disabled");
    };
    work(said).then(
      (leaves) => (leaves ? form.submit() : rest()),
      () => {
        said("failed");
        rest();
      },
    );
  });
}

/** `data-push="enrol"`: this browser becomes a device. The permission is asked for by the press, and by nothing else. */
function startEnrolment(form: HTMLFormElement): void {
  const known = form.dataset["known"]?.split(" ") ?? [];
  onSubmit(form, async (said) => {
    said("waiting");
    // At once: some browsers ask only right after a press.
    const permission = await Notification.requestPermission();
    if (permission === "denied") return show("denied"), said(""), false;
    if (permission !== "granted") return said("dismissed"), false;
    if ((await devicesHere()).some(({ factor }) => known.includes(factor))) return said("already"), false;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
    let answer: Response;
    try {
      answer = await fetch(form.dataset["optionsUrl"] ?? "", { method: "POST", body, cache: "no-store" });
    } catch {
      return said("unreached"), false;
    }
    if (answer.status >= 400 && answer.status < 500) return refetch(), false;
    const { factor, server_key, challenge } = (await answer.json()) as { factor: string; server_key: string; challenge: string };
    const place = await subscriber();
    const before = await place.getSubscription();
    const key = before?.options?.applicationServerKey;
    if (before && key && base64url(key) !== server_key) await before.unsubscribe();
    const to = subscribed(await place.subscribe({ userVisibleOnly: true, applicationServerKey: server_key }));
    const pair = await newPair();
    const public_key = base64url(await crypto.subtle.exportKey("raw", pair.publicKey));
    await keep({ factor, pair, public_key, endpoint: to.endpoint, server_key });
    fill(form, { factor, challenge, public_key, ...to, signature: await sign(pair, enrolmentText(challenge, to)) });
    said("done");
    return true;
  });
}

/** `data-push="ask"`: the form says which devices this browser is itself. They are not asked: they would confirm themselves. */
function startAsking(form: HTMLFormElement): void {
  form.hidden = false;
  onSubmit(form, async () => {
    fill(form, { own: (await devicesHere()).map(({ factor }) => factor).join(" ") || "none" });
    return true;
  });
}

/** `data-push="approve"`, `"deny"`: signed with the key of a device that was asked. */
function startAnswer(form: HTMLFormElement, device: Device | undefined): void {
  const field = find<HTMLInputElement>("input[name=number]", form);
  const { challenge } = form.dataset;
  onSubmit(form, async (said) => {
    if (!device || !challenge) return false;
    const number = field ? digitsOf(field.value) : "";
    if (field && number.length !== 6) {
      field.setAttribute("aria-invalid", "true");
      field.focus();
      field.select();
      return said("length"), false;
    }
    said("working");
    const text = field ? approvalText(challenge, number) : denialText(challenge);
    fill(form, { challenge, public_key: device.public_key, signature: await sign(device.pair, text), ...(field && { number }) });
    return true;
  });
}

function show(name: Lack | "nokey" | "ready"): void {
  for (const element of all(`[data-push-${name}]`)) element.hidden = false;
}

export function startPush(): void {
  const why = lack();
  const enrols = find('[data-push="enrol"], [data-push-able]');
  if (enrols && why) {
    show(why);
    for (const element of all("[data-push-able]")) element.hidden = true;
  }
  for (const form of all<HTMLFormElement>('form[data-push="enrol"]')) startEnrolment(form);
  for (const form of all<HTMLFormElement>('form[data-push="ask"]')) startAsking(form);
  void devicesHere().then((devices) => {
    const asked = find("[data-devices]")?.dataset["devices"]?.split(" ");
    const own = devices.find(({ factor }) => asked?.includes(factor));
    if (asked && !own) show("nokey");
    for (const form of all<HTMLFormElement>('form[data-push="approve"], form[data-push="deny"]')) {
      startAnswer(form, own);
      if (!own) for (const button of all<HTMLButtonElement>("button", form)) button.disabled = true;
    }
    if (devices.length > 0) {
      show("ready");
      for (const element of all("[data-push-none]")) element.hidden = true;
    }
    document.documentElement.dataset["push"] = "started";
  });
  renewQuietly().catch(() => undefined);  // Offline, or the push service is: the next visit does it.
}
