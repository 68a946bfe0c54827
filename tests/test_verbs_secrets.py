"""Secrets that are handed over: files in the next initrd, and credentials for the next systemd."""

import json
import secrets

import pytest

from kexec_guest import CONSOLE, QUIET, archive, loaded, pack, sha256
from lab import systemd
from lab.initramfs import Initramfs
from schema import check_json

KEY = "/etc/keys/root.key"
STDIN = "ln -sf /proc/self/fd/0 /dev/stdin"  # as every system but the lab's has it
LOAD = "kexec load {} /kernels/7.x --initrd=/tmp/next.cpio"


@pytest.fixture(scope="module")
def guest(guest_factory, kernels, program):
    """One guest for the tests of files and swap."""
    small = Initramfs()
    small.file("/added", "an initrd behind the others\n")
    image = archive(program, [kernels("7.x")])
    image.file("/small.cpio", small.pack())
    image.file("/loop.ko", kernels("7.x").module("loop"))
    return guest_factory(kernels("7.x"), image, cmdline="quiet", memory="1536M")


def modes(guest, *paths):
    """Permissions and owner of files and folders."""
    return guest.run(f"stat -c '%a %u:%g' {' '.join(paths)}", check=True).out.splitlines()


@pytest.mark.parametrize("method", ["-c", "-s"])
def test_a_file_is_in_the_next_initrd_and_nowhere_else(guest, method):
    marker, other = secrets.token_hex(32), secrets.token_hex(32)
    proof = pack(guest)
    guest.run(f"echo {marker} >/tmp/key", check=True)
    digest = sha256(guest, "/tmp/key")
    load = (f"{STDIN}; echo {other} | {LOAD.format(method)} --add-initrd=/small.cpio "
            f"--initrd-file=/tmp/key:{KEY} --initrd-file=/dev/stdin:/root/piped "
            f"--command-line='{QUIET}'")
    done = guest.run(f"{load} --json", check=True)
    told = check_json(done.out)["load"]
    assert told["added_files"] == [{"path": path, "mode": "0600", "size": 65}
                                   for path in (KEY, "/root/piped")]
    record = json.loads(guest.run("cat /run/kexec/loaded.json").out)
    assert record["added_files"] == told["added_files"]
    assert [name["path"] for name in told["initrds"]] == ["/tmp/next.cpio", "/small.cpio"]
    texts = [done.out] + [guest.run(load.replace("kexec load", f"kexec {verb}"), check=True).out
                          for verb in ("plan", "plan --json", "load -d", "load --if-changed")]
    assert texts[-1].endswith("(anew: files that are secret cannot be compared)\n")
    for segment in told.get("segments", []):
        assert ("xxh3" in segment) == (segment["name"] != "initrd")
    for text in texts:
        assert marker not in text and other not in text
    assert not guest.run(f"grep -rlsE '{marker}|{other}' /run/kexec /var").out
    guest.handover("kexec -e")
    assert sha256(guest, "/proof") == proof
    assert sha256(guest, KEY) == digest
    assert guest.run("cat /root/piped", check=True).out == f"{other}\n"
    assert guest.run("cat /added", check=True).out == "an initrd behind the others\n"
    assert modes(guest, KEY, "/root/piped", "/etc/keys", "/etc", "/root") == [
        "600 0:0", "600 0:0", "755 0:0", "755 0:0", "700 0:0"]
    guest.run(f"rm {KEY} /root/piped /added", check=True)


