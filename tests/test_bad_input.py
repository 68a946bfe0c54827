"""Bad input: each row is a clear error with its exit code, and what was loaded is still loaded.

All rows share one guest, in which a good kernel was loaded first. The last test jumps into it.
"""

import json
import re

import pytest

from kexec_guest import QUIET, archive, loaded

GOOD_WORDS = f"{QUIET} the=good_kernel"
LOAD_GOOD = f"kexec -c -l /kernels/6.12 --initrd=/tmp/good.cpio --command-line='{GOOD_WORDS}'"
COMMAND_LINE_MAX = {"-c": 2047, "-s": 2016}  # of Debian's kernels, by method

# A row: what to run, the exit code, what stderr must say.
ROWS = {
    "no such file": ("kexec -l /nowhere", 1, "/nowhere: cannot be opened (open: No such file"),
    "a directory": ("kexec -l /kernels", 1, "/kernels: it is a directory"),
    "a device": ("kexec -l /dev/null", 1, "/dev/null: it is a device"),
    "a pipe that nobody writes to": ("mkfifo /tmp/pipe; kexec -l /tmp/pipe", 1,
                                     "/tmp/pipe: it is a pipe"),
    "an empty file": (": >/tmp/empty; kexec -l /tmp/empty", 1, "/tmp/empty: the file is empty"),
    "random bytes": ("head -c 100000 /dev/urandom >/tmp/r; echo x | dd of=/tmp/r conv=notrunc "
                     "2>/dev/null; kexec -l /tmp/r", 255,
                     '/tmp/r: it looks like data of no known format: no "HdrS" at offset 0x202'),
    "a few random bytes": ("printf '\\001\\200' >/tmp/r2; kexec -l /tmp/r2", 255,
                           "no known format"),
    "text": ("kexec -l /init", 255, '/init: it looks like text: no "HdrS" at offset 0x202'),
    "gzip": ("echo hello | gzip >/tmp/z; kexec -l /tmp/z", 255,
             "/tmp/z: inside gzip: it looks like text"),
    "an ELF program": ("kexec -l /bin/busybox", 255, "an ELF file for x86-64"),
    "an initrd": ("kexec -l /tmp/initrd.cpio", 255, "--initrd="),
    "a bzImage cut in its header": ("head -c 600 /kernels/7.x >/tmp/cut; kexec -l /tmp/cut", 255,
                                    "/tmp/cut"),
    "a bzImage cut behind its header": (
        "head -c 100000 /kernels/7.x >/tmp/cut; kexec -l /tmp/cut", 255,
        "/tmp/cut: the file is truncated: it ends at offset 100000, and its header"),
    "a bzImage without its last 100 KB": (
        "s=$(stat -c %s /kernels/7.x); head -c $((s - 102400)) /kernels/7.x >/tmp/cut; "
        "kexec -l /tmp/cut", 255, "/tmp/cut: the file is truncated"),
    "no such initrd": ("kexec -l /kernels/7.x --initrd=/nowhere", 1, "/nowhere: cannot be opened"),
    "an empty initrd": (": >/tmp/empty; kexec -l /kernels/7.x --initrd=/tmp/empty", 1,
                        "/tmp/empty: the file is empty"),
    "the second initrd is a directory": (
        "kexec -l /kernels/7.x --initrd=/tmp/initrd.cpio --initrd=/tmp", 1,
        "/tmp: it is a directory"),
    "an initrd that the user cannot read": (
        "cp /tmp/initrd.cpio /tmp/secret; chmod 0 /tmp/secret; chmod 755 /kernels; "
        "su user -c 'kexec -l /kernels/7.x --initrd=/tmp/secret --dry-run'", 1,
        "/tmp/secret: cannot be opened (open: Permission denied)"),
    "not root": ("su user -c 'kexec -l /kernels/7.x'", 255,
                 "next: run it as root"),
    "not root, jump": ("su user -c 'kexec -e'", 255, "cannot jump: this process has no CAP_SYS_BOOT"),
    "not root, unload": ("su user -c 'kexec -u'", 255, "next: run it as root"),
    "a jump from a pid namespace": ("unshare -p -f kexec -e -x -y", 255,
                                    "this is a pid namespace"),
    "root of a user namespace": ("unshare -U -r kexec -l /kernels/7.x", 255,
                                 "a container's root has none"),
    "root of a user namespace, jump": ("unshare -U -r kexec -e -x -y", 255,
                                       "did not jump: CAP_SYS_BOOT is missing (reboot: Operation"),
    "not root, a plan": ("su user -c 'kexec -c --dry-run -l /kernels/7.x'", 255,
                         "/proc/iomem: the kernel hides its addresses"),
    "another type": ("kexec -t multiboot -l /kernels/7.x", 255, "--type says multiboot"),
    "no kernel": ("kexec -l", 1, "--load: no kernel was given"),
    "nothing to do": ("kexec", 1, "nothing to do"),
    "an extra word": ("kexec -l /kernels/7.x quiet", 1, "quiet: one word too many"),
    "no such option": ("kexec -l /kernels/7.x --frobnicate", 1,
                       "--frobnicate: there is no such option"),
    "an option of kexec-tools that is not there yet": (
        "kexec --reset-vga -l /kernels/7.x", 1, "--reset-vga: kexec-tools has this option"),
    "a name that is not unique": ("kexec -l /kernels/7.x --no", 1, "more than one begins like"),
    "a missing value": ("kexec -l /kernels/7.x --append", 1, "--append: it needs a value"),
    "two command lines": ("kexec -l /kernels/7.x --command-line=a --command-line=b", 1,
                          "--command-line: it was given twice"),
    "two bases": ("kexec -l /kernels/7.x --command-line=a --reuse-cmdline", 1,
                  "--reuse-cmdline"),
    "limits that kexec_file_load cannot keep": (
        "kexec -s --mem-max=0x40000000 -l /kernels/7.x", 1, "--mem-min, --mem-max: they cannot"),
    "limits without room": ("kexec -c --mem-max=0x2000000 -l /kernels/7.x", 255,
                            "kernel: it needs"),
    "limits below everything": ("kexec -c --mem-max=0x800000 -l /kernels/7.x", 255,
                                "must lie at or above 0x1000000, and nothing may lie at or above "
                                "0x800000"),
    "an address that is none": ("kexec --mem-min=low -l /kernels/7.x", 1, '"low" is no address'),
    "unload with a kernel": ("kexec -u /kernels/7.x", 1, "--unload"),
    "exec with a kernel": ("kexec -e /kernels/7.x", 1, "--exec jumps into what is loaded"),
    "exec with a command line": ("kexec -e --append=quiet", 1, "--append goes with a load"),
    "a symbolic link to itself": ("ln -sf circle /tmp/circle; kexec -l /tmp/circle", 1,
                                  "/tmp/circle: cannot be opened (open: Too many levels"),
    "a path of 4200 characters": ("kexec -l $(printf 'abcde/%.0s' $(seq 700))", 1,
                                  "cannot be opened (open: File name too long)"),
    "the program's own memory": ("kexec -l /proc/self/mem", 1, "/proc/self/mem: the file is empty"),
    "a file of /proc": ("kexec -l /proc/version", 1, "/proc/version: the file is empty"),
    "a socket": ("syslogd; sleep 1; kexec -l /dev/log; r=$?; kill $(pidof syslogd); exit $r", 1,
                 "/dev/log: cannot be opened (open: No such device or address)"),
    "standard input that is a pipe": ("cat /kernels/7.x | kexec -l /proc/self/fd/0", 1,
                                      "/proc/self/fd/0: it is a pipe"),
    "an endless device": ("kexec -l /dev/zero", 1, "/dev/zero: it is a device"),
    "an endless device as an initrd": ("kexec -l /kernels/7.x --initrd=/dev/zero", 1,
                                       "/dev/zero: it is a device"),
    "a pipe as an initrd": ("mkfifo /tmp/pipe2; kexec -s -l /kernels/7.x --initrd=/tmp/pipe2", 1,
                            "/tmp/pipe2: it is a pipe"),
    "a kernel that the user cannot read": (
        "cp /init /tmp/hidden; chmod 0 /tmp/hidden; su user -c 'kexec -s --dry-run -l /tmp/hidden'",
        1, "/tmp/hidden: cannot be opened (open: Permission denied)"),
    "a sparse kernel of 5 GiB": ("truncate -s 5G /tmp/sparse; kexec -c -l /tmp/sparse", 255,
                                 "nothing but zeros"),
    "a sparse initrd of 5 GiB": (
        "truncate -s 5G /tmp/sparse; kexec -c -l /kernels/7.x --initrd=/tmp/sparse", 255,
        "initrd: it needs 5242880 KiB"),
    "a sparse initrd of 5 GiB by file": (
        "truncate -s 5G /tmp/sparse; kexec -s -l /kernels/7.x --initrd=/tmp/sparse", 255,
        "it has 5120 MiB, and kexec_file_load takes at most 4096 of a file"),
    "a kernel without kexec_file_load, -s": (
        "without-kexec file kexec -s -l /kernels/7.x", 253,
        "it was built without this call (kexec_file_load: Function not implemented)\n"
        "  next: leave -s out, so that kexec_load is tried"),
    "a kernel without kexec_load, -c": (
        "without-kexec load kexec -c -l /kernels/7.x", 255,
        "it was built without this call (kexec_load: Function not implemented)\n"
        "  next: leave -c out, so that kexec_file_load is tried"),
    "a kernel without kexec, unload": (
        "without-kexec both kexec -u", 255,
        "it was built without this call (unload: Function not implemented)"),
    "larger than half of the memory": (
        "truncate -s 600M /tmp/large; kexec -c -l /kernels/7.x --initrd=/tmp/large", 255,
        "half of the memory"),
}


