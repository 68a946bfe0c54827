"""`./dev demo`: one hand-over between two of Debian's kernels, shown to a person.

A guest boots the first kernel. In it the program draws its plan, loads the second kernel and jumps;
the console is shown while that happens. At the end stands what was measured.
"""

import contextlib
import os
import re
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

from lab import kernels
from lab.guest import NO_TIMER_CHECK, Guest
from lab.initramfs import base

FIRST, SECOND = "6.12", "7.x"
WORDS = f"console=ttyS0 {NO_TIMER_CHECK} hello=from_the_kernel_before"
LOAD = f"kexec -l /kernels/{SECOND} --initrd=/tmp/next.cpio --command-line='{WORDS}'"
BAR_WIDTH = 48
CONSOLE_POLL_SECONDS = 0.05


class Measured(NamedTuple):
    """Seconds of this machine's clock, except where the guest's own clock is named."""

    load: float
    blackout: float  # from the order to jump to the second kernel's /init
    purgatory: float  # of that, by the guest's time stamp counter
    kernel: float  # of that, from the second kernel's start to its /init, by its own clock


def main():
    """Show it all."""
    program = Path(os.environ.get("KEXEC_BUILD", "build")) / "kexec"
    heading(f"Debian's kernels {FIRST} and {SECOND}")
    first, second = kernels.get(FIRST), kernels.get(SECOND)
    print(f"{first.release}\n{second.release}")

    archive = base()
    archive.program(program, "/sbin/kexec")
    archive.file(f"/kernels/{SECOND}", second.vmlinuz)
    with tempfile.TemporaryDirectory(prefix="kexec-demo-") as folder:
        initrd = Path(folder) / "initrd"
        archive.write(initrd)
        with Guest(first.vmlinuz, initrd, cmdline="quiet", memory="1G") as guest:
            heading("A guest boots the first kernel")
            guest.ready()
            print(f"running: {guest.booted.release}")
            measured = hand_over(guest)
            report(guest, measured)
            end(guest)


def hand_over(guest):
    """Plan, load and jump."""
    guest.run("/lab/pack /tmp/next.cpio", check=True)
    heading("The plan, drawn; nothing is done yet")
    command(f"{LOAD} --dry-run")
    print(guest.run(f"{LOAD} --dry-run", check=True).out.rstrip())

    heading("The load")
    command(LOAD)
    start = time.monotonic()
    guest.run(LOAD, check=True)
    loaded = time.monotonic()
    print(f"loaded; the kernel says kexec_loaded={guest.run('cat /sys/kernel/kexec_loaded').out.strip()}")

    heading("The jump, on the guest's console")
    command("kexec -e")
    with shown_console(guest):
        jump = time.monotonic()
        guest.handover("kexec -e")
        up = time.monotonic()
    return Measured(loaded - start, up - jump, purgatory_seconds(guest), kernel_seconds(guest))


def purgatory_seconds(guest):
    """Time between purgatory's two stamps."""
    stamps = re.search(r"entered at TSC (\d+),.* left at TSC (\d+)", guest.run("kexec -S -d").out)
    megahertz = re.search(r"tsc: .*?([\d.]+) MHz", guest.run("dmesg").out)
    return (int(stamps[2]) - int(stamps[1])) / (float(megahertz[1]) * 1e6)


def kernel_seconds(guest):
    """The second kernel's own clock when it started /init."""
    return float(re.search(r"\[ *([\d.]+)\] Run /init", guest.run("dmesg").out)[1])


def report(guest, measured):
    """What the second kernel says of itself, and bars."""
    heading("The second kernel is up")
    print(f"running:      {guest.booted.release}")
    print(f"command line: {guest.run('cat /proc/cmdline').out.strip()}")
    print(guest.run("kexec -S -d").out.strip())

    heading("Measured (emulated guests are slow: compare the bars, not the seconds)")
    rows = [
        ("load", measured.load),
        ("blackout", measured.blackout),
        ("  purgatory: verify, stamp", measured.purgatory),
        ("  second kernel to /init", measured.kernel),
    ]
    longest = max(seconds for _, seconds in rows)
    for name, seconds in rows:
        bar = "#" * max(1, round(seconds / longest * BAR_WIDTH))
        print(f"{name:28}{seconds:7.2f} s  {bar}")


def end(guest):
    """The second kernel powers the guest off by itself."""
    guest.start("poweroff -f")
    print(f"\nthe guest powered itself off: {guest.wait_end() == 'guest-shutdown'}")


@contextlib.contextmanager
def shown_console(guest):
    """Prints what appears on the guest's console from now on."""
    done = threading.Event()
    watcher = threading.Thread(target=follow, args=(guest, len(guest.console), done))
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def follow(guest, position, done):
    """Prints the console's whole lines as they come, until `done`."""
    last = False
    while not last:
        last = done.wait(CONSOLE_POLL_SECONDS)
        lines, newline, _ = guest.console[position:].rpartition("\n")
        position += len(lines) + len(newline)
        for line in lines.splitlines():
            print(f"  | {line}", flush=True)


def heading(text):
    """A line that separates; bold on a terminal."""
    bold, plain = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() else ("", "")
    print(f"\n{bold}== {text}{plain}", flush=True)


def command(text):
    """A command as it is typed in the guest."""
    print(f"# {text}", flush=True)


if __name__ == "__main__":
    main()
