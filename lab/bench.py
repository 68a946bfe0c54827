"""`./dev bench`: the cost of a hand-over, beside Debian's kexec-tools in the same run.

    python3 -m lab.bench [--repeat N] [--json FILE]

Load and blackout are counted in instructions (`-icount`): load from before to after `-l`, blackout
from before `-e` to the first command of the second kernel's /init. Memory is the fall of
MemAvailable during a load of a 512 MiB initrd, beyond what is gone for good when it is loaded.
What is timed instead of counted is in lab.bench_native.
"""

import argparse
import json
import lzma
import os
import re
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lab import archive, bench_native, cache, kernels
from lab.guest import Guest
from lab.initramfs import base

KERNEL = "7.x"
PEER_SUITE, PEER_PACKAGE = "sid", "kexec-tools"
APPEND = "--append='console=ttyS0 quiet'"
SETTLE = "sleep 10"  # of the guest's time: a kernel goes on testing itself when /init runs already
LARGE_MIB = 512


@dataclass(frozen=True)
class Tool:
    """A program in the guest, and the options that choose what it does."""

    name: str
    command: str
    options: str


OURS = Tool("kexec", "kexec", "-c")
PEER = Tool("kexec-tools", "peer", "-c")
TOOLS = (
    OURS,
    Tool("kexec -i", "kexec", "-c -i"),
    Tool("kexec --plain", "kexec", "-c --plain"),
    PEER,
    Tool("kexec-tools -s", "peer", "-s"),
    Tool("kexec-tools -i", "peer", "-c -i"),
)


def main():
    """Measure, print the table, write JSON."""
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("--repeat", type=int, default=2, help="runs of each row (default 2)")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    chosen = parser.parse_args()
    build = Path(os.environ.get("KEXEC_BUILD", "build"))
    kernel = kernels.get(KERNEL)
    version, peer = fetch_peer()
    with tempfile.TemporaryDirectory(prefix="kexec-bench-") as folder:
        folder = Path(folder)
        initrds = make_initrds(folder, build, kernel)
        first = first_archive(build, kernel, peer, initrds)
        first.write(folder / "first")
        figures = measure_all(kernel, folder / "first", initrds, chosen.repeat)
        memory = measure_memory(kernel, folder / "first")
        wall = bench_native.measure_wall(kernel, folder / "first", load_of("large"), (OURS, PEER), SETTLE)
        stages = bench_native.measure_stages(build, kernel.vmlinuz, initrds["large"])
    digest = measure_digest(build)
    report(kernel, version, figures, memory, digest)
    bench_native.report_stages(stages)
    bench_native.report_wall(wall, PEER.name)
    if chosen.json:
        chosen.json.write_text(json.dumps({
            "schema": "kexec-bench", "schema_version": 1, "kernel": kernel.release,
            "kexec_tools": version, "digest_bytes_per_second": digest, "memory_bytes": memory,
            "instructions": [{"initrd": initrd, "tool": tool, "load": load, "blackout": blackout}
                             for (initrd, tool), (load, blackout) in figures.items()],
            "stages_by_cpus": stages, "wall_seconds": wall,
        }, indent=2) + "\n", encoding="utf-8")


def fetch_peer():
    """Debian's newest kexec-tools with all libraries that it needs: its version and its tree."""
    suite = archive.Suite(PEER_SUITE)
    with cache.lock("peer"):
        suite.update()
        version = suite.field(PEER_PACKAGE, "Version")
        tree = cache.directory("peer") / re.sub(r"[^\w.+~-]", "_", version)
        if not tree.exists():
            with tempfile.TemporaryDirectory(dir=tree.parent) as partial:
                unpacked = Path(partial) / "tree"
                suite.unpack(suite.closure(PEER_PACKAGE, re.compile("lib|kexec-tools")), unpacked)
                unpacked.rename(tree)
    return version, tree


def make_initrds(folder, build, kernel):
    """The second kernel's initrds by name: one with all modules, uncompressed inside, and a small one."""
    image = probe(build)
    image.write(folder / "small", "zstd")
    with_modules(image, kernel).write(folder / "large", "zstd")
    return {name: folder / name for name in ("large", "small")}


def with_modules(image, kernel):
    """The initramfs with all modules of a kernel added, uncompressed."""
    for path in sorted(kernel.modules.rglob("*.ko*")):
        data = path.read_bytes()
        name = path.relative_to(kernel.modules)
        image.file(f"/lib/modules/{name}", lzma.decompress(data) if path.suffix == ".xz" else data)
    return image


def probe(build):
    """An initramfs whose /init first tells the time stamp counter."""
    image = base()
    image.file("/bin/read-tsc", build / "tests/read-tsc", 0o755)
    image.file("/lab/on-boot", "#!/bin/sh\nread-tsc\n", 0o755)
    return image


