# Keeps a throwaway broker: runs it when told to, and leaves nothing behind when its standard input ends, however
# the owner ended. Run as: sh -c THIS keeper DIRECTORY SERVER EPMD; the environment is the broker's.
directory=$1 server=$2 epmd=$3
cd "$directory" || exit 1
"$epmd" -port "$ERL_EPMD_PORT" -address 127.0.0.1 </dev/null >/dev/null 2>&1 &
names=$!
touch node.ended
while read -r order; do
    case $order in
    start)
        rm -f node.ended
        (
            # The server's script ends in exec, so this pid is the node's.
            sh -c 'echo $$ >node.pid; echo "pid $$"; exec "$0" </dev/null >>output 2>&1' "$server"
            touch node.ended
            rm -f node.pid
            echo ended
        ) &
        ;;
    keep) keep=yes ;;
    esac
done
# A node that was told to start a moment ago has no pid yet.
until [ -f node.pid ] || [ -f node.ended ]; do sleep 0.1; done
if [ -f node.pid ]; then kill -9 "$(cat node.pid)"; fi
kill -9 "$names"
wait
if [ -z "$keep" ]; then cd / && rm -rf "$directory"; fi