def test_swap_that_is_not_encrypted_forbids_it_unless_it_is_allowed(guest):
    pack(guest)
    guest.run("insmod /loop.ko; dd if=/dev/zero of=/tmp/swap bs=1M count=8 && "
              "losetup /dev/loop0 /tmp/swap && mkswap /dev/loop0 && swapon /dev/loop0 && "
              "echo secret >/tmp/key", check=True)
    guest.run(LOAD.format(""), check=True)  # without a secret
    record = sha256(guest, "/run/kexec/loaded.json")
    load = f"{LOAD.format('')} --initrd-file=/tmp/key:{KEY}"
    done = guest.run(load)
    assert done.rc == 11
    assert "/dev/loop0: this swap is not encrypted" in done.out
    assert "--allow-swap" in done.out
    error, = check_json(guest.run(f"{load} --json 2>/dev/null").out)["errors"]
    assert (error["kind"], error["subject"]) == ("forbidden", "/dev/loop0")
    assert loaded(guest)
    assert sha256(guest, "/run/kexec/loaded.json") == record
    plan = guest.run(load.replace("load", "plan"), check=True).out
    assert "warning:      there is swap that is not encrypted (/dev/loop0)" in plan
    assert f"added file:   {KEY}, mode 0600, 7 bytes" in plan
    guest.run("kexec unload", check=True)
    guest.run(f"{load} --allow-swap", check=True)
    assert loaded(guest)
    guest.run("kexec unload && swapoff /dev/loop0", check=True)
    guest.run(load, check=True)
    assert loaded(guest)


SERVICE = """[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
ImportCredential=imported
ImportCredential=sealed
LoadCredentialEncrypted=loaded
LoadCredential=plain:/run/credentials/@encrypted/plain
LoadCredential=direct:/.extra/credentials/plain.cred
LoadCredential=stored
ExecStart=/usr/bin/busybox sh -c 'cd $CREDENTIALS_DIRECTORY && for i in *; do \\
    echo PROOF $i=$(cat $i); done; \\
    for i in /.extra /.extra/credentials /.extra/credentials/*.cred /etc/credstore/stored; do \\
    echo PROOF $i $(stat -c %%a $i); done; test -h /lib && cat /lib/lab/proof; echo PROOF END'
StandardOutput=tty
StandardError=tty
TTYPath=/dev/console
"""


@pytest.mark.parametrize("method", ["-c", pytest.param("-s", marks=pytest.mark.long)])
def test_a_credential_reaches_a_systemd_service(boot, kernels, program, method):
    """Of each form that the man page names; and /lib, a link there, is still one."""
    root = systemd.initrd()
    root.file("/etc/systemd/system/proof.service", SERVICE)
    root.file("/etc/systemd/system/proof.target",
              "[Unit]\nDefaultDependencies=no\nRequires=proof.service\nAfter=proof.service\n")
    image = archive(program, [kernels("7.x")])
    image.file("/systemd.cpio", root.pack())
    names = "imported", "loaded", "plain", "sealed", "stored"
    content = {name: secrets.token_hex(16) for name in names}
    for name in "loaded", "sealed":
        image.file(f"/{name}", systemd.encrypt(name, content[name].encode()))
    guest = boot(kernels("7.x"), image, cmdline="quiet", memory="1536M")
    guest.run(f"{STDIN}; echo {content['stored']} >/tmp/stored && echo PROOF LIB >/tmp/lib && "
              f"echo {content['imported']} >/tmp/imported && "
              f"echo {content['plain']} | kexec load {method} /kernels/7.x "
              "--initrd=/systemd.cpio --credential=plain:/dev/stdin --credential=sealed:/sealed "
              "--credential=loaded:/loaded --initrd-file=/tmp/imported:/etc/credstore/imported "
              "--initrd-file=/tmp/stored:/etc/credstore/stored --initrd-file=/tmp/lib:/lib/lab/proof "
              f"--command-line='{CONSOLE} rd.systemd.unit=proof.target'", check=True)
    since = len(guest.console)
    guest.start("kexec -e")
    guest.wait_console("^PROOF END$", 120, since)
    said = [line.removeprefix("PROOF ") for line in guest.console[since:].splitlines()
            if line.startswith("PROOF ")]
    assert said == [
        f"direct={content['plain']}", *(f"{name}={content[name]}" for name in names),
        "/.extra 555", "/.extra/credentials 500",
        *(f"/.extra/credentials/{name}.cred 400" for name in ("loaded", "plain", "sealed")),
        "/etc/credstore/stored 600", "LIB", "END"]
