"""Conventions that a reader of one change cannot see: arrows, clocks and randomness, sizes, machine paths.

Run by `./dev test conventions`. Prints one line per finding and answers 1 if there is any.
"""

import pathlib
import re
import subprocess
import sys

# Which modules a module may include, itself aside. This is the table of ARCHITECTURE.md; the CMake links must stay inside.
ARROWS = {
    "base": set(),
    "contact": {"base"},
    "crypto": {"base"},
    "domain": {"base", "contact", "crypto"},
    "webauthn": {"base", "contact", "crypto"},
    "risk": {"base", "contact", "domain"},
    "store": {"base", "contact", "crypto", "domain", "risk"},
    "delivery": {"base", "contact", "crypto"},
    "usecase": {"base", "contact", "crypto", "domain", "webauthn", "risk", "store", "delivery"},
    "http": {"base", "contact", "crypto"},
    "html": {"base", "contact"},
    "assets": {"base"},
    "api": {"base", "contact", "crypto", "domain", "webauthn", "risk", "store", "delivery", "usecase", "http", "html", "assets"},
    "main": {"base", "contact", "crypto", "domain", "webauthn", "risk", "store", "delivery", "usecase", "http", "html", "assets",
             "api", "demo"},
    "demo": {"base", "http", "html", "assets"},  # Reaches the rest over HTTP alone.
}

# What a part of a module may not include, beyond its module's arrows: which files, what of it, and why.
FORBIDDEN_INCLUDES = (
    (re.compile(r"src/store/(?!repository/|migrations/|upkeep/seal)"), re.compile(r"(?:domain|contact|store/repository)/"),
     "engines know nothing of the domain (docs/adr/0004)"),
    (re.compile(r"src/api/"), re.compile(r"store/(?!(?:store|tx|error)\.h$)"),
     "handlers reach the store through use cases"),
)
# A handler's own hand in the database: a function of a repository, or SQL.
HANDLER_STORES = re.compile(r"\bstore::(?:[a-z]\w*\s*\(|Sql\b)|\btx\.(?:exec|put|one|all|script)\b")

# Time and chance come in as arguments (base/moment.h), or no test could repeat a run.
NONDETERMINISM = re.compile(
    r"(?:system_clock|steady_clock|high_resolution_clock|utc_clock)::now\b"
    r"|\b(?:random_device|RAND_bytes|RAND_priv_bytes|getrandom|getentropy|arc4random\w*|clock_gettime|gettimeofday)\b"
    r"|(?<![\w.:>])(?:(?:std)?::)?(?:time\s*\(\s*(?:nullptr|NULL|0|&)|s?rand\s*\()"
)

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
CMAKE_LINK = re.compile(r"\bcs_([a-z]+)(?:_repository)?\b")
LINES_MAX = 500
UNASSERTED_PROPERTY = re.compile(r"^[ \t]*rc::check\(", re.M)
UNBRACED_ASSERTION = re.compile(r"^[ \t]*(?:} )?(?:else )?if \(.*\)\s+(?:EXPECT|ASSERT)_", re.M)
LONG_FILE_REASON = re.compile(r"^// Long because ", re.M)

# Where something stands in its life, and since when: src/domain decides that, and src/store/repository reads it back.
LIFE = ("status|end_reason|verified_at|claimed_at|claimable_until|ended_at|confirmed_at|removed_at|finished_at|acts_at"
        "|stopped_at|erased_at|slow_send_at")
# Of what a row holds as its `state`, these too; other things have fields of these names.
STATE = LIFE + "|attempts|sends|last_sent_at|code|previous_code|proofs|failures|last_step|drift_steps"
CHANGES = r"(?:\s*(?:=(?!=)|[-+]=|\+\+|--)|\s*\.\s*(?:reset|emplace|clear|erase|push_back|swap)\s*\()"
TRANSITION = re.compile(
    rf"(?P<object>[\w\])]+)\s*(?:\.|->)\s*(?:{LIFE})\b{CHANGES}"
    rf"|\bstate\s*\.\s*(?:{STATE})\b{CHANGES}"
    rf"|(?:\+\+|--)\s*[\w.>()*-]*\bstate\s*\.\s*(?:{STATE})\b"
)
# What is shown, asked for or answered has such fields too, and is nobody's state.
SHOWN = {"view", "filter", "page"}
TRANSITION_IN = re.compile(r"src/(?!domain/|store/repository/)(?:usecase|api|main|store)/")

