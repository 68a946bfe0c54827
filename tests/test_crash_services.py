"""The distributions' services with our program in kexec-tools' place."""

import tempfile
from pathlib import Path

import pytest

import crash_log
from crash_guest import crash_archive, is_armed
from kexec_guest import QUIET
from lab import crash_kdump_tools, crash_tools
from lab.guest import PATIENCE

# From rhkdump/kdump-utils: load_kdump and stop_kdump of kdumpctl (at commit 01613b7211a3), the
# first call; dracut/99earlykdump/early-kdump.sh (479a2176459b), the second; the last is the first
# with the KEXEC_ARGS of before they had -s. The words are those of gen-kdump-sysconfig.sh
# (0d1e4aa370c3) for x86_64.
FEDORA_WORDS = (f"{QUIET} irqpoll nr_cpus=1 reset_devices cgroup_disable=memory mce=off "
                "numa=off udev.children-max=2 panic=10 acpi_no_memhotplug "
                "transparent_hugepage=never nokaslr hest_disable novmcoredd cma=0 hugetlb_cma=0 "
                "pcie_ports=compat")
# From openSUSE/kdump: load_kdump_kexec and build_kdump_commandline of init/load.sh (at commit
# 020fbcab83f6), and init/unload.sh (4d72c589ca9d).
OPENSUSE_WORDS = (f"{QUIET} sysrq=yes reset_devices acpi_no_memhotplug "
                  "cgroup_disable=memory nokaslr numa=off irqpoll nr_cpus=1 root=kdump "
                  "rootflags=bind rd.udev.children-max=8 disable_cpu_apicid=0   panic=1")
CALLS = {
    "kdump-utils": ([f'-s -d -p --command-line="{FEDORA_WORDS}" --initrd=/crash/6.12 /kernels/6.12',
                     f'-s -p --command-line="{FEDORA_WORDS}" --initrd=/crash/6.12 /kernels/6.12',
                     f'-d -p --command-line="{FEDORA_WORDS}" --initrd=/crash/6.12 /kernels/6.12'],
                    ["-s -p -u", "-p -u"]),
    "openSUSE": ([f'-p /kernels/6.12 --append="{OPENSUSE_WORDS}" --initrd=/crash/6.12  -a'],
                 ["-p -u"]),
}


def test_debians_kdump_tools_work_unchanged(boot, kernels, program):
    """The service arms; the crash kernel's service saves what it finds, and reboots."""
    kernel = kernels("6.12")
    with tempfile.TemporaryDirectory(prefix="kexec-crash-") as folder:
        folder = Path(folder)
        disk = folder / "disk"
        guest = boot(kernel, crash_kdump_tools.machine(kernel, program),
                     cmdline="quiet crashkernel=320M", memory="2G",
                     extra=crash_kdump_tools.make_disk(disk, "1G"))
        guest.run("systemctl start kdump-tools", check=True)
        assert "ready to kdump" in guest.run("kdump-config status", check=True).out
        assert "/sbin/kexec -p --command-line=" in guest.run("kdump-config show", check=True).out
        for verb, armed in ("unload", False), ("load", True), ("reload", True):
            guest.run(f"kdump-config {verb}", check=True)
            assert is_armed(guest) == armed
        guest.start("echo c >/proc/sysrq-trigger")
        assert guest.wait_end(2 * PATIENCE) == "guest-reset"
        guest.close()
        flat, log = crash_kdump_tools.saved(disk, folder)
        assert "sysrq triggered crash" in log.read_text(errors="replace")
        with open(flat, "rb") as data:
            crash_tools.run("makedumpfile", "-R", folder / "dump", stdin=data)
        assert crash_log.dumped(folder, folder / "dump") == log.read_text(errors="replace")


@pytest.fixture(scope="module")
def armable(guest_factory, kernels, program):
    return guest_factory(kernels("6.12"), crash_archive(program, kernels("6.12")),
                         cmdline="quiet crashkernel=128M", memory="768M")


@pytest.mark.parametrize("service", CALLS)
def test_the_services_own_calls(armable, service):
    """Each arms and disarms as it is written in the service's scripts."""
    loads, unloads = CALLS[service]
    for load in loads:
        for unload in unloads:
            armable.run(f"/sbin/kexec {load}", check=True)
            assert is_armed(armable)
            armable.run(f"/sbin/kexec {unload}", check=True)
            assert not is_armed(armable)
