"""The laboratory itself: archives, a guest's boot, commands, and the ways in which a guest ends."""

import base64
import os
import subprocess

import pytest

from lab import bench_native, machines
from lab.guest import Guest, GuestError
from lab.initramfs import Initramfs, base


@pytest.fixture(scope="module")
def guest(guest_factory, kernels):
    kernel = kernels("6.1")
    archive = base()
    archive.program("/usr/bin/find", "/usr/bin/gnu-find")
    archive.file("/dummy.ko", kernel.module("dummy"))
    return guest_factory(kernel, archive)


def test_cpio_reads_every_kind_of_member():
    archive = Initramfs()
    archive.file("/a/b/file", "12345", 0o755)
    archive.symlink("/link", "a/b/file")
    archive.node("/dev/null", "c", 1, 3, 0o666)
    listing = subprocess.run(["cpio", "-tv", "--quiet"], input=archive.pack(), check=True,
                             capture_output=True, env={**os.environ, "TZ": "UTC0"})
    assert [" ".join(line.split()) for line in listing.stdout.decode().splitlines()] == [
        "drwxr-xr-x 2 root root 0 Jan 1 1970 a",
        "drwxr-xr-x 2 root root 0 Jan 1 1970 a/b",
        "-rwxr-xr-x 1 root root 5 Jan 1 1970 a/b/file",
        "drwxr-xr-x 2 root root 0 Jan 1 1970 dev",
        "crw-rw-rw- 1 root root 1, 3 Jan 1 1970 dev/null",
        "lrwxrwxrwx 1 root root 8 Jan 1 1970 link -> a/b/file",
    ]


def test_archives_are_deterministic():
    first, second = Initramfs(), Initramfs()
    first.file("/a", "1")
    first.file("/b", "2")
    second.file("/b", "2")
    second.file("/a", "1")
    assert first.pack() == second.pack()


@pytest.mark.parametrize("compress, tool", [("gzip", "gzip"), ("xz", "xz"), ("zstd", "zstd")])
def test_compression_keeps_the_archive(tmp_path, compress, tool):
    archive = base()
    archive.write(tmp_path / "initrd", compress)
    with open(tmp_path / "initrd", "rb") as packed:
        unpacked = subprocess.run([tool, "-dc"], stdin=packed, check=True, capture_output=True)
    assert unpacked.stdout == archive.pack()


def test_the_guest_runs_the_kernel_it_was_given(guest, kernels):
    assert guest.run("uname -r").out.strip() == kernels("6.1").release
    assert "Linux version" in guest.console


def test_status_and_both_outputs_come_back(guest):
    assert guest.run("echo one; echo two >&2; exit 7") == (7, "one\ntwo\n")
    assert guest.run("printf 'no newline'") == (0, "no newline")
    assert guest.run(":") == (0, "")


def test_output_goes_to_no_terminal(guest):
    assert guest.run("test -t 1 || test -t 2").rc == 1


def test_long_output_is_complete(guest):
    expected = "".join(f"{number}\n" for number in range(1, 200_001))
    assert guest.run("seq 1 200000").out == expected


def test_long_command_is_complete(guest):
    text = "".join(f"{number:05}" for number in range(3000))
    assert guest.run(f"echo {text}").out == f"{text}\n"


def test_failed_command_is_an_error_if_asked(guest):
    with pytest.raises(GuestError, match="status 2"):
        guest.run("exit 2", check=True)


def test_kernel_messages_stay_on_the_console(guest):
    since = len(guest.console)
    assert guest.run("echo '<1>for the console' >/dev/kmsg").out == ""
    guest.wait_console("for the console$", since=since)


def test_time_out_shows_the_console(guest):
    with pytest.raises(GuestError, match="did not come in 1 s\n(.*\n)*console: "):
        guest.wait_console("this never comes", timeout=1)


def test_dynamic_program_of_the_host_runs(guest):
    assert "GNU findutils" in guest.run("gnu-find --version", check=True).out


def test_module_of_the_kernel_loads(guest):
    guest.run("insmod /dummy.ko", check=True)
    assert "dummy" in guest.run("lsmod", check=True).out


def test_packed_root_boots(guest, kernels, tmp_path):
    guest.run("echo kept >/tmp/extra; /lab/pack /tmp/root.cpio /tmp/extra", check=True)
    packed = guest.run("gzip -c /tmp/root.cpio | base64", check=True)
    (tmp_path / "initrd").write_bytes(base64.b64decode(packed.out))
    with Guest(kernels("6.1").vmlinuz, tmp_path / "initrd") as second:
        assert second.ready().boot_id != guest.booted.boot_id
        second.run("umount /tmp; grep kept /tmp/extra", check=True)


@pytest.mark.parametrize("name, command, reason", [
    ("6.12", "poweroff -f", "guest-shutdown"),
    ("7.x", "reboot -f", "guest-reset"),
    ("7.x", "echo c >/proc/sysrq-trigger", "guest-reset"),
])
def test_end_has_a_reason(boot, kernels, name, command, reason):
    guest = boot(kernels(name))
    assert guest.booted.release == kernels(name).release
    guest.start(command)
    assert guest.wait_end() == reason


def test_end_in_the_middle_of_a_command_is_an_error(boot, kernels):
    guest = boot(kernels("6.1"))
    with pytest.raises(GuestError, match="QEMU ended with status 0 before the end of 'poweroff"):
        guest.run("poweroff -f")


def test_uefi_guest_has_firmware_services(boot, kernels):
    guest = boot(kernels("6.1"), uefi=True)
    assert guest.run("ls /sys/firmware/efi/systab").rc == 0


def test_guest_runs_with_counted_instructions(boot, kernels):
    guest = boot(kernels("6.1"), icount=True)
    assert guest.run("echo counted").out == "counted\n"


def test_every_two_values_of_a_machine_meet_in_some_hand_over():
    assert machines.missing_pairs() == []
    assert machines.JOURNEYS.keys() == machines.MACHINES.keys()


def test_every_value_of_a_machine_is_tried_in_every_run():
    assert machines.missing_values(
        [name for name, journey in machines.JOURNEYS.items() if not journey.long]) == []


def test_a_pair_that_nothing_proves_is_named():
    """Only this machine has RAM in fragments below a kernel that was loaded above 4 GiB."""
    others = machines.MACHINES.keys() - {"uefi-6G-6.1"}
    assert (("placement", "high"), ("oddity", "fragmented")) in machines.missing_pairs(others)
    assert machines.missing_values(["uefi-6G-6.1"]).count(("memory", "1G")) == 1


def test_each_stage_of_a_load_is_timed(kernels, program, tmp_path):
    """The sizes show that the kernel and the initrd were really unpacked and digested."""
    kernel, archive = kernels("7.x"), base()
    archive.write(tmp_path / "initrd", "zstd")
    for stages in bench_native.measure_stages(
            program.parent, kernel.vmlinuz, tmp_path / "initrd").values():
        assert all(len(stages[stage]["nanoseconds"]) == bench_native.STAGE_RUNS
                   and min(stages[stage]["nanoseconds"]) > 0 for stage in bench_native.STAGES)
        files, unpacked, relocated, initrd, digested = (
            stages[stage]["bytes"] for stage in bench_native.STAGES)
        assert files == sum(path.stat().st_size for path in (kernel.vmlinuz, tmp_path / "initrd"))
        assert initrd == len(archive.pack())
        assert kernel.vmlinuz.stat().st_size < relocated < unpacked
        assert digested == relocated + initrd
