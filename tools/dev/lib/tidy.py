"""clang-tidy over sources in batches: reading system headers is most of what it does, and a batch reads them once.

    tidy.py DATABASE OUT JOBS [FILE…]

DATABASE is the folder of a compile_commands.json that has every file alone. Only FILEs are looked at, all without any.
A batch is the text of up to ten sources with the same flags (that is, of one module), written into OUT; what clang-tidy
says of a line there is printed with the file and line that it came from. Answers 1 if it says anything.
"""

import concurrent.futures
import json
import pathlib
import re
import shlex
import subprocess
import sys

BATCH_SIZE = 10


def flags_of(entry):
    """The command without its source and its output."""
    kept, skip = [], False
    for word in shlex.split(entry["command"]):
        if skip:
            skip = False
        elif word in ("-o", "-c", "-MF", "-MT"):
            skip = True
        elif word not in ("-MD", entry["file"]):
            kept.append(word)
    return kept


def write_batches(database, out, wanted):
    groups = {}
    for entry in json.loads((database / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["directory"], entry["file"]).resolve()
        generated = source.is_relative_to(database.resolve())
        if source.suffix == ".cpp" and not generated and (not wanted or source in wanted):
            groups.setdefault(tuple(flags_of(entry)), (entry["directory"], []))[1].append(source)

    out.mkdir(parents=True, exist_ok=True)
    batches, commands = {}, []
    for flags, (directory, sources) in groups.items():
        sources = sorted(set(sources))
        count = -(-len(sources) // BATCH_SIZE)
        for start in range(count):
            lines = []  # For each line of the batch: where it came from.
            text = []
            for source in sources[start::count]:
                for number, line in enumerate(source.read_text().splitlines(), 1):
                    text.append(line)
                    lines.append((source, number))
            batch = out.resolve() / f"batch_{len(batches):03}.cpp"
            batch.write_text("\n".join(text) + "\n")
            batches[batch] = lines
            commands.append({"directory": directory, "file": str(batch), "arguments": [*flags, "-c", str(batch)]})
    (out / "compile_commands.json").write_text(json.dumps(commands, indent=1))
    return batches


def look_at(out, batch, lines):
    run = subprocess.run(["clang-tidy-19", "--quiet", "-p", str(out), str(batch)], capture_output=True, text=True)

    def origin(match):
        source, number = lines[int(match.group(1)) - 1]
        return f"{source}:{number}"

    said = re.sub(re.escape(str(batch)) + r":(\d+)", origin, run.stdout).strip()
    if run.returncode != 0 and not said:
        said = run.stderr.strip()
    return said


def main():
    database, out, jobs = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
    batches = write_batches(database, out, {pathlib.Path(f).resolve() for f in sys.argv[4:]})
    found = False
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for said in pool.map(lambda item: look_at(out, *item), batches.items()):
            if said:
                found = True
                print(said, flush=True)
    sys.exit(1 if found else 0)


main()
