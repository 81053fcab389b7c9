# Beside what is known beforehand, the ids of jobs that a command may be meant for.
_avo_with_jobs() {
    local wanted='' word=${COMP_WORDS[COMP_CWORD]}
    _complete_avo
    [[ $word == -* ]] && return
    case ${COMP_WORDS[1]:-} in
        cancel) wanted='--state queued,running' ;;
        priority) wanted='--state queued' ;;
        retry) wanted='--state failed,cancelled' ;;
        show | watch) wanted='--limit 50' ;;
        *) return ;;
    esac
    [[ $COMP_CWORD -gt 1 ]] && COMPREPLY+=($(compgen -W "$("${COMP_WORDS[0]}" jobs -q $wanted 2>/dev/null)" -- "$word"))
}
complete -F _avo_with_jobs -o default avo avo.sh avo.bash
