"""Compiles sources alone, without batches and precompiled headers, so that each shows that it includes what it uses.

    alone.py DATABASE JOBS FILE…

DATABASE is the folder of the compile_commands.json of the preset `editor`. Files that are in no target there (those of
fuzz/ and bench/) are left out. Answers 1 if one does not compile.
"""

import concurrent.futures
import json
import pathlib
import shlex
import subprocess
import sys


def compiles(entry):
    words = shlex.split(entry["command"])
    out = words.index("-o")
    words[out : out + 2] = ["-fsyntax-only"]
    return subprocess.run(words, cwd=entry["directory"]).returncode == 0


def main():
    database, jobs = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    wanted = {pathlib.Path(f).resolve() for f in sys.argv[3:]}
    entries = {pathlib.Path(e["directory"], e["file"]).resolve(): e
               for e in json.loads((database / "compile_commands.json").read_text())}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(compiles, [e for source, e in entries.items() if source in wanted]))
    sys.exit(0 if all(results) else 1)


main()
