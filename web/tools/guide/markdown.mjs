// The Markdown of the descriptions and of docs/errors.md as HTML of the guide. Markup in the text is shown as text.
import MarkdownIt from "markdown-it";

export const escape = (text) =>
  String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

export const idOfCode = (code) => `code-${code}`;
/** A block that scrolls by itself. */
export const code = (text) => `<pre tabindex="0">${escape(text)}</pre>`;

const reader = () => {
  const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false }).disable("image");
  // Links lead to files beside the description, so that the guide shows their words alone.
  markdown.renderer.rules.link_open = markdown.renderer.rules.link_close = () => "";
  markdown.renderer.rules.code_block = (tokens, i) => code(tokens[i].content.trimEnd());
  return markdown;
};

const texts = reader();

/** A text of several blocks. Empty for `undefined`. */
export const prose = (text) => (text ? texts.render(text).trim() : "");

/** The same without the paragraph around it, where it is a single one. */
export const line = (text) => prose(text).replace(/^<p>((?:(?!<p>)[^])*)<\/p>$/, "$1");

/** The code that a row of a table of errors is about: the content of its first cell. */
const codeOf = (tokens, row) => {
  const cell = tokens.slice(row).find(({ type }) => type === "inline");
  return cell.children.find(({ type }) => type === "code_inline").content;
};

/** docs/errors.md as a chapter. Its tables have a code in the first column, by which other parts of the guide link to its row. */
export function errorsChapter(text) {
  const chapter = reader();
  const { rules } = chapter.renderer;
  const level = { h1: "h2", h2: "h3" };
  rules.heading_open = (tokens, i) => `<${level[tokens[i].tag]}${tokens[i].tag === "h1" ? ' id="errors"' : ""}>`;
  rules.heading_close = (tokens, i) => `</${level[tokens[i].tag]}>\n`;
  rules.table_open = () => '<table class="errors">';
  rules.th_open = () => '<th scope="col">';
  rules.tr_open = (tokens, i) => (tokens[i + 1].type === "td_open" ? `<tr id="${idOfCode(codeOf(tokens, i))}">` : "<tr>");
  // The name of a row is its header, and may break at its underscores.
  const names = (tokens, i) => tokens[i - 1].type === "tr_open";
  rules.td_open = (tokens, i) => (names(tokens, i) ? '<th scope="row">' : "<td>");
  rules.td_close = (tokens, i) => (names(tokens, i - 2) ? "</th>" : "</td>");
  return chapter.render(text).trim().replace(/<th scope="row">.*?<\/th>/g, (name) => name.replaceAll("_", "_<wbr>"));
}
