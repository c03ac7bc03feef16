// The pages of the development mode: what they do, and how they look.
import "./support/end.mjs";
import "./suites/guide.mjs";
import "./suites/home.mjs";
import "./suites/inbox.mjs";
import "./suites/look_developer.mjs";
