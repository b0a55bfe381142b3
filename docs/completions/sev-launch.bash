_sev__launch() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="sev__launch"
                ;;
            sev__launch,certs)
                cmd="sev__launch__subcmd__certs"
                ;;
            sev__launch,cpu)
                cmd="sev__launch__subcmd__cpu"
                ;;
            sev__launch,describe)
                cmd="sev__launch__subcmd__describe"
                ;;
            sev__launch,digest)
                cmd="sev__launch__subcmd__digest"
                ;;
            sev__launch,explain)
                cmd="sev__launch__subcmd__explain"
                ;;
            sev__launch,firmware)
                cmd="sev__launch__subcmd__firmware"
                ;;
            sev__launch,help)
                cmd="sev__launch__subcmd__help"
                ;;
            sev__launch,id-block)
                cmd="sev__launch__subcmd__id__subcmd__block"
                ;;
            sev__launch,import)
                cmd="sev__launch__subcmd__import"
                ;;
            sev__launch,manifest)
                cmd="sev__launch__subcmd__manifest"
                ;;
            sev__launch,profile)
                cmd="sev__launch__subcmd__profile"
                ;;
            sev__launch,report)
                cmd="sev__launch__subcmd__report"
                ;;
            sev__launch,secret)
                cmd="sev__launch__subcmd__secret"
                ;;
            sev__launch,session)
                cmd="sev__launch__subcmd__session"
                ;;
            sev__launch,verify)
                cmd="sev__launch__subcmd__verify"
                ;;
            sev__launch,vmsa)
                cmd="sev__launch__subcmd__vmsa"
                ;;
            sev__launch__subcmd__certs,help)
                cmd="sev__launch__subcmd__certs__subcmd__help"
                ;;
            sev__launch__subcmd__certs,join)
                cmd="sev__launch__subcmd__certs__subcmd__join"
                ;;
            sev__launch__subcmd__certs,show)
                cmd="sev__launch__subcmd__certs__subcmd__show"
                ;;
            sev__launch__subcmd__certs,split)
                cmd="sev__launch__subcmd__certs__subcmd__split"
                ;;
            sev__launch__subcmd__certs,verify)
                cmd="sev__launch__subcmd__certs__subcmd__verify"
                ;;
            sev__launch__subcmd__certs__subcmd__help,help)
                cmd="sev__launch__subcmd__certs__subcmd__help__subcmd__help"
                ;;
            sev__launch__subcmd__certs__subcmd__help,join)
                cmd="sev__launch__subcmd__certs__subcmd__help__subcmd__join"
                ;;
            sev__launch__subcmd__certs__subcmd__help,show)
                cmd="sev__launch__subcmd__certs__subcmd__help__subcmd__show"
                ;;
            sev__launch__subcmd__certs__subcmd__help,split)
                cmd="sev__launch__subcmd__certs__subcmd__help__subcmd__split"
                ;;
            sev__launch__subcmd__certs__subcmd__help,verify)
                cmd="sev__launch__subcmd__certs__subcmd__help__subcmd__verify"
                ;;
            sev__launch__subcmd__cpu,help)
                cmd="sev__launch__subcmd__cpu__subcmd__help"
                ;;
            sev__launch__subcmd__cpu,list)
                cmd="sev__launch__subcmd__cpu__subcmd__list"
                ;;
            sev__launch__subcmd__cpu__subcmd__help,help)
                cmd="sev__launch__subcmd__cpu__subcmd__help__subcmd__help"
                ;;
            sev__launch__subcmd__cpu__subcmd__help,list)
                cmd="sev__launch__subcmd__cpu__subcmd__help__subcmd__list"
                ;;
            sev__launch__subcmd__firmware,absorb)
                cmd="sev__launch__subcmd__firmware__subcmd__absorb"
                ;;
            sev__launch__subcmd__firmware,help)
                cmd="sev__launch__subcmd__firmware__subcmd__help"
                ;;
            sev__launch__subcmd__firmware,show)
                cmd="sev__launch__subcmd__firmware__subcmd__show"
                ;;
            sev__launch__subcmd__firmware__subcmd__help,absorb)
                cmd="sev__launch__subcmd__firmware__subcmd__help__subcmd__absorb"
                ;;
            sev__launch__subcmd__firmware__subcmd__help,help)
                cmd="sev__launch__subcmd__firmware__subcmd__help__subcmd__help"
                ;;
            sev__launch__subcmd__firmware__subcmd__help,show)
                cmd="sev__launch__subcmd__firmware__subcmd__help__subcmd__show"
                ;;
            sev__launch__subcmd__help,certs)
                cmd="sev__launch__subcmd__help__subcmd__certs"
                ;;
            sev__launch__subcmd__help,cpu)
                cmd="sev__launch__subcmd__help__subcmd__cpu"
                ;;
            sev__launch__subcmd__help,describe)
                cmd="sev__launch__subcmd__help__subcmd__describe"
                ;;
            sev__launch__subcmd__help,digest)
                cmd="sev__launch__subcmd__help__subcmd__digest"
                ;;
            sev__launch__subcmd__help,explain)
                cmd="sev__launch__subcmd__help__subcmd__explain"
                ;;
            sev__launch__subcmd__help,firmware)
                cmd="sev__launch__subcmd__help__subcmd__firmware"
                ;;
            sev__launch__subcmd__help,help)
                cmd="sev__launch__subcmd__help__subcmd__help"
                ;;
            sev__launch__subcmd__help,id-block)
                cmd="sev__launch__subcmd__help__subcmd__id__subcmd__block"
                ;;
            sev__launch__subcmd__help,import)
                cmd="sev__launch__subcmd__help__subcmd__import"
                ;;
            sev__launch__subcmd__help,manifest)
                cmd="sev__launch__subcmd__help__subcmd__manifest"
                ;;
            sev__launch__subcmd__help,profile)
                cmd="sev__launch__subcmd__help__subcmd__profile"
                ;;
            sev__launch__subcmd__help,report)
                cmd="sev__launch__subcmd__help__subcmd__report"
                ;;
            sev__launch__subcmd__help,secret)
                cmd="sev__launch__subcmd__help__subcmd__secret"
                ;;
            sev__launch__subcmd__help,session)
                cmd="sev__launch__subcmd__help__subcmd__session"
                ;;
            sev__launch__subcmd__help,verify)
                cmd="sev__launch__subcmd__help__subcmd__verify"
                ;;
            sev__launch__subcmd__help,vmsa)
                cmd="sev__launch__subcmd__help__subcmd__vmsa"
                ;;
            sev__launch__subcmd__help__subcmd__certs,join)
                cmd="sev__launch__subcmd__help__subcmd__certs__subcmd__join"
                ;;
            sev__launch__subcmd__help__subcmd__certs,show)
                cmd="sev__launch__subcmd__help__subcmd__certs__subcmd__show"
                ;;
            sev__launch__subcmd__help__subcmd__certs,split)
                cmd="sev__launch__subcmd__help__subcmd__certs__subcmd__split"
                ;;
            sev__launch__subcmd__help__subcmd__certs,verify)
                cmd="sev__launch__subcmd__help__subcmd__certs__subcmd__verify"
                ;;
            sev__launch__subcmd__help__subcmd__cpu,list)
                cmd="sev__launch__subcmd__help__subcmd__cpu__subcmd__list"
                ;;
            sev__launch__subcmd__help__subcmd__firmware,absorb)
                cmd="sev__launch__subcmd__help__subcmd__firmware__subcmd__absorb"
                ;;
            sev__launch__subcmd__help__subcmd__firmware,show)
                cmd="sev__launch__subcmd__help__subcmd__firmware__subcmd__show"
                ;;
            sev__launch__subcmd__help__subcmd__id__subcmd__block,build)
                cmd="sev__launch__subcmd__help__subcmd__id__subcmd__block__subcmd__build"
                ;;
            sev__launch__subcmd__help__subcmd__id__subcmd__block,check)
                cmd="sev__launch__subcmd__help__subcmd__id__subcmd__block__subcmd__check"
                ;;
            sev__launch__subcmd__help__subcmd__import,check-policy)
                cmd="sev__launch__subcmd__help__subcmd__import__subcmd__check__subcmd__policy"
                ;;
            sev__launch__subcmd__help__subcmd__import,kata)
                cmd="sev__launch__subcmd__help__subcmd__import__subcmd__kata"
                ;;
            sev__launch__subcmd__help__subcmd__import,libvirt)
                cmd="sev__launch__subcmd__help__subcmd__import__subcmd__libvirt"
                ;;
            sev__launch__subcmd__help__subcmd__import,nova)
                cmd="sev__launch__subcmd__help__subcmd__import__subcmd__nova"
                ;;
            sev__launch__subcmd__help__subcmd__import,qemu)
                cmd="sev__launch__subcmd__help__subcmd__import__subcmd__qemu"
                ;;
            sev__launch__subcmd__help__subcmd__manifest,add)
                cmd="sev__launch__subcmd__help__subcmd__manifest__subcmd__add"
                ;;
            sev__launch__subcmd__help__subcmd__manifest,build)
                cmd="sev__launch__subcmd__help__subcmd__manifest__subcmd__build"
                ;;
            sev__launch__subcmd__help__subcmd__manifest,check)
                cmd="sev__launch__subcmd__help__subcmd__manifest__subcmd__check"
                ;;
            sev__launch__subcmd__help__subcmd__manifest,diff)
                cmd="sev__launch__subcmd__help__subcmd__manifest__subcmd__diff"
                ;;
            sev__launch__subcmd__help__subcmd__manifest,publish)
                cmd="sev__launch__subcmd__help__subcmd__manifest__subcmd__publish"
                ;;
            sev__launch__subcmd__help__subcmd__manifest,show)
                cmd="sev__launch__subcmd__help__subcmd__manifest__subcmd__show"
                ;;
            sev__launch__subcmd__help__subcmd__profile,diff)
                cmd="sev__launch__subcmd__help__subcmd__profile__subcmd__diff"
                ;;
            sev__launch__subcmd__help__subcmd__profile,list)
                cmd="sev__launch__subcmd__help__subcmd__profile__subcmd__list"
                ;;
            sev__launch__subcmd__help__subcmd__profile,show)
                cmd="sev__launch__subcmd__help__subcmd__profile__subcmd__show"
                ;;
            sev__launch__subcmd__help__subcmd__report,appraise)
                cmd="sev__launch__subcmd__help__subcmd__report__subcmd__appraise"
                ;;
            sev__launch__subcmd__help__subcmd__report,show)
                cmd="sev__launch__subcmd__help__subcmd__report__subcmd__show"
                ;;
            sev__launch__subcmd__help__subcmd__report,verify)
                cmd="sev__launch__subcmd__help__subcmd__report__subcmd__verify"
                ;;
            sev__launch__subcmd__help__subcmd__secret,build)
                cmd="sev__launch__subcmd__help__subcmd__secret__subcmd__build"
                ;;
            sev__launch__subcmd__help__subcmd__secret,show)
                cmd="sev__launch__subcmd__help__subcmd__secret__subcmd__show"
                ;;
            sev__launch__subcmd__help__subcmd__vmsa,build)
                cmd="sev__launch__subcmd__help__subcmd__vmsa__subcmd__build"
                ;;
            sev__launch__subcmd__help__subcmd__vmsa,diff)
                cmd="sev__launch__subcmd__help__subcmd__vmsa__subcmd__diff"
                ;;
            sev__launch__subcmd__help__subcmd__vmsa,show)
                cmd="sev__launch__subcmd__help__subcmd__vmsa__subcmd__show"
                ;;
            sev__launch__subcmd__id__subcmd__block,build)
                cmd="sev__launch__subcmd__id__subcmd__block__subcmd__build"
                ;;
            sev__launch__subcmd__id__subcmd__block,check)
                cmd="sev__launch__subcmd__id__subcmd__block__subcmd__check"
                ;;
            sev__launch__subcmd__id__subcmd__block,help)
                cmd="sev__launch__subcmd__id__subcmd__block__subcmd__help"
                ;;
            sev__launch__subcmd__id__subcmd__block__subcmd__help,build)
                cmd="sev__launch__subcmd__id__subcmd__block__subcmd__help__subcmd__build"
                ;;
            sev__launch__subcmd__id__subcmd__block__subcmd__help,check)
                cmd="sev__launch__subcmd__id__subcmd__block__subcmd__help__subcmd__check"
                ;;
            sev__launch__subcmd__id__subcmd__block__subcmd__help,help)
                cmd="sev__launch__subcmd__id__subcmd__block__subcmd__help__subcmd__help"
                ;;
            sev__launch__subcmd__import,check-policy)
                cmd="sev__launch__subcmd__import__subcmd__check__subcmd__policy"
                ;;
            sev__launch__subcmd__import,help)
                cmd="sev__launch__subcmd__import__subcmd__help"
                ;;
            sev__launch__subcmd__import,kata)
                cmd="sev__launch__subcmd__import__subcmd__kata"
                ;;
            sev__launch__subcmd__import,libvirt)
                cmd="sev__launch__subcmd__import__subcmd__libvirt"
                ;;
            sev__launch__subcmd__import,nova)
                cmd="sev__launch__subcmd__import__subcmd__nova"
                ;;
            sev__launch__subcmd__import,qemu)
                cmd="sev__launch__subcmd__import__subcmd__qemu"
                ;;
            sev__launch__subcmd__import__subcmd__help,check-policy)
                cmd="sev__launch__subcmd__import__subcmd__help__subcmd__check__subcmd__policy"
                ;;
            sev__launch__subcmd__import__subcmd__help,help)
                cmd="sev__launch__subcmd__import__subcmd__help__subcmd__help"
                ;;
            sev__launch__subcmd__import__subcmd__help,kata)
                cmd="sev__launch__subcmd__import__subcmd__help__subcmd__kata"
                ;;
            sev__launch__subcmd__import__subcmd__help,libvirt)
                cmd="sev__launch__subcmd__import__subcmd__help__subcmd__libvirt"
                ;;
            sev__launch__subcmd__import__subcmd__help,nova)
                cmd="sev__launch__subcmd__import__subcmd__help__subcmd__nova"
                ;;
            sev__launch__subcmd__import__subcmd__help,qemu)
                cmd="sev__launch__subcmd__import__subcmd__help__subcmd__qemu"
                ;;
            sev__launch__subcmd__manifest,add)
                cmd="sev__launch__subcmd__manifest__subcmd__add"
                ;;
            sev__launch__subcmd__manifest,build)
                cmd="sev__launch__subcmd__manifest__subcmd__build"
                ;;
            sev__launch__subcmd__manifest,check)
                cmd="sev__launch__subcmd__manifest__subcmd__check"
                ;;
            sev__launch__subcmd__manifest,diff)
                cmd="sev__launch__subcmd__manifest__subcmd__diff"
                ;;
            sev__launch__subcmd__manifest,help)
                cmd="sev__launch__subcmd__manifest__subcmd__help"
                ;;
            sev__launch__subcmd__manifest,publish)
                cmd="sev__launch__subcmd__manifest__subcmd__publish"
                ;;
            sev__launch__subcmd__manifest,show)
                cmd="sev__launch__subcmd__manifest__subcmd__show"
                ;;
            sev__launch__subcmd__manifest__subcmd__help,add)
                cmd="sev__launch__subcmd__manifest__subcmd__help__subcmd__add"
                ;;
            sev__launch__subcmd__manifest__subcmd__help,build)
                cmd="sev__launch__subcmd__manifest__subcmd__help__subcmd__build"
                ;;
            sev__launch__subcmd__manifest__subcmd__help,check)
                cmd="sev__launch__subcmd__manifest__subcmd__help__subcmd__check"
                ;;
            sev__launch__subcmd__manifest__subcmd__help,diff)
                cmd="sev__launch__subcmd__manifest__subcmd__help__subcmd__diff"
                ;;
            sev__launch__subcmd__manifest__subcmd__help,help)
                cmd="sev__launch__subcmd__manifest__subcmd__help__subcmd__help"
                ;;
            sev__launch__subcmd__manifest__subcmd__help,publish)
                cmd="sev__launch__subcmd__manifest__subcmd__help__subcmd__publish"
                ;;
            sev__launch__subcmd__manifest__subcmd__help,show)
                cmd="sev__launch__subcmd__manifest__subcmd__help__subcmd__show"
                ;;
            sev__launch__subcmd__profile,diff)
                cmd="sev__launch__subcmd__profile__subcmd__diff"
                ;;
            sev__launch__subcmd__profile,help)
                cmd="sev__launch__subcmd__profile__subcmd__help"
                ;;
            sev__launch__subcmd__profile,list)
                cmd="sev__launch__subcmd__profile__subcmd__list"
                ;;
            sev__launch__subcmd__profile,show)
                cmd="sev__launch__subcmd__profile__subcmd__show"
                ;;
            sev__launch__subcmd__profile__subcmd__help,diff)
                cmd="sev__launch__subcmd__profile__subcmd__help__subcmd__diff"
                ;;
            sev__launch__subcmd__profile__subcmd__help,help)
                cmd="sev__launch__subcmd__profile__subcmd__help__subcmd__help"
                ;;
            sev__launch__subcmd__profile__subcmd__help,list)
                cmd="sev__launch__subcmd__profile__subcmd__help__subcmd__list"
                ;;
            sev__launch__subcmd__profile__subcmd__help,show)
                cmd="sev__launch__subcmd__profile__subcmd__help__subcmd__show"
                ;;
            sev__launch__subcmd__report,appraise)
                cmd="sev__launch__subcmd__report__subcmd__appraise"
                ;;
            sev__launch__subcmd__report,help)
                cmd="sev__launch__subcmd__report__subcmd__help"
                ;;
            sev__launch__subcmd__report,show)
                cmd="sev__launch__subcmd__report__subcmd__show"
                ;;
            sev__launch__subcmd__report,verify)
                cmd="sev__launch__subcmd__report__subcmd__verify"
                ;;
            sev__launch__subcmd__report__subcmd__help,appraise)
                cmd="sev__launch__subcmd__report__subcmd__help__subcmd__appraise"
                ;;
            sev__launch__subcmd__report__subcmd__help,help)
                cmd="sev__launch__subcmd__report__subcmd__help__subcmd__help"
                ;;
            sev__launch__subcmd__report__subcmd__help,show)
                cmd="sev__launch__subcmd__report__subcmd__help__subcmd__show"
                ;;
            sev__launch__subcmd__report__subcmd__help,verify)
                cmd="sev__launch__subcmd__report__subcmd__help__subcmd__verify"
                ;;
            sev__launch__subcmd__secret,build)
                cmd="sev__launch__subcmd__secret__subcmd__build"
                ;;
            sev__launch__subcmd__secret,help)
                cmd="sev__launch__subcmd__secret__subcmd__help"
                ;;
            sev__launch__subcmd__secret,show)
                cmd="sev__launch__subcmd__secret__subcmd__show"
                ;;
            sev__launch__subcmd__secret__subcmd__help,build)
                cmd="sev__launch__subcmd__secret__subcmd__help__subcmd__build"
                ;;
            sev__launch__subcmd__secret__subcmd__help,help)
                cmd="sev__launch__subcmd__secret__subcmd__help__subcmd__help"
                ;;
            sev__launch__subcmd__secret__subcmd__help,show)
                cmd="sev__launch__subcmd__secret__subcmd__help__subcmd__show"
                ;;
            sev__launch__subcmd__vmsa,build)
                cmd="sev__launch__subcmd__vmsa__subcmd__build"
                ;;
            sev__launch__subcmd__vmsa,diff)
                cmd="sev__launch__subcmd__vmsa__subcmd__diff"
                ;;
            sev__launch__subcmd__vmsa,help)
                cmd="sev__launch__subcmd__vmsa__subcmd__help"
                ;;
            sev__launch__subcmd__vmsa,show)
                cmd="sev__launch__subcmd__vmsa__subcmd__show"
                ;;
            sev__launch__subcmd__vmsa__subcmd__help,build)
                cmd="sev__launch__subcmd__vmsa__subcmd__help__subcmd__build"
                ;;
            sev__launch__subcmd__vmsa__subcmd__help,diff)
                cmd="sev__launch__subcmd__vmsa__subcmd__help__subcmd__diff"
                ;;
            sev__launch__subcmd__vmsa__subcmd__help,help)
                cmd="sev__launch__subcmd__vmsa__subcmd__help__subcmd__help"
                ;;
            sev__launch__subcmd__vmsa__subcmd__help,show)
                cmd="sev__launch__subcmd__vmsa__subcmd__help__subcmd__show"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        sev__launch)
            opts="-h -V --help --version digest import describe verify explain manifest session secret report id-block certs firmware vmsa profile cpu help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__certs)
            opts="-h --help show verify split join help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__certs__subcmd__help)
            opts="show verify split join help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__certs__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__certs__subcmd__help__subcmd__join)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__certs__subcmd__help__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__certs__subcmd__help__subcmd__split)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__certs__subcmd__help__subcmd__verify)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__certs__subcmd__join)
            opts="-o -h --layout --out --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --layout)
                    COMPREPLY=($(compgen -W "export full host ca" -- "${cur}"))
                    return 0
                    ;;
                --out)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__certs__subcmd__show)
            opts="-h --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__certs__subcmd__split)
            opts="-o -h --out --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --out)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__certs__subcmd__verify)
            opts="-h --pdh --pek --oca --cek --ca --root --generation --owner --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --pdh)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --oca)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ca)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --generation)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__cpu)
            opts="-h --help list help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__cpu__subcmd__help)
            opts="list help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__cpu__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__cpu__subcmd__help__subcmd__list)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__cpu__subcmd__list)
            opts="-h --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__describe)
            opts="-d -h --mode --description --harmless --allow-outside --confine --work-limit --ovmf --firmware --firmware-absorbed --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --append --cmdline --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --num-cpus --vcpus --late-vcpus --vcpu-type --vcpu-sig --family --cpu-family --vcpu-family --model --cpu-model --vcpu-model --stepping --cpu-stepping --vcpu-stepping --profile --vmm-type --guest-features --vmsa-cpu0 --vmsa-bsp --vmsa-cpu1 --vmsa-ap --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --description)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --harmless)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allow-outside)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --work-limit)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ovmf)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-absorbed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-in-flash)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --snp-ovmf-hash)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --uki)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --append)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-hex)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-hashes)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --shim)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtb)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-gpa)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --num-cpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --late-vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-sig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-type)
                    COMPREPLY=($(compgen -W "qemu ec2 gce krun" -- "${cur}"))
                    return 0
                    ;;
                --guest-features)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-bsp)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu0)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-ap)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu1)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-version)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --machine)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-cpu)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --debug-swap)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --legacy-vm-type)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --svsm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__digest)
            opts="-d -v -q -h --mode --description --harmless --allow-outside --confine --work-limit --ovmf --firmware --firmware-absorbed --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --append --cmdline --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --num-cpus --vcpus --late-vcpus --vcpu-type --vcpu-sig --family --cpu-family --vcpu-family --model --cpu-model --vcpu-model --stepping --cpu-stepping --vcpu-stepping --profile --vmm-type --guest-features --vmsa-cpu0 --vmsa-bsp --vmsa-cpu1 --vmsa-ap --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --output-format --format --json --trace --dump-vmsa --verbose --quiet --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --description)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --harmless)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allow-outside)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --work-limit)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ovmf)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-absorbed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-in-flash)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --snp-ovmf-hash)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --uki)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --append)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-hex)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-hashes)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --shim)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtb)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-gpa)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --num-cpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --late-vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-sig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-type)
                    COMPREPLY=($(compgen -W "qemu ec2 gce krun" -- "${cur}"))
                    return 0
                    ;;
                --guest-features)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-bsp)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu0)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-ap)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu1)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-version)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --machine)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-cpu)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --debug-swap)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --legacy-vm-type)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --svsm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "hex base64 json csv jsonl table" -- "${cur}"))
                    return 0
                    ;;
                --output-format)
                    COMPREPLY=($(compgen -W "hex base64 json csv jsonl table" -- "${cur}"))
                    return 0
                    ;;
                --trace)
                    COMPREPLY=($(compgen -W "regions pages" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__explain)
            opts="-m -d -q -h --reported --report --evidence --launch-measure-blob --measurement --api-major --api-minor --build-id --tik --policy --mode --description --harmless --allow-outside --confine --work-limit --ovmf --firmware --firmware-absorbed --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --append --cmdline --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --num-cpus --vcpus --late-vcpus --vcpu-type --vcpu-sig --family --cpu-family --vcpu-family --model --cpu-model --vcpu-model --stepping --cpu-stepping --vcpu-stepping --profile --vmm-type --guest-features --vmsa-cpu0 --vmsa-bsp --vmsa-cpu1 --vmsa-ap --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --candidate --candidate-dir --axes --max-changes --budget --json --quiet --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --reported)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --report)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --evidence)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --measurement)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --launch-measure-blob)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --api-major)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --api-minor)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --build-id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tik)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --policy)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --description)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --harmless)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allow-outside)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --work-limit)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ovmf)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-absorbed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-in-flash)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --snp-ovmf-hash)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --uki)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --append)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-hex)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-hashes)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --shim)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtb)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-gpa)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --num-cpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --late-vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-sig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-type)
                    COMPREPLY=($(compgen -W "qemu ec2 gce krun" -- "${cur}"))
                    return 0
                    ;;
                --guest-features)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-bsp)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu0)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-ap)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu1)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-version)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --machine)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-cpu)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --debug-swap)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --legacy-vm-type)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --svsm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --candidate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --candidate-dir)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --axes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --max-changes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --budget)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__firmware)
            opts="-h --help show absorb help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__firmware__subcmd__absorb)
            opts="-o -h --output --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__firmware__subcmd__help)
            opts="show absorb help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__firmware__subcmd__help__subcmd__absorb)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__firmware__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__firmware__subcmd__help__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__firmware__subcmd__show)
            opts="-h --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help)
            opts="digest import describe verify explain manifest session secret report id-block certs firmware vmsa profile cpu help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__certs)
            opts="show verify split join"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__certs__subcmd__join)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__certs__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__certs__subcmd__split)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__certs__subcmd__verify)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__cpu)
            opts="list"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__cpu__subcmd__list)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__describe)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__digest)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__explain)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__firmware)
            opts="show absorb"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__firmware__subcmd__absorb)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__firmware__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__id__subcmd__block)
            opts="build check"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__id__subcmd__block__subcmd__build)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__id__subcmd__block__subcmd__check)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__import)
            opts="libvirt qemu kata check-policy nova"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__import__subcmd__check__subcmd__policy)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__import__subcmd__kata)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__import__subcmd__libvirt)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__import__subcmd__nova)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__import__subcmd__qemu)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__manifest)
            opts="build check diff show add publish"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__manifest__subcmd__add)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__manifest__subcmd__build)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__manifest__subcmd__check)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__manifest__subcmd__diff)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__manifest__subcmd__publish)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__manifest__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__profile)
            opts="list show diff"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__profile__subcmd__diff)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__profile__subcmd__list)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__profile__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__report)
            opts="show verify appraise"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__report__subcmd__appraise)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__report__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__report__subcmd__verify)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__secret)
            opts="build show"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__secret__subcmd__build)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__secret__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__session)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__verify)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__vmsa)
            opts="build show diff"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__vmsa__subcmd__build)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__vmsa__subcmd__diff)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__help__subcmd__vmsa__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__id__subcmd__block)
            opts="-h --help build check help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__id__subcmd__block__subcmd__build)
            opts="-o -d -h --digest --policy --family-id --image-id --guest-svn --allow-debug --allow-migration-agent --id-key --author-key --id-public-key --id-signature --author-public-key --author-signature --out --base64 --to-be-signed --author-to-be-signed --json --description --harmless --allow-outside --confine --work-limit --ovmf --firmware --firmware-absorbed --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --append --cmdline --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --num-cpus --vcpus --late-vcpus --vcpu-type --vcpu-sig --family --cpu-family --vcpu-family --model --cpu-model --vcpu-model --stepping --cpu-stepping --vcpu-stepping --profile --vmm-type --guest-features --vmsa-cpu0 --vmsa-bsp --vmsa-cpu1 --vmsa-ap --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --digest)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --policy)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --family-id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --image-id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --guest-svn)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --id-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --author-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --id-public-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --id-signature)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --author-public-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --author-signature)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --out)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --to-be-signed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --author-to-be-signed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --description)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --harmless)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allow-outside)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --work-limit)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ovmf)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-absorbed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-in-flash)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --snp-ovmf-hash)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --uki)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --append)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-hex)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-hashes)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --shim)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtb)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-gpa)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --num-cpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --late-vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-sig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-type)
                    COMPREPLY=($(compgen -W "qemu ec2 gce krun" -- "${cur}"))
                    return 0
                    ;;
                --guest-features)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-bsp)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu0)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-ap)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu1)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-version)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --machine)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-cpu)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --debug-swap)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --legacy-vm-type)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --svsm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__id__subcmd__block__subcmd__check)
            opts="-h --digest --policy --author-key-enabled --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --digest)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --policy)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --author-key-enabled)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__id__subcmd__block__subcmd__help)
            opts="build check help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__id__subcmd__block__subcmd__help__subcmd__build)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__id__subcmd__block__subcmd__help__subcmd__check)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__id__subcmd__block__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__import)
            opts="-h --help libvirt qemu kata check-policy nova help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__import__subcmd__check__subcmd__policy)
            opts="-o -h --output --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__import__subcmd__help)
            opts="libvirt qemu kata check-policy nova help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__import__subcmd__help__subcmd__check__subcmd__policy)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__import__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__import__subcmd__help__subcmd__kata)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__import__subcmd__help__subcmd__libvirt)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__import__subcmd__help__subcmd__nova)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__import__subcmd__help__subcmd__qemu)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__import__subcmd__kata)
            opts="-o -h --annotations --release --output --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --annotations)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --release)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__import__subcmd__libvirt)
            opts="-o -h --output --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__import__subcmd__nova)
            opts="-o -h --server --flavor --image --output --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --flavor)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --image)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__import__subcmd__qemu)
            opts="-o -h --argv --pid --output --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --pid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__manifest)
            opts="-h --help build check diff show add publish help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__manifest__subcmd__add)
            opts="-v -m -o -h --from-report --from-measurement --vcek --vlek --vek --chain --certificates --crl --time --root --allow-masked-chip-id --allow-unknown-version --verbose --evidence --launch-measure-blob --measurement --api-major --api-minor --build-id --tik --tek --tk --policy --vcpus --vcpu-type --vcpu-sig --family --cpu-family --vcpu-family --model --cpu-model --vcpu-model --stepping --cpu-stepping --vcpu-stepping --when --allow-contradiction --allow-debug --output --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --from-report)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --from-measurement)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vlek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --chain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --certificates)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --crl)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --time)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --evidence)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --measurement)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --launch-measure-blob)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --api-major)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --api-minor)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --build-id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tik)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tk)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --policy)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-sig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --when)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__manifest__subcmd__build)
            opts="-d -o -q -h --mode --description --harmless --allow-outside --confine --work-limit --ovmf --firmware --firmware-absorbed --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --append --cmdline --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --num-cpus --vcpus --late-vcpus --vcpu-type --vcpu-sig --family --cpu-family --vcpu-family --model --cpu-model --vcpu-model --stepping --cpu-stepping --vcpu-stepping --profile --vmm-type --guest-features --vmsa-cpu0 --vmsa-bsp --vmsa-cpu1 --vmsa-ap --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --output --name --quiet --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --description)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --harmless)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allow-outside)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --work-limit)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ovmf)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-absorbed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-in-flash)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --snp-ovmf-hash)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --uki)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --append)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-hex)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-hashes)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --shim)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtb)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-gpa)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --num-cpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --late-vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-sig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-type)
                    COMPREPLY=($(compgen -W "qemu ec2 gce krun" -- "${cur}"))
                    return 0
                    ;;
                --guest-features)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-bsp)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu0)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-ap)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu1)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-version)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --machine)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-cpu)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --debug-swap)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --legacy-vm-type)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --svsm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__manifest__subcmd__check)
            opts="-d -h --description --harmless --allow-outside --confine --work-limit --ovmf --firmware --firmware-absorbed --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --append --cmdline --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --num-cpus --vcpus --late-vcpus --vcpu-type --vcpu-sig --family --cpu-family --vcpu-family --model --cpu-model --vcpu-model --stepping --cpu-stepping --vcpu-stepping --profile --vmm-type --guest-features --vmsa-cpu0 --vmsa-bsp --vmsa-cpu1 --vmsa-ap --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --format --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --description)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --harmless)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allow-outside)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --work-limit)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ovmf)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-absorbed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-in-flash)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --snp-ovmf-hash)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --uki)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --append)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-hex)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-hashes)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --shim)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtb)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-gpa)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --num-cpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --late-vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-sig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-type)
                    COMPREPLY=($(compgen -W "qemu ec2 gce krun" -- "${cur}"))
                    return 0
                    ;;
                --guest-features)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-bsp)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu0)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-ap)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu1)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-version)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --machine)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-cpu)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --debug-swap)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --legacy-vm-type)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --svsm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "text json junit annotations" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__manifest__subcmd__diff)
            opts="-h --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__manifest__subcmd__help)
            opts="build check diff show add publish help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__manifest__subcmd__help__subcmd__add)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__manifest__subcmd__help__subcmd__build)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__manifest__subcmd__help__subcmd__check)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__manifest__subcmd__help__subcmd__diff)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__manifest__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__manifest__subcmd__help__subcmd__publish)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__manifest__subcmd__help__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__manifest__subcmd__publish)
            opts="-o -h --to --output --accept-endorsed --accept-observed --accept-root --accept-unverified --allow-debug --allow-migration-agent --min-api --build-ids --package --claim --object --namespace --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --to)
                    COMPREPLY=($(compgen -W "trustee trustee-message trustee-azure corim corim-veraison in-toto simple-kbs simple-kbs-json rego config-map" -- "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --accept-root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-api)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --build-ids)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --package)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --claim)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --object)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --namespace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__manifest__subcmd__show)
            opts="-h --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__profile)
            opts="-h --help list show diff help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__profile__subcmd__diff)
            opts="-h --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__profile__subcmd__help)
            opts="list show diff help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__profile__subcmd__help__subcmd__diff)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__profile__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__profile__subcmd__help__subcmd__list)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__profile__subcmd__help__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__profile__subcmd__list)
            opts="-h --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__profile__subcmd__show)
            opts="-h --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__report)
            opts="-h --help show verify appraise help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__report__subcmd__appraise)
            opts="-q -v -d -h --json --quiet --vcek --vlek --vek --chain --certificates --crl --time --root --allow-masked-chip-id --allow-unknown-version --verbose --launch-digest --measurement --description --harmless --allow-outside --confine --work-limit --ovmf --firmware --firmware-absorbed --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --append --cmdline --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --num-cpus --vcpus --late-vcpus --vcpu-type --vcpu-sig --family --cpu-family --vcpu-family --model --cpu-model --vcpu-model --stepping --cpu-stepping --vcpu-stepping --profile --vmm-type --guest-features --vmsa-cpu0 --vmsa-bsp --vmsa-cpu1 --vmsa-ap --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --policy --allow-debug --demands --policy-set --policy-clear --min-policy-abi --generation --min-tcb --min-platform-tcb --min-launch-tcb --min-firmware --min-firmware-build --min-committed-firmware --advisory --platform-set --platform-clear --report-data --host-data --id-key-digest --author-key-digest --trusted-id-key --trusted-author-key --min-guest-svn --family-id --image-id --vmpl --report-id --report-id-ma --chip-id --signing-key --min-report-version --allow-migration-agent --allow-provisional-firmware --allow-launch-tcb-above-current --allow-reserved-bits --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --vek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vlek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --chain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --certificates)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --crl)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --time)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --measurement)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --launch-digest)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --description)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --harmless)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allow-outside)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --work-limit)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ovmf)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-absorbed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-in-flash)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --snp-ovmf-hash)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --uki)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --append)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-hex)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-hashes)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --shim)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtb)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-gpa)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --num-cpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --late-vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-sig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-type)
                    COMPREPLY=($(compgen -W "qemu ec2 gce krun" -- "${cur}"))
                    return 0
                    ;;
                --guest-features)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-bsp)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu0)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-ap)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu1)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-version)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --machine)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-cpu)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --debug-swap)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --legacy-vm-type)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --svsm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --policy)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --demands)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --policy-set)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --policy-clear)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-policy-abi)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --generation)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-tcb)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-platform-tcb)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-launch-tcb)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-firmware)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-firmware-build)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-committed-firmware)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --advisory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --platform-set)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --platform-clear)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --report-data)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-data)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --id-key-digest)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --author-key-digest)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --trusted-id-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --trusted-author-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-guest-svn)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --family-id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --image-id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmpl)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --report-id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --report-id-ma)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --chip-id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --signing-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-report-version)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__report__subcmd__help)
            opts="show verify appraise help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__report__subcmd__help__subcmd__appraise)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__report__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__report__subcmd__help__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__report__subcmd__help__subcmd__verify)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__report__subcmd__show)
            opts="-h --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__report__subcmd__verify)
            opts="-v -h --vcek --vlek --vek --chain --certificates --crl --time --root --allow-masked-chip-id --allow-unknown-version --verbose --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --vek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vlek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --chain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --certificates)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --crl)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --time)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__secret)
            opts="-h --help build show help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__secret__subcmd__build)
            opts="-s -m -d -h --secret --evidence --launch-measure-blob --measurement --api-major --api-minor --build-id --policy --tik --tek --tk --manifest --accept-endorsed --accept-observed --accept-root --accept-unverified --launch-digest --launch-digest-file --description --harmless --allow-outside --confine --work-limit --ovmf --firmware --firmware-absorbed --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --append --cmdline --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --num-cpus --vcpus --late-vcpus --vcpu-type --vcpu-sig --family --cpu-family --vcpu-family --model --cpu-model --vcpu-model --stepping --cpu-stepping --vcpu-stepping --profile --vmm-type --guest-features --vmsa-cpu0 --vmsa-bsp --vmsa-cpu1 --vmsa-ap --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --insecure --allow-debug --require --require-api --require-build --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --evidence)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --measurement)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --launch-measure-blob)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --api-major)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --api-minor)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --build-id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --policy)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tik)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tk)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --manifest)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --accept-root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --launch-digest)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --launch-digest-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --description)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --harmless)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allow-outside)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --work-limit)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ovmf)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-absorbed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-in-flash)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --snp-ovmf-hash)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --uki)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --append)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-hex)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-hashes)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --shim)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtb)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-gpa)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --num-cpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --late-vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-sig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-type)
                    COMPREPLY=($(compgen -W "qemu ec2 gce krun" -- "${cur}"))
                    return 0
                    ;;
                --guest-features)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-bsp)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu0)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-ap)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu1)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-version)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --machine)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-cpu)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --debug-swap)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --legacy-vm-type)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --svsm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --require)
                    COMPREPLY=($(compgen -W "es noks nosend sev domain" -- "${cur}"))
                    return 0
                    ;;
                --require-api)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --require-build)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__secret__subcmd__help)
            opts="build show help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__secret__subcmd__help__subcmd__build)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__secret__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__secret__subcmd__help__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__secret__subcmd__show)
            opts="-m -h --tek --tik --launch-measure-blob --measurement --reveal --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --tek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tik)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --measurement)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --launch-measure-blob)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__session)
            opts="-h --name --out --unverified-pdh --pdh --pek --oca --cek --ca --root --generation --owner --insecure --allow-debug --require --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --out)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pdh)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --oca)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ca)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --generation)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --require)
                    COMPREPLY=($(compgen -W "es noks nosend sev domain" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__verify)
            opts="-q -m -d -s -v -h --report --mode --json --quiet --evidence --launch-measure-blob --measurement --api-major --api-minor --build-id --tik --tek --tk --manifest --accept-endorsed --accept-observed --accept-root --accept-unverified --launch-digest --launch-digest-file --description --harmless --allow-outside --confine --work-limit --ovmf --firmware --firmware-absorbed --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --append --cmdline --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --num-cpus --vcpus --late-vcpus --vcpu-type --vcpu-sig --family --cpu-family --vcpu-family --model --cpu-model --vcpu-model --stepping --cpu-stepping --vcpu-stepping --profile --vmm-type --guest-features --vmsa-cpu0 --vmsa-bsp --vmsa-cpu1 --vmsa-ap --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --insecure --allow-debug --require --require-api --require-build --secret --inject-secret --secret-header --secret-payload --vcek --vlek --vek --chain --certificates --crl --time --root --allow-masked-chip-id --allow-unknown-version --verbose --demands --policy-set --policy-clear --min-policy-abi --generation --min-tcb --min-platform-tcb --min-launch-tcb --min-firmware --min-firmware-build --min-committed-firmware --advisory --platform-set --platform-clear --report-data --host-data --id-key-digest --author-key-digest --trusted-id-key --trusted-author-key --min-guest-svn --family-id --image-id --vmpl --report-id --report-id-ma --chip-id --signing-key --min-report-version --allow-migration-agent --allow-provisional-firmware --allow-launch-tcb-above-current --allow-reserved-bits --policy --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --report)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --evidence)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --measurement)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --launch-measure-blob)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --api-major)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --api-minor)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --build-id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tik)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tk)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --manifest)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --accept-root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --launch-digest)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --launch-digest-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --description)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --harmless)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allow-outside)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --work-limit)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ovmf)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-absorbed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware-in-flash)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --snp-ovmf-hash)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --uki)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --append)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-hex)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --initrd-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cmdline-sha256)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-hashes)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --shim)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtb)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kernel-gpa)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --num-cpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --late-vcpus)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-sig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-type)
                    COMPREPLY=($(compgen -W "qemu ec2 gce krun" -- "${cur}"))
                    return 0
                    ;;
                --guest-features)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-bsp)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu0)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-ap)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmsa-cpu1)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-kernel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmm-version)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --machine)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-cpu)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --debug-swap)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --legacy-vm-type)
                    COMPREPLY=($(compgen -W "on off" -- "${cur}"))
                    return 0
                    ;;
                --svsm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vars-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --require)
                    COMPREPLY=($(compgen -W "es noks nosend sev domain" -- "${cur}"))
                    return 0
                    ;;
                --require-api)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --require-build)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --inject-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --secret-header)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --secret-payload)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vlek)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --chain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --certificates)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --crl)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --time)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --demands)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --policy-set)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --policy-clear)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-policy-abi)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --generation)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-tcb)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-platform-tcb)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-launch-tcb)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-firmware)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-firmware-build)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-committed-firmware)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --advisory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --platform-set)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --platform-clear)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --report-data)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host-data)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --id-key-digest)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --author-key-digest)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --trusted-id-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --trusted-author-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-guest-svn)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --family-id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --image-id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vmpl)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --report-id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --report-id-ma)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --chip-id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --signing-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-report-version)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --policy)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__vmsa)
            opts="-h --help build show diff help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__vmsa__subcmd__build)
            opts="-h --profile --userspace --cpu --firmware --reset-address --guest-features --vcpu-type --vcpu-sig --family --cpu-family --vcpu-family --model --cpu-model --vcpu-model --stepping --cpu-stepping --vcpu-stepping --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --profile)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --userspace)
                    COMPREPLY=($(compgen -W "qemu krun" -- "${cur}"))
                    return 0
                    ;;
                --cpu)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --firmware)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reset-address)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --guest-features)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-sig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-family)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-model)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vcpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cpu-stepping)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__vmsa__subcmd__diff)
            opts="-h --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__vmsa__subcmd__help)
            opts="build show diff help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__vmsa__subcmd__help__subcmd__build)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__vmsa__subcmd__help__subcmd__diff)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__vmsa__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__vmsa__subcmd__help__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        sev__subcmd__launch__subcmd__vmsa__subcmd__show)
            opts="-h --json --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
    esac
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _sev__launch -o nosort -o bashdefault -o default sev-launch
else
    complete -F _sev__launch -o bashdefault -o default sev-launch
fi
