"""`kexec reboot`: what it refuses, what it starts, and that the machine then jumps or does not.

The guests have no init system, so shutdown and systemctl are scripts that say how they were called,
and jump where a test wants it, as the real ones would at their end.
"""

import json

import pytest

from kexec_guest import QUIET, archive, loaded, pack, sha256

RECORDER = """#!/bin/sh
echo "$0 $* auto=$SYSTEMCTL_SKIP_AUTO_KEXEC" >>/tmp/called
echo "words of the shutdown program"
[ -e /tmp/jump ] && exec kexec -e -x -y
exit 0
"""
SHUTDOWN = "/sbin/shutdown -r now auto=\n"
EFIVARS = "/sys/firmware/efi/efivars"
GLOBAL = "8be4df61-93ca-11d2-aa0d-00e098032b8c"


def guest_archive(program, kernels, module=None):
    image = archive(program, [kernels("6.12"), kernels("7.x")])
    image.file("/sbin/shutdown", RECORDER, 0o755)
    image.file("/etc/init.d/kexec", "")
    image.file("/usr/bin/fake-systemctl", RECORDER, 0o755)
    if module:
        image.file("/efivarfs.ko", kernels("6.12").module("efivarfs"))
    return image


def called(guest):
    """How the shutdown programs were called since the last time."""
    return guest.run("cat /tmp/called; rm -f /tmp/called").out.replace(
        "cat: can't open '/tmp/called': No such file or directory\n", "")


def load(guest, kernel, command_line=QUIET):
    guest.run("test -e /tmp/next.cpio || /lab/pack /tmp/next.cpio", check=True)
    guest.run(f"kexec load /kernels/{kernel} --initrd=/tmp/next.cpio "
              f"--command-line='{command_line}'", check=True)


def report(guest, options, rc=0):
    """Runs it with --json: stdout is one object, whatever the shutdown program prints."""
    done = guest.run(f"kexec reboot --json {options} 2>/dev/null")
    assert done.rc == rc, done.out
    found = json.loads(done.out)
    assert (found["schema"], found["verb"], found["exit_code"]) == ("kexec", "reboot", rc)
    return found


class TestWithoutSystemd:
    @pytest.fixture(scope="class")
    def guest(self, guest_factory, kernels, program):
        """A guest started by its BIOS, with shutdown(8)."""
        return guest_factory(kernels("6.12"), guest_archive(program, kernels), cmdline="quiet",
                             memory="1536M")

    @pytest.mark.parametrize("options", ["", "--now", "--skip-firmware"])
    def test_nothing_loaded_nothing_done(self, guest, options):
        done = guest.run(f"kexec reboot {options}")
        assert done.rc == 4
        assert "cannot reboot: no kernel is loaded" in done.out
        assert report(guest, options, rc=4)["errors"][0]["kind"] == "not-loaded"
        assert called(guest) == ""

    def test_cold_with_nothing_loaded(self, guest):
        found = report(guest, "--cold")
        assert not found["changed"] and found["reboot"]["way"] == "firmware"
        assert called(guest) == SHUTDOWN

    @pytest.mark.parametrize("options", ["", "--now", "--cold"])
    def test_a_container_does_not_go_down_for_the_machine(self, guest, options):
        load(guest, "7.x")
        done = guest.run(f"unshare -p -f kexec reboot {options}")
        assert done.rc == 11
        assert "(a container)" in done.out and "  next: run it on the machine itself" in done.out
        assert called(guest) == "" and loaded(guest)
        guest.run("kexec unload", check=True)

    def test_shutdown_is_called_once_and_what_is_loaded_stays(self, guest):
        load(guest, "7.x")
        done = guest.run("kexec reboot", check=True)
        assert done.out.endswith(", by /sbin/shutdown\nwords of the shutdown program\n")
        assert done.out.startswith("reboot: into Linux ") and "warning" not in done.out
        assert called(guest) == SHUTDOWN
        assert loaded(guest)

    def test_the_report_is_complete_before_the_shutdown(self, guest, kernels):
        found = report(guest, "")
        assert not found["changed"] and found["errors"] == [] and found["warnings"] == []
        assert found["reboot"] == {"way": "shutdown", "release": kernels("7.x").release,
                                   "command": ["/sbin/shutdown", "-r", "now"]}
        assert called(guest) == SHUTDOWN

    def test_changed_files_and_a_newer_kernel_are_warnings(self, guest):
        guest.run("mkdir -p /boot && cp /kernels/6.12 /boot/vmlinuz-99.1-test && "
                  "cp /kernels/6.12 /boot/vmlinuz-3.2 && cp /tmp/next.cpio /tmp/kept && "
                  "echo more >>/tmp/next.cpio", check=True)
        done = guest.run("kexec reboot", check=True)
        assert "warning: /tmp/next.cpio: it has changed since it was loaded\n" in done.out
        assert "warning: /boot/vmlinuz-99.1-test: this kernel is newer than Linux" in done.out
        found = report(guest, "")
        assert [each["kind"] for each in found["warnings"]] == ["changed", "changed"]
        assert found["reboot"]["newer_kernel"] == {"path": "/boot/vmlinuz-99.1-test",
                                                   "release": "99.1-test"}
        # The same bytes again: only the digest can tell.
        guest.run("cp /tmp/kept /tmp/next.cpio && rm /tmp/kept /boot/vmlinuz-99.1-test", check=True)
        assert report(guest, "")["warnings"] == []
        assert called(guest) == 3 * SHUTDOWN

    def test_without_a_shutdown_program_all_stays_as_it_is(self, guest):
        guest.run("mv /sbin/shutdown /sbin/gone", check=True)
        done = guest.run("kexec reboot")
        assert done.rc == 3
        assert "the kernel is still loaded, and `kexec reboot --now` jumps" in done.out
        assert guest.run("kexec reboot --cold").rc == 3
        assert loaded(guest)
        guest.run("printf 'no program' >/sbin/shutdown; chmod +x /sbin/shutdown", check=True)
        done = guest.run("kexec reboot")
        assert done.rc == 3
        assert "could not be started (start shutdown: Exec format error)" in done.out
        guest.run("mv /sbin/gone /sbin/shutdown", check=True)
        assert loaded(guest)

    def test_under_systemd_systemctl_is_called(self, guest):
        guest.run("mkdir -p /run/systemd/system && mv /usr/bin/fake-systemctl /usr/bin/systemctl",
                  check=True)
        found = report(guest, "")
        assert found["reboot"]["way"] == "systemctl kexec"
        assert called(guest) == "/usr/bin/systemctl --no-block --no-ask-password kexec auto=\n"
        assert loaded(guest)

    def test_under_systemd_a_cold_reboot_never_jumps(self, guest):
        found = report(guest, "--cold")
        assert found["changed"] and found["reboot"]["way"] == "firmware"
        assert called(guest) == "/usr/bin/systemctl --no-block --no-ask-password reboot auto=1\n"
        assert not loaded(guest)
        assert guest.run("test -e /run/kexec/loaded.json").rc == 1
        guest.run("rm -r /run/systemd", check=True)

    def test_cold_unloads_and_shuts_down(self, guest):
        load(guest, "7.x")
        assert report(guest, "--cold")["changed"]
        assert called(guest) == SHUTDOWN
        assert not loaded(guest)

    def test_shutdown_ends_in_the_jump(self, guest, kernels):
        proof = pack(guest)
        load(guest, "7.x", f"{QUIET} by=shutdown")
        guest.run("touch /tmp/jump", check=True)
        guest.handover("kexec reboot")
        assert guest.booted.release == kernels("7.x").release
        assert guest.run("cat /proc/cmdline").out.strip() == f"{QUIET} by=shutdown"
        assert sha256(guest, "/proof") == proof

    def test_now_jumps_without_one(self, guest, kernels):
        load(guest, "6.12", f"{QUIET} by=now")
        guest.run("rm /sbin/shutdown", check=True)
        guest.handover("kexec reboot --now")
        assert guest.booted.release == kernels("6.12").release
        assert guest.run("cat /proc/cmdline").out.strip() == f"{QUIET} by=now"


