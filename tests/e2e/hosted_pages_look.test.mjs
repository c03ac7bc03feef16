// How the hosted pages look, each in each state.
import "./support/end.mjs";
import "./suites/look.mjs";
