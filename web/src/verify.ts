/** The hosted pages. Each of these does nothing where the page does not ask for it (README.md). */
import { showInTime, startCountdown, startResendWaits, startReturn } from "./lib/countdown.js";
import { fillFromMessage, forgetWhatWasTyped, guardForms, selectOnTheWayToAField, startCopyButtons, startPrintButtons } from "./lib/forms.js";
import { all, find, hasCaughtUp, takeOwnAddress } from "./lib/page.js";
import { offerDevice } from "./lib/push_offer.js";
import { followOtherTabs, refetchWhenShownAgain, watchNetwork } from "./lib/tabs.js";

for (const element of all("[data-script]")) element.hidden = false;
for (const element of all("[data-no-script]")) element.hidden = true;

// After an error its summary is what to read first, after success the heading: also of an end that came by itself.
const caughtUp = hasCaughtUp();
(find("[data-focus]") ?? (caughtUp ? find("h1[tabindex]") : undefined))?.focus();

takeOwnAddress();
startCountdown();
startResendWaits();
startReturn();
guardForms();
fillFromMessage();
selectOnTheWayToAField();
startCopyButtons();
startPrintButtons();
forgetWhatWasTyped();
followOtherTabs();
showInTime();
offerDevice();
refetchWhenShownAgain();
watchNetwork();
