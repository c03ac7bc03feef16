#!/usr/bin/env node
// Writes table.inc, the numbering plans of the world, from the metadata in npm's libphonenumber-js (tools/npm pins its
// version). The result is committed, so that building the server needs no Node.
//
//   generate.mjs           write table.inc
//   generate.mjs --check   fail when table.inc is not what would be written

import { readFileSync, writeFileSync } from "node:fs";
import { StatePool, addAutomaton } from "./automaton.mjs";
import { compile } from "./program.mjs";

const E164_DIGITS_MAX = 15;
const here = (path) => new URL(path, import.meta.url);
const library = here("../../../tools/npm/node_modules/libphonenumber-js/");
const metadata = JSON.parse(readFileSync(new URL("metadata.max.json", library)));
const { version } = JSON.parse(readFileSync(new URL("package.json", library)));
if (metadata.version !== 4) throw new Error(`metadata layout ${metadata.version} is not the one read here`);

// Positions in the metadata's arrays.
const IDD = 1, PATTERN = 2, LENGTHS = 3, NATIONAL_PREFIX = 5, PREFIX_PATTERN = 7, TRANSFORM = 8, LEADING = 10, KINDS = 11;
const KIND_POSITION = {
  kFixedLine: 0, kMobile: 1, kTollFree: 2, kPremium: 3, kPersonal: 4, kVoicemail: 5, kUan: 6, kPager: 7, kVoip: 8, kSharedCost: 9,
};
// Where patterns overlap, the dearer or more special meaning wins.
const KIND_ORDER = ["kPremium", "kTollFree", "kSharedCost", "kVoip", "kPersonal", "kPager", "kUan", "kVoicemail"];
const SATELLITE_CODES = new Set(["870", "881", "882", "883"]);

const plans = [
  ...Object.entries(metadata.country_calling_codes).map(([code, names]) => ({
    code,
    countries: names.map((name) => ({ name, data: metadata.countries[name] })),
  })),
  ...Object.entries(metadata.nonGeographic).map(([code, data]) => ({ code, countries: [{ name: "", data }] })),
].sort((a, b) => Number(a.code) - Number(b.code));

const regionNames = Object.keys(metadata.countries).sort();

// --- Automata over national numbers ---

const pool = new StatePool();
const labels = ["{}"]; // Label 0 means: no such number.

/** A label's region is 0 for the calling code's main country (or none), else 1 + its place among all regions. */
function label(region, kind) {
  const text = `{${region}, LineKind::${kind}}`;
  if (!labels.includes(text)) labels.push(text);
  return labels.indexOf(text);
}

function patternsOf({ name, data }) {
  const patterns = [{ tag: `${name}:general`, pattern: data[PATTERN], lengths: data[LENGTHS] }];
  if (data[LEADING]) patterns.push({ tag: `${name}:leading`, pattern: data[LEADING], prefix: true });
  for (const [kind, position] of Object.entries(KIND_POSITION)) {
    const entry = data[KINDS]?.[position];
    if (entry?.[0]) patterns.push({ tag: `${name}:${kind}`, pattern: entry[0], lengths: entry[1] ?? data[LENGTHS] });
  }
  return patterns;
}

function kindOf(matches, { data }) {
  if (!matches("general")) return undefined;
  const special = KIND_ORDER.find(matches);
  if (special) return special;
  // An empty pattern for mobile stands for "the same as fixed lines".
  const same = data[KINDS]?.[KIND_POSITION.kMobile]?.[0] === "";
  if (matches("kFixedLine")) return same || matches("kMobile") ? "kFixedOrMobile" : "kFixedLine";
  return matches("kMobile") ? "kMobile" : undefined;
}

