# Keeps a throwaway database server: starts and ends it when told to, and leaves nothing behind when its standard input
# ends, however the owner ended. Each order is answered by a line. Run in the server's directory as: sh keeper.sh END
# KILL, which are the signals that end the server in order, and at once.
end=$1 kill=$2
directory=$PWD
server=''

ended() {
    wait "$server"
    server=''
    echo ended
}

while read -r order; do
    case $order in
    start)
        # The script ends in exec, so this is the pid of the server.
        sh ./run </dev/null >>output 2>&1 &
        server=$!
        answer=ready
        until sh ./ready </dev/null >/dev/null 2>&1; do
            if ! kill -0 "$server" 2>/dev/null; then
                answer=failed
                break
            fi
            sleep 0.05
        done
        echo "$answer"
        ;;
    stop) kill -"$end" "$server" && ended ;;
    esac
done
if [ -n "$server" ]; then
    kill -"$kill" "$server"
    wait "$server"
fi
cd / && rm -rf "$directory"
