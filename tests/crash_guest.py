"""A guest that crashes, what it knew of itself just before, and what its memory must show then."""

import re
import secrets
from typing import NamedTuple

import crash_log
from kexec_guest import QUIET, archive
from lab import crash, crash_core, crash_tools

# Without acpi_no_memhotplug a crash kernel takes the dead one's DIMMs for its own memory.
CRASH_WORDS = f"{QUIET} panic=-1 nr_cpus=1 reset_devices irqpoll acpi_no_memhotplug"
PAGE = 4096
MIB = 1 << 20
EVERYWHERE = (0, 1 << 52)

SHELLS = 8
DRGN = """
from drgn.helpers.linux.pid import for_each_task
thread = prog.crashed_thread()
print("RELEASE", prog["init_uts_ns"].name.release.string_().decode())
print("CRASHED", thread.object.comm.string_().decode())
print(thread.stack_trace())
print("TASKS", sum(1 for _ in for_each_task(prog)))
"""

# What makes a kernel panic, and what its log says then. An NMI comes from QEMU's monitor.
CAUSES = {
    "sysrq": ("echo c >/proc/sysrq-trigger", "sysrq triggered crash", r"CPU: \d"),
    "second CPU": ("taskset 2 sh -c 'echo c >/proc/sysrq-trigger'", "sysrq triggered crash",
                   "CPU: 1"),
    "nmi": ("echo 1 >/proc/sys/kernel/unknown_nmi_panic", "NMI: Not continuing", "CPU: 0"),
}


def crash_archive(program, *kernels, tools=()):
    """An initramfs with the program, the kernels, and a crash kernel's initrd for each of them.

    tools: of crash_tools, what the crash kernels shall have.
    """
    image = archive(program, kernels)
    for kernel in kernels:
        initrd = crash.initrd(kernel)
        for tool in tools:
            crash_tools.add(initrd, tool)
        image.file(f"/crash/{kernel.name}", initrd.pack())
    for tool in "mark-memory", "read-kmsg":
        image.file(f"/bin/{tool}", program.parent / "tests" / tool, 0o755)
    return image


def arm(guest, kernel, options):
    """Loads a crash kernel; the machine is armed then."""
    done = guest.run(f"kexec {options} -p /kernels/{kernel.name} --initrd=/crash/{kernel.name} "
                     f"--command-line='{CRASH_WORDS}'", check=True)
    assert is_armed(guest)
    return done.out


def is_armed(guest):
    """What the kernel says."""
    return guest.run("cat /sys/kernel/kexec_crash_loaded", check=True).out.strip() == "1"


class Region(NamedTuple):
    """A line of /proc/iomem; the end is the address behind it."""

    name: str
    start: int
    end: int


class Living:
    """What a kernel knew of itself while it lived."""

    def __init__(self, guest, kernel, marks=(EVERYWHERE,)):
        self.release = kernel.release
        self.token = secrets.token_hex(8)
        self.cpus = int(guest.run("nproc", check=True).out)
        self.marks = mark_memory(guest, self.token, marks)
        self.regions = regions(guest)
        guest.run(crash_log.ODD_RECORDS, check=True)
        self.log = guest.run("read-kmsg", check=True).out

    def named(self, name):
        """The regions of this name, in order."""
        return [region for region in self.regions if region.name == name]


def mark_memory(guest, token, ranges):
    """Fills a page of each range with the token, and gives their addresses. The pages stay."""
    guest.run("echo 0 >/proc/sys/vm/compact_unevictable_allowed", check=True)
    words = " ".join(f"{start:x}-{end:x}" for start, end in ranges)
    said = guest.run(f"mark-memory {token} {words}", check=True).out
    return [int(address, 16) for address in re.findall(r"^MARK (\w+)$", said, re.MULTILINE)]


def regions(guest):
    """The guest's /proc/iomem."""
    lines = guest.run("cat /proc/iomem", check=True).out
    return [Region(name, int(start, 16), int(end, 16) + 1) for start, end, name in
            re.findall(r"^ *([0-9a-f]+)-([0-9a-f]+) : (.*)$", lines, re.MULTILINE)]


def crash_guest(guest, cause, kernel):
    """Makes the kernel panic, and waits until the crash kernel takes commands."""
    command, *_ = CAUSES[cause]
    booted = guest.booted
    if cause == "nmi":
        guest.run(command, check=True)
        guest.monitor("nmi")
        guest.ready()
    else:
        guest.handover(command)
    assert guest.booted.boot_id != booted.boot_id and guest.booted.release == kernel.release
    assert CRASH_WORDS in guest.run("cat /proc/cmdline", check=True).out


def fill_log(guest):
    """Writes so many records that the kernel's log of 128 KiB begins anew, of all lengths."""
    guest.run("""awk 'BEGIN { srand(7); for (i = 0; i < 2600; i++) {
                      text = ""; for (k = int(rand() * 110); k > 0; k--)
                          text = text sprintf("%c", 97 + int(rand() * 26));
                      printf "<%d>lab %d: %s\\n", 6 + 8 * (i % 3), i, text } }' >/tmp/lines &&
                 while read -r line; do echo "$line"; done </tmp/lines >/dev/kmsg""",
              check=True)


