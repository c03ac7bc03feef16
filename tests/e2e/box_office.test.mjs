// What the box office does, and the hosted pages between its steps.
import "./support/end.mjs";
import "./suites/box_office.mjs";
import "./suites/box_office_forms.mjs";
