// Prefix patterns (trunk prefixes, carrier codes, international prefixes) have groups to take out, which an automaton
// cannot give. They become short programs for the matcher in plan.cpp: one 16-bit word per instruction, operation in the
// upper four bits, operand below. Jumps only lead forward, so every program ends.

import { parse } from "./regex.mjs";

const OPERATION = { digit: 0, either: 1, jump: 2, save: 3, end: 4, match: 5 };

const word = (operation, operand = 0) => {
  if (operand < 0 || operand > 0xfff) throw new Error(`operand ${operand} does not fit`);
  return (OPERATION[operation] << 12) | operand;
};

function emit(tree) {
  if (tree.set !== undefined) return [word("digit", tree.set)];
  if (tree.sequence) return tree.sequence.flatMap(emit);
  if (tree.end) return [word("end")];
  if (tree.group) {
    const slot = 2 * (tree.index - 1);
    return [word("save", slot), ...emit(tree.group), word("save", slot + 1)];
  }
  if (tree.repeat) {
    const once = emit(tree.repeat);
    let optional = [];
    for (let i = tree.min; i < tree.max; i++) {
      const inner = [...once, ...optional];
      optional = [word("either", inner.length), ...inner];
    }
    return [...Array(tree.min).fill(once).flat(), ...optional];
  }
  return tree.choice.map(emit).reduceRight((others, branch) => [
    word("either", branch.length + 1),
    ...branch,
    word("jump", others.length),
    ...others,
  ]);
}

/** The words of the program, and how many groups the pattern has. */
export function compile(pattern) {
  const { tree, groups } = parse(pattern);
  return { words: [...emit(tree), word("match")], groups };
}