# How the purpose of a transaction is stored is the repository's alone; others ask for domain::Purpose.
PURPOSE_TEXT = re.compile(r"""["']\$(?:code|add_source|decide_change)\b""")

# The rules that comments cite, as docs/rules.md defines them.
RULES_FILE = "docs/rules.md"
RULE_FAMILIES = "AMR|API|BKP|BND|CRY|HOOK|HOTP|LOG|OTP|PHN|PRV|PSTN|PUSH|SMS|STD|THR|TOK|TOTP|TXN|URI|WA|WEB"
RULE = re.compile(rf"\b(?:{RULE_FAMILIES})-[A-Z]?[0-9]+\b")
RULE_DEFINITION = re.compile(r"^- \*\*([A-Z]+-[A-Z]?[0-9]+)\*\*", re.M)
CITING = re.compile(r"(?:src|tests|fuzz|bench|web/src)/")

# Statements of SQL are raw text blocks, with placeholders and columns by name (store/sql.h).
SQL_VERB = r"(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE|ALTER TABLE)"
SQL_IN_PIECES = re.compile(rf'"{SQL_VERB} (?:\\.|[^"\\\n])*"\s*(?:"|[A-Z]\w*\b)')
SQL_POSITION = re.compile(r"\brow(?:\.|->)\w+(?:<[\w:]+>)?\([0-9]+\)|Row\([^()]*(?:\([^()]*\))?[^()]*\)\.\w+\([0-9]+\)")
SQL_NUMBERED = re.compile(rf"{SQL_VERB}\b[^;]*?[ (,=]\?(?:[0-9]+|(?=[ ,)\"\n]))")

# The audit log: what writes an event, and the description of its types.
DESCRIPTION = "docs/openapi.yaml"
EVENT_CALL = re.compile(r"(?<![\w.>:])record\(")
EVENT_ROW = re.compile(r"\bappend_event\(")
EVENT_ROWS_IN = {"src/usecase/audit_log.cpp", "src/main/commands/operator_event.cpp"}
EVENT_TYPE = re.compile(r'"([a-z_]+\.[a-z_]+)"')
# Types that a call puts together. Each word is a literal of src/usecase or src/domain.
COMPOSED_EVENTS = {
    "src/usecase/transaction/cancel.cpp": ("transaction", ("denied", "expired", "canceled")),
    "src/usecase/subject/change_events.cpp": ("source", ("added", "vouched", "waits_anew", "lost", "removed", "objected",
                                                         "replaced", "leaving", "not_removed")),
}
# Of each kind of collection, each change: described as one pattern.
COLLECTIONS = "src/usecase/verify_api/collection.h"
COLLECTION_EVENTS = "src/usecase/verify_api/collection.cpp"
COLLECTION_KIND = re.compile(r'\bconstexpr Collection k\w+\{"(\w+)"')
COLLECTION_CHANGE = re.compile(r'(?<!void )\bnote_change\([^;]*?"(\w+)"')
DESCRIBED_EVENT = re.compile(r"^    Event:\n(?:(?:      .*)?\n)*?        type:\n((?:(?:          .*)?\n)+)", re.M)
DESCRIBED_TYPE = re.compile(r"^ +- ([a-z_]+\.[a-z_]+)$", re.M)
DESCRIBED_PATTERN = re.compile(r"pattern: '\^\(([\w|]+)\)\\\.\(([\w|]+)\)\$'")

# Paths of somebody's machine have no place in what others read or run.
MACHINE_PATH = re.compile(r"(?<![\w.$}~-])/(?:home|root|work|Users)/[\w.]")
MACHINE_PATH_MAY = re.compile(r"^(?:tests/conventions/|tools/npm/package-lock\.json)")
TEXT_SUFFIXES = {".h", ".cpp", ".py", ".sh", ".md", ".txt", ".cmake", ".json", ".toml", ".yaml", ".yml", ".ts", ".tsx",
                 ".css", ".html", ".mjs", ".js", ".service", ".conf", ""}


