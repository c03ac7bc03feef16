// Devices on the hosted pages. A file of its own, so that it runs beside the others.
import "./support/end.mjs";
import "./suites/push.mjs";