@pytest.fixture(scope="module")
def guest(guest_factory, kernels, program):
    """A guest with a good kernel loaded, an initrd, and an unprivileged user."""
    image = archive(program, [kernels("6.12"), kernels("7.x")])
    image.file("/etc/passwd", "root:x:0:0::/:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n")
    image.file("/etc/group", "root:x:0:\nuser:x:1000:\n")
    image.file("/dummy.ko", kernels("6.12").module("dummy"))
    for tool in "at-call", "without-kexec":
        image.program(program.parent / "tests" / tool, f"/bin/{tool}")
    guest = guest_factory(kernels("6.12"), image, cmdline="quiet norandmaps", memory="1G")
    guest.run("echo /init | cpio -o -H newc >/tmp/initrd.cpio; chmod 1777 /tmp; chmod 755 /; "
              "mkdir /tmp/small && cp -a /bin /sbin /lib* /init /lab /dummy.ko /tmp/small/ && "
              "cd /tmp/small && mkdir proc sys dev tmp run && cp -a /dev/console /dev/null dev/ && "
              "find . | cpio -o -H newc >/tmp/good.cpio && rm -r /tmp/small", check=True)
    load_good_kernel(guest)
    return guest


def load_good_kernel(guest):
    """Loads what must still be loaded after each row."""
    guest.run(f"{LOAD_GOOD} && sha256sum /run/kexec/loaded.json >/tmp/good", check=True)


