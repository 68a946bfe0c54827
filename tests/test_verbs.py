"""The verbs in a guest: what `kexec status` says after everything that can have happened.

The kernels are tiny, but for the one that is jumped into.
"""

import json

import pytest

from kexec_guest import QUIET, archive, loaded, pack
from small_kernel import small_kernel

A, B, INITRD = "/tmp/a", "/tmp/b", "/tmp/initrd"
LOAD_A = f"kexec load {A} --initrd={INITRD} --command-line=one"
PENDING, RECORD, NEXT = "/run/kexec/loading.json", "/run/kexec/loaded.json", "/var/lib/kexec/loaded.json"


@pytest.fixture(scope="module")
def shared(guest_factory, kernels, program):
    """A guest with two tiny kernels, an initrd, and a /var/lib."""
    image = archive(program, [kernels("6.12")])
    image.program(program.parent / "tests" / "at-call", "/bin/at-call")
    image.file("/small", small_kernel())
    return guest_factory(kernels("6.12"), image, cmdline="quiet norandmaps", memory="1G")


@pytest.fixture
def guest(shared):
    """The guest with nothing loaded and the files as they were."""
    shared.run(f"kexec unload; cp /small {A}; cp /small {B}; echo 070701 >{INITRD}; "
               f"rm -f {NEXT}; mkdir -p /var/lib", check=True)
    return shared


def run(guest, verb):
    """A verb's report as JSON; it must have succeeded."""
    done = guest.run(f"{verb} --json 2>/tmp/err", check=True)
    report = json.loads(done.out)
    assert report["exit_code"] == 0 and report["errors"] == []
    return report


def status(guest):
    """The detail of `kexec status --json`."""
    report = run(guest, "kexec status")
    assert report["changed"] is False
    return report["status"]


def normal(guest):
    """What status says of the normal image: the record's state and the image, if it is known."""
    found = status(guest)["normal"]
    return found["loaded"], found["record"], found["image"]


def hidden(command):
    """The command as another tool's: it knows of no record, and leaves none."""
    return f"mount -t tmpfs none /run/kexec && {{ {command}; umount /run/kexec; }}"


def test_nothing_is_loaded(guest):
    assert normal(guest) == (False, "none", None)
    assert status(guest)["crash"] == {"loaded": False, "record": "none", "image": None, "reserved": 0,
                                      "reserved_low": 0, "used": 0, "free": 0}
    lines = guest.run("kexec status", check=True).out.splitlines()
    assert lines[0].split() == ["normal", "image", "none"]
    assert any(line.startswith("reboot         goes through the firmware, because nothing is loaded")
               for line in lines)


def test_what_is_loaded_is_told_file_by_file(guest):
    assert run(guest, LOAD_A)["changed"] is True
    boot_id = guest.run("cat /proc/sys/kernel/random/boot_id").out.strip()
    is_loaded, record, image = normal(guest)
    assert (is_loaded, record) == (True, "confirmed")
    assert [(file["role"], file["path"], file["state"]) for file in image["files"]] == [
        ("kernel", A, "unchanged"), ("initrd", INITRD, "unchanged")]
    assert image["command_line"] == "one"
    assert (image["method"], image["boot_id"], image["loaded_by_uid"]) == ("segments", boot_id, 0)
    text = guest.run("kexec status", check=True).out
    for line in (f"\n\nROLE      SIZE STATE     FILE\nkernel 8.0 KiB unchanged {A}\n",
                 f"\ninitrd 7 bytes unchanged {INITRD}\n", "  command line one\n",
                 "  method       kexec_load, because it gives the shortest blackout\n",
                 " UTC by uid 0, process "):
        assert line in text
    guest.run(f"test $(stat -c %a {RECORD} {NEXT} | sort -u) = 600 && cmp {RECORD} {NEXT}", check=True)


def test_an_unload_leaves_no_record(guest):
    guest.run(f"{LOAD_A} && kexec unload", check=True)
    assert normal(guest) == (False, "none", None)
    assert guest.run(f"ls {RECORD} {NEXT}").rc != 0
    assert run(guest, "kexec unload")["changed"] is False


def test_a_replaced_kernel_is_seen(guest):
    guest.run(f"{LOAD_A}; echo more >>{A}; rm {INITRD}", check=True)
    _, record, image = normal(guest)
    assert record == "confirmed"
    assert [file["state"] for file in image["files"]] == ["changed", "gone"]
    text = guest.run("kexec status", check=True).out
    assert f" changed {A}\n" in text and f" gone    {INITRD}\n" in text