def without_comments(text):
    """C++ with comments and the content of strings blanked out, line by line."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
    return pattern.sub(lambda m: "\n" * m.group().count("\n") if m.group().startswith("/") else '""', text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def check_arrows(path, text):
    """src/<module>/… may include only what ARROWS gives its module."""
    module = path.split("/")[1]
    for match in INCLUDE.finditer(text):
        target = match.group(1).split("/")[0]
        if "/" not in match.group(1):
            yield f'{path}:{line_of(text, match.start())}: include "{match.group(1)}" by its module: "{module}/…"'
        elif target in ARROWS and target != module and target not in ARROWS[module]:
            yield f"{path}:{line_of(text, match.start())}: {module} may not include {match.group(1)}"


def check_forbidden_includes(path, text):
    """FORBIDDEN_INCLUDES, which the folders of a module cannot say for themselves."""
    for files, forbidden, why in FORBIDDEN_INCLUDES:
        if not files.match(path):
            continue
        for match in INCLUDE.finditer(text):
            if forbidden.match(match.group(1)):
                yield f"{path}:{line_of(text, match.start())}: {match.group(1)}: {why}"


def check_handlers(path, text):
    """src/api holds no rule and opens no repository: it reads a request, calls a use case, and writes the answer."""
    if not path.startswith("src/api/"):
        return
    plain = without_comments(text)
    for match in HANDLER_STORES.finditer(plain):
        yield f"{path}:{line_of(plain, match.start())}: {match.group().strip(' (')} in a handler; make it a use case"


def check_links(path, text):
    """A module's CMake links are its arrows, too."""
    module = path.split("/")[1]
    for match in CMAKE_LINK.finditer(text):
        target = match.group(1)
        if target in ARROWS and target != module and target not in ARROWS[module]:
            yield f"{path}:{line_of(text, match.start())}: {module} may not link cs_{target}"


def check_nondeterminism(path, text):
    if path.startswith("src/base/"):
        return
    for match in NONDETERMINISM.finditer(without_comments(text)):
        yield f"{path}:{line_of(without_comments(text), match.start())}: {match.group().strip()} belongs to src/base; take a Clock, Random or Moment"


def check_transitions(path, text):
    """What has a life is changed by the functions of src/domain, which know from where each step may be taken."""
    if not TRANSITION_IN.match(path):
        return
    code = without_comments(text)
    for match in TRANSITION.finditer(code):
        if match["object"] in SHOWN:
            continue
        said = " ".join(match.group().split())
        yield f"{path}:{line_of(code, match.start())}: a transition belongs to src/domain, not `{said}`: call, or add, a function there"


def check_purpose_texts(path, text):
    if path.startswith("src/store/repository/"):
        return
    for match in PURPOSE_TEXT.finditer(text):
        yield f"{path}:{line_of(text, match.start())}: compare domain::Purpose, not the text {match.group()[1:]}"


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


def check_conditions_of_assertions(path, text):
    """GoogleTest's macros are an `if … else` themselves, which g++ refuses behind an `if` without braces and clang takes."""
    for match in UNBRACED_ASSERTION.finditer(text):
        yield f"{path}:{line_of(text, match.start())}: braces around an assertion behind `if`, or g++ refuses it"


def check_sql(path, text):
    """One statement is one text that a person can read, and no position in it is counted by hand."""
    for match in SQL_IN_PIECES.finditer(text):
        yield f'{path}:{line_of(text, match.start())}: a statement in pieces; write one R"sql(…)sql", a clause a line'
    for match in SQL_POSITION.finditer(text):
        yield f"{path}:{line_of(text, match.start())}: {match.group()} reads a column by its position; read it by name"
    for match in SQL_NUMBERED.finditer(text):
        yield f"{path}:{line_of(text, match.end())}: a placeholder by its number; name it, :like_this"


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
        yield from check_conditions_of_assertions(path, text)
        if path.startswith("src/"):
            yield from check_arrows(path, text)
            yield from check_forbidden_includes(path, text)
            yield from check_handlers(path, text)
            yield from check_nondeterminism(path, text)
            yield from check_transitions(path, text)
            yield from check_purpose_texts(path, text)
            yield from check_sql(path, text)
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
        if not CITING.match(path) or path.startswith("tests/conventions/"):
            continue
        for match in RULE.finditer(text):
            cited.add(match.group())
            if match.group() not in defined:
                yield f"{path}:{line_of(text, match.start())}: {match.group()} is not in {RULES_FILE}"
    for rule in sorted(defined.keys() - cited):
        yield f"{RULES_FILE}:{line_of(texts[RULES_FILE], defined[rule])}: nothing cites {rule}"


