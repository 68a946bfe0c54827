"""`./dev record [NAME...]`: records guests of many shapes, for plans that must stay as they are.

    python3 -m lab.record [NAME...]

boots the named machines (default: all), lets the program record each, and puts the recording into
tests/recordings/NAME, with a file ORIGIN that says where it is from. `./dev golden` then writes the
plans.
"""

import argparse
import base64
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from lab import accelerator, kernels
from lab.guest import Guest
from lab.initramfs import base
from lab.machines import Machine

ROOT = Path(__file__).resolve().parent.parent
RECORDINGS = ROOT / "tests" / "recordings"
KEPT = "plan*.json"  # are not the machine's

CONSOLE = "console=ttyS0 panic=-1"  # what a guest's command line begins with
WORDS = f"{CONSOLE} quiet"
HOLES = 70  # each is two ranges more; boot_params holds 128
PAGE = 4096


MACHINES = {
    "bios-384m": Machine("6.1", "384M"),
    "bios-2g": Machine(memory="2G"),
    "bios-6g-2cpus": Machine("6.12", "6G", 2),
    "uefi-1g": Machine(uefi=True),
    "uefi-6g": Machine("6.12", "6G", uefi=True),
    "uefi-noruntime": Machine(uefi=True, cmdline="efi=noruntime"),
    "uefi-lockdown": Machine("6.12", uefi=True, cmdline="lockdown=integrity"),
    "many-ranges": Machine(memory="2G"),
    "pmem": Machine(cmdline="memmap=64M!512M"),
    "bad-ram": Machine(cmdline="memmap=64M$512M"),
    "poisoned": Machine(),
    "ramoops": Machine(
        "6.12", cmdline="memmap=1M$0x20000000 ramoops.mem_address=0x20000000 "
                        "ramoops.mem_size=0x100000"),
    "crashkernel": Machine("6.12", "1G", 2, cmdline="crashkernel=256M"),
    "crashkernel-high": Machine(memory="6G", uefi=True, cmdline="crashkernel=256M,high"),
    "no-la57": Machine(cpu="max,la57=off"),
    "virtio-mem": Machine("6.12", "1G", extra=(
        "-m", "1G,slots=2,maxmem=4G",
        "-object", "memory-backend-ram,id=plugged,size=1G",
        "-device", "virtio-mem-pci,memdev=plugged,requested-size=256M")),
    "numa-hugepages": Machine(
        memory="2G", cpus=2, cmdline="hugepagesz=2M hugepages=64",
        extra=("-object", "memory-backend-ram,id=ram0,size=1G",
               "-object", "memory-backend-ram,id=ram1,size=1G",
               "-numa", "node,nodeid=0,memdev=ram0,cpus=0",
               "-numa", "node,nodeid=1,memdev=ram1,cpus=1")),
}

# The modules that a machine is not itself without, in the order of insmod; built-in ones are left
# out.
MODULES = {
    "ramoops": ("reed_solomon", "ramoops"),
    "virtio-mem": ("virtio", "virtio_ring", "virtio_pci_modern_dev", "virtio_pci_legacy_dev",
                   "virtio_pci", "virtio_mem"),
}


def many_ranges(guest):
    """A hand-over to a kernel that is told of so many ranges; no emulated firmware has them."""
    ranges = []
    for line in guest.run("cd /sys/firmware/memmap && for i in *; do "
                          "echo $(cat $i/start $i/end $i/type); done", check=True).out.splitlines():
        start, end, kind = line.split(" ", 2)
        ranges.append((int(start, 16), int(end, 16), kind))
    longest = max((one for one in ranges if one[2] == "System RAM"), key=lambda one: one[1] - one[0])
    ranges.remove(longest)
    start, last, kind = longest
    for hole in range(0x40000000, 0x40000000 + HOLES * 0x100000, 0x100000):
        ranges += [(start, hole - 1, kind), (hole, hole + PAGE - 1, "Reserved")]
        start = hole + PAGE
    ranges = sorted([*ranges, (start, last, kind)])
    text = "".join(f"{start:#x} {end:#x} {kind}\n" for start, end, kind in ranges)
    guest.run("mount -t tmpfs memmap /sys/firmware/memmap && cd /sys/firmware/memmap && "
              f"mkdir $(seq 0 {len(ranges) - 1}) && i=0 && while read start end kind; do "
              "echo $start >$i/start; echo $end >$i/end; echo $kind >$i/type; i=$((i + 1)); "
              f"done <<'END'\n{text}END", check=True)
    guest.run("/lab/pack /tmp/next.cpio && kexec -c -l /kernel --initrd=/tmp/next.cpio "
              f"--command-line='{WORDS}'", check=True)
    guest.handover("kexec -e")


def poisoned(guest):
    """A free page in the middle of where a plan's initrd would lie is found broken."""
    plan = json.loads(guest.run("kexec -c --dry-run --json -l /kernel --initrd=/kernel",
                                check=True).out)
    place, = [segment for segment in plan["segments"] if segment["name"] == "initrd"]
    start, end = int(place["start"], 16), int(place["end"], 16)
    next(page for page in range((start + end) // 2 & -PAGE, end, PAGE) if guest.run(
        f"echo {page:#x} >/sys/devices/system/memory/hard_offline_page").rc == 0)


