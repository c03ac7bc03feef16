// How the box office looks, each page in each state.
import "./support/end.mjs";
import "./suites/box_office_look.mjs";