def first_archive(build, kernel, peer, initrds):
    """The first kernel's initramfs: both tools, the kernel and the initrds to load."""
    image = probe(build)
    image.program(build / "kexec", "/sbin/kexec")
    image.file("/kernel", kernel.vmlinuz)
    for name, path in initrds.items():
        image.file(f"/{name}", path)
    loader, libraries = "", []
    for path in peer.rglob("*"):
        if path.name == "ld-linux-x86-64.so.2":
            loader = path.name
        if re.search(r"\.so(\.|$)", path.name) and path.is_file():
            libraries.append(path)
    for path in libraries:
        image.file(f"/peer/{path.name}", path, 0o755)
    program, = [path for path in peer.rglob("kexec") if path.parent.name == "sbin"]
    image.file("/peer/kexec", program, 0o755)
    image.file("/sbin/peer", f'#!/bin/sh\nexec /peer/{loader} --library-path /peer '
                             '/peer/kexec "$@"\n', 0o755)
    return image


def measure_all(kernel, first, initrds, repeat):
    """Instructions by (initrd, tool): lists of loads and of blackouts."""
    figures = {}
    for initrd in initrds:
        for tool in TOOLS:
            runs = [measure(kernel, first, initrd, tool) for _ in range(repeat)]
            figures[initrd, tool.name] = tuple(map(list, zip(*runs)))
            print(f"measured: {initrd} initrd, {tool.name}", flush=True)
    return figures


def measure(kernel, first, initrd, tool):
    """Instructions of one load and of the blackout behind it."""
    with Guest(kernel.vmlinuz, first, cmdline="quiet", memory="2G", icount=True) as guest:
        guest.ready(300)
        load = guest.run(f"{SETTLE}; read-tsc; {tool.command} {tool.options} {load_of(initrd)} "
                         "&& read-tsc", timeout=300, check=True)
        before, after = ticks(load.out)
        since = len(guest.console)
        guest.start(f"read-tsc >/dev/ttyS0; {tool.command} -e")
        guest.ready(300)
        guest.wait_console(r"(?s)TSC \d+\n.*TSC \d+\n", 60, since)  # which may come later
        ordered, started = ticks(guest.console[since:])
    return after - before, started - ordered


def load_of(initrd):
    """What follows the options of either tool."""
    return f"-l /kernel --initrd=/{initrd} {APPEND}"


def ticks(text):
    """The two counts in a text."""
    first, last = map(int, re.findall(r"TSC (\d+)", text))
    return first, last


def measure_memory(kernel, first):
    """How far MemAvailable falls during a load, beyond what stays gone, in bytes by tool."""
    available = "awk '/MemAvailable/ {print $2}' /proc/meminfo"
    result = {}
    with Guest(kernel.vmlinuz, first, cmdline="quiet", memory="3G") as guest:
        guest.ready()
        guest.run(f"dd if=/dev/zero of=/huge bs=1M count={LARGE_MIB}", check=True)
        for name, command in (("kexec", "kexec"), ("kexec-tools", "peer")):
            fall = guest.run(
                f"(while :; do {available}; done) >/tmp/seen & watcher=$!; "
                f"{command} -c {load_of('huge')} || exit 1; kill $watcher; "
                f"echo $(($({available}) - $(sort -n /tmp/seen | head -n 1))); kexec -u",
                check=True, timeout=300)
            result[name] = int(fall.out.splitlines()[-1]) * 1024
    return result


def measure_digest(build):
    """Native bytes per second from memory by the registers used, of the objects that purgatory runs."""
    done = subprocess.run([build / "tests/digest-speed"], check=True, capture_output=True, text=True)
    return {name: int(speed) for name, speed in map(str.split, done.stdout.splitlines())}


def report(kernel, version, figures, memory, digest):
    """The table: medians in units of 10^9 instructions, their spread, and ratios to the peer."""
    print(f"\n{kernel.release} to itself, 2 GiB, 10^9 instructions; kexec-tools {version}\n")
    print(f"| {'initrd':6} | {'tool':14} | load | spread | blackout | spread | "
          "to kexec-tools: load | blackout |")
    print("|---|---|---|---|---|---|---|---|")
    for (initrd, tool), (load, blackout) in figures.items():
        peer_load, peer_blackout = map(statistics.median, figures[initrd, PEER.name])
        print(f"| {initrd:6} | {tool:14} | {statistics.median(load) / 1e9:.2f} | {spread(load)} | "
              f"{statistics.median(blackout) / 1e9:.2f} | {spread(blackout)} | "
              f"{statistics.median(load) / peer_load:.2f} | "
              f"{statistics.median(blackout) / peer_blackout:.2f} |")
    print(f"\nmemory of a load of a {LARGE_MIB} MiB initrd, beyond the kernel's own copy:")
    for name, size in memory.items():
        print(f"  {name:14} {size / 2**20:7.0f} MiB")
    print("\nverification, native, from memory, by the code that purgatory runs:")
    for name, speed in digest.items():
        print(f"  {name:14} {speed / 1e9:7.1f} GB/s")


def spread(values):
    """Largest to smallest, as a percentage of the median."""
    return f"{(max(values) - min(values)) / statistics.median(values) * 100:.1f} %"


if __name__ == "__main__":
    main()
