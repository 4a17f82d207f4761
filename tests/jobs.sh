# Sourced by the scripts that run tests: jobs that an interrupt ends as a whole, and servers that are gone at the end.
# Expects the folder of the built programs in 'target'.
# shellcheck shell=bash

# Each job gets a process group of its own, which an interrupt can end as a whole.
set -m

job='' servers='' hold=''

say() { printf '== %s\n' "$*" >&2; }

cleanup() {
    status=$?
    trap - EXIT
    trap '' INT TERM HUP
    if [ -n "$job" ] && kill -TERM -- "-$job" 2>/dev/null; then
        say 'interrupted: ending the tests'
        wait "$job" || true
    fi
    [ -z "$servers" ] || end_servers
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Runs a command so that an interrupt is heard at once, and not only when the command has ended.
run() {
    "$@" </dev/null &
    job=$!
    local status=0
    wait "$job" || status=$?
    job=''
    return "$status"
}

# Makes the Python environment $1, of what the file $2 requires.
prepare_python() {
    local venv=$1 requirements=$2
    cmp -s "$requirements" "$venv/requirements.txt" && return 0
    say "making a Python environment in $venv"
    rm -rf "$venv"
    mkdir -p "$(dirname "$venv")"
    run python3 -m venv "$venv"
    run "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
    cp "$requirements" "$venv/requirements.txt"
}

# Starts a throwaway broker, whose folder and URL are in 'broker_directory' and 'broker_url' then. With --databases, the
# variables of the database servers are exported, too.
start_servers() {
    local line
    coproc SERVERS { exec "$target/debug/throwaway-broker" "$@"; }
    servers=$SERVERS_PID hold=${SERVERS[1]}
    { read -r broker_directory && read -r broker_url; } <&"${SERVERS[0]}" || not_started 'the broker' || return
    if [ "${1:-}" = --databases ]; then
        for _ in postgres mariadb; do
            read -r line <&"${SERVERS[0]}" || not_started 'a database server' || return
            export "${line?}"
        done
    fi
}

not_started() {
    say "$1 did not start"
    end_servers
    return 1
}

end_servers() {
    # They leave when their standard input ends.
    exec {hold}>&-
    wait "$servers" 2>/dev/null || true
    servers=''
}

command -v cargo >/dev/null || { say 'cargo is missing; install Rust: https://rustup.rs' && exit 2; }
