# fish completion for vmcore-dmesg(8)
# SPDX-License-Identifier: LGPL-2.1-or-later

complete -c vmcore-dmesg -s l -l level -x -a '(__fish_append , emerg alert crit err warn notice info debug)' -d 'show only messages of these levels'
complete -c vmcore-dmesg -s f -l facility -x -a '(__fish_append , kern user mail daemon auth syslog lpr news uucp cron authpriv ftp local0 local1 local2 local3 local4 local5 local6 local7)' -d 'show only messages of these facilities'
complete -c vmcore-dmesg -l caller -d 'show who wrote a message'
complete -c vmcore-dmesg -l time-format -x -a 'raw ctime reltime delta iso notime' -d 'show times in this form'
complete -c vmcore-dmesg -s J -l json -d 'show one JSON object'
complete -c vmcore-dmesg -s h -l help -d 'show the options'
complete -c vmcore-dmesg -s V -l version -d 'show the version'
