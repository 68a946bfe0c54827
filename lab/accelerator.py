"""Which accelerator QEMU's guests use: KVM where it is proven to work, else TCG."""

import os
import subprocess
import tempfile
from pathlib import Path

from lab import cache, initramfs, kernels

PROBE_SECONDS = 15


def choose():
    """ "kvm" or "tcg": what $KEXEC_LAB_ACCEL says, else what a probe finds, once per host boot."""
    chosen = os.environ.get("KEXEC_LAB_ACCEL")
    if chosen:
        if chosen not in ("kvm", "tcg"):
            raise ValueError(f"KEXEC_LAB_ACCEL is {chosen!r}; it can be kvm or tcg")
        return chosen
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg"
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    with cache.lock("accelerator"):
        answer = cache.directory() / "accelerator"
        if answer.exists():
            known_boot, known = answer.read_text(encoding="ascii").split()
            if known_boot == boot_id:
                return known
        found = "kvm" if _kvm_works() else "tcg"
        answer.write_text(f"{boot_id} {found}\n", encoding="ascii")
        return found


def _kvm_works():
    """Whether an ordinary kernel comes up under KVM: its first program is "poweroff -f".

    Only a power-off ends QEMU; a guest that hangs or resets runs into the time limit.
    """
    with tempfile.TemporaryDirectory(prefix="kexec-lab-") as folder:
        initrd = Path(folder) / "initrd"
        initramfs.base().write(initrd)
        command = [
            "qemu-system-x86_64", "-nodefaults", "-display", "none", "-machine", "q35",
            "-accel", "kvm", "-cpu", "max", "-m", "512M",
            "-kernel", kernels.get("6.1").vmlinuz, "-initrd", initrd,
            "-append", "rdinit=/bin/poweroff -- -f",
        ]
        try:
            done = subprocess.run(command, check=False, timeout=PROBE_SECONDS,
                                  stdin=subprocess.DEVNULL, capture_output=True)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0