class TestWorkForTheFirmware:
    @pytest.fixture(scope="class")
    def guest(self, guest_factory, kernels, program):
        """A UEFI guest; efivarfs is not mounted yet."""
        guest = guest_factory(kernels("6.12"), guest_archive(program, kernels, "efivarfs"),
                              cmdline="quiet", memory="1536M", uefi=True)
        load(guest, "7.x")
        return guest

    def set_variable(self, guest, name, value):
        guest.run(f"printf '\\7\\0\\0\\0{value}' >{EFIVARS}/{name}-{GLOBAL}", check=True)

    def test_unreadable_variables_are_a_warning(self, guest):
        done = guest.run("kexec reboot", check=True)
        assert f"warning: {EFIVARS}: whether work waits for the firmware" in done.out
        assert called(guest) == SHUTDOWN

    def test_no_work_no_word(self, guest):
        guest.run(f"insmod /efivarfs.ko && mount -t efivarfs efivarfs {EFIVARS}", check=True)
        assert report(guest, "")["warnings"] == []
        assert called(guest) == SHUTDOWN

    def test_boot_next_stops_it(self, guest):
        self.set_variable(guest, "BootNext", "\\1\\0")
        for options in "", "--now":
            done = guest.run(f"kexec reboot {options}")
            assert done.rc == 16
            assert "the choice of the next boot (Boot0001)" in done.out
            assert "--cold lets the firmware do it; --skip-firmware goes on" in done.out
        assert report(guest, "", rc=16)["errors"][0]["kind"] == "risky"
        assert called(guest) == ""
        assert loaded(guest)
        guest.run(f"rm {EFIVARS}/BootNext-{GLOBAL}", check=True)

    def test_os_indications_stop_it(self, guest):
        self.set_variable(guest, "OsIndications", "\\1\\0\\0\\0\\0\\0\\0\\0")
        done = guest.run("kexec reboot")
        assert done.rc == 16
        assert "a visit to its setup screen" in done.out
        assert called(guest) == ""

    def test_cold_lets_the_firmware_do_it(self, guest):
        assert report(guest, "--cold")["warnings"] == []
        assert called(guest) == SHUTDOWN
        assert not loaded(guest)

    def test_skip_firmware_goes_on(self, guest, kernels):
        load(guest, "7.x")
        found = report(guest, "--skip-firmware")
        assert [each["kind"] for each in found["warnings"]] == ["risky"]
        assert called(guest) == SHUTDOWN
        guest.handover("kexec reboot --now --skip-firmware")
        assert guest.booted.release == kernels("7.x").release
