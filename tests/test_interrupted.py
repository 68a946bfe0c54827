"""Interrupted at any moment: the kernel and the record never disagree, and the next load puts all right.

In the guest, kill-at (tests/guest/kill-at.c) runs a load or an unload once for each entry and exit of
its system calls, and ends it there. The kernels are tiny, so that hundreds of loads take seconds.
"""

import re

import pytest

from kexec_guest import QUIET, archive, loaded, pack
from small_kernel import small_kernel

OLD, NEW = "/tmp/old", "/tmp/new"
UNCONFIRMED_AT_MOST = 24  # entries and exits from before the record's rename until behind the last

# What runs: the method's option, what loads the old kernel, the command, what is loaded before and
# after it.
RUNS = {
    "load over another": (f"kexec -c -l {OLD}", f"kexec -c -l {NEW}", "old", "new"),
    "load over another by file": (f"kexec -s -l {OLD}", f"kexec -s -l {NEW}", "old", "new"),
    "first load": ("kexec -u", f"kexec -c -l {NEW}", "-", "new"),
    "unload": (f"kexec -c -l {OLD}", "kexec -u", "old", "-"),
}


@pytest.fixture(scope="module")
def guest(guest_factory, kernels, program):
    """A guest with kill-at, two tiny kernels and a network interface.

    norandmaps: QEMU translates a program anew for each address it is mapped at, and after hundreds
    of runs takes minutes to forget it all when the jump overwrites that memory.
    """
    image = archive(program, [kernels("6.12")])
    for tool in "kill-at", "at-call":
        image.program(program.parent / "tests" / tool, f"/bin/{tool}")
    image.file("/dummy.ko", kernels("6.12").module("dummy"))
    image.file("/small", small_kernel())
    guest = guest_factory(kernels("6.12"), image, cmdline="quiet norandmaps", memory="1G")
    guest.run(f"cp /small {OLD}; cp /small {NEW}", check=True)
    return guest


def killed(guest, signal, row):
    """Runs kill-at for a row; its counts, after it found nothing wrong."""
    setup, command, before, after = RUNS[row]
    guest.run("kexec -u", check=True)
    result = guest.run(f"kill-at {signal} record {before} {after} '{setup}' '{command}'",
                       timeout=300)
    assert result.rc == 0, result.out
    counts = re.fullmatch(r"runs=(\d+) old=(\d+) new=(\d+) unconfirmed=(\d+) wrong=0\n", result.out)
    assert counts, result.out
    return map(int, counts.groups())


@pytest.mark.parametrize("row", RUNS)
def test_killed_at_every_system_call(guest, row):
    runs, old, new, unconfirmed = killed(guest, "KILL", row)
    assert old > 10 and new > 0 and old + new == runs
    assert 0 < unconfirmed <= UNCONFIRMED_AT_MOST


@pytest.mark.parametrize("row", ["load over another", "unload"])
def test_interrupted_at_every_system_call(guest, row):
    """SIGINT waits until the record is in place: none is ever unconfirmed."""
    _, old, new, unconfirmed = killed(guest, "INT", row)
    assert old > 10 and new > 0
    assert unconfirmed == 0


def test_an_unconfirmed_record_is_told_and_put_right(guest):
    """Killed between the kernel's answer and the record, which nothing can prevent."""
    guest.run(f"kexec -c -l {OLD}", check=True)
    kill = "at-call {} kexec_load 'kill -9 $(pidof kexec)'"
    for moment in "entry", "exit":
        assert guest.run(f"{kill.format(moment)} kexec -c -l {NEW}").rc == 128 + 9
        status = guest.run("kexec -l -S -d")
        assert status.rc == 1
        assert "which kernel is loaded is unconfirmed" in status.out
        assert "load again, or unload with kexec -u" in status.out
        assert guest.run("kexec -l -S").out == ""
    guest.run(f"kexec -c -l {OLD}", check=True)
    assert "unconfirmed" not in guest.run("kexec -l -S -d").out


def test_interrupted_while_interfaces_are_down_they_come_up_again(guest):
    """A pid namespace makes the jump fail; whenever SIGINT comes, the network is up at the end."""
    guest.run(f"insmod /dummy.ko && ip link set dummy0 up && kexec -c -l {OLD}", check=True)
    result = guest.run("unshare -p -f kill-at INT interface dummy0 'kexec -e -y' 2>/dev/null",
                       timeout=300)
    assert result.rc == 0, result.out
    assert int(re.search(r"runs=(\d+)", result.out)[1]) > 20


def test_afterwards_one_load_puts_all_right_and_its_kernel_starts(guest, kernels):
    pack(guest)
    words = f"{QUIET} after=interruptions"
    result = guest.run("timeout 60 kexec -l /kernels/6.12 --initrd=/tmp/next.cpio "
                       f"--command-line='{words}'", check=True)
    assert "waiting" not in result.out  # a killed process leaves no lock
    assert guest.run("ls -A /run/kexec").out.split() == ["loaded.json", "lock"]
    assert loaded(guest)
    guest.handover("kexec -e")
    assert guest.booted.release == kernels("6.12").release
    assert guest.run("cat /proc/cmdline").out.strip() == words
