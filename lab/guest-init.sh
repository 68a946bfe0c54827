#!/bin/sh
# The guest's /init. Kernel messages go to ttyS0. Commands come over ttyS1: a line "TOKEN BASE64"
# is answered with "BEGIN TOKEN", the command's output as it is, and "END TOKEN STATUS" on a line of
# its own. The host sends nothing before it has seen "LAB-READY RELEASE BOOT_ID".

export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run

if [ -x /lab/on-boot ]; then
    /lab/on-boot </dev/null >/dev/ttyS0 2>&1
fi

# Raw, because a terminal's line mode ends a line at 4096 bytes.
exec 3<>/dev/ttyS1
stty raw -echo <&3
echo "LAB-READY $(uname -r) $(cat /proc/sys/kernel/random/boot_id)" >&3

# The output passes through a pipe, so that no program takes it for a terminal.
while read -r token command <&3; do
    echo "$command" | base64 -d >/run/lab-command
    echo "BEGIN $token" >&3
    {
        sh /run/lab-command </dev/null 2>&1 3>&-
        echo $? >/run/lab-status
    } | cat >&3
    printf '\nEND %s %s\n' "$token" "$(cat /run/lab-status)" >&3
done
