"""A guest that has the kexec program and kernels to load, and what a kernel can be asked to prove."""

import re
import secrets
from typing import NamedTuple

from lab.guest import NO_TIMER_CHECK
from lab.initramfs import base

CONSOLE = f"console=ttyS0 {NO_TIMER_CHECK}"
QUIET = f"{CONSOLE} quiet"
NO_CPU_SEED = "random.trust_cpu=off"
SEGMENTS = 5  # kernel, boot_params, setup_data, purgatory, initrd


def archive(program, kernels=()):
    """An initramfs with the built program, and kernels by name in /kernels."""
    image = base()
    image.program(program, "/sbin/kexec")
    for kernel in kernels:
        image.file(f"/kernels/{kernel.name}", kernel.vmlinuz)
    return image


class Stamp(NamedTuple):
    """What purgatory left for the next kernel: time stamp counters, how much it verified, how."""

    entered: int
    left: int
    checked: int
    register_bits: int


def stamp(guest):
    """Purgatory's stamp, read by the program; None when this kernel has none."""
    said = guest.run("kexec -S -d").out
    found = re.search(r"entered at TSC (\d+), verified (\d+) segments with registers of "
                      r"(\d+) bits and left at TSC (\d+)", said)
    return Stamp(int(found[1]), int(found[4]), int(found[2]), int(found[3])) if found else None


def memory_map(guest):
    """The firmware's memory map as the running kernel shows it."""
    text = guest.run("cd /sys/firmware/memmap && for i in *; do "
                     "echo $(cat $i/start $i/end $i/type); done", check=True).out
    return sorted(text.splitlines())


def seed_credited_at(guest):
    """The kernel's clock, in seconds, when its random generator was ready."""
    line = guest.run("dmesg | grep 'crng init done'", check=True).out
    return float(re.search(r"\[ *([\d.]+)\]", line)[1])


def pack(guest, path="/tmp/next.cpio"):
    """Packs the guest's root into an initrd that holds a file of random bytes; its SHA-256."""
    guest.run(f"head -c 100000 /dev/urandom >/proof && echo {secrets.token_hex(8)} >>/proof && "
              f"/lab/pack {path}", check=True)
    return sha256(guest, "/proof")


def sha256(guest, path):
    """The SHA-256 of a file in the guest, in hexadecimal."""
    return guest.run(f"sha256sum {path}", check=True).out.split()[0]


def loaded(guest):
    """What the kernel says: whether an image is loaded."""
    return guest.run("cat /sys/kernel/kexec_loaded", check=True).out.strip() == "1"


class Loaded(NamedTuple):
    """What was loaded: the kernel, its command line, its initrd's proof, and what -l printed."""

    kernel: object
    words: str
    proof: str
    out: str


def load(guest, to, options, words):
    """Packs an initrd and loads the kernel `to` from /kernels with it."""
    proof = pack(guest)
    done = guest.run(f"kexec {options} -l /kernels/{to.name} --initrd=/tmp/next.cpio "
                     f"--command-line='{words}'", check=True)
    assert loaded(guest)
    return Loaded(to, words, proof, done.out)


def arrive(guest, what, jump="kexec -e"):
    """Jumps; checks what every next kernel must prove, whatever the machine."""
    guest.handover(jump)
    assert guest.booted.release == what.kernel.release
    assert guest.run("cat /proc/cmdline").out.strip() == what.words
    assert sha256(guest, "/proof") == what.proof
    assert guest.run("cat /proc/sys/kernel/bootloader_type").out.strip() == "208"
    assert seed_credited_at(guest) == 0.0


def check_stamp(guest):
    """Purgatory was there, and verified all segments with the widest registers that it uses."""
    found = stamp(guest)
    assert found.entered < found.left
    assert found.checked == SEGMENTS
    assert found.register_bits == (256 if has_avx2(guest) else 128)


def has_avx2(guest):
    """Whether the guest's CPU has AVX2, as the running kernel sees it."""
    return guest.run("grep -q '^flags.* avx2' /proc/cpuinfo").rc == 0