def ramoops(guest):
    """The module is inserted, with the kernel's words."""
    guest.run("rmmod ramoops; insmod /modules/1-ramoops.ko mem_address=0x20000000 "
              "mem_size=0x100000 && dmesg | grep 'ramoops: using 0x100000@0x20000000'", check=True)


def virtio_mem(guest):
    """The driver takes a while to plug what it was given."""
    guest.run("for i in $(seq 100); do grep -q 'RAM (virtio_mem)' /proc/iomem && exit; "
              "usleep 100000; done; exit 1", check=True)


# What is done in the guest before it is recorded; the docstring goes into ORIGIN.
PREPARE = {
    "many-ranges": many_ranges,
    "poisoned": poisoned,
    "ramoops": ramoops,
    "virtio-mem": virtio_mem,
}


def main():
    """Record what the command line names."""
    parser = argparse.ArgumentParser(prog="./dev record", description="record machines")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MACHINES)}")
    chosen = parser.parse_args()
    unknown = set(chosen.names) - MACHINES.keys()
    if unknown:
        parser.error(f"no such machine: {', '.join(sorted(unknown))}")
    program = Path(os.environ.get("KEXEC_BUILD", "build")).absolute() / "kexec"
    for name in chosen.names or MACHINES:
        files = record(name, program)
        print(f"{name}: {files} files in {(RECORDINGS / name).relative_to(ROOT)}", flush=True)


def record(name, program):
    """Boot the machine, record it, put the recording in its place; the number of its files."""
    machine = MACHINES[name]
    kernel = kernels.get(machine.kernel)
    with tempfile.TemporaryDirectory(prefix="kexec-record-") as folder:
        folder = Path(folder)
        archive(name, program, kernel).write(folder / "initrd")
        with Guest(kernel.vmlinuz, folder / "initrd", cmdline=f"quiet {machine.cmdline}".strip(),
                   **{key: value for key, value in machine._asdict().items()
                      if key not in ("kernel", "cmdline")}) as guest:
            guest.ready(180)
            packed, words = read(guest, name)
        tree = folder / "tree"
        tree.mkdir()
        subprocess.run(["cpio", "-i", "-d", "--quiet", "--no-absolute-filenames"], cwd=tree,
                       input=packed, check=True)
        (tree / "ORIGIN").write_text(origin(name, kernel, words), encoding="utf-8")
        return install(tree, RECORDINGS / name)


def archive(name, program, kernel):
    """The guest's initramfs: the program, the kernel itself, and modules."""
    image = base()
    image.program(program, "/sbin/kexec")
    image.file("/kernel", kernel.vmlinuz)
    image.directory("/modules")
    for number, module in enumerate(MODULES.get(name, ())):
        try:
            image.file(f"/modules/{number}-{module}.ko", kernel.module(module))
        except FileNotFoundError:
            pass
    return image


def read(guest, name):
    """The recording as a cpio archive, and the command line of the kernel that was recorded."""
    guest.run("for i in $(ls /modules); do insmod /modules/$i || exit; done", check=True)
    if name in PREPARE:
        PREPARE[name](guest)
    # As a distribution has them.
    guest.run("mount -t securityfs securityfs /sys/kernel/security; "
              "mount -t debugfs debugfs /sys/kernel/debug; "
              "kexec --record-machine=/tmp/machine", check=True)
    packed = guest.run("cd /tmp/machine && find . -type f | cpio -o -H newc 2>/dev/null | "
                       "gzip -9 | base64", check=True).out
    unpacked = subprocess.run(["gzip", "-dc"], input=base64.b64decode(packed), check=True,
                              capture_output=True).stdout
    return unpacked, guest.run("cat /proc/cmdline", check=True).out.strip()


def origin(name, kernel, words):
    """Where a recording is from, and how it is made again."""
    machine = MACHINES[name]
    emulator = subprocess.run(["qemu-system-x86_64", "--version"], check=True, capture_output=True,
                              text=True).stdout.splitlines()[0]
    lines = [
        ("machine", f"{emulator}; q35, {accelerator.choose()}, {machine.memory}, "
                    f"{machine.cpus} x CPU \"{machine.cpu}\""),
        ("firmware", "OVMF (UEFI)" if machine.uefi else "SeaBIOS"),
        ("arguments", " ".join(machine.extra)),
        ("kernel", f"Debian's {kernel.release}"),
        ("command line", words),
        ("beforehand", " ".join(PREPARE[name].__doc__.split()) if name in PREPARE else ""),
        ("again", f"./dev record {name} && ./dev golden"),
    ]
    return "".join(f"{key + ':':14}{value}\n" for key, value in lines if value)


def install(tree, place):
    """Put the tree in the place of an older recording, whose plan stays; the number of files."""
    for kept in place.glob(KEPT):
        shutil.copy(kept, tree)
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(tree, place, copy_function=shutil.copyfile)
    return sum(path.is_file() for path in place.rglob("*"))


if __name__ == "__main__":
    main()
