/** The hosted pages. Each of these does nothing where the page does not ask for it (README.md). */
import { startCountdown, startResendWaits, startReturn } from "./lib/countdown.js";
import { fillFromMessage, guardForms, selectOnTheWayToAField, startCopyButtons } from "./lib/forms.js";
import { all, find, takeOwnAddress } from "./lib/page.js";
import { followOtherTabs, refetchWhenShownAgain, watchNetwork } from "./lib/tabs.js";

for (const element of all("[data-script]")) element.hidden = false;
for (const element of all("[data-no-script]")) element.hidden = true;

// After an error its summary is what to read first, after success the heading.
find("[data-focus]")?.focus();

takeOwnAddress();
startCountdown();
startResendWaits();
startReturn();
guardForms();
fillFromMessage();
selectOnTheWayToAField();
startCopyButtons();
followOtherTabs();
refetchWhenShownAgain();
watchNetwork();
