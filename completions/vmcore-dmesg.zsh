#compdef vmcore-dmesg
# SPDX-License-Identifier: LGPL-2.1-or-later

_arguments -s -S \
  '(-l --level)'{-l+,--level=}'[show only messages of these levels]:level:_sequence compadd - emerg alert crit err warn notice info debug' \
  '(-f --facility)'{-f+,--facility=}'[show only messages of these facilities]:facility:_sequence compadd - kern user mail daemon auth syslog lpr news uucp cron authpriv ftp local{0..7}' \
  '--caller[show who wrote a message]' \
  '--time-format=[show times in this form]:format:(raw ctime reltime delta iso notime)' \
  '(-J --json)'{-J,--json}'[show one JSON object]' \
  '(-h --help)'{-h,--help}'[show the options]' \
  '(-V --version)'{-V,--version}'[show the version]' \
  '1:dump:_files'
