"""House rules that a reader of one change cannot see: arrows, clocks and randomness, sizes, machine paths.

Run by `./dev test house`. Prints one line per finding and answers 1 if there is any.
"""

import pathlib
import re
import subprocess
import sys

# Which rooms a room may include, itself aside. This is the table of ARCHITECTURE.md; the CMake links must stay inside.
ARROWS = {
    "base": set(),
    "contact": {"base"},
    "crypto": {"base"},
    "domain": {"base", "contact", "crypto"},
    "webauthn": {"base", "contact", "crypto"},
    "store": {"base", "contact", "crypto", "domain"},
    "delivery": {"base", "contact", "crypto"},
    "usecase": {"base", "contact", "crypto", "domain", "webauthn", "store", "delivery"},
    "http": {"base", "contact", "crypto"},
    "html": {"base", "contact"},
    "assets": {"base"},
    "api": {"base", "contact", "crypto", "domain", "webauthn", "store", "delivery", "usecase", "http", "html", "assets"},
    "main": {"base", "contact", "crypto", "domain", "webauthn", "store", "delivery", "usecase", "http", "html", "assets",
             "api", "demo"},
    "demo": {"base", "http", "html", "assets"},  # Reaches the rest over HTTP alone.
}

# Time and chance come in as arguments (base/moment.h), or no test could repeat a run.
NONDETERMINISM = re.compile(
    r"(?:system_clock|steady_clock|high_resolution_clock|utc_clock)::now\b"
    r"|\b(?:random_device|RAND_bytes|RAND_priv_bytes|getrandom|getentropy|arc4random\w*|clock_gettime|gettimeofday)\b"
    r"|(?<![\w.:>])(?:(?:std)?::)?(?:time\s*\(\s*(?:nullptr|NULL|0|&)|s?rand\s*\()"
)

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
CMAKE_LINK = re.compile(r"\bcs_([a-z]+)\b")
LINES_MAX = 500
UNASSERTED_PROPERTY = re.compile(r"^[ \t]*rc::check\(", re.M)
LONG_FILE_REASON = re.compile(r"^// Long because ", re.M)

# The rules that comments cite, as docs/rules.md defines them.
RULES_FILE = "docs/rules.md"
RULE_FAMILIES = "AMR|API|BKP|BND|CRY|HOOK|HOTP|LOG|OTP|PHN|PRV|PSTN|PUSH|SMS|STD|THR|TOK|TOTP|TXN|URI|WA|WEB"
RULE = re.compile(rf"\b(?:{RULE_FAMILIES})-[0-9]+\b")
RULE_DEFINITION = re.compile(r"^- \*\*([A-Z]+-[0-9]+)\*\*", re.M)
CITING = re.compile(r"(?:src|tests|fuzz|bench|web/src)/")

# Paths of somebody's machine have no place in what others read or run.
MACHINE_PATH = re.compile(r"(?<![\w.$}~-])/(?:home|root|work|Users)/[\w.]")
MACHINE_PATH_MAY = re.compile(r"^(?:tests/house/|tools/npm/package-lock\.json)")
TEXT_SUFFIXES = {".h", ".cpp", ".py", ".sh", ".md", ".txt", ".cmake", ".json", ".toml", ".yaml", ".yml", ".ts", ".tsx",
                 ".css", ".html", ".mjs", ".js", ".service", ".conf", ""}


def without_comments(text):
    """C++ with comments and the content of strings blanked out, line by line."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
    return pattern.sub(lambda m: "\n" * m.group().count("\n") if m.group().startswith("/") else '""', text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def check_arrows(path, text):
    """src/<room>/… may include only what ARROWS gives its room."""
    room = path.split("/")[1]
    for match in INCLUDE.finditer(text):
        target = match.group(1).split("/")[0]
        if "/" not in match.group(1):
            yield f'{path}:{line_of(text, match.start())}: include "{match.group(1)}" by its room: "{room}/…"'
        elif target in ARROWS and target != room and target not in ARROWS[room]:
            yield f"{path}:{line_of(text, match.start())}: {room} may not include {match.group(1)}"


def check_links(path, text):
    """A room's CMake links are its arrows, too."""
    room = path.split("/")[1]
    for match in CMAKE_LINK.finditer(text):
        target = match.group(1)
        if target in ARROWS and target != room and target not in ARROWS[room]:
            yield f"{path}:{line_of(text, match.start())}: {room} may not link cs_{target}"


