"""Which GoogleTest binaries hold the tests of a name, and the filter for them.

    find_tests.py NAME

NAME is a module (a folder of tests/unit), a binary, a source file without .cpp, or a part of a test's `Suite.Name`.
Prints a line `binary filter` for each; nothing where nothing is called so.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
BINARY = re.compile(r"cs_test\(\s*(\w+)\s+SOURCES\s+(.*?)\bLINKS\b", re.S)
TEST = re.compile(r"^\s*(?:TEST|TEST_F|TEST_P|TYPED_TEST|RC_GTEST_PROP|RC_GTEST_FIXTURE_PROP)\(\s*(\w+),\s*(\w+)", re.M)


def binaries():
    for lists in sorted((ROOT / "tests").rglob("CMakeLists.txt")):
        for name, sources in BINARY.findall(lists.read_text()):
            yield name, lists.parent, [lists.parent / s for s in sources.split() if s.endswith(".cpp")]


def filter_for(wanted, name, folder, sources):
    if wanted == name or folder == ROOT / "tests" / "unit" / wanted:
        return "*"
    tests = []
    for source in sources:
        for suite, test in TEST.findall(source.read_text()):
            if source.stem == wanted or wanted in f"{suite}.{test}":
                tests.append(f"{suite}.{test}:*/{suite}.{test}/*")
    return ":".join(tests)


for name, folder, sources in binaries():
    chosen = filter_for(sys.argv[1], name, folder, sources)
    if chosen:
        print(name, chosen)
