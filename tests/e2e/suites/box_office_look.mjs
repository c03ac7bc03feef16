// Every page and state of the box office, narrow and wide, light, dark and in forced colours, in each language: accessible
// by all rules that a machine can judge, nothing to scroll to sideways, nothing too small to hit, and whole at twice the
// size of text.
import assert from "node:assert/strict";
import { test } from "node:test";
import { officeStates } from "../support/box_office_states.mjs";
import { Organizer } from "../support/organizer.mjs";

const locales = ["pt-BR", "en", "es"];
const kTarget = 24; // CSS pixels. [WCAG 2.5.8]

/// What can be pressed: a box that a finger has to hit. A radio button and its label are one.
const assertTargets = async ({ page }, where) => {
  const small = await page.evaluate((least) => {
    const shown = (element) => element.checkVisibility() && !element.closest(".vh, .skip");
    return [...document.querySelectorAll("a, button, summary, input:not([type=hidden])")].filter(shown).flatMap((element) => {
      const { width, height } = (element.closest("label") ?? element).getBoundingClientRect();
      return width >= least && height >= least ? [] : [`${element.outerHTML.slice(0, 120)}: ${width}×${height}`];
    });
  }, kTarget);
  assert.deepEqual(small, [], where);
};

/// Text beyond the window, or behind the edge of a box that cuts.
const assertNothingIsCut = async ({ page }, where) => {
  const cut = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    return [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility() && !one.closest(".vh, .skip, svg, datalist")).flatMap((one) => {
      const { left, right } = one.getBoundingClientRect();
      const hides = getComputedStyle(one).overflow !== "visible" && one.tagName !== "INPUT";
      const isCut = hides && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);
      return left < 0 || right > room + 0.5 || isCut ? [`${one.outerHTML.slice(0, 100)}: ${left} to ${right} of ${room}`] : [];
    });
  });
  assert.deepEqual(cut, [], where);
};

const look = (visitor, name) => visitor.assertLooks(name, (where) => assertTargets(visitor, where));

/// As a person sees it who has made text twice as large, on a telephone.
const lookEnlarged = async (visitor, name) => {
  await visitor.page.setViewportSize({ width: 360, height: 740 });
  await visitor.page.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
  await visitor.assertFits(`${name}, text of 200 %`);
  await assertNothingIsCut(visitor, `${name}, text of 200 %`);
};

const inOtherLanguages = async (visitor, name, locale) => {
  for (const other of locales.filter((one) => one !== locale)) {
    const href = await visitor.page.locator(`.languages a[hreflang="${other}"]`).getAttribute("href");
    await visitor.page.setViewportSize({ width: 320, height: 640 });
    await visitor.go(new URL(href, visitor.page.url()).href);
    await visitor.page.waitForFunction(() => !document.querySelector("meta[http-equiv=refresh]")); // It waits for an answer.
    assert.equal(await visitor.page.getAttribute("html", "lang"), other);
    await visitor.assertFits(`${name}, ${other}`);
    await assertTargets(visitor, `${name}, ${other}`);
    await visitor.assertAccessible(`${name}, ${other}`);
    await lookEnlarged(visitor, `${name}, ${other}`);
  }
};

for (const [index, [name, reach, { error } = {}]] of officeStates.entries()) {
  const locale = locales[index % locales.length];
  test(`the page: ${name}`, () =>
    Organizer.meet({ locale, width: 320 }, async (organizer) => {
      const { visitor } = organizer;
      visitor.expected = error;
      await reach(organizer);
      await look(visitor, name);
      await lookEnlarged(visitor, name);
      await inOtherLanguages(visitor, name, locale);
    }));
}