def check_nondeterminism(path, text):
    if path.startswith("src/base/"):
        return
    for match in NONDETERMINISM.finditer(without_comments(text)):
        yield f"{path}:{line_of(without_comments(text), match.start())}: {match.group().strip()} belongs to src/base; take a Clock, Random or Moment"


def check_own_header_first(path, text, exists):
    """The convention: a source shows first what its own header needs."""
    own = path.removeprefix("src/").removesuffix(".cpp") + ".h"
    if not exists("src/" + own):
        return
    first = INCLUDE.search(text)
    any_first = re.search(r"^\s*#\s*include\s+(\S+)", text, re.M)
    if first is None or first.group(1) != own or any_first.group(1) != f'"{own}"':
        yield f'{path}:1: the first include must be "{own}"'


def check_size(path, text):
    lines = text.count("\n")
    if lines > LINES_MAX and not LONG_FILE_REASON.search(text):
        yield f"{path}:1: {lines} lines; split it, or say `// Long because …` at its top"


def check_properties_are_asserted(path, text):
    """`rc::check` only answers whether the property held."""
    for match in UNASSERTED_PROPERTY.finditer(text):
        yield f"{path}:{line_of(text, match.start())}: nobody looks at what rc::check answers; use EXPECT_TRUE"


def check_machine_paths(path, text):
    if MACHINE_PATH_MAY.match(path):
        return
    for match in MACHINE_PATH.finditer(text):
        yield f"{path}:{line_of(text, match.start())}: a path of one machine: {match.group()}…"


def check_file(path, text, exists):
    """All findings for one file of the repository; `exists` says whether a path is in it."""
    suffix = pathlib.PurePosixPath(path).suffix
    if suffix in {".h", ".cpp"}:
        yield from check_size(path, text)
        yield from check_properties_are_asserted(path, text)
        if path.startswith("src/"):
            yield from check_arrows(path, text)
            yield from check_nondeterminism(path, text)
            if suffix == ".cpp":
                yield from check_own_header_first(path, text, exists)
            elif "#pragma once" not in text:
                yield f"{path}:1: a header starts with #pragma once"
    if re.fullmatch(r"src/[a-z]+/CMakeLists\.txt", path):
        yield from check_links(path, text)
    if suffix in TEXT_SUFFIXES:
        yield from check_machine_paths(path, text)


def check_rules(texts):
    """Whatever is cited is defined, and whatever is defined is cited. `texts`: all files by their paths."""
    defined = {m.group(1): m.start() for m in RULE_DEFINITION.finditer(texts.get(RULES_FILE, ""))}
    cited = set()
    for path, text in texts.items():
        if not CITING.match(path) or path.startswith("tests/house/"):
            continue
        for match in RULE.finditer(text):
            cited.add(match.group())
            if match.group() not in defined:
                yield f"{path}:{line_of(text, match.start())}: {match.group()} is not in {RULES_FILE}"
    for rule in sorted(defined.keys() - cited):
        yield f"{RULES_FILE}:{line_of(texts[RULES_FILE], defined[rule])}: nothing cites {rule}"


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root, check=True,
                            capture_output=True).stdout.decode().split("\0")
    paths = [path for path in listed if path and (root / path).is_file()]
    known = set(paths)
    texts = {}
    for path in paths:
        try:
            texts[path] = (root / path).read_text("utf-8")
        except UnicodeDecodeError:
            continue
    findings = [finding for path, text in texts.items() for finding in check_file(path, text, known.__contains__)]
    findings += check_rules(texts)
    print("\n".join(findings + [f"house: {len(paths)} files, {len(findings)} findings"]))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
