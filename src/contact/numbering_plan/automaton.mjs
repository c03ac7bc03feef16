// Turns the patterns of one calling code into a deterministic automaton over the digits of the national number. A state
// has a label that says which country and kind of line a number that ends there belongs to; equal states are one, across
// all calling codes, which is what makes the table small.

import { parse, ANY_DIGIT } from "./regex.mjs";

/** A nondeterministic automaton: each node reads one digit of `set` on the way to `next`, or goes on by `empty`. */
class Nondeterministic {
  nodes = [];

  node() {
    this.nodes.push({ set: 0, next: -1, empty: [], tag: undefined });
    return this.nodes.length - 1;
  }

  /** Adds `tree` in front of node `end` and answers where it starts. */
  build(tree, end) {
    if (tree.set !== undefined) {
      const start = this.node();
      Object.assign(this.nodes[start], { set: tree.set, next: end });
      return start;
    }
    if (tree.sequence) return tree.sequence.reduceRight((next, part) => this.build(part, next), end);
    if (tree.choice) return this.fork(tree.choice.map((branch) => this.build(branch, end)));
    if (tree.group) return this.build(tree.group, end);
    if (tree.repeat) {
      let start = end;
      for (let i = tree.min; i < tree.max; i++) start = this.fork([this.build(tree.repeat, start), end]);
      for (let i = 0; i < tree.min; i++) start = this.build(tree.repeat, start);
      return start;
    }
    throw new Error("a pattern for whole numbers cannot hold $");
  }

  fork(targets) {
    const start = this.node();
    this.nodes[start].empty = targets;
    return start;
  }

  closure(starts) {
    const seen = new Set(starts);
    for (const node of seen) this.nodes[node].empty.forEach((next) => seen.add(next));
    return [...seen].sort((a, b) => a - b);
  }

  step(nodes, digit) {
    const next = nodes.filter((n) => (this.nodes[n].set >> digit) & 1).map((n) => this.nodes[n].next);
    return this.closure(next);
  }
}

/** All states of all calling codes, each with its label and ten targets. State 0 is the dead end. */
export class StatePool {
  states = [{ label: 0, targets: Array(10).fill(0) }];
  #known = new Map([[`0:${Array(10).fill(0)}`, 0]]);

  intern(label, targets) {
    const key = `${label}:${targets}`;
    if (!this.#known.has(key)) {
      this.#known.set(key, this.states.length);
      this.states.push({ label, targets });
    }
    return this.#known.get(key);
  }
}

/**
 * Adds an automaton to `pool` and answers its start state.
 * `patterns` are {pattern, tag, lengths, prefix?}; a `prefix` pattern matches numbers that begin with it. `labelOf` maps
 * the set of tags that match a number to its label (0 for none).
 */
export function addAutomaton(pool, patterns, lengthMax, labelOf) {
  const nfa = new Nondeterministic();
  const starts = patterns.map(({ pattern, tag, lengths, prefix }) => {
    const end = nfa.node();
    nfa.nodes[end].tag = { tag, lengths };
    const { tree } = parse(pattern);
    const behind = prefix ? nfa.build({ repeat: { set: ANY_DIGIT }, min: 0, max: lengthMax }, end) : end;
    return nfa.build(tree, behind);
  });

  const known = new Map();
  function visit(nodes, depth) {
    if (nodes.length === 0) return 0;
    const key = `${depth}:${nodes}`;
    if (!known.has(key)) {
      const tags = new Set();
      for (const n of nodes) {
        const found = nfa.nodes[n].tag;
        if (found && (!found.lengths || found.lengths.includes(depth))) tags.add(found.tag);
      }
      const targets = Array.from({ length: 10 }, (_, digit) =>
        depth === lengthMax ? 0 : visit(nfa.step(nodes, digit), depth + 1),
      );
      known.set(key, pool.intern(labelOf(tags), targets));
    }
    return known.get(key);
  }
  return visit(nfa.closure(starts), 0);
}
