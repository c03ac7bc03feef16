// The pages in a real browser. One file, so that all suites share a server and a browser.
import { after } from "node:test";
import { endWorld } from "./support/world.mjs";

after(endWorld);

await import("./suites/pages.mjs");
