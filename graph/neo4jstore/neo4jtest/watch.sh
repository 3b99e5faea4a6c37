# Runs a command until standard input closes, which happens when the process that started this script ends, however
# it ends. Then the command gets the signal, and the folder, if one is named, is removed.
# usage: sh -c "$(cat watch.sh)" watch SIGNAL FOLDER COMMAND...
signal=$1 folder=$2
shift 2
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
(
	read -r _ <&3
	kill -s "$signal" "$server"
) 2>/dev/null &
reader=$!
wait "$server"
code=$?
kill "$reader" 2>/dev/null
if [ -n "$folder" ]; then
	rm -rf "$folder"
fi
exit "$code"