def good_kernel_is_loaded(guest):
    """Whether the record is that of the good kernel, and the kernel says that one is loaded."""
    return loaded(guest) and guest.run("sha256sum -c /tmp/good").rc == 0


@pytest.mark.parametrize("row", ROWS)
def test_bad_input(guest, row):
    command, code, message = ROWS[row]
    result = guest.run(command)
    assert message in result.out
    assert result.rc == code
    assert len(result.out.splitlines()) <= 3
    assert good_kernel_is_loaded(guest)


@pytest.mark.parametrize("method", COMMAND_LINE_MAX)
def test_the_longest_command_line_loads_and_one_more_character_is_refused(guest, method):
    limit = COMMAND_LINE_MAX[method]
    words = "x" * limit
    assert guest.run(f"kexec {method} -l /kernels/6.12 --command-line={words}").out == ""
    result = guest.run(f"kexec {method} -l /kernels/6.12 --command-line={words}y")
    assert result.rc == 255
    assert f"has {limit + 1} characters" in result.out and f"at most {limit} by" in result.out
    assert loaded(guest)


def test_status_codes_are_those_of_the_peer(guest):
    assert guest.run("kexec -l -S").rc == 1
    assert guest.run("kexec --status").rc == 0  # the crash image: there is none
    guest.run("kexec -u", check=True)
    try:
        assert guest.run("kexec -S -l").rc == 0
        assert guest.run("mount -t tmpfs none /sys && kexec -l -S; r=$?; umount /sys; exit $r"
                         ).rc == 255
    finally:
        load_good_kernel(guest)


