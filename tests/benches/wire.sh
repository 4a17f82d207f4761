#!/usr/bin/env bash
# Instructions a message, by callgrind: a long run less a short one. Arguments choose cases; without, all.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=$(cargo bench -q -p rpc-tests --bench wire --no-run --message-format=json |
    sed -n 's/.*"executable":"\([^"]*wire-[^"]*\)".*/\1/p' | tail -n 1)
run() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$@" 2>&1 |
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}
[ $# -gt 0 ] || mapfile -t cases < <("$program" | cut -d' ' -f1)
for case in "${@:-${cases[@]}}"; do
    few=$(run "$case" 100) many=$(run "$case" 600)
    printf '%-24s %7d instructions\n' "$case" $(((many - few) / 500))
done
