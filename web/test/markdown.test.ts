import assert from "node:assert/strict";
import { test } from "node:test";
import { errorsChapter, line, prose } from "../tools/guide/markdown.mjs";

const kMarkup = '<img src=x onerror="alert(1)"> & <b>';
const kEscaped = "&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; &lt;b&gt;";

test("markup in a description is shown as text, wherever it stands", () => {
  assert.equal(prose(kMarkup), `<p>${kEscaped}</p>`);
  assert.equal(line(kMarkup), kEscaped);
  assert.equal(line("`<b>`"), "<code>&lt;b&gt;</code>");
  assert.equal(prose(`- ${kMarkup}`), `<ul>\n<li>${kEscaped}</li>\n</ul>`);
  assert.equal(prose("<script>\nalert(1)\n</script>"), "<p>&lt;script&gt;\nalert(1)\n&lt;/script&gt;</p>");
  assert.ok(!errorsChapter(`# E\n\n| code | meaning |\n| --- | --- |\n| \`a_b\` | ${kMarkup} |\n`).includes("<img"));
});

test("a link is its words, and a picture is none", () => {
  assert.equal(line("see [the list](errors.md) and [it](javascript:alert(1))"), "see the list and [it](javascript:alert(1))");
  assert.ok(!prose("![it](https://example.com/a.png)").includes("<img"));
});

test("a text of one paragraph is a line; one of several keeps its blocks", () => {
  assert.equal(line("a **b**"), "a <strong>b</strong>");
  assert.equal(line("a\n\nb"), "<p>a</p>\n<p>b</p>");
  assert.equal(line(undefined), "");
});

test("errors become a chapter whose rows can be linked to by their codes", () => {
  const html = errorsChapter("# Errors\n\nSample:\n\n    a < b\n\n## State\n\n| code | what to do |\n| --- | --- |\n| `not_found` | Check `a_b`. |\n");
  assert.match(html, /<h2 id="errors">Errors<\/h2>/);
  assert.match(html, /<h3>State<\/h3>/);
  assert.match(html, /<pre tabindex="0">a &lt; b<\/pre>/);
  assert.match(html, /<tr id="code-not_found">\s*<th scope="row"><code>not_<wbr>found<\/code><\/th>\s*<td>Check <code>a_b<\/code>.<\/td>/);
});
