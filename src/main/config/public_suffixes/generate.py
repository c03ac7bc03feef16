#!/usr/bin/env python3
"""Writes rules.txt anew from the Public Suffix List of the Debian package publicsuffix (MPL 2.0; https://publicsuffix.org).

    python3 -B src/main/config/public_suffixes/generate.py [LIST]

One rule a line, in ASCII as browsers compare it, sorted by bytes. `*.` and `!` are as in the list. Both of its parts,
names of registries and names of sites that give each customer a name, because browsers refuse both as an RP ID.
"""
import pathlib
import sys

LIST = "/usr/share/publicsuffix/public_suffix_list.dat"


def ascii_rule(rule):
    mark = "!" if rule.startswith("!") else ""
    labels = rule[len(mark):].split(".")
    return mark + ".".join(label if label == "*" else label.encode("idna").decode("ascii") for label in labels)


def main():
    text = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else LIST).read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    rules = sorted({ascii_rule(line) for line in lines if line and not line.startswith("//")})
    out = pathlib.Path(__file__).with_name("rules.txt")
    out.write_text("\n".join(rules) + "\n", encoding="ascii")
    print(f"{len(rules)} rules in {out.name}")


main()
