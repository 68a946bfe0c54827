"""Hand-overs on a UEFI machine: the next kernels go on using the firmware."""

import pytest

from kexec_guest import QUIET, archive, memory_map, pack, seed_credited_at, sha256, stamp

FIRMWARE = ("ls /sys/firmware/efi; cat /sys/firmware/efi/config_table /sys/firmware/efi/fw_vendor; "
            "cd /sys/firmware/efi/runtime-map && "
            "for i in *; do echo $i $(cat $i/type $i/phys_addr $i/num_pages $i/attribute); done")


@pytest.fixture(scope="module")
def traveller(guest_factory, kernels, program):
    """The guest of this module's chain, and what its first boot saw of the firmware."""
    image = archive(program, [kernels("6.12"), kernels("7.x")])
    guest = guest_factory(kernels("6.1"), image, cmdline="quiet", memory="1G", uefi=True)
    return guest, memory_map(guest), guest.run(FIRMWARE, check=True).out


@pytest.mark.parametrize("to", ["7.x", "6.12"])
def test_the_next_kernel_has_efi_and_an_initrd_that_nothing_wrote_to(traveller, kernels, to):
    """Kernel 7 clears a table of its EFI stub that lies in ordinary memory: nothing else may."""
    guest, first_map, first_firmware = traveller
    proof = pack(guest)
    whole = sha256(guest, "/tmp/next.cpio")
    loading = guest.run(f"kexec -c -l /kernels/{to} --initrd=/tmp/next.cpio "
                        f"--command-line='{QUIET} random.trust_cpu=off retain_initrd'", check=True)
    assert loading.out == ""
    guest.handover("kexec -e")
    assert guest.booted.release == kernels(to).release
    assert memory_map(guest) == first_map
    assert guest.run(FIRMWARE, check=True).out == first_firmware
    assert "Secure boot disabled" in guest.run("dmesg").out
    assert seed_credited_at(guest) == 0.0
    assert stamp(guest).checked == 5
    assert sha256(guest, "/proof") == proof
    assert sha256(guest, "/sys/firmware/initrd") == whole


def test_the_last_kernel_powers_off(traveller):
    guest, _, _ = traveller
    guest.start("poweroff -f")
    assert guest.wait_end() == "guest-shutdown"


def test_without_efis_runtime_services_the_next_kernel_still_finds_acpi(boot, kernels, program):
    """EFI is not handed on then, so the address of ACPI's tables must be; with two CPUs."""
    guest = boot(kernels("6.12"), archive(program, [kernels("7.x")]),
                 cmdline="quiet efi=noruntime", memory="1G", uefi=True, cpus=2)
    pack(guest)
    loading = guest.run("kexec -c -l /kernels/7.x --initrd=/tmp/next.cpio "
                        f"--command-line='{QUIET}'", check=True)
    assert "EFI's runtime services are not handed on" in loading.out
    guest.handover("kexec -e")
    assert guest.run("test -e /sys/firmware/efi").rc == 1
    assert "RSDP was not found" not in guest.console
    assert guest.run("nproc").out.strip() == "2"
    guest.start("poweroff -f")
    assert guest.wait_end() == "guest-shutdown"
