"""Hand-overs between real kernels: what the next kernel is given, seen from inside it.

One guest goes through all rows of a class, each from the kernel that the row before came to.
"""

import json
import subprocess

import pytest

from kexec_guest import (CONSOLE, NO_CPU_SEED, QUIET, archive, arrive, check_stamp, has_avx2, load,
                         loaded, memory_map, pack, sha256, stamp)
from lab.initramfs import Initramfs
from small_kernel import small_kernel


@pytest.fixture(scope="module")
def traveller(guest_factory, kernels, program):
    """The guest of this module's chain, and the memory map that its first boot saw."""
    image = archive(program, [kernels("6.1"), kernels("6.12"), kernels("7.x")])
    guest = guest_factory(kernels("6.1"), image, cmdline="quiet", memory="1536M")
    return guest, memory_map(guest)


def hand_over(guest, start, to, options, jump="kexec -e"):
    """Loads and jumps; checks all that the next kernel must prove. Returns what -l printed."""
    assert guest.booted.release == start.release
    words = f'{QUIET} {NO_CPU_SEED} quoted="two words" row={options.replace(" ", "").strip("-")}'
    what = load(guest, to, options, words)
    arrive(guest, what, jump)
    return what.out


class TestChain:
    def test_6_1_to_7_by_kexec_load(self, traveller, kernels):
        guest, first_map = traveller
        assert hand_over(guest, kernels("6.1"), kernels("7.x"), "-c --plain") == ""
        assert memory_map(guest) == first_map
        check_stamp(guest)

    def test_7_to_6_1_by_kexec_file_load(self, traveller, kernels):
        guest, first_map = traveller
        assert hand_over(guest, kernels("7.x"), kernels("6.1"), "-s") == ""
        assert memory_map(guest) == first_map
        assert stamp(guest) is None

    def test_6_1_to_6_12_by_auto(self, traveller, kernels):
        guest, first_map = traveller
        hand_over(guest, kernels("6.1"), kernels("6.12"), "-a")
        assert memory_map(guest) == first_map
        assert stamp(guest) is None

    def test_6_12_to_itself_without_a_flag(self, traveller, kernels):
        guest, first_map = traveller
        hand_over(guest, kernels("6.12"), kernels("6.12"), "")
        assert memory_map(guest) == first_map
        check_stamp(guest)

    def test_6_12_to_7_from_a_bare_root_without_sys(self, traveller, kernels):
        """A shutdown initramfs carries the program and libc, and may have no /sys."""
        guest, first_map = traveller
        guest.run("mkdir -p /tmp/bare/sbin && cp -a /lib* /tmp/bare/ && "
                  "cp /sbin/kexec /tmp/bare/sbin/", check=True)
        hand_over(guest, kernels("6.12"), kernels("7.x"), "-c -i --plain",
                  jump="chroot /tmp/bare /sbin/kexec -e")
        assert memory_map(guest) == first_map
        assert stamp(guest).checked == 0

    def test_load_unload_and_load_again(self, traveller):
        guest, _ = traveller
        for _ in range(2):
            for flag in "-c", "-s":
                guest.run(f"kexec {flag} -l /kernels/7.x", check=True)
                assert loaded(guest)
                assert guest.run("test -s /run/kexec/loaded.json").rc == 0
                guest.run("kexec -u", check=True)
                assert not loaded(guest)
                assert guest.run("test -e /run/kexec/loaded.json").rc == 1
        guest.run("kexec -u", check=True)

    def test_three_initrds_by_force(self, traveller):
        """-f with words in an unusual order; the early archive, given last, comes first."""
        guest, first_map = traveller
        proof = pack(guest)
        guest.run("cd /tmp && mkdir -p early/kernel/x86/microcode second/extra && "
                  "echo nothing >early/kernel/x86/microcode/GenuineIntel.bin && "
                  "head -c 3333 /dev/urandom >second/extra/file && "
                  "(cd early && find kernel | cpio -o -H newc >../early.cpio) && "
                  "(cd second && find extra | cpio -o -H newc | gzip >../second.cpio.gz)",
                  check=True)
        extra = sha256(guest, "/tmp/second/extra/file")
        early = guest.run("head -c 512 /tmp/early.cpio | sha256sum").out
        guest.handover("kexec /kernels/7.x --initrd=/tmp/next.cpio --append=three -f "
                       "--ramdisk=/tmp/second.cpio.gz --initrd /tmp/early.cpio "
                       f"--command-line='{QUIET} retain_initrd' --append=initrds -c")
        assert guest.run("cat /proc/cmdline").out.strip() == f"{QUIET} retain_initrd three initrds"
        assert sha256(guest, "/proof") == proof
        assert sha256(guest, "/extra/file") == extra
        assert guest.run("head -c 512 /sys/firmware/initrd | sha256sum").out == early
        assert memory_map(guest) == first_map
        check_stamp(guest)

    def test_three_initrds_by_kexec_file_load_and_a_shutdown(self, traveller):
        """A bare `kexec KERNEL` ends in shutdown(8), which jumps at its end."""
        guest, first_map = traveller
        guest.run("printf '#!/bin/sh\\n[ \"$*\" = \"-r now\" ] && exec kexec -e -x -y\\n' "
                  ">/sbin/shutdown && chmod +x /sbin/shutdown", check=True)
        proof = pack(guest)
        guest.run("head -c 3334 /dev/urandom >/tmp/odd && cd /tmp && mkdir -p third/extra && "
                  "cp odd third/extra/third && "
                  "(cd third && find extra | cpio -o -H newc | gzip >../third.cpio.gz) && "
                  "(cd third && find . -name third | cpio -o -H newc >../fourth.cpio)", check=True)
        extra = sha256(guest, "/tmp/odd")
        guest.handover("kexec -s --initrd=/tmp/third.cpio.gz --initrd=/tmp/next.cpio "
                       "--initrd=/tmp/fourth.cpio /kernels/6.12 --reuse-cmdline")
        assert guest.run("cat /proc/cmdline").out.strip() == f"{QUIET} retain_initrd three initrds"
        assert sha256(guest, "/proof") == proof
        assert sha256(guest, "/extra/third") == extra
        assert memory_map(guest) == first_map

    def test_the_last_kernel_powers_off_by_acpi(self, traveller):
        guest, _ = traveller
        guest.start("poweroff -f")
        assert guest.wait_end() == "guest-shutdown"


