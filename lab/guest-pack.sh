#!/bin/sh
# /lab/pack OUT [FILE...]: inside a guest, write the guest's own root as a newc cpio archive to OUT,
# so that it can be the initrd of the next kernel. What is mounted on the root stays out, except
# /dev/console, /dev/null and the named files and directories (absolute names).

set -e
out=$1
shift

cd /
{
    find . -xdev ! -path ".$out"
    for extra in /dev/console /dev/null "$@"; do
        find ".$extra"
    done
} | cpio -o -H newc >"$out"
