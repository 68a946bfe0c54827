"""The part of `./dev bench` that is timed instead of counted: instructions flatter wide SIMD and do
not see memory.

What a load does runs natively on this host, stage by stage and on files in the page cache. Whole
loads run in a guest with two CPUs: under TCG such times say how the tools compare when all code is
emulated, where SIMD and page faults are dearer than on a processor.
"""

import os
import re
import statistics
import subprocess

from lab import accelerator
from lab.guest import Guest, GuestError

STAGE_RUNS = 5
WALL_RUNS = 3
WALL_ATTEMPTS = 3  # a guest whose CPUs run side by side may crash
WALL_CPUS = 2
STAGES = {
    "read": "read and digest files",
    "unpack-kernel": "unpack kernel",
    "relocate": "relocate kernel",
    "unpack-initrd": "unpack initrd",
    "digest": "digest segments",
}


def measure_stages(build, kernel, initrd):
    """By the number of CPUs, one and all, and by stage: its bytes and the nanoseconds of each run."""
    cpus = sorted(os.sched_getaffinity(0))
    return {count: _measure_on(cpus[:count], build, kernel, initrd) for count in sorted({1, len(cpus)})}


def _measure_on(cpus, build, kernel, initrd):
    result = {stage: {"bytes": 0, "nanoseconds": []} for stage in STAGES}
    for _ in range(STAGE_RUNS):
        done = subprocess.run(
            ["taskset", "--cpu-list", ",".join(map(str, cpus)),
             build / "tests/stage-times", kernel, initrd],
            check=True, stdout=subprocess.PIPE, text=True)
        for stage, nanoseconds, size in map(str.split, done.stdout.splitlines()):
            result[stage]["bytes"] = int(size)
            result[stage]["nanoseconds"].append(int(nanoseconds))
    return result


def measure_wall(kernel, first, load, tools, settle):
    """Seconds of each load in a guest with two CPUs, by the tool's name; the tools take turns.

    load: what follows a tool's options on its command line.  settle: what to wait with before.
    """
    for attempt in range(WALL_ATTEMPTS):
        try:
            return _measure_wall(kernel, first, load, tools, settle)
        except GuestError:
            if attempt == WALL_ATTEMPTS - 1:
                raise
    raise AssertionError


def _measure_wall(kernel, first, load, tools, settle):
    result = {tool.name: [] for tool in tools}
    with Guest(kernel.vmlinuz, first, cmdline="quiet", memory="2G", cpus=WALL_CPUS, parallel=True) as guest:
        guest.ready()
        guest.run(settle, check=True)
        for tool in [*tools] * WALL_RUNS:
            done = guest.run(
                f"before=$EPOCHREALTIME; {tool.command} {tool.options} {load} && "
                "echo WALL $before $EPOCHREALTIME && kexec -u", timeout=300, check=True)
            before, after = re.search(r"^WALL (\S+) (\S+)$", done.out, re.MULTILINE).groups()
            result[tool.name].append(float(after) - float(before))
    return result


def report_stages(stages):
    """A row for each stage, a column for each number of CPUs: the median, and the fastest run."""
    print(f"\nstages of a load with the large initrd, native, in ms: median of {STAGE_RUNS} runs (fastest)\n")
    print("| stage | MiB |" + "".join(f" {count} CPU{'s' * (count > 1)} |" for count in stages))
    print("|---|---|" + "---|" * len(stages))
    for stage, name in STAGES.items():
        cells = [f"{_milliseconds(statistics.median, by_stage, stage):.1f} "
                 f"({_milliseconds(min, by_stage, stage):.1f})" for by_stage in stages.values()]
        print(f"| {name:21} | {stages[1][stage]['bytes'] / 2**20:5.1f} | {' | '.join(cells)} |")
    sums = [f"{sum(_milliseconds(statistics.median, by_stage, stage) for stage in STAGES):.1f} "
            f"({sum(_milliseconds(min, by_stage, stage) for stage in STAGES):.1f})"
            for by_stage in stages.values()]
    print(f"| {'sum':21} | {'':5} | {' | '.join(sums)} |")


def _milliseconds(which, by_stage, stage):
    return which(by_stage[stage]["nanoseconds"]) / 1e6


def report_wall(wall, peer):
    """A line for each tool: the median, and its ratio to the peer's."""
    print(f"\nwall time of that load in a guest with {WALL_CPUS} CPUs under {accelerator.choose().upper()} "
          f"(medians of {WALL_RUNS} runs):")
    for name, seconds in wall.items():
        median = statistics.median(seconds)
        print(f"  {name:14} {median:7.2f} s   to {peer}: {median / statistics.median(wall[peer]):.2f}")
