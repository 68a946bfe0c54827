"""`kexec reboot` on a machine whose init system is a real systemd, Debian's."""

import json

import pytest

from kexec_guest import QUIET, loaded, sha256
from kexec_guest import pack as pack_root
from lab import systemd

WITNESS = """#!/bin/sh
echo "WITNESS $1 loaded=$(cat /sys/kernel/kexec_loaded)" >/dev/ttyS0
"""


@pytest.fixture(scope="module")
def guest(guest_factory, kernels, program):
    image = systemd.machine()
    image.file("/usr/sbin/kexec", program, 0o755)
    image.file("/kernel", kernels("7.x").vmlinuz)
    image.file("/usr/lib/systemd/system-shutdown/witness", WITNESS, 0o755)
    return guest_factory(kernels("6.12"), image, cmdline="quiet", memory="2G")


def load(guest, words):
    """Loads with an initrd that is the guest's own root; the SHA-256 of a file in that."""
    proof = pack_root(guest)
    guest.run(f"kexec load /kernel --initrd=/tmp/next.cpio --command-line='{QUIET} {words}'",
              check=True)
    return proof


def status(guest):
    return json.loads(guest.run("kexec status --json", check=True).out)["status"]


def arrive(guest, kernels, command, proof, words):
    """Goes down in order, and the next kernel proves that it is what was loaded."""
    since = len(guest.console)
    guest.handover(command)
    assert "WITNESS kexec loaded=1\n" in guest.console[since:]
    assert guest.booted.release == kernels("7.x").release
    assert guest.run("cat /proc/cmdline").out.strip() == f"{QUIET} {words}"
    assert sha256(guest, "/proof") == proof
    start = status(guest)["start"]
    assert (start["by"], start["bootloader_type"]) == ("kexec", 208)
    assert start["stamp"]["checked_segments"] == 5


def test_reboot_goes_down_through_systemd(guest, kernels):
    assert guest.run("cat /proc/1/comm").out == "systemd\n"
    assert guest.run("kexec reboot").rc == 4
    proof = load(guest, "by=verb")
    arrive(guest, kernels, "kexec reboot", proof, "by=verb")


def test_an_ordinary_reboot_does_what_status_says(guest, kernels):
    found = status(guest)["reboot"]
    assert (found["effect"], found["systemd"]) == ("firmware", True)
    proof = load(guest, "by=reboot")
    found = status(guest)["reboot"]
    assert found["effect"] is None and found["systemd_version"] >= 257
    assert "systemctl reboot goes through the firmware, because logind does not run" in \
        guest.run("kexec status", check=True).out
    guest.run("systemctl start systemd-logind", check=True)
    assert status(guest)["reboot"]["effect"] == "jumps"
    arrive(guest, kernels, "systemctl reboot", proof, "by=reboot")


def test_cold_goes_through_the_firmware(guest):
    load(guest, "by=nobody")
    guest.run("systemctl start systemd-logind", check=True)
    assert loaded(guest)
    since = len(guest.console)
    guest.start("kexec reboot --cold --json >/dev/ttyS0")
    assert guest.wait_end() == "guest-reset"
    said = guest.console[since:]
    assert "WITNESS reboot loaded=0\n" in said
    report = json.loads(said[said.index("{"):said.rindex("}") + 1])
    assert report["changed"] is True and report["reboot"]["way"] == "firmware"
