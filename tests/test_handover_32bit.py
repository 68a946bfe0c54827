"""A 32-bit kernel, which has no 64-bit entry: it is entered in protected mode."""

from kexec_guest import QUIET, archive, memory_map
from lab.initramfs import base

LOOK_FOR_STAMP = ("cd /sys/kernel/boot_params/setup_data && for i in *; do "
                  "[ $(cat $i/type) = 0x4b455843 ] && od -An -tx1 $i/data; done")


def test_a_32_bit_kernel_starts_from_a_64_bit_one(boot, kernels, program, tmp_path):
    old = kernels("6.1-i386")
    base(old.tree / "bin/busybox").write(tmp_path / "i386.cpio")
    image = archive(program, [old])
    image.file("/i386.cpio", tmp_path / "i386.cpio")
    guest = boot(kernels("7.x"), image, cmdline="quiet", memory="1G")
    first_map = memory_map(guest)
    words = f"{QUIET} into=protected_mode"
    load = f"kexec -t bzImage -l /kernels/6.1-i386 --initrd=/i386.cpio --command-line='{words}'"
    assert "Linux/x86, 32-bit entry" in guest.run(f"{load} --dry-run", check=True).out
    assert guest.run(f"{load} -s").rc == 253  # kexec_file_load takes 64-bit kernels only
    guest.run(load, check=True)
    guest.handover("kexec -e")
    assert guest.booted.release == old.release
    assert guest.run("uname -m").out.strip() == "i686"
    assert guest.run("cat /proc/cmdline").out.strip() == words
    assert memory_map(guest) == first_map
    stamp = bytes.fromhex(guest.run(LOOK_FOR_STAMP, check=True).out.replace("\n", ""))
    assert stamp[:8] == b"KXSTAMP1"
    guest.start("poweroff -f")
    assert guest.wait_end() == "guest-shutdown"
