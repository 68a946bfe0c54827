"""Kernels that are entered without their own decompressor: where they are, and that they live.

One guest goes through all rows of a chain, each from the kernel that the row before came to. What
proves the direct form: the kernel's code lies where the plan put it, and not where a decompressor
would have drawn another place.
"""

import re

import pytest

from kexec_guest import QUIET, archive, arrive, check_stamp, load, loaded

MODULE = "dummy"  # of a network device: no hardware, and in all kernels
VIRTUAL_START = 0xFFFFFFFF81000000


def image_of(program, *kernels):
    """An initramfs with the program, the kernels, and a module of each."""
    image = archive(program, kernels)
    for kernel in kernels:
        image.file(f"/modules/{kernel.release}/{MODULE}.ko", kernel.module(MODULE))
    return image


def physical_base(guest):
    """Where the running kernel's code lies."""
    return int(re.search(r"^ *([0-9a-f]+)-\S+ : Kernel code$", guest.run(
        "cat /proc/iomem", check=True).out, re.MULTILINE)[1], 16)


def virtual_base(guest):
    """The running kernel's first virtual address."""
    return int(guest.run("grep ' _text$' /proc/kallsyms", check=True).out.split()[0], 16)


def planned(said):
    """The form of a plan that was shown as text, and where its kernel starts."""
    return (re.search(r"^form: +(\w+)", said, re.MULTILINE)[1],
            int(re.search(r"^  K  kernel +0x([0-9a-f]+)-", said, re.MULTILINE)[1], 16))


def enter_directly(guest, to, words=QUIET, options="-d -c"):
    """Loads and jumps; the next kernel lies where it was put. Its virtual and physical base."""
    what = load(guest, to, options, words)
    form, start = planned(what.out)
    assert form == "direct"
    arrive(guest, what)
    assert physical_base(guest) == start
    check_stamp(guest)
    return virtual_base(guest), start


def check_that_it_lives(guest):
    """Modules go in and out, and a CPU goes and comes back."""
    guest.run(f"insmod /modules/{guest.booted.release}/{MODULE}.ko && rmmod {MODULE}", check=True)
    cpu = "/sys/devices/system/cpu/cpu1/online"
    guest.run(f"echo 0 >{cpu} && echo 1 >{cpu} && test $(nproc) = 2", check=True)


class TestChain:
    """With a BIOS, two CPUs, and 5-level page tables."""

    @pytest.fixture(scope="class")
    def guest(self, guest_factory, kernels, program):
        image = image_of(program, kernels("6.1"), kernels("6.12"), kernels("7.x"))
        return guest_factory(kernels("6.1"), image, cmdline="quiet", memory="1G", cpus=2)

    @pytest.fixture(scope="class")
    def bases(self):
        return []

    @pytest.mark.parametrize("to", ["6.12", "7.x", "7.x", "6.1"])
    def test_each_enters_the_next(self, guest, kernels, bases, to):
        bases.append(enter_directly(guest, kernels(to)))
        assert "la57" in guest.run("cat /proc/cpuinfo").out
        check_that_it_lives(guest)

    def test_hardly_two_lie_in_the_same_place(self, bases):
        """Of more than 450 slots: this fails once in 100,000 runs."""
        assert len({virtual for virtual, _ in bases}) >= 3
        assert len({physical for _, physical in bases}) >= 3

    def test_another_depth_of_page_tables_falls_back_with_a_line(self, guest, kernels):
        what = load(guest, kernels("7.x"), "-c", f"{QUIET} no5lvl")
        assert re.fullmatch(r"kexec: warning: .*unpack itself.*LA57.*\n", what.out)
        assert re.search(r"^  form +plain, because the running kernel uses 5-level",
                         guest.run("kexec status", check=True).out, re.MULTILINE)
        arrive(guest, what)
        assert "la57" not in guest.run("cat /proc/cpuinfo").out
        check_stamp(guest)


class TestUefi:
    """With UEFI, two CPUs, and a CPU that has no 5-level page tables."""

    @pytest.fixture(scope="class")
    def guest(self, guest_factory, kernels, program):
        image = image_of(program, kernels("6.1"), kernels("7.x"))
        return guest_factory(kernels("7.x"), image, cmdline="quiet", memory="1G", cpus=2,
                             cpu="Haswell", uefi=True)

    def test_it_enters_kernel_7_at_random_addresses(self, guest, kernels):
        enter_directly(guest, kernels("7.x"))
        assert guest.run("test -d /sys/firmware/efi/runtime-map").rc == 0
        check_that_it_lives(guest)

    def test_nokaslr_is_honoured(self, guest, kernels):
        virtual, _ = enter_directly(guest, kernels("6.1"), f"{QUIET} nokaslr")
        assert virtual == VIRTUAL_START
        check_that_it_lives(guest)

    def test_from_there_it_goes_on_in_the_plain_form(self, guest, kernels):
        what = load(guest, kernels("7.x"), "-d -c --plain", QUIET)
        assert "unpack itself" not in what.out
        assert planned(what.out)[0] == "plain"
        arrive(guest, what)
        check_stamp(guest)

    def test_a_damaged_kernel_is_refused(self, guest):
        """The image is whole, what is inside is not: it would never start."""
        guest.run("cp /kernels/7.x /tmp/damaged && printf x | "
                  "dd of=/tmp/damaged bs=1 seek=5000000 conv=notrunc", check=True)
        said = guest.run("kexec -c -l /tmp/damaged")
        assert said.rc != 0 and "corrupt" in said.out
        assert not loaded(guest)
        guest.run("kexec -c --plain -l /tmp/damaged", check=True)
        assert loaded(guest)
        guest.run("kexec -u", check=True)


@pytest.mark.long
def test_twenty_hand_overs_have_fifteen_places_at_least(boot, kernels, program):
    guest = boot(kernels("7.x"), image_of(program, kernels("7.x")), cmdline="quiet", memory="2G")
    bases = [enter_directly(guest, kernels("7.x")) for _ in range(20)]
    assert len({virtual for virtual, _ in bases}) >= 15
    assert len({physical for _, physical in bases}) >= 15
