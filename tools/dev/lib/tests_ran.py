"""Says how many GoogleTest tests the last run of ctest ran; fails where that is not what their binaries list.

    tests_ran.py BUILD [ARGUMENT OF CTEST…]

So a test that a filter, a shard or an early end has left out does not go unnoticed.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

RAN = re.compile(r"^\[=+\] (\d+) tests? from \d+ test suites? ran\.", re.M)
SKIPPED = re.compile(r"^\[  SKIPPED \] (\d+) tests?[.,]", re.M)


def listed(command):
    """How many tests that command line has, in all its shards."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GTEST_")}
    text = subprocess.run([*command, "--gtest_list_tests"], capture_output=True, text=True, check=True, env=environment).stdout
    return sum(1 for line in text.splitlines() if line.startswith("  ") and not line.strip().startswith("DISABLED_"))


def main():
    build, arguments = sys.argv[1], sys.argv[2:]
    kept = pathlib.Path(build) / "Testing" / "Temporary" / "LastTest.log"
    log = kept.read_text(errors="replace")
    shown = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1", *arguments], capture_output=True, text=True, check=True)
    kept.write_text(log)  # ctest has begun a new one.
    wanted = 0
    for entry in json.loads(shown.stdout)["tests"]:
        environment = next((p["value"] for p in entry["properties"] if p["name"] == "ENVIRONMENT"), [])
        # Shards share the tests of one command line.
        if "GTEST_SHARD_INDEX=0" in environment or not any(e.startswith("GTEST_SHARD_INDEX=") for e in environment):
            wanted += listed(entry["command"])
    ran = sum(int(number) for number in RAN.findall(log))
    skipped = sum(int(number) for number in SKIPPED.findall(log))
    print(f"tests: {ran} ran of {wanted}, {skipped} of them skipped by themselves")
    sys.exit(0 if ran == wanted else 1)


main()