DAMAGE = {  # segment's number in the plan: an offset of a byte that the check covers
    "kernel": (0, 5_000_000),
    "boot_params": (1, 0x1f1),
    "setup_data": (2, -1),
    "purgatory": (3, 0x7fff),
    "initrd": (4, -1),
}


@pytest.mark.parametrize("segment", DAMAGE)
def test_a_damaged_segment_is_named_and_the_machine_resets(boot, kernels, program, segment):
    image = archive(program, [kernels("7.x")])
    image.program(program.parent / "tests" / "load-damaged", "/sbin/load-damaged")
    guest = boot(kernels("6.12"), image, cmdline="quiet", memory="768M")
    guest.run("head -c 1000000 /dev/urandom >/tmp/initrd", check=True)
    number, offset = DAMAGE[segment]
    loading = guest.run(f"load-damaged {number} {offset} /kernels/7.x /tmp/initrd '{CONSOLE}'",
                        check=True)
    assert loading.out == f"damaged {segment}\n"
    guest.start("kexec -e")
    guest.wait_console(rf'kexec: segment "{segment}" at 0x[0-9a-f]+ was damaged')
    assert guest.wait_end() == "guest-reset"
    assert "Linux version" not in guest.console.partition("was damaged")[2]


def test_a_cpu_without_avx_is_handed_over(boot, kernels, program):
    guest = boot(kernels("6.12"), archive(program, [kernels("7.x")]), cmdline="quiet",
                 memory="768M", cpu="Nehalem")
    assert not has_avx2(guest)
    arrive(guest, load(guest, kernels("7.x"), "-c", f"{QUIET} {NO_CPU_SEED}"))
    check_stamp(guest)


