# Completion of sev-launch in bash. Made by `sev-launch completions bash`.

# The subcommands and the flags of a command, given by the words that lead to it.
_sev_launch_words() {
    subs='' flags=''
    case $1 in
#WORDS
    esac
}

# What the value of a command's flag is, or of its argument at a place: nothing where the flag takes none.
_sev_launch_value() {
    kind='' choices=''
    case $1 in
#VALUES
    esac
}

_sev_launch() {
    local IFS=$' \t\n'
    local path='' subs='' flags='' kind='' choices='' flag='' only_flags='' ended='' glued=''
    local word='' value='' piece='' lead='' head='' before='' found=''
    local -i i last=0 place=0
    local words
    words=('')
    COMPREPLY=()

    # The words as they were typed: bash takes them apart at = and at colons.
    for (( i = 1; i <= COMP_CWORD; i++ )); do
        word=${COMP_WORDS[i]-}
        if [[ -n $glued || ( $last -gt 0 && $word == [=:]* ) ]]; then
            words[last]+=$word
        else
            last+=1
            words[last]=$word
        fi
        glued=''
        if [[ $word == [=:]* ]]; then glued=1; fi
    done
    piece=${COMP_WORDS[COMP_CWORD]-}
    if [[ $piece == [=:]* ]]; then piece=''; fi

    # What those before the last one mean.
    _sev_launch_words "$path"
    for (( i = 1; i < last; i++ )); do
        word=${words[i]}
        if [[ -n $flag ]]; then
            flag=''
        elif [[ -n $ended ]]; then
            place+=1
        elif [[ $word == -- ]]; then
            ended=1
        elif [[ $word == --*=* ]]; then
            continue
        elif [[ $word == -?* ]]; then
            _sev_launch_value "$path" "$word"
            if [[ -n $kind && $kind != attached ]]; then flag=$word; fi
        elif [[ $word == help && -z $path ]]; then
            flags=''
        elif [[ " $subs " == *" $word "* ]]; then
            path="${path:+$path }$word"
            _sev_launch_words "$path"
        else
            place+=1
        fi
    done

    # What the last one may become.
    value=${words[last]}
    if [[ -n $flag ]]; then
        _sev_launch_value "$path" "$flag"
    elif [[ -z $ended && $value == --*=* ]]; then
        _sev_launch_value "$path" "${value%%=*}"
        value=${value#*=}
    elif [[ -z $ended && $value == -* ]]; then
        kind=one choices=$flags
    elif [[ -n $subs ]]; then
        kind=one choices=$subs
    else
        _sev_launch_value "$path" "$(( place + 1 ))"
        if [[ -z $kind && -z $ended ]]; then kind=one choices=$flags; fi
    fi

    # Bash replaces the last piece alone, which may begin before the value or within it.
    if (( ${#piece} >= ${#value} )); then
        lead=${piece%"$value"}
    else
        head=${value%"$piece"}
    fi
    if [[ $kind == list && $value == *,* ]]; then
        before=${value%,*},
        value=${value##*,}
    elif [[ $kind == named && $value == *:* ]]; then
        before=${value%%:*}:
        value=${value#*:}
        kind=file
    fi
    case $kind in
        one|attached) found=$(compgen -W "$choices" -- "$value") ;;
        list|named)
            found=$(compgen -W "$choices" -- "$value")
            compopt -o nospace 2>/dev/null ;;
        file|folder)
            # Without the quotes and backslashes of a name that was begun with them.
            value=${value#[\"\']}
            value=${value//\\/}
            if [[ $kind == file ]]; then
                found=$(compgen -f -- "$value")
            else
                found=$(compgen -d -- "$value")
            fi
            compopt -o filenames 2>/dev/null ;;
    esac
    while IFS= read -r word; do
        if [[ -n $word ]]; then
            word=$before$word
            COMPREPLY+=("$lead${word#"$head"}")
        fi
    done <<< "$found"
    return 0
}

complete -o nosort -F _sev_launch sev-launch 2>/dev/null || complete -F _sev_launch sev-launch
