"""vmcore-dmesg on a kernel that runs: /proc/kcore has its memory and its VMCOREINFO as a dump has."""

from lab.initramfs import base

# Each takes 32 bytes of the ring of 128 KiB: its id 8, its text with a newline and a NUL 17, padding.
MESSAGES = 9000
WRITE = f"""
i=10000; while [ $i -lt {10000 + MESSAGES} ]; do echo "<6>a message $i"; i=$((i + 1)); done >/tmp/lines
while read -r line; do echo "$line"; done </tmp/lines >/dev/kmsg
echo "<6>the end" >/dev/kmsg
"""
# What /dev/kmsg has up to there, in the form of vmcore-dmesg.
EXPECT = r"""awk -F';' '{ split($1, head, ",")
    printf "[%5d.%06d] %s\n", head[3] / 1000000, head[3] % 1000000, $2 }
    $2 == "the end" { exit }' </dev/kmsg >/tmp/expected"""


def test_a_message_that_ends_with_the_ring_is_not_taken_for_another(boot, kernels, program):
    """Since Linux 6.18 a message may end just where the ring does, which others take for a wrap.

    Where a message does not fit before the ring's end, it goes to the ring's start. So after the
    first round all messages lie at multiples of 32, and the last of a round ends with the ring.
    """
    image = base()
    image.program(program.parent / "vmcore-dmesg", "/sbin/vmcore-dmesg")
    guest = boot(kernels("7.x"), image, cmdline="quiet printk.devkmsg=on")
    guest.run(WRITE, check=True)
    guest.run(EXPECT, check=True)
    guest.run("vmcore-dmesg /proc/kcore | sed '/the end/q' >/tmp/found", check=True)
    # Without the oldest, which a message of the kernel's own may have pushed out in between.
    said = guest.run("for i in expected found; do tail -n 4080 /tmp/$i >/tmp/last-$i; done; "
                     "diff /tmp/last-expected /tmp/last-found")
    assert said.rc == 0, said.out
    assert int(guest.run("grep -c 'a message' /tmp/last-found", check=True).out) > 4000
