"""Kernels that forbid loading: what forbids it is named, and what was loaded before can still start."""

from kexec_guest import QUIET, archive, loaded, pack


def test_a_locked_down_kernel_gets_the_file_call_and_an_explanation(boot, kernels, program):
    """Debian's kernel has no key of its signature in a guest without Secure Boot."""
    guest = boot(kernels("7.x"), archive(program, [kernels("7.x")]),
                 cmdline="quiet lockdown=integrity", memory="1G")
    guest.run("mount -t securityfs none /sys/kernel/security", check=True)
    plan = guest.run("kexec --dry-run -l /kernels/7.x", check=True).out
    assert "file (kexec_file_load), because lockdown forbids kexec_load" in plan
    for method in "", "-c", "-a", "-s":
        result = guest.run(f"kexec {method} -l /kernels/7.x")
        assert result.rc == 255
        assert "Operation not permitted" in result.out
        assert "next: the kernel is locked down: only a kernel signed with a key" in result.out
        assert "now: no kernel is loaded" in result.out
        assert not loaded(guest)
    guest.run("umount /sys/kernel/security", check=True)
    result = guest.run("kexec -l /kernels/7.x")  # it is not seen now that the kernel is locked down
    assert "kexec_load: Operation not permitted" in result.out
    assert "kexec_file_load: Operation not permitted" in result.out
    assert not loaded(guest)


def test_limits_and_kexec_load_disabled_are_named_and_what_was_loaded_starts(boot, kernels, program):
    guest = boot(kernels("6.12"), archive(program, [kernels("6.12")]), cmdline="quiet",
                 memory="1G")
    pack(guest)
    words = f"{QUIET} before=disabled"
    guest.run(f"kexec -l /kernels/6.12 --initrd=/tmp/next.cpio --command-line='{words}' && "
              "echo 0 >/proc/sys/kernel/kexec_load_limit_reboot", check=True)
    for method in "", "-c", "-s", "-a":
        result = guest.run(f"kexec {method} -l /kernels/6.12")
        assert result.rc == 255
        assert "a used-up kernel.kexec_load_limit_reboot forbids it" in result.out
        assert "now: what was loaded before is still loaded" in result.out
    guest.run("echo 1 >/proc/sys/kernel/kexec_load_disabled", check=True)
    for command in "kexec -l /kernels/6.12", "kexec -s -l /kernels/6.12", "kexec -f /kernels/6.12":
        result = guest.run(command)
        assert result.rc == 255
        assert "the sysctl kernel.kexec_load_disabled is 1" in result.out
        assert "only a reboot lifts it" in result.out
        assert "now: what was loaded before is still loaded" in result.out
        assert loaded(guest)
    assert guest.run("kexec -u").rc == 255
    assert loaded(guest)
    guest.handover("kexec -e")
    assert guest.run("cat /proc/cmdline").out.strip() == words
