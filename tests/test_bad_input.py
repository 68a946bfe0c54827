"""Bad input: each row is a clear error with its exit code, and what was loaded is still loaded.

All rows share one guest, in which a good kernel was loaded first. The last test jumps into it.
"""

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
    guest = guest_factory(kernels("6.12"), image, cmdline="quiet", memory="1G")
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
    result = guest.run(command, timeout=60)
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


def test_two_loads_at_once_both_succeed(guest):
    result = guest.run("kexec -c -l /kernels/7.x & kexec -s -l /kernels/6.12; a=$?; wait $!; "
                       "echo $a $?", timeout=120)
    assert result.out == "0 0\n"
    assert loaded(guest)


def test_the_good_kernel_is_the_one_that_starts(guest, kernels):
    load_good_kernel(guest)
    guest.run("kexec -c -l /init; kexec -s -l /nowhere; kexec -c -l /kernels/7.x --initrd=/tmp")
    assert good_kernel_is_loaded(guest)
    guest.handover("kexec -e")
    assert guest.booted.release == kernels("6.12").release
    assert guest.run("cat /proc/cmdline").out.strip() == GOOD_WORDS
