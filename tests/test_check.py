"""`kexec check --panic`, kexec-crash.service and `kexec test-panic`, with a real systemd and a real crash."""

import json
import subprocess

import pytest

from conftest import ROOT
from kexec_guest import CONSOLE, archive
from lab import systemd
from lab.guest import GuestError
from lab.initramfs import base
from schema import check_json

MIB = 1 << 20
MODULES = ("virtio", "virtio_ring", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci",
           "virtio_blk")  # in the order of their dependencies; 6.1 has none of them built in
BLOCKS = 8  # of memory, of 128 MiB each

MOUNT = """for module in {modules}; do insmod /modules/$module.ko; done
mkdir -p /var
mount -t ext4 /dev/vda /var
"""
# What the crash kernel does before it takes commands. The notes are in the first pages.
SAVE = """mkdir -p /var/crash/now
dd if=/proc/vmcore of=/var/crash/now/vmcore bs=1M count=8
stat -c %s /proc/vmcore >/run/vmcore-size
umount /var
"""
CONFIG = """# What kexec-crash.service arms.
KERNEL=/boot/vmlinuz
INITRD="/boot/crash"
OPTIONS=--no-checks --add=lab.armed
"""
# Behind each reload that armed again: counts it, and keeps it from ending while /run/hold is there.
COUNT = """[Service]
ExecReload=/bin/sh -c 'echo again >>/run/armed-again; while [ -e /run/hold ]; do sleep 0.2; done'
"""
MULTI_USER = "[Unit]\nRequires=basic.target\nAfter=basic.target\n"


def add_disk(image, kernel, more=""):
    """Lets an initramfs mount the disk before its /init takes commands."""
    for name in MODULES:
        image.file(f"/modules/{name}.ko", kernel.module(name))
    image.file("/lab/on-boot", "#!/bin/sh\n" + MOUNT.format(modules=" ".join(MODULES)) + more, 0o755)
    return image


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """QEMU's arguments for a disk with ext4, which outlives a guest."""
    path = tmp_path_factory.mktemp("disk") / "var"
    subprocess.run(["mke2fs", "-q", "-t", "ext4", path, "64M"], check=True)
    return ["-drive", f"file={path},format=raw,if=virtio"]


def machine(program, kernel, crash):
    """systemd and udev, the units as they are installed, and the service enabled."""
    image = systemd.machine(udev=True)
    units = program.parent / "units"
    image.file("/usr/local/sbin/kexec", program, 0o755)
    image.symlink("/usr/sbin/kexec", "../local/sbin/kexec")
    image.file("/usr/local/lib/kexec/crash-words.conf", ROOT / "conf/crash-words.conf")
    for name in "kexec-crash.service", "kexec-crash-rearm.service":
        image.file(f"/usr/lib/systemd/system/{name}", units / name)
    image.file("/usr/lib/systemd/system/kexec-crash-rearm.timer",
               ROOT / "units/kexec-crash-rearm.timer")
    image.file("/usr/lib/udev/rules.d/98-kexec-crash.rules", units / "98-kexec-crash.rules")
    image.file("/etc/systemd/system/kexec-crash.service.d/count.conf", COUNT)
    image.file("/etc/systemd/system/multi-user.target", MULTI_USER)
    image.symlink("/etc/systemd/system/default.target.wants/multi-user.target",
                  "../multi-user.target")
    image.symlink("/etc/systemd/system/multi-user.target.wants/kexec-crash.service",
                  "/usr/lib/systemd/system/kexec-crash.service")
    image.file("/etc/kexec/crash.conf", CONFIG)
    image.file("/boot/vmlinuz", kernel.vmlinuz)
    image.file("/boot/crash", crash.pack())
    return image


@pytest.fixture(scope="module")
def guest(guest_factory, kernels, program, disk):
    kernel = kernels("6.1")
    image = add_disk(machine(program, kernel, add_disk(base(), kernel, SAVE)), kernel)
    guest = guest_factory(kernel, image, cmdline="crashkernel=160M",
                          memory="1G,slots=2,maxmem=4G", extra=disk)
    guest.run("sh /lab/on-boot && mkdir -p /var/lib /var/crash", check=True)
    return guest


def check(guest, words=""):
    """What `kexec check --panic` reports, and each rule's result by its id."""
    done = guest.run(f"kexec check --panic {words} --json")
    report = check_json(done.out)
    assert report["exit_code"] == done.rc
    return report, {rule["id"]: rule["result"] for rule in report["check"]["rules"]}


def status(guest):
    """The crash side of `kexec status`."""
    return check_json(guest.run("kexec status --json", check=True).out)[
        "status"]["crash"]


def wait_for(guest, condition):
    """Waits until a shell's condition holds in the guest."""
    guest.run(f"until {condition}; do sleep 0.2; done", check=True)


# Nor is it being armed again, which is-active does not tell.
ARMED = '[ "$(systemctl show -P ActiveState kexec-crash.service)" = active ]'
AT_REST = f"! systemctl -q is-active kexec-crash-rearm.timer && {ARMED}"