@pytest.mark.parametrize("words", ["", "noxsave"])
def test_the_control_registers_are_as_they_were_behind_avx2(boot, kernels, program, words):
    """A kernel that uses no XSAVE leaves AVX forbidden in XCR0. Without checks it stays untouched."""
    code = (program.parent / "tests" / "print-registers.bin").read_bytes()
    seen = {}
    for options in "-c", "-c -i":
        image = archive(program)
        image.file("/small", small_kernel(code))
        guest = boot(kernels("6.12"), image, cmdline=f"quiet {words}", memory="768M", cpu="max")
        guest.run(f"kexec {options} -l /small", check=True)
        since = len(guest.console)
        guest.start("kexec -e")
        line = guest.wait_console(r"^([0-9a-f]{16} ){4}$", since=since)
        assert guest.wait_end() == "guest-reset"
        *seen[options], stamp_word = (int(word, 16) for word in line[0].split())
        assert stamp_word == (256 << 32 | 4 if options == "-c" else 0)
    assert seen["-c"] == seen["-c -i"]
    _, cr4, xcr0 = seen["-c"]
    assert not cr4 & 1 << 18  # OSXSAVE
    assert (xcr0 & 7 == 7) == (not words)


def test_a_load_takes_little_memory_beside_the_kernels_copy(boot, kernels, program):
    """Seen in the fall of MemAvailable while a 512 MiB initrd is loaded, and a compressed one."""
    image = archive(program, [kernels("7.x")])
    image.file("/packed", large_window(512 << 20))
    guest = boot(kernels("7.x"), image, cmdline="quiet", memory="2560M")
    fall, copied, kernel = fall_of_memory(guest, "/packed")
    # One uncompressed copy is ours, of the initrd and of the kernel.
    assert 512 << 20 <= fall <= copied + (512 << 20) + kernel + (64 << 20)
    guest.run("kexec -u && dd if=/dev/zero of=/initrd bs=1M count=512", check=True)
    fall, copied, kernel = fall_of_memory(guest, "/initrd")
    # What was freed just now and not given back to all CPUs counts as not available before, too.
    assert 384 << 20 <= fall <= copied + kernel + (64 << 20)


def large_window(size):
    """An archive with a file of zeros, compressed so that its window is as large as it may be."""
    large = Initramfs()
    large.file("/zeros", bytes(size))
    return subprocess.run("zstd -q -c -3 --long=27".split(), input=large.pack(),
                          capture_output=True, check=True).stdout


def fall_of_memory(guest, initrd):
    """How far MemAvailable falls during a load, the kernel's own copy, and of that the kernel."""
    available = "awk '/MemAvailable/ {print $2}' /proc/meminfo"
    plan = f"kexec --dry-run --json -c -l /kernels/7.x --initrd={initrd}"
    guest.run(f"{plan} >/tmp/plan.json && kexec -u", check=True)
    fall = guest.run(
        f"before=$({available}); "
        f"(while :; do {available}; done) >/tmp/seen & watcher=$!; "
        f"kexec -c -l /kernels/7.x --initrd={initrd} || exit 1; kill $watcher; "
        f"{available} >/tmp/after; "
        "echo $((before - $(sort -n /tmp/seen /tmp/after | head -n 1)))", check=True, timeout=180)
    plan = json.loads(guest.run("cat /tmp/plan.json", check=True).out)
    sizes = {segment["name"]: int(segment["end"], 16) - int(segment["start"], 16)
             for segment in plan["segments"]}
    return int(fall.out) * 1024, sum(sizes.values()), sizes["kernel"]