def test_if_changed_loads_only_what_has_changed(guest):
    command = f"{LOAD_A} --if-changed"
    assert run(guest, command)["changed"] is True
    record = guest.run(f"sha256sum {RECORD}").out
    assert run(guest, command)["changed"] is False
    assert guest.run(command, check=True).out == f"unchanged: {A} is loaded already\n"
    guest.run(f"cp {A} /tmp/again && mv /tmp/again {A}", check=True)  # a new file, the same bytes
    assert run(guest, command)["changed"] is False
    assert guest.run(f"sha256sum {RECORD}").out == record
    for change in (f"echo 070701 more >{INITRD}", f"kexec load {B}", "kexec unload",
                   hidden("kexec -u")):
        guest.run(change, check=True)
        assert run(guest, command)["changed"] is True, change
        assert run(guest, command)["changed"] is False, change
    for other in ("-c", "-i", "--add=two", "--initrd=/tmp/b"):
        assert run(guest, f"{command} {other}")["changed"] is True, other
    assert run(guest, LOAD_A)["changed"] is True
    assert run(guest, LOAD_A)["changed"] is True


def test_another_tool_has_loaded_or_unloaded(guest):
    guest.run(hidden(f"kexec -c -l {B}"), check=True)
    assert normal(guest) == (True, "missing", None)
    assert "loaded by another tool" in guest.run("kexec status", check=True).out
    guest.run(LOAD_A, check=True)
    guest.run(hidden("kexec -u"), check=True)
    assert normal(guest) == (False, "stale", None)
    assert "something else has unloaded" in guest.run("kexec status", check=True).out


def test_an_interrupted_load_is_unconfirmed_and_one_under_way_is_told_from_it(guest):
    guest.run(LOAD_A, check=True)
    seen = guest.run("at-call exit kexec_load 'kexec status --json >/tmp/seen' "
                     f"kexec -c -l {B} && cat /tmp/seen", check=True)
    assert json.loads(seen.out)["status"]["normal"]["record"] == "under-way"
    assert normal(guest)[1] == "confirmed"
    guest.run(f"at-call exit kexec_load 'kill -9 $(pidof kexec)' kexec -c -l {A}")
    assert normal(guest) == (True, "interrupted", None)
    assert "was interrupted" in guest.run("kexec status", check=True).out
    assert run(guest, f"{LOAD_A} --if-changed")["changed"] is True
    assert normal(guest)[1] == "confirmed"


def test_two_loads_at_the_same_time(guest):
    both = "{} --json >/tmp/1 & {} --json >/tmp/2; wait; cat /tmp/1; echo ,; cat /tmp/2"
    for options, expected in (("", [True, True]), ("--if-changed", [False, True])):
        guest.run("kexec unload", check=True)
        commands = (f"{LOAD_A} {options}", f"{LOAD_A} {options}")
        reports = json.loads("[" + guest.run(both.format(*commands), check=True).out + "]")
        assert sorted(report["changed"] for report in reports) == expected
        assert normal(guest)[1] == "confirmed"
    guest.run(both.format(f"kexec load {A}", f"kexec load {B}"), check=True)
    _, record, image = normal(guest)
    assert record == "confirmed" and image["files"][0]["path"] in (A, B)


@pytest.mark.parametrize("place", ["read-only", "full"])
def test_a_run_that_takes_no_record_prevents_nothing(guest, place):
    spoil = {"read-only": "mount -o remount,ro /run/kexec",
             "full": "cat /dev/zero >/run/kexec/filler"}[place]
    guest.run(f"mount -t tmpfs -o size=16k none /run/kexec; {spoil} 2>/dev/null; true", check=True)
    try:
        report = run(guest, LOAD_A)
        assert report["changed"] is True and len(report["warnings"]) == 1
        assert "is not recorded" in guest.run("cat /tmp/err").out
        assert normal(guest) == (True, "missing", None)
        assert run(guest, f"{LOAD_A} --if-changed")["changed"] is True
        assert run(guest, "kexec unload")["changed"] is True
        assert normal(guest) == (False, "none", None)
    finally:
        guest.run("umount /run/kexec", check=True)