def test_a_dry_run_changes_nothing(guest):
    guest.run("kexec -u", check=True)
    for method in "-c", "-s", "-a", "":
        plan = guest.run(f"kexec --dry-run {method} -l /kernels/7.x --initrd=/tmp/initrd.cpio "
                         "--append=quiet", check=True).out
        assert "command line: quiet" in plan
        assert not loaded(guest)
    load_good_kernel(guest)


def test_options_without_effect_are_one_warning_line(guest):
    result = guest.run("kexec -s -i --elf64-core-headers -l /kernels/6.12", check=True)
    assert result.out.splitlines() == [
        "kexec: warning: --elf64-core-headers has no effect on this machine",
        "kexec: warning: -i has no effect with kexec_file_load: what is checked is the running "
        "kernel's affair",
    ]


def test_exec_refuses_when_nothing_is_loaded(guest):
    guest.run("kexec -u", check=True)
    result = guest.run("kexec -e")
    assert result.rc == 1
    assert "no kernel is loaded" in result.out
    load_good_kernel(guest)


def test_exec_without_sys_takes_interfaces_down_and_reports(guest):
    """Where /sys cannot be read, reboot(2) is called and its answer reported.

    An interface that went down and came up again has lost its route through a gateway; -x leaves it.
    """
    guest.run("kexec -u && insmod /dummy.ko && ip link set dummy0 up && "
              "ip address add 10.9.9.1/24 dev dummy0 && ip route add 10.8.0.0/16 via 10.9.9.2",
              check=True)
    without_sys = "mount -t tmpfs none /sys; kexec -e {}; r=$?; umount /sys; exit $r"
    try:
        result = guest.run(without_sys.format("-x -y"))
        assert result.rc == 255
        assert "did not jump: nothing is loaded" in result.out
        assert "10.8.0.0/16" in guest.run("ip route").out
        result = guest.run(without_sys.format(""))
        assert result.rc == 255
        assert "dummy0 was taken down for the jump and is up again" in result.out
        assert "10.8.0.0/16" not in guest.run("ip route").out
        assert ",UP" in guest.run("ip -o link show dummy0").out
    finally:
        load_good_kernel(guest)


def test_exec_on_a_kernel_without_kexec_leaves_the_network_alone(guest):
    """/sys/kernel without kexec_loaded is such a kernel; a folder stands in for its /sys."""
    result = guest.run("mount -t tmpfs none /sys && mkdir /sys/kernel; kexec -e; r=$?; "
                       "umount /sys; exit $r")
    assert result.rc == 255
    assert "the running kernel has no kexec" in result.out
    assert "dummy0" not in result.out
    assert loaded(guest)


@pytest.mark.parametrize("flag, first", [("", "kexec_load"), ("-a", "kexec_file_load")])
def test_a_kernel_without_kexec_is_told_with_both_errors(guest, flag, first):
    result = guest.run(f"without-kexec both kexec {flag} -l /kernels/7.x")
    assert result.rc == 255
    lines = result.out.splitlines()
    assert len(lines) == 4
    assert f"({first}: Function not implemented)" in lines[0]
    assert lines[1].startswith("kexec: then: ") and "Function not implemented" in lines[1]
    assert "next: the running kernel has no kexec at all" in lines[2]
    assert "what was loaded before is still loaded" in lines[3]
    assert good_kernel_is_loaded(guest)


@pytest.mark.parametrize("lacks, flag, words", [
    ("load", "", "kexec_load failed (Function not implemented), so it was loaded by "
                 "kexec_file_load, because the running kernel has no kexec_load"),
    ("file", "-a", "kexec_file_load failed (Function not implemented), so it was loaded by "
                   "kexec_load, because -a allows it"),
    ("file", "", None),
    ("file", "-c", None),
    ("load", "-s", None),
])
def test_a_kernel_with_one_of_the_calls_loads_by_that(guest, lacks, flag, words):
    try:
        guest.run("kexec -u", check=True)
        result = guest.run(f"without-kexec {lacks} kexec {flag} -l /kernels/7.x", check=True)
        assert words in result.out if words else result.out == ""
        assert loaded(guest)
        guest.run(f"without-kexec {lacks} kexec -u", check=True)
        assert not loaded(guest)
    finally:
        load_good_kernel(guest)


