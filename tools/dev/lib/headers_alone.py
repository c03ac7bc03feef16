"""Every header of src/ compiles alone, with the include path and flags of its room.

    headers_alone.py BUILD JOBS

BUILD is a configured folder with a compile_commands.json. Reading the standard library is most of what such a check
takes, so it is read once: a header that includes, itself or through other headers of ours, all of a layer below starts
from that layer precompiled. It is given nothing that it would not include anyway, so what it forgets is still missed.
"""

import concurrent.futures
import json
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
SRC = ROOT / "src"

# Each layer has those above it too.
LAYERS = [
    ["string", "string_view"],
    ["cstddef", "cstdint", "optional", "type_traits", "utility"],
    ["chrono", "span", "variant", "vector"],
    ["array", "functional", "memory"],
    ["boost/json/value.hpp"],
]


def read_includes():
    includes = {}
    for header in SRC.rglob("*.h"):
        text = header.read_text()
        includes[str(header.relative_to(SRC))] = (re.findall(r'^#include "([^"]+)"', text, re.M),
                                                  set(re.findall(r"^#include <([^>]+)>", text, re.M)))
    return includes


def reachable(header, includes, seen):
    """The system headers that `header` includes, by way of our own."""
    if header in seen or header not in includes:
        return set()
    seen.add(header)
    ours, found = includes[header][0], set(includes[header][1])
    for other in ours:
        found |= reachable(other, includes, seen)
    return found


def flags_of_rooms(build):
    """The compiler and flags of each room, without what makes a build of it fast."""
    flags = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        room = re.search(r"src/(\w+)/CMakeFiles/cs_\w+\.dir/", entry["command"])
        if not room or room.group(1) in flags:
            continue
        words = shlex.split(entry["command"])
        words = [w for w in words[: words.index("-o")] if w not in ("-MD", "-fpch-preprocess")]
        while "-include" in words:
            at = words.index("-include")
            del words[at : at + 2]
        flags[room.group(1)] = [w for w in words if not re.match(r"-(D_GLIBCXX|O|g)\w*$", w)]
    return flags


def precompile(layer, compiler, out):
    """One flat header for the first `layer` layers, and its precompiled form."""
    header = out / f"layer{layer}.h"
    header.write_text("".join(f"#include <{name}>\n" for names in LAYERS[:layer] for name in names))
    subprocess.run([*compiler, "-x", "c++-header", str(header), "-o", f"{header}.gch"], check=True)
    return header


def main():
    build, jobs = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    out = build / "headers_alone"
    out.mkdir(exist_ok=True)
    includes, flags = read_includes(), flags_of_rooms(build)
    # Flags that change what a precompiled header means are the same for all rooms.
    common = [w for w in flags["base"] if not w.startswith(("-I", "-DBOOST", "-DFMT"))]
    boost = ["-DBOOST_CONTAINER_DYN_LINK", "-DBOOST_CONTAINER_NO_LIB", "-DBOOST_JSON_DYN_LINK", "-DBOOST_JSON_NO_LIB"]
    layers = [precompile(n + 1, [*common, *boost], out) for n in range(len(LAYERS))]

    def check(header):
        has = reachable(header, includes, set())
        count = 0
        while count < len(LAYERS) and has.issuperset(LAYERS[count]):
            count += 1
        source = out / "one" / header.replace(".h", ".cpp")
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(f'#include "{header}"\n')
        start = ["-Winvalid-pch", "-include", str(layers[count - 1])] if count else []
        own = [w for w in flags[header.split("/")[0]] if w.startswith("-I") or w.startswith("-isystem") or w.startswith("/")]
        return subprocess.run([*common, *boost, *own[1:], *start, "-fsyntax-only", str(source)]).returncode == 0

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(check, sorted(includes)))
    print(f"headers: {len(results)} compiled alone, {results.count(False)} failed")
    sys.exit(0 if all(results) else 1)


main()
