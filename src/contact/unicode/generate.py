#!/usr/bin/env python3
"""Writes table.inc: what composed.cpp needs of the Unicode Character Database, as this Python has it.

Run it from this folder; say in the commit which version it was (unicodedata.unidata_version).
"""
import sys
import unicodedata as u

POINTS = [c for c in range(0x80, 0x110000) if not 0xD800 <= c <= 0xDFFF and not 0xAC00 <= c <= 0xD7A3]


def rows(values, per_line):
    return "".join("    " + " ".join(values[i : i + per_line]) + "\n" for i in range(0, len(values), per_line))


def decompositions():
    """One step each, canonical only. Hangul is computed."""
    for c in POINTS:
        parts = u.decomposition(chr(c)).split()
        if not parts or parts[0].startswith("<"):
            continue
        first, second = (int(p, 16) for p in (parts + ["0"])[:2])
        composes = len(parts) == 2 and u.normalize("NFC", chr(first) + chr(second)) == chr(c)
        yield "{0x%X,0x%X,0x%X,%s}," % (c, first, second, "true" if composes else "false")


def classes():
    """Runs of the same combining class, other than 0."""
    run = None
    for c in POINTS:
        of = u.combining(chr(c))
        if run and run[2] == of and run[1] == c - 1:
            run[1] = c
            continue
        if run and run[2]:
            yield "{0x%X,0x%X,%d}," % tuple(run)
        run = [c, c, of]


def lower():
    """Runs of letters whose small form is one letter and equally far away, in steps of one or two."""
    pairs = [(c, ord(chr(c).lower())) for c in POINTS if len(chr(c).lower()) == 1 and chr(c).lower() != chr(c)]
    runs = []
    for c, small in pairs:
        if runs:
            first, last, step, by = runs[-1]
            gap = c - last
            if small - c == by and gap in (1, 2) and (step in (0, gap)):
                runs[-1] = [first, c, gap, by]
                continue
        runs.append([c, c, 0, small - c])
    for first, last, step, by in runs:
        yield "{0x%X,0x%X,%d,%d}," % (first, last, step or 1, by)


def main():
    out = ["// Made by generate.py from Unicode %s. Do not edit.\n// clang-format off\n" % u.unidata_version]
    for kind, name, values, per_line in (
        ("Decomposition", "kDecompositions", decompositions(), 7),
        ("ClassRun", "kClasses", classes(), 8),
        ("LowerRun", "kLower", lower(), 7),
    ):
        out.append("constexpr %s %s[] = {\n%s};\n" % (kind, name, rows(list(values), per_line)))
    with open("table.inc", "w", encoding="ascii") as file:
        file.write("\n".join(out))


if __name__ == "__main__":
    sys.exit(main())