# A file changes while the program stands at a system call: the method, which file, when, how, the
# exit code, what is said, and whether a kernel is loaded afterwards.
CHANGED = "was changed while it was being loaded"
KEPT, DROPPED = "now: what was loaded before is still loaded", "now: no kernel is loaded"
CHANGES = {
    "kernel cut before the call": ("-c", "k", "entry", "truncate -s 2000000 /tmp/k", 255,
                                   (CHANGED, DROPPED)),  # it was unpacked before
    "kernel cut before the call, plain": ("-c --plain", "k", "entry",
                                          "truncate -s 2000000 /tmp/k", 255,
                                          (CHANGED, "bytes of the kernel or an initrd could not "
                                           "be read", KEPT)),
    "initrd cut before the call": ("-c", "i", "entry", "truncate -s 100 /tmp/i", 255,
                                   (CHANGED, "Bad address", KEPT)),
    "kernel cut before the call, by file": ("-s", "k", "entry", "truncate -s 500 /tmp/k", 255,
                                            (CHANGED, "Exec format error", KEPT)),
    "initrd cut before the call, by file": ("-s", "i", "entry", "truncate -s 100 /tmp/i", 255,
                                            (CHANGED, DROPPED)),
    "initrd emptied, by file": ("-s", "i", "entry", ": >/tmp/i", 255, (CHANGED, KEPT)),
    "kernel cut, with a fall-back allowed": ("-a", "k", "entry", "truncate -s 500 /tmp/k", 255,
                                             (CHANGED, "Exec format error", KEPT)),
    "kernel rewritten": ("-c", "k", "entry", "dd if=/kernels/6.12 of=/tmp/k conv=notrunc bs=1M "
                         "2>/dev/null", 255, (CHANGED, DROPPED)),
    "kernel rewritten, by file": ("-s", "k", "entry", "cat /kernels/6.12 >/tmp/k", 255,
                                  (CHANGED, DROPPED)),
    "initrd grows": ("-c", "i", "entry", "echo more >>/tmp/i", 255, (CHANGED, DROPPED)),
    "initrd touched behind the call": ("-c", "i", "exit", "touch /tmp/i", 255, (CHANGED, DROPPED)),
    "kernel replaced": ("-c", "k", "entry", "cp /kernels/6.12 /tmp/n && mv /tmp/n /tmp/k", 0, ()),
    "kernel replaced, by file": ("-s", "k", "entry", "cp /kernels/6.12 /tmp/n && mv /tmp/n /tmp/k",
                                 0, ()),
    "initrd removed": ("-s", "i", "entry", "rm /tmp/i", 0, ()),
}


@pytest.mark.parametrize("row", CHANGES)
def test_files_that_change_while_they_are_loaded(guest, row):
    """What is said of the state is true; that a file is replaced or removed is no failure."""
    method, _, when, change, code, words = CHANGES[row]
    call = "kexec_load" if method.startswith("-c") else "kexec_file_load"
    guest.run("cp /kernels/7.x /tmp/k; cp /tmp/good.cpio /tmp/i; sleep 0.1", check=True)
    try:
        result = guest.run(f"at-call {when} {call} '{change}' "
                           f"kexec {method} -l /tmp/k --initrd=/tmp/i --command-line=changes")
        assert result.rc == code, result.out
        for part in words:
            assert part in result.out
        assert loaded(guest) == (DROPPED not in words)
        if KEPT in words:
            assert good_kernel_is_loaded(guest)
        else:
            assert guest.run("ls -A /run/kexec").out.split() == (
                ["lock"] if words else ["loaded.json", "lock"])
        if not words:
            record = json.loads(guest.run("cat /run/kexec/loaded.json", check=True).out)
            assert record["command_line"] == "changes"
    finally:
        load_good_kernel(guest)


