# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034 # names that only one of those who read this file uses
# What submit and the merge job share: a sweep's folder, which shards it lacks, and how a round is submitted, an array of
# shards and a merge behind it. Callers set `here`, the folder of these scripts, and `dir`, the sweep's, both absolute, and may
# set `scratch`, where stores are merged to see what is missing.
#
#   DIR/settings     what was asked for, as assignments: `shard_count` and the others below
#   DIR/rounds       a line a round: its number, the array's job or -, the merge's job, the shards
#   DIR/shard-I.db   stores
#   DIR/merged.db    all of them in one, once DIR/DONE is there; DIR/FAILED says why there is none
#   DIR/log          A_I.out of each task, merge-J.out of each merge
: "${here:?} ${dir:?}"
scratch=$dir

# From DIR/settings, or submit's options; `extra` is sbatch's.
setting_names=(mpsim configs space space_sum sweep_key shard_count cpus partition limit mem parallel repeats)
mpsim='' configs='' space='' space_sum='' sweep_key='' shard_count=''
cpus='' partition='' limit='' mem='' parallel='' repeats=''
extra=()
dry_run=no

# Those of DIR/settings, if there are any.
read_settings() {
    if [[ -f $dir/settings ]]; then
        # shellcheck source=/dev/null
        . "$dir/settings"
    fi
}

# Numbers of a list for --array, a line each.
list_shards() {
    local part
    for part in ${1//,/ }; do
        seq "${part%-*}" "${part#*-}"
    done
}

# Whether a shard's store, looked at alone, lacks all the others and not this one.
holds() {
    local lacks status=0 out=$scratch/looking.db
    rm -f "$out"
    lacks=$("$mpsim" merge --missing -o "$out" "$dir/shard-$1.db" 2>/dev/null) || status=$?
    rm -f "$out"
    if [[ $shard_count = 1 ]]; then
        return $status
    fi
    lacks=$(list_shards "$lacks")
    ! grep -qx "$1" <<<"$lacks" && [[ $(grep -c . <<<"$lacks") = $((shard_count - 1)) ]]
}

# The shards that are not complete, as a list for --array. Empty when all are: then they are in merging.db. Where the stores cannot
# be merged, as when one is damaged or all were just begun, each is looked at alone; fails when no one is to blame.
missing_shards() {
    local stores=() i list=''
    for ((i = 0; i < shard_count; i++)); do
        if [[ -e $dir/shard-$i.db ]]; then
            stores+=("$dir/shard-$i.db")
        fi
    done
    rm -f "$scratch/merging.db"
    if [[ ${#stores[@]} = 0 ]]; then
        list=0-$((shard_count - 1))
    elif ! list=$("$mpsim" merge --missing -o "$scratch/merging.db" "${stores[@]}") && [[ -z $list ]]; then
        for ((i = 0; i < shard_count; i++)); do
            holds "$i" || list+=${list:+,}$i
        done
        [[ -n $list ]] || return 1
    fi
    [[ -z $list ]] || rm -f "$scratch/merging.db"
    echo "$list"
}

# sbatch with what both jobs have; prints the job's number, or the command with --dry-run.
submit_job() {
    local command=(sbatch --parsable --requeue --open-mode=append "--chdir=$(dirname "$space")")
    [[ -z $partition ]] || command+=("--partition=$partition")
    [[ -z $limit ]] || command+=("--time=$limit")
    [[ -z $mem ]] || command+=("--mem=$mem")
    command+=("${extra[@]}" "$@")
    if [[ $dry_run = yes ]]; then
        printf '%q ' "${command[@]}" | sed 's/ $/\n/'
    else
        local job
        job=$("${command[@]}") && echo "${job%%;*}"
    fi
}

# submit_round ROUND SHARDS: an array of these shards and a merge behind it, or a merge alone when no shard is missing.
submit_round() {
    local round=$1 shards=$2 array=- merge after=() log=${dir//%/%%}/log name
    name=$(basename "$dir")
    if [[ -n $shards ]]; then
        # The task is mpsim itself, which a signal to the batch shell reaches: it keeps what is done.
        array=$(submit_job "--job-name=explore-$name" "--array=$shards${parallel:+%$parallel}" "--cpus-per-task=$cpus" \
            --signal=B:TERM@60 "--output=$log/%A_%a.out" "$here/task.sbatch" "$dir") || return 1
        if [[ $dry_run = yes ]]; then
            echo "$array"
            after=(--dependency=afterany:ARRAY)
        else
            after=("--dependency=afterany:$array")
        fi
    fi
    if ! merge=$(submit_job "--job-name=merge-$name" "${after[@]}" "--output=$log/merge-%j.out" "$here/merge.sbatch" \
        "$here" "$dir" "$round"); then
        [[ $array = - ]] || scancel "$array"
        return 1
    fi
    if [[ $dry_run = yes ]]; then
        echo "$merge"
        return 0
    fi
    echo "$round $array $merge ${shards:--}" >>"$dir/rounds"
    if [[ $array = - ]]; then
        echo "all $shard_count shards are complete; merge: job $merge"
    else
        echo "round $round: shards $shards of $shard_count, job $array; merge: job $merge; logs: $dir/log"
    fi
}