def test_the_service_arms_at_boot(guest):
    wait_for(guest, ARMED)
    crash = status(guest)
    assert crash["loaded"] and crash["record"] == "confirmed"
    assert [file["path"] for file in crash["image"]["files"]] == ["/boot/vmlinuz", "/boot/crash"]
    assert crash["reserved"] == 160 * MIB
    assert 0 < crash["used"] < crash["reserved"]
    assert crash["used"] + crash["free"] == crash["reserved"]
    assert "lab.armed" in crash["image"]["command_line"]
    said = guest.run("kexec status", check=True).out  # in words
    assert "crash image    loaded\n" in said and "160.0 MiB reserved" in said


def test_it_is_checked_that_a_panic_will_give_a_dump(guest):
    report, results = check(guest)
    assert report["check"]["verdict"] == "works" and report["exit_code"] == 0
    assert {name: results[name] for name in ("reservation", "low-memory", "size", "armed",
                                             "hotplug", "disk-driver")} == {
        name: "ok" for name in ("reservation", "low-memory", "size", "armed", "hotplug",
                                "disk-driver")}
    assert results["panic-on-oops"] == "information"


def test_what_an_initrd_lacks_is_named(guest):
    guest.run("mkdir -p /tmp/few && cd /tmp/few && echo x >init && "
              "echo init | cpio -o -H newc >/tmp/few.cpio", check=True)
    report, results = check(guest, "/boot/vmlinuz --initrd=/tmp/few.cpio")
    assert results["disk-driver"] == "warning"
    words, = [rule["words"] for rule in report["check"]["rules"] if rule["id"] == "disk-driver"]
    assert "virtio_blk" in words and "ext4" not in words


def test_what_cannot_be_loaded_again_leaves_the_machine_armed(guest):
    guest.run("mv /boot/crash /boot/moved", check=True)
    assert guest.run("systemctl reload kexec-crash.service").rc != 0
    assert status(guest)["loaded"]
    _, results = check(guest)
    assert results["armed"] == "ok" and results["files"] == "warning"
    guest.run("mv /boot/moved /boot/crash", check=True)
    # Without a record it is the service's file that names what is examined.
    guest.run("mv /run/kexec/crash.json /run/moved", check=True)
    report, results = check(guest)
    words, = [rule["words"] for rule in report["check"]["rules"] if rule["id"] == "files"]
    assert results["files"] == "ok" and "/boot/crash" in words
    guest.run("mv /run/moved /run/kexec/crash.json", check=True)
    assert guest.run("systemctl is-active kexec-crash.service").out == "active\n"


def test_an_initrd_that_was_written_over_is_armed_when_it_is_wanted(guest):
    """What is armed stays so, unless it is unloaded first or may be lost."""
    def is_refused():
        assert guest.run("systemctl reload kexec-crash.service").rc != 0
        assert status(guest)["loaded"] and check(guest)[1]["files"] == "warning"

    def is_armed():
        assert status(guest)["loaded"] and check(guest)[1]["files"] == "ok"

    guest.run("cp /boot/crash /boot/kept && head -c 512 /dev/zero >>/boot/crash", check=True)
    is_refused()
    guest.run("systemctl restart kexec-crash.service", check=True)
    is_armed()
    guest.run("cp /boot/kept /boot/crash", check=True)
    is_refused()
    guest.run("sed -i 's/^OPTIONS=/&--allow-disarm /' /etc/kexec/crash.conf && "
              "systemctl reload kexec-crash.service", check=True)
    is_armed()


def plug_memory(guest):
    guest.monitor(f"object_add memory-backend-ram,id=more,size={BLOCKS * 128}M")
    guest.monitor("device_add pc-dimm,id=dimm,memdev=more")


def blocks(state):
    """A shell's word: how many blocks of memory are in that state."""
    return f"$(grep -lx {state} /sys/devices/system/memory/memory*/state | wc -l)"


AGAIN = "$(cat /run/armed-again 2>/dev/null | wc -l)"  # how often the service was reloaded


def test_memory_that_comes_arms_again_once_it_has_come(guest):
    before = status(guest)["image"]["loaded_by_pid"]
    reloads = int(guest.run(f"echo {AGAIN}", check=True).out)
    plug_memory(guest)
    wait_for(guest, f"[ {blocks('offline')} -ge {BLOCKS} ]")
    guest.run("for block in $(grep -l offline /sys/devices/system/memory/memory*/state); do "
              "echo online >$block; done", check=True)
    wait_for(guest, f"[ {AGAIN} -gt {reloads} ] && {AT_REST}")
    crash = status(guest)
    assert crash["loaded"] and crash["image"]["loaded_by_pid"] != before
    assert int(guest.run(f"echo {AGAIN}", check=True).out) - reloads < BLOCKS