def test_a_kernel_on_a_full_file_system_loads(guest):
    guest.run("mkdir -p /tmp/full && mount -t tmpfs -o size=16m none /tmp/full && "
              "cp /kernels/6.12 /tmp/full/k && ! cat /dev/zero >/tmp/full/filler", check=True)
    try:
        for method in "-c", "-s":
            guest.run("kexec -u", check=True)
            assert guest.run(f"kexec {method} -l /tmp/full/k", check=True).out == ""
            assert loaded(guest)
    finally:
        guest.run("umount /tmp/full", check=True)
        load_good_kernel(guest)


# What is done to a file system over /run/kexec, which has a record; the warning of a load, and of
# an unload; and whether the record, which then is wrong, is still there.
PLACES = {
    "full": ("cat /dev/zero >/run/kexec/filler", "No space left on device", "", False),
    "without inodes": ("i=0; while touch /run/kexec/$i; do i=$((i + 1)); done",
                       "No space left on device", "", False),
    "read-only": ("mount -o remount,ro /run/kexec", "Read-only file system",
                  "no longer loaded (remove record: Read-only file system)", True),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_record_that_cannot_be_written_prevents_no_load_and_does_not_outlive_it(guest, place):
    spoil, of_load, of_unload, stays = PLACES[place]
    mount = ("mkdir -p /tmp/keep && cp /run/kexec/loaded.json /tmp/keep/ && "
             "mount -t tmpfs -o size=64k,nr_inodes=8 none /run/kexec && "
             "cp /tmp/keep/loaded.json /run/kexec/")
    try:
        guest.run(f"{mount} && {{ {spoil}; }} 2>/dev/null; true", check=True)
        refused = guest.run("kexec -c -l /kernels/7.x --append=$(printf %03000d 0)")
        assert refused.rc == 255
        assert "now: what was loaded before is still loaded" in refused.out
        assert guest.run("cmp /run/kexec/loaded.json /tmp/keep/loaded.json").rc == 0
        result = guest.run("kexec -c -l /kernels/7.x", check=True)
        assert "kexec: warning: /run/kexec/loaded.json: what was loaded is not recorded" in result.out
        assert of_load in result.out
        assert loaded(guest)
        assert (guest.run("ls /run/kexec/loaded.json").rc == 0) == stays
        assert guest.run("ls /run/kexec/loading.json").rc != 0
        result = guest.run("kexec -u", check=True)
        assert of_unload in result.out if of_unload else result.out == ""
        assert not loaded(guest)
    finally:
        guest.run("umount /run/kexec", check=True)
        load_good_kernel(guest)


def test_who_waits_for_another_load_is_told_for_which(guest):
    result = guest.run(
        "at-call entry kexec_load 'sleep 3' kexec -c -l /kernels/7.x & sleep 1; "
        "holder=$(pidof kexec); kexec -s -l /kernels/6.12; a=$?; wait $!; echo $a $? $holder",
        timeout=120)
    *said, end = result.out.splitlines()
    first, second, holder = end.split()
    assert said == [f"kexec: another kexec (process {holder}) loads or unloads a kernel now; "
                    "waiting until it has finished"]
    assert (first, second) == ("0", "0")
    load_good_kernel(guest)


def test_a_killed_load_leaves_no_lock(guest):
    killed = guest.run("at-call entry kexec_load 'kill -9 $(pidof kexec)' kexec -c -l /kernels/7.x")
    assert killed.rc == 128 + 9
    result = guest.run("kexec -c -l /kernels/7.x", check=True)
    assert result.out == ""
    load_good_kernel(guest)


def test_two_loads_at_once_both_succeed(guest):
    result = guest.run("kexec -c -l /kernels/7.x & kexec -s -l /kernels/6.12; a=$?; wait $!; "
                       "echo $a $?")
    # Who waits for more than a second says so.
    assert re.fullmatch(r"(kexec: another kexec \(process \d+\) loads .*\n)?0 0\n", result.out)
    assert loaded(guest)


def test_the_good_kernel_is_the_one_that_starts(guest, kernels):
    load_good_kernel(guest)
    guest.run("kexec -c -l /init; kexec -s -l /nowhere; kexec -c -l /kernels/7.x --initrd=/tmp")
    assert good_kernel_is_loaded(guest)
    guest.handover("kexec -e")
    assert guest.booted.release == kernels("6.12").release
    assert guest.run("cat /proc/cmdline").out.strip() == GOOD_WORDS