def add_memory(guest, mebibytes):
    """Plugs a DIMM in and waits until all of it is used; gives its range. One for each guest."""
    before = memory_of(regions(guest))
    guest.monitor(f"object_add memory-backend-ram,id=more,size={mebibytes}M")
    guest.monitor("device_add pc-dimm,id=dimm,memdev=more")
    start = max(1 << 32, max(end for _, end in before))
    guest.run("cd /sys/devices/system/memory; "
              f"block=memory$((({start} + {mebibytes * MIB}) / 0x$(cat block_size_bytes) - 1)); "
              "until grep -q online $block/state; do sleep 0.1; done", check=True)
    added, = set(memory_of(regions(guest))) - set(before)
    return added


def wait_for_memory(guest, name, size):
    """Waits until the regions of this name, which come one by one, are so many bytes."""
    guest.run(f"""until [ $(total=0
                           for range in $(grep ' : {name}$' /proc/iomem | cut -d: -f1); do
                               total=$((total + 0x${{range#*-}} - 0x${{range%-*}} + 1))
                           done; echo $total) -ge {size} ]; do sleep 0.1; done""", check=True)


def check_core(core, living):
    """The dead kernel's memory is all there, where it was."""
    assert core.cpus == living.cpus
    info = core.vmcoreinfo
    assert info["OSRELEASE"] == living.release and int(info["CRASHTIME"]) > 0
    names = core.virtual(int(info["SYMBOL(init_uts_ns)"], 16), 512)
    assert b"Linux\0" in names and f"{living.release}\0".encode() in names
    check_loads(core, living)
    for address in living.marks:
        assert core.physical(address, PAGE) == (living.token * (PAGE // 16)).encode()


def check_loads(core, living):
    """The ranges are the kernel's memory without what is reserved for the crash kernel.

    The first MiB is not among them: nothing of a kernel since 5.6 that has a reservation is there.
    """
    assert all(load.physical >= MIB for load in core.memory)
    assert above_1_mib((load.physical, load.end) for load in core.memory) == without(
        above_1_mib(memory_of(living.regions)),
        [(region.start, region.end) for region in living.named("Crash kernel")])
    image, = (load for load in core.loads if load.virtual >= crash_core.KERNEL_IMAGE)
    code, = living.named("Kernel code")
    bss, = living.named("Kernel bss")
    assert image.physical <= code.start and bss.end <= image.end


def memory_of(found):
    """The ranges of memory, those that a driver added included."""
    return [(region.start, region.end) for region in found
            if re.fullmatch(r"System RAM( \(.*\))?", region.name)]


def above_1_mib(ranges):
    """The whole pages from 1 MiB on, of ranges that are joined where they touch.

    A kernel before 6.8 shows a node of setup_data, which may begin anywhere, as memory of its own.
    """
    joined = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    pages = [(max(-(-start // PAGE) * PAGE, MIB), end // PAGE * PAGE) for start, end in joined]
    return [(start, end) for start, end in pages if start < end]


def without(ranges, holes):
    """The ranges less the holes."""
    for first, last in holes:
        ranges = [part for start, end in ranges
                  for part in ((start, min(end, first)), (max(start, last), end))
                  if part[0] < part[1]]
    return ranges


def core_of(guest, file="/proc/vmcore"):
    """The core as the crash kernel sees it, read there piece by piece."""
    def read(offset, size):
        done = guest.run(f"dd if={file} iflag=skip_bytes,count_bytes,fullblock bs=64k "
                         f"skip={offset} count={size} status=none | od -An -v -tx1", check=True)
        assert re.fullmatch(r"[0-9a-f\s]*", done.out), done.out
        return bytes.fromhex(done.out)
    return crash_core.Core(read)


def check_dump(folder, core, cause):
    """makedumpfile reads the core, and can filter it."""
    _, says, where = CAUSES[cause]
    log = crash_log.dumped(folder, core)
    panic = log.index(f"Kernel panic - not syncing: {says}")
    assert re.search(rf"\b{where} .*PID: ", log[panic:])
    dump = folder / "dump"
    crash_tools.run("makedumpfile", "-l", "-d31", core, dump)
    assert 0 < dump.stat().st_size < core.stat().st_size
    assert crash_log.dumped(folder, dump) == log


def check_with_symbols(folder, kernel, core, living, tasks):
    """drgn and crash tell the crashed task's stack, and all tasks; tasks: how many there were."""
    symbols = crash_tools.debug_kernel(kernel)
    (folder / "drgn.py").write_text(DRGN)
    said = crash_tools.run("python3", "-m", "drgn", "-c", core, "-s", symbols,
                           folder / "drgn.py").stdout
    assert f"RELEASE {living.release}\n" in said and "CRASHED sh\n" in said
    assert re.search(r"sysrq_handle_crash.*\n(.*\n)*.*ksys_write", said)
    # A command's own processes come and go.
    assert abs(int(re.search(r"TASKS (\d+)", said)[1]) - tasks) <= SHELLS
    (folder / "commands").write_text("sys\nbt\nps\nquit\n")
    said = crash_tools.run("crash", "-s", "-i", folder / "commands", symbols, core).stdout
    assert f"RELEASE: {living.release}\n" in said
    assert 'PANIC: "Kernel panic - not syncing: sysrq triggered crash"' in said
    assert re.search(r"^ *#\d+ \[\w+\] sysrq_handle_crash at", said, re.MULTILINE)
    assert re.search(r"^ +1 +0 +\d .* init$", said, re.MULTILINE)
