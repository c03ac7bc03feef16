// The pages in a real browser. One file, so that all suites share a server and a browser.
import { after } from "node:test";
import "./suites/pages.mjs";
import "./suites/phone.mjs";
import "./suites/tabs.mjs";
import "./suites/flow.mjs";
import "./suites/guide.mjs";
import "./suites/home.mjs";
import "./suites/look.mjs";
import "./suites/inbox.mjs";
import "./suites/box_office.mjs";
import "./suites/box_office_look.mjs";
import "./suites/box_office_forms.mjs";
import { endSite } from "./support/organizer.mjs";
import { endWorld } from "./support/world.mjs";

after(async () => {
  await endSite();
  await endWorld();
});
