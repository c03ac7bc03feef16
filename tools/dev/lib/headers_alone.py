"""Every header of src/ compiles alone, with the include path and flags of its library.

    headers_alone.py BUILD JOBS

BUILD is a configured folder with a compile_commands.json. Reading what a header includes is most of what such a check
takes, so it is read once: a header that includes, itself or through other headers of ours, all of a layer below, or one
of those of ours that are worth it, starts from that precompiled. Headers of one library of which each includes the one
before it are compiled in that order, in one go. So each is given nothing that it would not include anyway, and what it
forgets is still missed. By clang, which reads of a precompiled header only what is needed; warnings are for the build to
give.
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
OURS_PRECOMPILED = 20  # Each takes a second to make.
COMPILER = "clang++-19"


def read_includes():
    includes = {}
    for header in SRC.rglob("*.h"):
        text = header.read_text()
        includes[str(header.relative_to(SRC))] = (re.findall(r'^#include "([^"]+)"', text, re.M),
                                                  set(re.findall(r"^#include <([^>]+)>", text, re.M)))
    return includes


def closure(header, includes, known):
    """All that `header` includes, itself and by way of our own: of ours, and of the system."""
    if header not in known:
        ours, system = includes[header]
        known[header] = (set(), set(system))
        for other in ours:
            if other in includes:
                more = closure(other, includes, known)
                known[header][0].update({other}, more[0])
                known[header][1].update(more[1])
    return known[header]


def worth_it(closures):
    """The headers of ours that spare the others most, each other's share taken off."""
    weight = {header: len(ours) + 2 * len(system) for header, (ours, system) in closures.items()}
    spared, chosen = dict.fromkeys(closures, 0), []
    for _ in range(OURS_PRECOMPILED):
        gains = dict.fromkeys(closures, 0)
        for header, (ours, _) in closures.items():
            for other in ours:
                gains[other] += max(0, weight[other] - spared[header])
        best = max(gains, key=lambda other: (gains[other], other))
        chosen.append(best)
        for header, (ours, _) in closures.items():
            if best in ours:
                spared[header] = max(spared[header], weight[best])
    return sorted(chosen, key=lambda other: weight[other], reverse=True)


def longest_chain(headers, closures):
    """The most of them of which each includes the one before it."""
    chains = {}
    for header in sorted(headers, key=lambda one: (len(closures[one][0]), one)):
        below = max((chains[other] for other in sorted(closures[header][0]) if other in chains), key=len, default=[])
        chains[header] = [*below, header]
    return max(chains.values(), key=len, default=[])


def flags_of_libraries(build):
    """The flags of each library, without warnings and what makes a build of it fast; a module's own is its first."""
    flags, known = {}, set()
    for entry in json.loads((build / "compile_commands.json").read_text()):
        library = re.search(r"src/(\w+)/CMakeFiles/cs_(\w+)\.dir/", entry["command"])
        if not library or library.group(2) in known:
            continue
        known.add(library.group(2))
        words = shlex.split(entry["command"])
        words = words[next(n for n, word in enumerate(words) if word.endswith("++")) + 1 : words.index("-o")]
        while "-include" in words:
            at = words.index("-include")
            del words[at : at + 2]
        flags[library.group(2)] = [w for w in words if not re.match(r"-(D_GLIBCXX\w*|[OgW].*|-param=.*|MD|fpch-preprocess|fno-coroutines)$", w)]
        flags.setdefault(library.group(1), flags[library.group(2)])
    return flags


def library_of(header, flags):
    """That of the header's folder (store/repository: store_repository), or of its module."""
    folder = "_".join(header.split("/")[:-1])
    return folder if folder in flags else header.split("/")[0]


def includes_of(headers):
    return "".join(f'#include "{header}"\n' for header in headers)


def precompile(name, text, compiler, out):
    """A header with that text; answers its precompiled form, or None if it does not compile."""
    header = out / f"{name}.h"
    header.write_text(text)
    command = [*compiler, "-fpch-instantiate-templates", "-x", "c++-header", str(header), "-o", f"{header}.pch"]
    return f"{header}.pch" if subprocess.run(command).returncode == 0 else None


def main():
    build, jobs = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    out = build / "headers_alone"
    out.mkdir(exist_ok=True)
    includes, flags = read_includes(), flags_of_libraries(build)
    known = {}
    closures = {header: closure(header, includes, known) for header in includes}
    # Flags that change what a precompiled header means are the same for all modules.
    common = [COMPILER, "-w", *(w for w in flags["base"] if not w.startswith(("-I", "-DBOOST", "-DFMT")))]
    boost = ["-DBOOST_CONTAINER_DYN_LINK", "-DBOOST_CONTAINER_NO_LIB", "-DBOOST_JSON_DYN_LINK", "-DBOOST_JSON_NO_LIB"]

    def paths(header):
        return [w for w in flags[library_of(header, flags)] if w.startswith(("-I", "-isystem", "/"))]

    def make_layer(count):
        text = "".join(f"#include <{name}>\n" for names in LAYERS[:count] for name in names)
        return precompile(f"layer{count}", text, [*common, *boost], out)

    def make_ours(headers):
        """The last of a chain; so that the others of it need not be read again."""
        return precompile(headers[-1].replace("/", "_"), includes_of(headers), [*common, *boost, *paths(headers[-1])], out)

    def start_of(header):
        ours, system = closures[header]
        count = 0
        while count < len(LAYERS) and system.issuperset(LAYERS[count]):
            count += 1
        return next((other for other in chosen if other in ours), count)

    def check(headers, start):
        """How many of a chain do not compile."""
        source = out / "one" / headers[-1].replace(".h", ".cpp")
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(includes_of(headers))
        begin = ["-include-pch", made[start]] if made.get(start) else []
        command = [*common, *boost, *paths(headers[-1]), *begin, "-fsyntax-only"]
        if subprocess.run([*command, str(source)], capture_output=len(headers) > 1).returncode == 0:
            return 0
        return 1 if len(headers) == 1 else sum(check([header], start) for header in headers)

    chosen, precompiled = worth_it(closures), []
    left = set(includes).difference(chosen)
    for last in chosen:
        library = library_of(last, flags)
        chain = longest_chain([one for one in left & closures[last][0] if library_of(one, flags) == library], closures)
        left.difference_update(chain)
        precompiled.append([*chain, last])
    alike = {}
    for header in left:
        alike.setdefault((library_of(header, flags), start_of(header)), set()).add(header)
    chains = []
    for (_, start), headers in sorted(alike.items(), key=str):
        while headers:
            chains.append((longest_chain(headers, closures), start))
            headers.difference_update(chains[-1][0])

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        counts = range(1, len(LAYERS) + 1)
        made = dict(zip(counts, pool.map(make_layer, counts)))
        made |= dict(zip(chosen, pool.map(make_ours, precompiled)))
        # What did not compile together is compiled again, each alone, to tell which.
        chains += [([header], None) for chain in precompiled if not made[chain[-1]] for header in chain]
        failed = sum(pool.map(lambda chain: check(*chain), chains))
    print(f"headers: {len(includes)} compiled alone, {failed} failed")
    sys.exit(1 if failed else 0)


main()
