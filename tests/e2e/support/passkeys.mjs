// Passkeys of Chromium's virtual authenticator (WebDriver's WebAuthn, over CDP). Browsers know "localhost" as a name that
// passkeys can be bound to, and no address: pages are opened there, while the tests themselves call 127.0.0.1.
import { Authenticator } from "../../contract/support/authenticator.mjs";
import { Visitor } from "./browser.mjs";
import { world } from "./world.mjs";

export const atLocalhost = (url) => url.replace("127.0.0.1", "localhost");

/// `kind`: what is plugged in; none if undefined.
export const kPlatform = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
export const kKey = { protocol: "ctap2", transport: "usb", hasResidentKey: false, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
export const kKeyWithoutPin = { ...kKey, hasUserVerification: false, isUserVerified: false };
export const kU2f = { protocol: "u2f", transport: "usb", hasResidentKey: false, hasUserVerification: false, isUserVerified: false, automaticPresenceSimulation: true };

/// A visitor at localhost, whose device has that authenticator.
export const meetAtLocalhost = async (options, authenticator, work) => {
  const { app } = await world();
  const visitor = await Visitor.arrive({ url: atLocalhost(app.url) }, options);
  try {
    const cdp = await visitor.context.newCDPSession(visitor.page);
    await cdp.send("WebAuthn.enable");
    const add = async (kind) => (await cdp.send("WebAuthn.addVirtualAuthenticator", { options: kind })).authenticatorId;
    const device = authenticator && (await add(authenticator));
    await work(visitor, app, { cdp, add, device });
  } catch (error) {
    if (visitor.complaints.length) error.message += `\nthe browser: ${visitor.complaints.join("\n")}`;
    await visitor.context.close();
    throw error;
  }
  await visitor.leave();
};

const factorsOf = (person) => `/v1/subjects/${person.identity}/factors`;

/// The application enrols a passkey of the visitor's device.
export const enrolHere = async (visitor, app, person) => {
  const { id, options } = await app.call("POST", factorsOf(person), { type: "webauthn" });
  await visitor.go("/docs");
  const response = await visitor.page.evaluate(
    async (json) => (await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(json) })).toJSON(), options);
  await app.call("POST", `${factorsOf(person)}/${id}/confirm`, { response });
  return id;
};

/// One in software, for pages that only have to be looked at.
export const enrolSomewhere = async (app, person, changes = {}) => {
  const device = new Authenticator(atLocalhost(app.url));
  const { id, options } = await app.call("POST", factorsOf(person), { type: "webauthn" });
  await app.call("POST", `${factorsOf(person)}/${id}/confirm`, { response: device.create(options, changes) });
  return device;
};
