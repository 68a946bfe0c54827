"""Secure Boot with a key of our own: what loads under it, what is refused, and how that is told."""

import dataclasses
import json

import pytest

from kexec_guest import QUIET, archive, arrive, load, loaded, stamp
from lab import secure_boot
from lab.initramfs import base

DAMAGED_BYTE = 5_000_000  # in the compressed kernel, which the signature covers

UNPACKS_ITSELF = ("kexec: warning: the kernel will unpack itself during the blackout, because "
                  "lockdown forbids kexec_load\n")
REFUSED = {  # the kernel's errno, what it logged, and what to do next
    "unsigned": ("No data available", "Unsigned PE binary", "load a signed kernel"),
    "damaged": ("Key was rejected by service", "Digest mismatch", "install the kernel file again"),
    "signed-by-debian": ("Required key not available", "signature verification failed",
                         "enrol that key"),
}


@pytest.fixture(scope="module")
def signed(kernels, tmp_path_factory):
    """The kernels 6.12 and 7.x as we signed them, the keys, and a folder for the rest."""
    folder = tmp_path_factory.mktemp("secure-boot")
    keys = secure_boot.Keys(folder)
    for kernel in kernels("6.12"), kernels("7.x"):
        keys.sign(kernel.vmlinuz, folder / f"signed-{kernel.name}")
    return keys, folder


@pytest.fixture(scope="module")
def guest(guest_factory, kernels, program, signed):
    """A guest whose firmware trusts only our key: one boot enrols it, the next one is secure."""
    keys, folder = signed
    secure_boot.new_variables(folder / "variables.fd")
    image = base()
    image.file("/efivarfs.ko", kernels("6.12").module("efivarfs"))
    options = {"cmdline": "quiet", "uefi": True, "variables": folder / "variables.fd"}
    secure_boot.enrol(keys, guest_factory(kernels("6.12"), image, memory="512M", **options))

    image = archive(program)
    for name in "6.12", "7.x":
        image.file(f"/kernels/{name}", folder / f"signed-{name}")
    secure_boot.strip(kernels("7.x").vmlinuz, folder / "unsigned")
    image.file("/kernels/unsigned", folder / "unsigned")
    damaged = bytearray((folder / "signed-7.x").read_bytes())
    damaged[DAMAGED_BYTE] ^= 1
    image.file("/kernels/damaged", bytes(damaged))
    image.file("/kernels/signed-by-debian", kernels("7.x").vmlinuz)
    ours = dataclasses.replace(kernels("6.12"), vmlinuz=folder / "signed-6.12")
    guest = guest_factory(ours, image, memory="1G", **options)
    mount_securityfs(guest)
    return guest


def mount_securityfs(guest):
    """Where the kernel tells whether it is locked down."""
    guest.run("mount -t securityfs securityfs /sys/kernel/security", check=True)


def check_secure_boot(guest):
    """Secure Boot is on, the kernel locked itself down, and it trusts our key."""
    log = guest.run("dmesg").out
    assert "Secure boot enabled" in log
    assert "Kernel is locked down from EFI Secure Boot" in log
    assert guest.run("cat /sys/kernel/security/lockdown").out == "none [integrity] confidentiality\n"
    assert "kexec lab db" in guest.run("cat /proc/keys").out
    assert "lockdown" not in guest.run("cat /proc/cmdline").out


def test_the_firmware_is_secure_and_locks_the_kernel_down(guest):
    check_secure_boot(guest)


def test_without_a_flag_the_kernel_itself_loads(guest):
    plan = guest.run("kexec --dry-run -l /kernels/7.x", check=True).out
    assert "file (kexec_file_load), because lockdown forbids kexec_load" in plan
    assert guest.run("kexec -l /kernels/7.x", check=True).out == UNPACKS_ITSELF
    record = json.loads(guest.run("cat /run/kexec/loaded.json", check=True).out)
    assert record["method_reason"] == "lockdown forbids kexec_load"


def test_where_nothing_tells_of_lockdown_the_refusal_does(guest):
    guest.run("kexec -u && umount /sys/kernel/security", check=True)
    try:
        said = guest.run("kexec -l /kernels/7.x", check=True).out
    finally:
        mount_securityfs(guest)
    assert said == ("kexec: kexec_load failed (Permission denied), so it was loaded by "
                    "kexec_file_load, because a policy of the running kernel forbids kexec_load\n")
    assert loaded(guest)


@pytest.mark.parametrize("kernel", REFUSED)
@pytest.mark.parametrize("flag", ["", "-s", "-a"])
def test_what_our_key_did_not_sign_is_refused(guest, kernel, flag):
    """ENODATA, EKEYREJECTED and ENOKEY are final: no other method would be allowed either."""
    guest.run("kexec -l /kernels/7.x", check=True)
    refused = guest.run(f"kexec {flag} -l /kernels/{kernel}")
    code, logged, advice = REFUSED[kernel]
    assert refused.rc == 255
    assert f"(kexec_file_load: {code})" in refused.out and logged in refused.out
    assert advice in refused.out
    assert "what was loaded before is still loaded" in refused.out
    assert loaded(guest)


def test_kexec_load_is_refused_with_the_reason(guest):
    refused = guest.run("kexec -c -l /kernels/7.x")
    assert refused.rc == 255
    assert "(kexec_load: Permission denied)" in refused.out
    assert "the kernel is locked down" in refused.out and "with -s" in refused.out


def test_a_signed_kernel_starts_and_is_as_secure(guest, kernels):
    what = load(guest, kernels("7.x"), "", f"{QUIET} random.trust_cpu=off")
    assert what.out == UNPACKS_ITSELF
    arrive(guest, what)
    mount_securityfs(guest)
    check_secure_boot(guest)
    assert stamp(guest) is None
    refused = guest.run("kexec -l /kernels/unsigned")
    assert "No data available" in refused.out and refused.rc == 255
    guest.run("kexec -l /kernels/6.12", check=True)
    guest.start("poweroff -f")
    assert guest.wait_end() == "guest-shutdown"