function labelOf(tags, plan) {
  for (const [index, country] of plan.countries.entries()) {
    const matches = (what) => tags.has(`${country.name}:${what}`);
    if (country.data[LEADING] && !matches("leading")) continue;
    const kind = kindOf(matches, country);
    if (kind) {
      return label(index === 0 ? 0 : 1 + regionNames.indexOf(country.name), SATELLITE_CODES.has(plan.code) ? "kSatellite" : kind);
    }
    if (country.data[LEADING]) return 0; // Its leading digits say it is this country's, and there is no such number.
  }
  return 0;
}

const callingCodes = plans.map((plan) => {
  const start = addAutomaton(
    pool,
    plan.countries.flatMap(patternsOf),
    E164_DIGITS_MAX - plan.code.length,
    (tags) => labelOf(tags, plan),
  );
  const lengths = plan.countries.flatMap(({ data }) => data[LENGTHS]);
  const region = plan.countries[0].name === "" ? 0 : 1 + regionNames.indexOf(plan.countries[0].name);
  return `{${plan.code}, ${start}, ${region}, ${Math.min(...lengths)}, ${Math.max(...lengths)}}`;
});

// --- Prefix programs and regions ---

const words = [0]; // Offset 0 means: no program.
const offsets = new Map();

function program(pattern) {
  if (!pattern) return { offset: 0, groups: 0 };
  if (!offsets.has(pattern)) {
    const compiled = compile(pattern);
    offsets.set(pattern, { offset: words.length, groups: compiled.groups });
    words.push(...compiled.words);
  }
  return offsets.get(pattern);
}

const regions = regionNames.map((name) => {
  const data = metadata.countries[name];
  const trunk = program(data[PREFIX_PATTERN] || data[NATIONAL_PREFIX]);
  const [, insert, group] = data[TRANSFORM] ? /^(\d*)\$(\d)$/.exec(data[TRANSFORM]) : [null, "", 0];
  if (Number(group) !== 0 && Number(group) !== trunk.groups) throw new Error(`${name}: unforeseen transformation`);
  const code = plans.findIndex((plan) => plan.code === data[0]);
  return `{"${name}", ${code}, ${program(data[IDD]).offset}, ${trunk.offset}, "${insert}", ${group}}`;
});

// --- Output ---

/** A state's ten targets as runs: bit d is set where digit d's target differs from the one before it. */
function runsOf({ targets }) {
  const starts = targets.map((target, digit) => digit === 0 || target !== targets[digit - 1]);
  return {
    mask: starts.reduce((mask, isStart, digit) => mask | (isStart << digit), 0),
    targets: targets.filter((_, digit) => starts[digit]),
  };
}

function array(type, name, entries) {
  const lines = [""];
  for (const entry of entries) {
    const last = lines.length - 1;
    if (lines[last].length + String(entry).length + 1 > 118) lines.push(`${entry},`);
    else lines[last] += `${entry},`;
  }
  return `constexpr ${type} ${name}[] = {\n${lines.join("\n")}\n};\n`;
}

const runs = pool.states.map(runsOf);
const text = `// Written by generate.mjs from libphonenumber-js ${version}. Do not edit.
// The numbering plans are facts collected by Google's libphonenumber (Apache License 2.0).
// clang-format off

${array("Label", "kLabels", labels)}
${array("std::uint16_t", "kStateRuns", runs.map(({ mask }) => mask))}
${array("std::uint16_t", "kStateLabels", pool.states.map((state) => state.label))}
${array("std::uint16_t", "kTargets", runs.flatMap(({ targets }) => targets))}
${array("CallingCode", "kCallingCodes", callingCodes)}
${array("std::uint16_t", "kPrograms", words)}
${array("Region", "kRegions", regions)}
// clang-format on
`;

const file = here("table.inc");
if (process.argv.includes("--check")) {
  if (readFileSync(file, "utf8") !== text) {
    console.error("src/contact/numbering_plan/table.inc is stale: run generate.mjs");
    process.exit(1);
  }
} else {
  writeFileSync(file, text);
  console.log(`${pool.states.length} states, ${labels.length} labels, ${words.length} words, ${text.length} bytes`);
}
