# bash completion for vmcore-dmesg(8)                      -*- shell-script -*-
# SPDX-License-Identifier: LGPL-2.1-or-later

# The last item of a list, behind the ones before it.
_vmcore_dmesg_complete_list()
{
    local before=''
    [[ $cur == *,* ]] && before=${cur%,*},
    mapfile -t COMPREPLY < <(compgen -P "$before" -W "$1" -- "${cur##*,}")
    compopt -o nospace 2>/dev/null
}

# readline cuts words at =.
_vmcore_dmesg()
{
    local cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    if [[ $option == = ]]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}
    elif [[ $cur == = ]]; then
        cur=''
    fi
    case $option in
        -l | --level)
            _vmcore_dmesg_complete_list "emerg alert crit err warn notice info debug"
            ;;
        -f | --facility)
            _vmcore_dmesg_complete_list "kern user mail daemon auth syslog lpr news uucp cron \
                authpriv ftp local0 local1 local2 local3 local4 local5 local6 local7"
            ;;
        --time-format)
            mapfile -t COMPREPLY < <(compgen -W "raw ctime reltime delta iso notime" -- "$cur")
            ;;
        *)
            if [[ $cur == -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "--level= --facility= --caller \
                    --time-format= --json --help --version" -- "$cur")
                [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
            else
                compopt -o filenames 2>/dev/null
                mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            fi
            ;;
    esac
    return 0
}

complete -F _vmcore_dmesg vmcore-dmesg
