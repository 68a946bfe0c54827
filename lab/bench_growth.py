"""`./dev bench --growth`: how the cost of a hand-over grows with the initrd and with the kernel.

    python3 -m lab.bench_growth [--repeat N] [--json FILE]

The same figures as lab.bench, each beside kexec-tools with its default in the same run, for other
kernels, for initrds that are compressed otherwise, and for a large one.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lab import bench, kernels


@dataclass(frozen=True)
class Case:
    """A kernel that hands over to itself, and its initrd of all modules.

    filler: MiB in it that no compression makes smaller.
    """

    kernel: str
    compression: str
    filler: int = 0

    def __str__(self):
        more = f" + {self.filler} MiB" if self.filler else ""
        return f"{self.kernel}, {self.compression}{more}"


CASES = (
    Case("6.1", "zstd"),
    Case("6.12", "zstd"),
    Case("7.x", "zstd"),
    Case("7.x", "gzip"),
    Case("7.x", "xz"),
    Case("7.x", "zstd", filler=172),
)
TOOLS = bench.OURS, bench.PEER


def main():
    """Measure, print the table, write JSON."""
    parser = argparse.ArgumentParser(prog="./dev bench --growth")
    parser.add_argument("--repeat", type=int, default=1, help="runs of each row (default 1)")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    chosen = parser.parse_args()
    build = Path(os.environ.get("KEXEC_BUILD", "build"))
    version, peer = bench.fetch_peer()
    rows = []
    for case in CASES:
        with tempfile.TemporaryDirectory(prefix="kexec-bench-") as folder:
            rows.append((case, *measure_case(case, Path(folder), build, peer, chosen.repeat)))
        print(f"measured: {case}", flush=True)
    report(rows, version)
    if chosen.json:
        chosen.json.write_text(json.dumps({
            "schema": "kexec-bench-growth", "schema_version": 1, "kexec_tools": version,
            "instructions": [
                {"kernel": case.kernel, "compression": case.compression, "packed": packed,
                 "unpacked": unpacked, "tool": tool, "load": load, "blackout": blackout}
                for case, (packed, unpacked), figures in rows
                for tool, (load, blackout) in figures.items()],
        }, indent=2) + "\n", encoding="utf-8")


def measure_case(case, folder, build, peer, repeat):
    """The sizes of the initrd, and the figures by tool."""
    kernel = kernels.get(case.kernel)
    image = bench.with_modules(bench.probe(build), kernel)
    if case.filler:
        image.file("/filler", random.Random(0).randbytes(case.filler << 20))
    image.write(folder / "initrd", case.compression)
    sizes = (folder / "initrd").stat().st_size, len(image.pack())
    bench.first_archive(build, kernel, peer, {"initrd": folder / "initrd"}).write(folder / "first")
    figures = {}
    for tool in TOOLS:
        runs = [bench.measure(kernel, folder / "first", "initrd", tool) for _ in range(repeat)]
        figures[tool.name] = tuple(map(list, zip(*runs)))
    return sizes, figures


def report(rows, version):
    """The table: medians in units of 10^9 instructions, ours and kexec-tools', and their ratio."""
    print(f"\na kernel to itself, 2 GiB, 10^9 instructions: kexec / kexec-tools {version}\n")
    print("| kernel, initrd | MiB packed | MiB unpacked | load | ratio | blackout | ratio |")
    print("|---|---|---|---|---|---|---|")
    for case, (packed, unpacked), figures in rows:
        cells = []
        for ours, theirs in zip(figures[bench.OURS.name], figures[bench.PEER.name]):
            ours, theirs = statistics.median(ours), statistics.median(theirs)
            cells.append(f"{ours / 1e9:.2f} / {theirs / 1e9:.2f} | {ours / theirs:.2f}")
        print(f"| {case} | {packed >> 20} | {unpacked >> 20} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
