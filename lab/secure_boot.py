"""Secure Boot with a key of our own: keys, signed kernels, and a firmware that trusts them."""

import base64
import shutil
import subprocess

from lab.guest import OVMF

OWNER = "7c9f4b3e-5d0a-4f7c-9a52-6b1f0f6f3c11"  # of the entries in the lists; any GUID will do

# UEFI 2.10 sections 32.3 and 32.4.1: a variable, its vendor's GUID, and whose key signs its content.
# The platform key comes last: with it the firmware leaves setup mode.
VARIABLES = (
    ("db", "d719b2cb-3d3a-4596-a3bc-dad00e67656f", "KEK"),
    ("KEK", "8be4df61-93ca-11d2-aa0d-00e098032b8c", "PK"),
    ("PK", "8be4df61-93ca-11d2-aa0d-00e098032b8c", "PK"),
)

# Non-volatile, for boot services and at run time, authenticated by time (section 8.2.1).
ATTRIBUTES = b"\x27\0\0\0"


class Keys:
    """A platform key, a key exchange key and a signature database's key, new, in a folder."""

    def __init__(self, folder):
        self._folder = folder
        for name, *_ in VARIABLES:
            _run("openssl", "req", "-new", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256",
                 "-days", "3650", "-subj", f"/CN=kexec lab {name}/",
                 "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt")

    def sign(self, kernel, to):
        """A copy of a kernel with our signature, and no other, in the file `to`."""
        unsigned = self._folder / "unsigned"
        strip(kernel, unsigned)
        _run("sbsign", "--key", self._folder / "db.key", "--cert", self._folder / "db.crt",
             "--output", to, unsigned)

    def update(self, name, signer):
        """What to write to the variable, so that it holds our key."""
        entries, signed = self._folder / f"{name}.esl", self._folder / f"{name}.auth"
        _run("cert-to-efi-sig-list", "-g", OWNER, self._folder / f"{name}.crt", entries)
        _run("sign-efi-sig-list", "-g", OWNER, "-k", self._folder / f"{signer}.key",
             "-c", self._folder / f"{signer}.crt", name, entries, signed)
        return ATTRIBUTES + signed.read_bytes()


def strip(kernel, to):
    """A copy of a kernel without any signature in the file `to`."""
    shutil.copy(kernel, to)
    to.chmod(0o600)
    while not subprocess.run(["sbattach", "--remove", to], check=False, capture_output=True
                             ).returncode:
        pass


def new_variables(to):
    """A variable store without any key, for lab.guest.Guest: its firmware is in setup mode."""
    shutil.copy(OVMF / "OVMF_VARS_4M.fd", to)


def enrol(keys, guest):
    """Makes a guest's firmware trust the keys, from its next start on; ends the guest.

    The guest has /efivarfs.ko, runs in setup mode and keeps its variables.
    """
    guest.run("insmod /efivarfs.ko && mount -t efivarfs efivarfs /sys/firmware/efi/efivars",
              check=True)
    for name, vendor, signer in VARIABLES:
        content = base64.b64encode(keys.update(name, signer)).decode()
        guest.run(f"echo {content} | base64 -d >/update && dd if=/update bs=64K "
                  f"of=/sys/firmware/efi/efivars/{name}-{vendor}", check=True)
    guest.start("poweroff -f")
    guest.wait_end()
    guest.close()


def _run(*command):
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stderr}")