def test_what_comes_while_it_is_armed_again_is_not_missed(guest):
    """The timer ends while the reload of before still runs: then another one follows."""
    def come():
        guest.run("systemctl restart kexec-crash-rearm.timer", check=True)  # as udev does

    wait_for(guest, AT_REST)
    before = int(guest.run(f"echo {AGAIN}", check=True).out)
    guest.run("touch /run/hold", check=True)
    come()
    wait_for(guest, f"[ {AGAIN} -gt {before} ]")
    come()
    wait_for(guest, "! systemctl show -P SubState kexec-crash-rearm.timer | grep -qx waiting")
    guest.run("rm /run/hold", check=True)
    wait_for(guest, f"[ {AGAIN} -gt {before + 1} ]")


def test_a_crash_on_purpose_gives_the_dump_that_the_next_boot_finds(
        guest, guest_factory, kernels, program, disk):
    told = guest.run("kexec test-panic", check=True).out
    assert "a panic should give a dump" in told and "nothing was done" in told
    assert guest.run("kexec test-panic --verify").rc == 3
    before = guest.booted
    guest.handover("kexec test-panic --crash-now")
    assert guest.booted.boot_id != before.boot_id
    assert int(guest.run("cat /run/vmcore-size", check=True).out) > 1.5 * 1024 * MIB
    guest.close()

    kernel = kernels("6.1")
    after = guest_factory(kernel, add_disk(archive(program), kernel), extra=disk)
    found = check_json(after.run("kexec test-panic --verify --json", check=True).out)
    assert found["test-panic"]["dump"]["path"] == "/var/crash/now/vmcore"
    assert after.run("rm -r /var/crash/now && kexec test-panic --verify").rc == 3
    assert check(after)[0]["exit_code"] == 14  # nothing is reserved here
    assert after.run("kexec test-panic --crash-now").rc == 14


@pytest.mark.long
def test_where_the_kernel_keeps_track_nothing_is_loaded_again(boot, kernels, program):
    kernel = kernels("6.12")
    guest = boot(kernel, machine(program, kernel, base()), memory="1G,slots=2,maxmem=4G",
                 cmdline="crashkernel=192M")
    wait_for(guest, ARMED)
    before = status(guest)["image"]["loaded_by_pid"]
    assert check(guest)[1]["hotplug"] == "ok"
    online = int(guest.run(f"echo {blocks('online')}", check=True).out)
    plug_memory(guest)
    wait_for(guest, f"[ {blocks('online')} -ge {online + BLOCKS} ]")
    guest.run("udevadm settle", check=True)
    assert guest.run("systemctl show -P ActiveEnterTimestampMonotonic kexec-crash-rearm.timer",
                     check=True).out == "0\n"
    assert status(guest)["image"]["loaded_by_pid"] == before


INIT = """#!/bin/sh
mount -t proc proc /proc
mount -t devtmpfs devtmpfs /dev
exec >/dev/ttyS0 2>&1
dd if=/proc/vmcore bs=1M count=64 of=/dev/null && echo CRASH-KERNEL-WORKS
reboot -f
"""
WORDS = f"{CONSOLE} nr_cpus=1 reset_devices irqpoll cma=0 transparent_hugepage=never panic=-1"


@pytest.mark.long
@pytest.mark.parametrize("name", ["6.1", "6.12", "7.x"])
class TestPrediction:
    """Whether the memory is large enough is predicted as a real crash then shows it."""

    @pytest.fixture
    def start(self, boot, kernels, program, name):
        """Boots a guest with so many MiB for a crash kernel, whose initrd is busybox alone."""
        crash = base()
        crash.file("/init", INIT, 0o755)
        image = archive(program, [kernels(name)])
        image.file("/crash", crash.pack())
        return lambda size: boot(kernels(name), image, cmdline=f"crashkernel={size}M")

    def predict(self, guest, name):
        done = guest.run(f"kexec check --panic --json /kernels/{name} --initrd=/crash")
        found = json.loads(done.out)["check"]
        result, = [rule["result"] for rule in found["rules"] if rule["id"] == "size"]
        return found["memory"]["needed"], result != "problem"

    def crash(self, guest, name):
        """Whether the crash kernel runs a program."""
        done = guest.run(f"kexec -p /kernels/{name} --initrd=/crash --command-line='{WORDS}'")
        if done.rc != 0:
            return False
        since = len(guest.console)
        guest.start("echo c >/proc/sysrq-trigger")
        try:
            return guest.wait_console("CRASH-KERNEL-WORKS|Out of memory|not syncing: (?!sysrq)",
                                      since=since)[0] == "CRASH-KERNEL-WORKS"
        except GuestError:
            return False  # a reset before a word of it

    def test_prediction_and_crash_agree_around_the_edge(self, start, name):
        guest = start(128)
        needed, fits = self.predict(guest, name)
        guest.close()
        assert fits
        seen = []
        for more in (-12, -6, -3, 3, 8):
            size = needed // MIB + more
            guest = start(size)
            seen.append((size, self.predict(guest, name)[1], self.crash(guest, name)))
            guest.close()
        assert all(predicted == happened for _, predicted, happened in seen), seen
        assert [happened for _, _, happened in seen] == [False, False, False, True, True], seen
