// The pages in a real browser. One file, so that all suites share a server and a browser.
import { after } from "node:test";
import { endWorld } from "./support/world.mjs";

after(endWorld);

for (const suite of ["pages", "tabs", "guide", "look", "inbox", "box_office"]) await import(`./suites/${suite}.mjs`);