def test_without_a_run_folder(guest):
    root = "/tmp/root"
    guest.run(f"mkdir -p {root}/proc {root}/sys {root}/tmp && cp -a /bin /sbin /lib* {root}/ && "
              f"cp {A} {INITRD} {root}/tmp/ && mount -t proc none {root}/proc && "
              f"mount -t sysfs none {root}/sys", check=True)
    try:
        for command in (LOAD_A, f"{LOAD_A} --if-changed"):
            report = json.loads(guest.run(f"chroot {root} {command} --json 2>/dev/null", check=True).out)
            assert report["changed"] is True and len(report["warnings"]) == 1
        report = json.loads(guest.run(f"chroot {root} kexec status --json", check=True).out)
        assert report["status"]["normal"] == {"loaded": True, "record": "missing", "image": None}
        assert loaded(guest)
        guest.run(f"chroot {root} kexec unload", check=True)
    finally:
        guest.run(f"umount {root}/proc {root}/sys && rm -r {root}", check=True)


@pytest.mark.parametrize("spoil", ["mount -t tmpfs -o ro none /var/lib",
                                   "mount -t tmpfs -o nr_inodes=1 none /var/lib"])
def test_a_var_that_takes_no_copy_is_said_with_d_alone(guest, spoil):
    guest.run(spoil, check=True)
    try:
        assert run(guest, LOAD_A)["warnings"] == []
        assert guest.run("cat /tmp/err").out == ""
        assert normal(guest)[1] == "confirmed"
        report = run(guest, f"{LOAD_A} -d")
        assert [warning["subject"] for warning in report["warnings"]] == [NEXT]
    finally:
        guest.run("umount /var/lib", check=True)


def test_streams_that_are_closed_are_not_taken_for_files(guest):
    """What is printed would else end up in the lock, whose file has the number of stderr then."""
    done = guest.run(f"{LOAD_A} -c -d >&- 2>&-")
    assert done.rc == 3  # what was asked to be printed was not
    assert loaded(guest)
    assert guest.run("cat /run/kexec/lock").out.strip().isdigit()
    assert guest.run(f"{LOAD_A} --initrd-file=/dev/fd/0:/key <&-").rc == 3


def test_what_a_reboot_would_do(guest):
    guest.run(LOAD_A, check=True)
    assert status(guest)["reboot"] == {"effect": "firmware", "systemd": False, "systemd_version": None}
    library = "/usr/lib/systemd/libsystemd-shared-"
    guest.run(f"mkdir -p /run/systemd/system /run/systemd/seats /usr/lib/systemd; touch {library}254.so", check=True)
    assert status(guest)["reboot"] == {"effect": "firmware", "systemd": True, "systemd_version": 254}
    guest.run(f"touch {library}257.3-1.so", check=True)
    assert status(guest)["reboot"]["effect"] == "jumps"
    assert "reboot         jumps into the kernel that is loaded (systemd 257; to prevent it: " \
           "SYSTEMCTL_SKIP_AUTO_KEXEC=1)" in guest.run("kexec status").out
    guest.run(f"rm {library}*; kexec unload", check=True)
    assert status(guest)["reboot"] == {"effect": "firmware", "systemd": True, "systemd_version": None}
    guest.run("rm -r /run/systemd", check=True)


def test_the_next_kernel_knows_what_started_it(guest):
    """/var/lib/kexec, which an initrd brings along here as a disk would."""
    before = status(guest)
    assert before["start"]["by"] == "boot-loader" and before["start"]["image"] is None
    load = f"kexec load /kernels/6.12 --initrd=/tmp/next.cpio --command-line='{QUIET} next'"
    pack(guest)
    guest.run(load, check=True)
    pack(guest)
    guest.run(load, check=True)
    image = status(guest)["normal"]["image"]
    first = guest.booted
    guest.handover("kexec -e")
    start = status(guest)["start"]
    assert start["by"] == "kexec" and start["bootloader_type"] == 208
    assert start["stamp"]["checked_segments"] == 5
    assert start["image"]["command_line"] == image["command_line"]
    assert start["image"]["boot_id"] == image["boot_id"] != guest.booted.boot_id
    assert start["image"]["running_version"] == first.release
    assert f"started by kexec from Linux {first.release}, where it was loaded " in \
        guest.run("kexec status", check=True).out
    assert normal(guest) == (False, "none", None)
    guest.run(f"kexec load /small && test -e {RECORD}", check=True)
    assert status(guest)["start"] == start
    guest.run("kexec unload", check=True)
    assert status(guest)["start"] == start
