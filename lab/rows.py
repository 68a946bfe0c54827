"""The closing line of './dev check': how many of the listed tests ran.

    python3 -m lab.rows --record FILE --allowed FILE [MESON_BUILD...]

Listed are pytest's tests (from lab.recorder's record) and those of each Meson build. A test ran if
it passed or failed. One that did not is named, and makes the exit status 1 unless the file of
allowed skips has a line "NAME<TAB>REASON" for it (a pytest node id or a Meson test's name).
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path


def from_pytest(record):
    """(listed, ran): sets of node ids."""
    if not record.exists():
        return set(), set()
    content = json.loads(record.read_text(encoding="utf-8"))
    return set(content["listed"]), set(content["ran"])


def from_meson(build):
    """(listed, ran): sets of test names of one build."""
    introspection = subprocess.run(["meson", "introspect", "--tests", build], check=True,
                                   capture_output=True, text=True).stdout
    listed = {test["name"] for test in json.loads(introspection)}
    log = build / "meson-logs" / "testlog.json"
    results = map(json.loads, log.read_text(encoding="utf-8").splitlines()) if log.exists() else ()
    # The log has "project:suite / name" or "suite - project:name", depending on Meson's version.
    ran = {re.split(r" / | - |:", test["name"])[-1] for test in results if test["result"] != "SKIP"}
    return listed, listed & ran


def allowed_skips(path):
    """The names that may be skipped, with the reasons."""
    skips = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, tab, reason = line.partition("\t")
            if not tab or not reason.strip():
                sys.exit(f"{path}: {name!r} has no reason")
            skips[name] = reason
    return skips


def main():
    """Print what did not run, then the line of rows."""
    parser = argparse.ArgumentParser(prog="python3 -m lab.rows")
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--allowed", type=Path, required=True)
    parser.add_argument("builds", type=Path, nargs="*")
    chosen = parser.parse_args()

    allowed = allowed_skips(chosen.allowed)
    rows = [("pytest", *from_pytest(chosen.record))]
    rows += [(build, *from_meson(build)) for build in chosen.builds]
    forbidden = 0
    for runner, listed, ran in rows:
        if not listed:
            sys.exit(f"{runner} lists no test; is its test framework installed?")
        for name in sorted(listed - ran):
            reason = allowed.get(name)
            forbidden += reason is None
            print(f"not run: {name} ({runner}): {reason or 'not in ' + str(chosen.allowed)}")
    print(f"rows: {sum(len(ran) for *_, ran in rows)} ran "
          f"of {sum(len(listed) for _, listed, _ in rows)} listed")
    sys.exit(1 if forbidden else 0)


if __name__ == "__main__":
    main()
