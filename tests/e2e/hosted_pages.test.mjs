// What the hosted pages do. One file, so that its suites share a server and a browser; other files run beside it.
import "./support/end.mjs";
import "./suites/pages.mjs";
import "./suites/phone.mjs";
import "./suites/tabs.mjs";
import "./suites/flow.mjs";
import "./suites/recovery.mjs";
import "./suites/methods.mjs";
import "./suites/passkey_offer.mjs";
import "./suites/passkeys.mjs";
