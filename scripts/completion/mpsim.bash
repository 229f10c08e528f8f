# SPDX-License-Identifier: Apache-2.0
# bash completion for mpsim. Commands, options and choices are read from its --help, names from `mpsim list`, so
# that they are those of the mpsim that is being run.

# The commands that `mpsim --help` lists.
_mpsim_commands() {
    "$1" --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p'
}

# The options of a command: "--name VALUE" a line; VALUE is missing for flags.
_mpsim_options() {
    "$1" "$2" --help 2>/dev/null | sed -nE 's/^  (-[A-Za-z], |    )(--[a-z-]+( [^ ]+)?)(  .*)?$/\2/p'
}

# The shipped names of a section of `mpsim list`.
_mpsim_names() {
    "$1" list "$2" 2>/dev/null | sed -n 's/^  \([^ ]*\) .*/\1/p'
}

# The section of an option's names: --arch archs, --preprocess preprocess, --data datasets.
_mpsim_section() {
    local name=${1#--}
    [[ $name = data ]] && name=dataset
    echo "${name%s}s"
}

# The names that --metric takes, from its help.
_mpsim_metrics() {
    "$1" sensitivity --help 2>/dev/null | tr -s '\n ' ' ' | sed -n 's/.* harm of each width: \(.*\), or a CSV.*/\1/p' | tr -d ,
}

# The sections of `mpsim list`, from its usage line.
_mpsim_sections() {
    "$1" list --help 2>/dev/null | sed -n 's/^Usage: mpsim list \[\([a-z|]*\)\].*/\1/p' | tr '|' ' '
}

_mpsim() {
    local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]-} word=${COMP_WORDS[COMP_CWORD]} option='' value='' files=no
    local words='' i=$((COMP_CWORD - 1))
    COMPREPLY=()
    program=${program/#\~\//$HOME/}
    if [[ $COMP_CWORD -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_mpsim_commands "$program") --help --version" -- "$word")
        return
    fi
    # "--name=wo" arrives as three words.
    [[ $word = '=' ]] && word='' i=$((i + 1))
    [[ ${COMP_WORDS[i]} = '=' ]] && i=$((i - 1))
    option=${COMP_WORDS[i]}
    [[ $option = -o ]] && option=--output
    if [[ $option = --* ]]; then
        value=$(_mpsim_options "$program" "$command" | sed -n "s/^$option //p")
    fi
    case $command,$value in
    help,*) words=$(_mpsim_commands "$program") ;;
    list,) words=$(_mpsim_sections "$program") ;;
    compare,) words=$(_mpsim_names "$program" archs) files=yes ;;
    check, | diff, | import, | merge, | report,) files=yes ;;
    run, | cosim, | dram, | explore, | front, | query,) words=$(_mpsim_options "$program" "$command" | awk '{ print $1 }') ;;
    inspect,) words=$(_mpsim_names "$program" models) files=yes ;;
    dataset,) words=$(_mpsim_names "$program" datasets) files=yes ;;
    search,NAME\|FILE | sensitivity,NAME\|FILE)
        words=$(_mpsim_names "$program" "$(_mpsim_section "$option")") files=yes
        [[ $option = --metric ]] && words=$(_mpsim_metrics "$program") ;;
    *,NAME\|FILE) words=$(_mpsim_names "$program" "$(_mpsim_section "$option")") files=yes ;;
    *,FILE* | *,OUT.db | *,DIR) files=yes ;;
    *,*[a-z0-9]\|[a-z]*) words=${value//|/ } ;;
    esac
    if [[ -z $value && $word = -* ]]; then
        words=$(_mpsim_options "$program" "$command" | awk '{ print $1 }') files=no
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    if [[ $files = yes ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$word")
    fi
}

complete -F _mpsim mpsim
