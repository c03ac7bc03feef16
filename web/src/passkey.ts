/*! Contains @simplewebauthn/browser, Copyright (c) 2020 Matthew Miller, MIT License: https://github.com/MasterKale/SimpleWebAuthn */
/** Pages with a form that asks for a passkey, and no others, have this script (README.md). */
import { startPasskeyForms } from "./lib/passkey.js";
import { sendPasskeySignals } from "./lib/passkey_signals.js";

sendPasskeySignals();
startPasskeyForms();