def arguments_of(text, start):
    """The text from `start`, just behind an opening parenthesis, to the one that closes it. Strings hold none alone."""
    depth = 1
    for offset in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[offset], 0)
        if depth == 0:
            return text[start:offset]
    return text[start:]


def written_events(texts):
    """Types of the audit log that src writes, each with its first place; and findings where none can be read."""
    types, findings = {}, []
    for path, text in sorted(texts.items()):
        if not re.match(r"src/(?!store/).*\.(?:cpp|h)$", path):
            continue
        plain = re.sub(r"//[^\n]*", "", text)
        if path not in EVENT_ROWS_IN:
            findings += [f"{path}:{line_of(plain, m.start())}: an event past usecase/audit_log.h; call record()"
                         for m in EVENT_ROW.finditer(plain)]
        if not re.match(r"src/(?:usecase|main)/", path) or path == "src/usecase/audit_log.h":
            continue
        for match in EVENT_CALL.finditer(plain):
            if re.search(r"\bvoid $", plain[: match.start()]):
                continue
            place = f"{path}:{line_of(plain, match.start())}"
            found = EVENT_TYPE.findall(arguments_of(plain, match.end()))
            if not found and path in COMPOSED_EVENTS:
                noun, words = COMPOSED_EVENTS[path]
                found = [f"{noun}.{word}" for word in words]
            if not found and path != COLLECTION_EVENTS:
                findings.append(f"{place}: no type to read; write it as a literal, or list it in COMPOSED_EVENTS")
            for name in found:
                types.setdefault(name, place)
    return types, findings


def check_events(texts):
    """The types of the audit log that src writes are those of Event in the description. `texts`: all files by their paths."""
    described = texts[DESCRIPTION]
    block = DESCRIBED_EVENT.search(described)
    if not block:
        yield f"{DESCRIPTION}:1: no types of Event"
        return
    start = block.start(1)
    wanted = {m.group(1): line_of(described, start + m.start(1)) for m in DESCRIBED_TYPE.finditer(block.group(1))}
    written, findings = written_events(texts)
    yield from findings
    for name in sorted(written.keys() - wanted.keys()):
        yield f"{written[name]}: {name} is no type of Event in {DESCRIPTION}"
    for name in sorted(wanted.keys() - written.keys()):
        yield f"{DESCRIPTION}:{wanted[name]}: nothing records {name}"
    rules = "".join(text for path, text in texts.items() if re.match(r"src/(?:usecase|domain)/", path))
    for path, (noun, words) in COMPOSED_EVENTS.items():
        for word in words:
            if path in texts and f'"{word}"' not in rules:
                yield f"{path}:1: nothing says {word}, of {noun}.{word} in COMPOSED_EVENTS"
    kinds = set(COLLECTION_KIND.findall(texts.get(COLLECTIONS, "")))
    changes = set(COLLECTION_CHANGE.findall(texts.get(COLLECTION_EVENTS, "")))
    pattern = DESCRIBED_PATTERN.search(block.group(1))
    for written_words, words in zip((kinds, changes), pattern.groups() if pattern else ("", "")):
        for word in sorted(written_words ^ (set(words.split("|")) - {""})):
            line = line_of(described, start + (pattern.start() if pattern else 0))
            yield f"{DESCRIPTION}:{line}: the pattern of types and {COLLECTIONS} differ by {word}"


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
    findings += check_events(texts)
    print("\n".join(findings + [f"conventions: {len(paths)} files, {len(findings)} findings"]))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
