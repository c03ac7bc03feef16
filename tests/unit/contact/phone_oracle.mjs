// What libphonenumber-js says of numbers, one JSON object a line: same metadata as our table, so answers must be equal.
// Random national numbers of every country and length, half of them near an example number; typed with plus, as dialled
// at home, and behind the trunk prefix. Drawn from a fixed seed.
import { createRequire } from "node:module";

const require = createRequire(new URL("../../../tools/npm/package.json", import.meta.url));
const { parsePhoneNumberFromString } = require("libphonenumber-js/max");
const metadata = require("libphonenumber-js/metadata.max.json");
const examples = require("libphonenumber-js/examples.mobile.json");

const CODE = 0, LENGTHS = 3, NATIONAL_PREFIX = 5;

let state = 20260101n;
function below(bound) {
  state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
  return Number((state >> 33n) % BigInt(bound));
}

const randomDigits = (length) => Array.from({ length }, () => below(10)).join("");

function nearExample(example) {
  const digits = [...example];
  for (let i = 0; i < 2; i++) digits[below(digits.length)] = below(10);
  return digits.join("");
}

function report(typed, region) {
  const number = parsePhoneNumberFromString(typed, region || undefined);
  const answer = { valid: Boolean(number?.isValid()) && number.number.length <= 16 };
  if (answer.valid) {
    Object.assign(answer, { e164: number.number, type: number.getType().toLowerCase(), region: number.country ?? "001" });
  }
  console.log(JSON.stringify({ kind: "random", typed, default: region, ...answer }));
}

for (const [region, plan] of Object.entries(metadata.countries)) {
  for (let i = 0; i < 120; i++) {
    const national =
      i % 2 && examples[region] ? nearExample(examples[region]) : randomDigits(plan[LENGTHS][below(plan[LENGTHS].length)]);
    report(`+${plan[CODE]}${national}`, "");
    if (i % 4 === 0) report(national, region);
    if (i % 4 === 1 && plan[NATIONAL_PREFIX]) report(plan[NATIONAL_PREFIX] + national, region);
  }
}
for (const [code, plan] of Object.entries(metadata.nonGeographic)) {
  for (let i = 0; i < 120; i++) report(`+${code}${randomDigits(plan[LENGTHS][below(plan[LENGTHS].length)])}`, "");
}
