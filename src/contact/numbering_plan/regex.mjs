// The numbering metadata's patterns use a small part of regular expressions: digits, \d, classes, groups, alternatives,
// `?` and `{m,n}`. This reads that part into a tree, and refuses anything else.

export const ANY_DIGIT = 0b1111111111;

/** Tree nodes: {set}, {sequence}, {choice}, {repeat, min, max}, {group, index}, {end}. `set` is a mask of digits. */
export function parse(pattern) {
  let at = 0;
  let groups = 0;
  const rest = () => pattern.slice(at);
  const fail = () => {
    throw new Error(`cannot read pattern ${pattern} at ${at}`);
  };
  const take = (text) => {
    if (!rest().startsWith(text)) return false;
    at += text.length;
    return true;
  };
  const digit = () => (/^\d/.test(rest()) ? Number(pattern[at++]) : fail());

  function choice() {
    const branches = [sequence()];
    while (take("|")) branches.push(sequence());
    return branches.length === 1 ? branches[0] : { choice: branches };
  }
  function sequence() {
    const parts = [];
    while (at < pattern.length && pattern[at] !== "|" && pattern[at] !== ")") parts.push(repeated(atom()));
    return { sequence: parts };
  }
  function repeated(inner) {
    if (take("?")) return { repeat: inner, min: 0, max: 1 };
    const bounds = /^\{(\d+)(?:,(\d+))?\}/.exec(rest());
    if (!bounds) return inner;
    at += bounds[0].length;
    return { repeat: inner, min: Number(bounds[1]), max: Number(bounds[2] ?? bounds[1]) };
  }
  function atom() {
    if (take("(?:")) return closed(choice());
    if (take("(")) {
      const index = ++groups;
      return closed({ group: choice(), index });
    }
    if (take("$")) return { end: true };
    if (take("\\d")) return { set: ANY_DIGIT };
    if (take("[")) return { set: characterClass() };
    return { set: 1 << digit() };
  }
  function closed(node) {
    return take(")") ? node : fail();
  }
  function characterClass() {
    let mask = 0;
    while (!take("]")) {
      if (take("\\d")) {
        mask |= ANY_DIGIT;
        continue;
      }
      const first = digit();
      const last = take("-") ? digit() : first;
      for (let d = first; d <= last; d++) mask |= 1 << d;
    }
    return mask;
  }

  const tree = choice();
  if (at !== pattern.length) fail();
  return { tree, groups };
}
