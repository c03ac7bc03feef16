// Every hosted page and state, narrow and wide, light, dark and in forced colours, in each language: accessible by all
// rules that a machine can judge, and nothing to scroll to sideways.
import { test } from "node:test";
import { states } from "../support/states.mjs";
import { meet } from "../support/world.mjs";

const locales = ["pt-BR", "en", "es"];

/// What is pressed is large enough, and so may text be, twice as large on a telephone: the letters alone, and the whole
/// page as the browser's zoom makes it.
const lookClosely = async (visitor, name) => {
  const { page } = visitor;
  await page.setViewportSize({ width: 320, height: 640 });
  await visitor.assertWholeWords(`${name}, narrow`);
  await visitor.assertTargets(`${name}, narrow`);
  await page.setViewportSize({ width: 360, height: 640 });
  await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
  await visitor.assertFits(`${name}, large text`);
  await visitor.assertWholeWords(`${name}, large text`);
  await page.evaluate(() => (document.documentElement.style.fontSize = ""));
  await page.setViewportSize({ width: 180, height: 320 });
  await visitor.assertFits(`${name}, zoom`);
  await visitor.assertWholeWords(`${name}, zoom`);
};

/// The same page in the other languages.
const inOtherLanguages = async (visitor, name, locale) => {
  await visitor.page.setViewportSize({ width: 320, height: 640 });
  for (const other of locales.filter((one) => one !== locale)) {
    const link = visitor.page.locator(`.lang a[hreflang="${other}"]`);
    if ((await link.count()) === 0) continue;
    await visitor.go(await link.getAttribute("href").then((href) => new URL(href, visitor.page.url()).href));
    await visitor.assertFits(`${name}, ${other}`);
  }
};

// The expired one last: it takes its time to become so.
const inOrder = [...states].sort(([a], [b]) => (a === "expired") - (b === "expired"));

for (const [index, [name, reach, { error } = {}]] of inOrder.entries()) {
  const locale = locales[index % locales.length];
  test(`the page: ${name}`, () =>
    meet({ locale, width: 320 }, async (visitor, app) => {
      visitor.expected = error;
      await reach(visitor, app);
      await visitor.assertLooks(name);
      await lookClosely(visitor, name);
      await inOtherLanguages(visitor, name, locale);
    }));
}
